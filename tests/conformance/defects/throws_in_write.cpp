/* Defect: an exception leaves write() for an action that it does not know. */
#include <stdexcept>

#define RECORD_AT(batch, i) record_at(batch, i)
#include "common.h"

static const char* record_at(const rondom_write_batch* batch, uint32_t i) {
  const char* at = (const char*)batch->records + (size_t)i * batch->record_stride;
  rondom_write_record record;
  memcpy(&record, at, sizeof record);
  if (record.action.size < 3) throw std::out_of_range("action");
  return at;
}

#include "destination.h"
