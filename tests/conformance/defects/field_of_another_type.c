/* Defect: the catalog says integer, the records bring text. */
#define CATALOG                                                      \
  "{\"streams\":[{\"name\":\"people\",\"key\":[\"id\"],\"fields\":[" \
  "{\"name\":\"id\",\"type\":\"text\"},{\"name\":\"email\",\"type\":\"integer\"}]}]}"
#include "source.h"
