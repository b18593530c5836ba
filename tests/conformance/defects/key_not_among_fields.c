/* Defect: the catalog names a key that is no field. */
#define CATALOG                                                          \
  "{\"streams\":[{\"name\":\"people\",\"key\":[\"number\"],\"fields\":[" \
  "{\"name\":\"id\",\"type\":\"text\"}]}]}"
#include "source.h"
