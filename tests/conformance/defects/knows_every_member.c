/* Defect: refuses records with a member that it does not know. */
#define ITEM_IS_GOOD(item) (json_member(item, "id").at != NULL && members(item) == 3)
#include "json.h"

static int members(json_text item) {
  json_text name;
  json_text value;
  const char* at = NULL;
  int count = 0;
  while (json_next(item, &at, &name, &value)) ++count;
  return count;
}

#include "source.h"
