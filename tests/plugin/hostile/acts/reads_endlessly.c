/* Pushes records and never a checkpoint; 200,000 at most. */
#define ID "reads-endlessly"
#include "act.h"

static rondom_str text(const char* of) {
  const rondom_str all = {of, strlen(of)};
  return all;
}

static void act(rondom_read_out* out) {
  enum { count = 100 };
  rondom_record records[count] = {0};
  for (int i = 0; i < count; ++i) {
    records[i].json = text("{\"id\":\"1\"}");
    records[i].op = RONDOM_OP_UPSERT;
    records[i].changed_at_us = RONDOM_NO_TIME;
  }
  const rondom_batch batch = {.struct_size = sizeof batch,
                              .format = RONDOM_FORMAT_JSON,
                              .stream = text("s"),
                              .records = records,
                              .record_stride = sizeof records[0],
                              .count = count};
  for (int i = 0; i < 2000; ++i) {
    if (out->records(out->ctx, &batch) != RONDOM_OK) return;
  }
  did("200000-records");
}
