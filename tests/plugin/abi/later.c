/* A plugin of a later minor version: each struct that it makes has members behind those of today, filled
 * with what would crash whoever took it for something. It asks for no later host. */
#include <rondom/plugin.h>
#include <string.h>

#define NOWHERE ((void*)(uintptr_t)0x5a5a5a5a)
#define WITH_MORE(type) \
  struct {              \
    type now;           \
    void* later[3];     \
  }

static rondom_str text(const char* of) {
  const rondom_str all = {of, strlen(of)};
  return all;
}

static rondom_code open_it(const rondom_host* host, rondom_str config, rondom_instance** instance,
                           rondom_error* error) {
  (void)host, (void)config, (void)error;
  static int something;
  *instance = (rondom_instance*)(void*)&something;
  return RONDOM_OK;
}

static void close_it(rondom_instance* instance) {
  (void)instance;
}

static rondom_code read_it(rondom_instance* instance, const rondom_read_request* request,
                           rondom_read_out* out, rondom_error* error) {
  (void)instance, (void)request, (void)error;
  const rondom_record one = {text("{\"id\":1}"), {NULL, 0}, 1, 5, RONDOM_OP_UPSERT, 0};
  WITH_MORE(rondom_record) records[3] = {{one, {NOWHERE, NOWHERE, NOWHERE}},
                                         {one, {NOWHERE, NOWHERE, NOWHERE}},
                                         {one, {NOWHERE, NOWHERE, NOWHERE}}};
  WITH_MORE(rondom_batch) batch = {{sizeof batch, RONDOM_FORMAT_JSON, text("s"), text("o"), records,
                                    sizeof records[0], 3},
                                   {NOWHERE, NOWHERE, NOWHERE}};
  return out->records(out->ctx, &batch.now);
}

static rondom_code write_it(rondom_instance* instance, const rondom_write_batch* batch,
                            rondom_write_out* out, rondom_error* error) {
  (void)instance, (void)error;
  for (uint32_t i = 0; i < batch->count; ++i) {
    WITH_MORE(rondom_write_result) result = {
        {sizeof result, i, RONDOM_OUTCOME_RETRY, 0, text("r"), text("m")},
        {NOWHERE, NOWHERE, NOWHERE}};
    out->result(out->ctx, &result.now);
  }
  return RONDOM_OK;
}

#define COMMON                                                                             \
  .id = "later", .version = "1", .title = "Later", .spec_json = "{}", .open = open_it, \
  .close = close_it

static const WITH_MORE(rondom_connector) source = {
    {.struct_size = sizeof source, .kind = RONDOM_KIND_SOURCE, COMMON, .read = read_it},
    {NOWHERE, NOWHERE, NOWHERE}};
static const WITH_MORE(rondom_connector) destination = {
    {.struct_size = sizeof destination, .kind = RONDOM_KIND_DESTINATION, COMMON, .write = write_it},
    {NOWHERE, NOWHERE, NOWHERE}};
static const rondom_connector* const connectors[] = {&source.now, &destination.now};
static const WITH_MORE(rondom_plugin) table = {
    {sizeof table, RONDOM_ABI_MINOR + 7, 0, 2, "later", "1", "1.7.0", NULL, connectors},
    {NOWHERE, NOWHERE, NOWHERE}};

const rondom_plugin* rondom_plugin_v1(void) {
  return &table.now;
}
