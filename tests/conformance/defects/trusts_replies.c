/* Defect: takes whatever it gets for a page. */
#define PARSE_PAGE(got) trusting(&(got))
#include "common.h"

static json_text trusting(const answer* got) {
  json_text page;
  page.at = got->data;
  page.end = page.at == NULL ? NULL : strrchr(page.at, '}') + 1;
  return page;
}

#include "source.h"
