/* A plugin of the time of ABI 1.0: built with the header of then, run by the host of now. Uses every slot
 * and every service. */
#include <rondom/plugin.h>
#include <stdio.h>
#include <string.h>

#if RONDOM_ABI_MINOR != 0
#error "this has to be built with abi/v1.0"
#endif

static const rondom_host* services;

static rondom_str text(const char* of) {
  const rondom_str all = {of, strlen(of)};
  return all;
}

static void keep(void* into, rondom_str piece) {
  const size_t used = strlen(into);
  if (used + piece.size < 64) memcpy((char*)into + used, piece.data, (size_t)piece.size);
}

static rondom_code open_it(const rondom_host* host, rondom_str config, rondom_instance** instance,
                           rondom_error* error) {
  (void)error;
  services = host;
  *instance = (rondom_instance*)(uintptr_t)&services;
  return config.size > 0 ? RONDOM_OK : RONDOM_E_CONFIG;
}

static void close_it(rondom_instance* instance) {
  (void)instance;
}

/* Every service, and what came of it as one line of the log. */
static rondom_code check_it(rondom_instance* instance, rondom_error* error) {
  (void)instance;
  char secret[64] = "", state[64] = "", line[256];
  rondom_text_out secret_out = {sizeof secret_out, 0, secret, keep};
  rondom_text_out state_out = {sizeof state_out, 0, state, keep};
  const rondom_field field = {text("field"), text("value")};
  const rondom_code got = services->secret_get(services->ctx, text("token"), &secret_out, error);
  const rondom_code put = services->secret_put(services->ctx, text("token"), text("new"), error);
  const rondom_code put_state = services->state_put(services->ctx, text("k"), text("v"), error);
  const rondom_code got_state = services->state_get(services->ctx, text("k"), &state_out, error);
  const rondom_code slept = services->sleep_ms(services->ctx, 1);
  services->metric(services->ctx, RONDOM_METRIC_COUNTER, text("m"), 2, &field, 1);
  snprintf(line, sizeof line, "minor %u secret %s %u %u state %s %u %u slept %u cancelled %u clock %d", //
           services->abi_minor, secret, got, put, state, put_state, got_state, slept,
           services->cancelled(services->ctx), services->now_us(services->ctx) > 0);
  services->log(services->ctx, RONDOM_LOG_WARNING, text(line), &field, 1);
  return services->extension(services->ctx, "none/1") == NULL ? RONDOM_OK : RONDOM_E_INTERNAL;
}

static rondom_code discover_it(rondom_instance* instance, rondom_str options,
                               rondom_text_out* catalog, rondom_error* error) {
  (void)instance, (void)options, (void)error;
  catalog->append(catalog->ctx, text("{\"streams\":[{\"name\":\"s\","));
  catalog->append(catalog->ctx, text("\"key\":[\"id\"]}]}"));
  return RONDOM_OK;
}

static rondom_code read_it(rondom_instance* instance, const rondom_read_request* request,
                           rondom_read_out* out, rondom_error* error) {
  (void)instance, (void)error;
  const rondom_read_stream* stream = request->streams;
  rondom_record records[2] = {
      {text("{\"id\":1}"), {NULL, 0}, 1, 5, RONDOM_OP_UPSERT, 0},
      {text("raw"), text("unreadable"), 2, RONDOM_NO_TIME, RONDOM_OP_DELETE,
       RONDOM_RECORD_UNREADABLE}};
  const rondom_batch batch = {sizeof batch, RONDOM_FORMAT_JSON, stream->name, text("o"),
                              records,      sizeof records[0],  2};
  rondom_code code = out->refresh_begin(out->ctx, stream->name, text("g"));
  if (code == RONDOM_OK) code = out->records(out->ctx, &batch);
  if (code == RONDOM_OK) code = out->checkpoint(out->ctx, stream->name, text("{\"at\":1}"));
  if (code == RONDOM_OK) code = out->refresh_complete(out->ctx, stream->name);
  return code;
}

static rondom_code answer_all(const rondom_write_batch* batch, rondom_write_out* out,
                              uint32_t outcome) {
  for (uint32_t i = 0; i < batch->count; ++i) {
    const rondom_write_record* record =
        (const rondom_write_record*)((const char*)batch->records + (size_t)i * batch->record_stride);
    const rondom_write_result result = {sizeof result, i, outcome, RONDOM_RESULT_ADOPTED,
                                        record->key,   text("m")};
    out->result(out->ctx, &result);
  }
  return RONDOM_OK;
}

static rondom_code write_it(rondom_instance* instance, const rondom_write_batch* batch,
                            rondom_write_out* out, rondom_error* error) {
  (void)instance;
  if (batch->format != RONDOM_FORMAT_JSON) return RONDOM_E_INTERNAL;
  answer_all(batch, out, RONDOM_OUTCOME_ACCEPTED);
  error->set(error->ctx, RONDOM_E_RATE_LIMITED, 1500, text("slowly"), text("detail"));
  return RONDOM_E_RATE_LIMITED;
}

static rondom_code flush_it(rondom_instance* instance, rondom_str session, rondom_error* error) {
  (void)instance;
  return services->state_put(services->ctx, text("flushed"), session, error);
}

static rondom_code look_up_it(rondom_instance* instance, const rondom_write_batch* batch,
                              rondom_write_out* out, rondom_error* error) {
  (void)instance, (void)error;
  return answer_all(batch, out, RONDOM_OUTCOME_RETRY);
}

static const void* extension_of(const char* id) {
  (void)id;
  return NULL;
}

#define COMMON                                                                                    \
  .id = "old", .version = "1", .title = "Of the time of 1.0", .spec_json = "{}", .open = open_it, \
  .close = close_it, .check = check_it, .extension = extension_of

static const rondom_connector source = {.struct_size = sizeof source,
                                        .kind = RONDOM_KIND_SOURCE,
                                        COMMON,
                                        .discover = discover_it,
                                        .read = read_it};
static const rondom_connector destination = {.struct_size = sizeof destination,
                                             .kind = RONDOM_KIND_DESTINATION,
                                             COMMON,
                                             .capabilities = RONDOM_CAP_LOOK_UP,
                                             .write = write_it,
                                             .flush = flush_it,
                                             .look_up = look_up_it};
static const rondom_connector* const connectors[] = {&source, &destination};
static const rondom_plugin table = {sizeof table, RONDOM_ABI_MINOR, 0,    2,         "old", "1",
                                    "1.0.0",      "build",          connectors};

const rondom_plugin* rondom_plugin_v1(void) {
  return &table;
}
