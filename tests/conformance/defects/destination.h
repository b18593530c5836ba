/* A good destination: one PUT a person, with the operation's id as idempotency key. A defect
 * replaces one of the macros. */
#include "common.h"

#ifndef IDEMPOTENCY_KEY
#define IDEMPOTENCY_KEY(self, key) (key)
#endif
#ifndef OUTCOME_OF_STATUS
#define OUTCOME_OF_STATUS(status)             \
  ((status) < 300   ? RONDOM_OUTCOME_ACCEPTED \
   : (status) < 500 ? RONDOM_OUTCOME_REJECTED \
                    : RONDOM_OUTCOME_RETRY)
#endif
#ifndef OUTCOME_OF_FAILURE
#define OUTCOME_OF_FAILURE RONDOM_OUTCOME_UNKNOWN
#endif
#ifndef RESULT_INDEX
#define RESULT_INDEX(i) (i)
#endif
#ifndef BEGIN_WRITE
#define BEGIN_WRITE(self, batch, error) (void)0
#endif
#ifndef ON_FAILED_WRITE
#define ON_FAILED_WRITE(self) (void)0
#endif
#ifndef RECORD_AT
#define RECORD_AT(batch, i) (const char*)(batch)->records + (size_t)(i) * (batch)->record_stride
#endif

static void tell(rondom_write_out* out, uint32_t index, uint32_t outcome, const char* message) {
  rondom_write_result result;
  memset(&result, 0, sizeof result);
  result.struct_size = sizeof result;
  result.index = index;
  result.outcome = outcome;
  result.message = text_of(message);
  out->result(out->ctx, &result);
}

static rondom_code slot_write(rondom_instance* self, const rondom_write_batch* batch,
                              rondom_write_out* out, rondom_error* error) {
  uint32_t i;
  BEGIN_WRITE(self, batch, error);
  for (i = 0; i < batch->count; ++i) {
    rondom_write_record record;
    char key[128];
    answer got;
    rondom_code code;
    memcpy(&record, RECORD_AT(batch, i), sizeof record);
    if (json_object(record.json.data, record.json.size).at == NULL) {
      tell(out, RESULT_INDEX(i), RONDOM_OUTCOME_REJECTED, "The fields are no JSON object.");
      continue;
    }
    snprintf(key, sizeof key, "%.*s",
             (int)(record.operation_id.size > 100 ? 100 : record.operation_id.size),
             record.operation_id.data);
    code = ask(self, "PUT", "/people", IDEMPOTENCY_KEY(self, key), record.json, &got, error);
    if (code != RONDOM_OK) {
      ON_FAILED_WRITE(self);
      tell(out, RESULT_INDEX(i), OUTCOME_OF_FAILURE, "The answer was lost.");
    } else {
      tell(out, RESULT_INDEX(i), OUTCOME_OF_STATUS(got.status),
           got.status < 300 ? "" : "The system refused the person.");
    }
    free(got.data);
  }
  return RONDOM_OK;
}

#ifndef AT_FLUSH
#define AT_FLUSH (void)0
#endif

static rondom_code slot_flush(rondom_instance* self, rondom_str session, rondom_error* error) {
  (void)self;
  (void)session;
  (void)error;
  AT_FLUSH;
  return RONDOM_OK;
}

#ifndef CAPABILITIES
#define CAPABILITIES RONDOM_CAP_IDEMPOTENT_UPSERT
#endif

#ifdef OUTCOME_OF_LOOK_UP
#undef LOOK_UP
#define LOOK_UP slot_look_up
static rondom_code slot_look_up(rondom_instance* self, const rondom_write_batch* batch,
                                rondom_write_out* out, rondom_error* error) {
  uint32_t i;
  (void)self;
  (void)error;
  for (i = 0; i < batch->count; ++i) tell(out, i, OUTCOME_OF_LOOK_UP, "");
  return RONDOM_OK;
}
#endif

PLUGIN(RONDOM_KIND_DESTINATION, CAPABILITIES, NULL, NULL, slot_write, slot_flush)
