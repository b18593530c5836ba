// Returns and pushes what the interface does not allow.
#include "raw.h"

namespace {

rondom_code push(rondom_read_out* out, rondom_record record, std::uint32_t count) {
  rondom_batch batch{};
  batch.struct_size = sizeof batch;
  batch.format = raw::is("format") ? 77 : RONDOM_FORMAT_JSON;
  batch.stream = raw::is("nameless") ? rondom_str{} : raw::text("s");
  batch.records = &record;
  batch.record_stride = raw::is("stride") ? 8 : sizeof record;
  batch.count = count;
  return out->records(out->ctx, &batch);
}

rondom_code read(rondom_instance*, const rondom_read_request*, rondom_read_out* out,
                 rondom_error* error) {
  rondom_record record{};
  record.json = raw::text("{}");
  record.op = raw::is("operation") ? 9 : RONDOM_OP_UPSERT;
  record.changed_at_us = RONDOM_NO_TIME;
  if (raw::is("huge record")) record.json.size = 1ull << 40;
  if (raw::is("code")) return 4711;
  if (raw::is("silent failure")) return RONDOM_E_TRANSIENT;
  if (raw::is("long message")) {
    static const std::string text(1u << 20, 'x');
    error->set(error->ctx, RONDOM_E_DATA, ~0ull, {text.data(), text.size()}, {});
    return RONDOM_E_DATA;
  }
  if (raw::is("huge state")) {
    static const std::string text(2u << 20, 'x');
    out->checkpoint(out->ctx, raw::text("s"), {text.data(), text.size()});
    return RONDOM_OK;
  }
  // The refusal is ignored, as a liar would.
  push(out, record, raw::is("count") ? 4'000'000'000u : 1);
  return RONDOM_OK;
}

rondom_code discover(rondom_instance*, rondom_str, rondom_text_out* out, rondom_error*) {
  out->append(out->ctx, raw::text(raw::is("half a catalog") ? "{\"streams\":[{\"name\":" : "[1]"));
  return RONDOM_OK;
}

rondom_code write(rondom_instance*, const rondom_write_batch*, rondom_write_out* out,
                  rondom_error*) {
  rondom_write_result result{};
  result.struct_size = sizeof result;
  result.index = raw::is("index") ? 1'000'000 : 0;
  result.outcome = raw::is("outcome") ? 44 : RONDOM_OUTCOME_ACCEPTED;
  out->result(out->ctx, &result);
  return RONDOM_OK;
}

rondom_code open_without_instance(const rondom_host*, rondom_str, rondom_instance**,
                                  rondom_error*) {
  return RONDOM_OK;
}

const rondom_connector source = [] {
  rondom_connector table = raw::connector(RONDOM_KIND_SOURCE, "lying");
  table.read = &read;
  table.discover = &discover;
  return table;
}();
const rondom_connector empty = [] {
  rondom_connector table = raw::connector(RONDOM_KIND_SOURCE, "empty");
  table.read = &read;
  table.open = &open_without_instance;
  return table;
}();
const rondom_connector destination = [] {
  rondom_connector table = raw::connector(RONDOM_KIND_DESTINATION, "lying");
  table.write = &write;
  return table;
}();
const rondom_connector* const connectors[] = {&source, &destination, &empty};
const rondom_plugin plugin = raw::plugin(connectors, 3);

}  // namespace

extern "C" const rondom_plugin* rondom_plugin_v1(void) {
  return &plugin;
}
