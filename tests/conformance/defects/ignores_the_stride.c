/* Defect: walks the records by the size that it knows. */
#define RECORD_AT(batch, i) \
  (const char*)(batch)->records + (size_t)(i) * sizeof(rondom_write_record)
#include "destination.h"
