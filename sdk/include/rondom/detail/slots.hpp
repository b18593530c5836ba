// The functions behind the slots of a connector's table. Every one goes through guard(): whatever
// is thrown ends here and reaches the host as RONDOM_E_INTERNAL with its text.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "../context.hpp"
#include "../destination.hpp"
#include "../source.hpp"
#include "spec_types.hpp"

namespace rondom {
inline namespace sdk_v1 {
namespace detail {

inline void report(rondom_error* error, const Failure& failure) noexcept {
  if (error == nullptr || error->set == nullptr) return;
  error->set(error->ctx, static_cast<rondom_code>(failure.code), failure.retry_after_ms,
             to_abi(failure.message), to_abi(failure.detail));
}

inline void report_defect(rondom_error* error, const char* what) noexcept {
  if (error == nullptr || error->set == nullptr) return;
  static constexpr std::string_view message = "The plugin threw an exception.";
  error->set(error->ctx, RONDOM_E_INTERNAL, 0, to_abi(message), to_abi(std::string_view(what)));
}

/// Runs `body` (returning Status) and turns whatever comes out into a code.
template <typename Body>
rondom_code guard(rondom_error* error, Body&& body) noexcept {
  try {
    const Status status = body();
    if (status.ok()) return RONDOM_OK;
    report(error, status.error());
    return static_cast<rondom_code>(status.code());
  } catch (const std::exception& exception) {
    report_defect(error, exception.what());
  } catch (...) {
    report_defect(error, "not derived from std::exception");
  }
  return RONDOM_E_INTERNAL;
}

/// What an instance pointer points to.
template <typename X>
struct Instance {
  explicit Instance(const rondom_host* host) : context(host) {}
  Context context;
  std::unique_ptr<X> connector;
};

template <typename X>
X& connector_of(rondom_instance* instance) {
  return *reinterpret_cast<Instance<X>*>(instance)->connector;
}

template <typename X>
std::unique_ptr<X> construct(typename decltype(spec_of<X>())::ConfigType&& config,
                             Context& context) {
  using Config = typename decltype(spec_of<X>())::ConfigType;
  if constexpr (std::is_constructible_v<X, Config, Context&>) {
    return std::make_unique<X>(std::move(config), context);
  } else if constexpr (std::is_constructible_v<X, Config>) {
    return std::make_unique<X>(std::move(config));
  } else {
    static_assert(std::is_default_constructible_v<X>,
                  "a connector is constructed from (Config, Context&), (Config) or nothing");
    return std::make_unique<X>();
  }
}

template <typename X>
rondom_code open_slot(const rondom_host* host, rondom_str config_json, rondom_instance** instance,
                      rondom_error* error) noexcept {
  return guard(error, [&]() -> Status {
    *instance = nullptr;
    auto config = spec_of<X>().parse(from_abi(config_json));
    if (!config.ok()) return config.error();
    auto made = std::make_unique<Instance<X>>(host);
    made->connector = construct<X>(std::move(*config), made->context);
    *instance = reinterpret_cast<rondom_instance*>(made.release());
    return {};
  });
}

template <typename X>
void close_slot(rondom_instance* instance) noexcept {
  try {
    delete reinterpret_cast<Instance<X>*>(instance);
  } catch (...) {  // nobody is left to tell
  }
}

template <typename X>
rondom_code check_slot(rondom_instance* instance, rondom_error* error) noexcept {
  return guard(error, [&] { return connector_of<X>(instance).check(); });
}

template <typename X>
rondom_code discover_slot(rondom_instance* instance, rondom_str options_json, rondom_text_out* out,
                          rondom_error* error) noexcept {
  return guard(error, [&]() -> Status {
    auto catalog = connector_of<X>(instance).discover_with_options(from_abi(options_json));
    if (!catalog.ok()) return catalog.error();
    const std::string json = catalog->to_json();
    out->append(out->ctx, to_abi(json));
    return {};
  });
}

inline ReadRequest read_request_from(const rondom_read_request& abi) {
  ReadRequest request;
  request.records_max = abi.records_max;
  const auto* at = static_cast<const char*>(abi.streams);
  for (std::uint32_t i = 0; i < abi.stream_count; ++i, at += abi.stream_stride) {
    const auto& stream = *reinterpret_cast<const rondom_read_stream*>(at);
    request.streams.push_back(
        {std::string(from_abi(stream.name)), std::string(from_abi(stream.options_json)),
         std::string(from_abi(stream.state_json)), std::string(from_abi(stream.generation))});
  }
  return request;
}

template <typename X>
rondom_code read_slot(rondom_instance* instance, const rondom_read_request* request,
                      rondom_read_out* out, rondom_error* error) noexcept {
  return guard(error, [&]() -> Status {
    const ReadRequest wanted = read_request_from(*request);
    const std::string only = wanted.streams.size() == 1 ? wanted.streams[0].name : std::string();
    RecordWriter writer(*out, only, wanted.records_max);
    Status status = connector_of<X>(instance).read(wanted, writer);
    if (!status.ok()) return status;
    return writer.flush();
  });
}

inline WriteBatch write_batch_from(const rondom_write_batch& abi) {
  WriteBatch batch;
  batch.session = from_abi(abi.session);
  batch.stream = from_abi(abi.stream);
  batch.options_json = from_abi(abi.options_json);
  batch.records.reserve(abi.count);
  const auto* at = static_cast<const char*>(abi.records);
  for (std::uint32_t i = 0; i < abi.count; ++i, at += abi.record_stride) {
    const auto& record = *reinterpret_cast<const rondom_write_record*>(at);
    batch.records.push_back({from_abi(record.operation_id), static_cast<Operation>(record.op),
                             from_abi(record.action), from_abi(record.key),
                             from_abi(record.remote_id), from_abi(record.json)});
  }
  return batch;
}

template <typename X>
rondom_code write_slot(rondom_instance* instance, const rondom_write_batch* batch,
                       rondom_write_out* out, rondom_error* error) noexcept {
  return guard(error, [&] {
    WriteResults results(*out);
    return connector_of<X>(instance).write(write_batch_from(*batch), results);
  });
}

template <typename X>
rondom_code flush_slot(rondom_instance* instance, rondom_str session,
                       rondom_error* error) noexcept {
  return guard(error, [&] { return connector_of<X>(instance).flush(from_abi(session)); });
}

template <typename X>
rondom_code look_up_slot(rondom_instance* instance, const rondom_write_batch* batch,
                         rondom_write_out* out, rondom_error* error) noexcept {
  return guard(error, [&] {
    WriteResults results(*out);
    return connector_of<X>(instance).look_up(write_batch_from(*batch), results);
  });
}

/// Texts of a table, kept for ever.
inline const char* keep(std::string_view text) {
  return (new std::string(text))->c_str();
}

/// The schema of the configuration, with that of the jobs' `options:` as "x-options" when the
/// connector has a Spec of them called job_options, "x-facts" when it has Facts called facts
/// (facts.hpp), and "x-written-streams" when a source has the array written_streams (source.hpp).
template <typename X>
std::string whole_schema() {
  std::string schema = spec_of<X>().schema();
  if constexpr (requires { X::job_options.schema(); }) {
    schema.pop_back();  // the closing brace
    schema += ",\"x-options\":" + X::job_options.schema() + "}";
  }
  if constexpr (requires { X::facts.json(); }) {
    schema.pop_back();
    schema += ",\"x-facts\":" + X::facts.json() + "}";
  }
  if constexpr (requires { X::written_streams.size(); }) {
    std::string names;
    JsonWriter writer(names);
    writer.begin_list();
    for (const std::string_view stream : X::written_streams) writer.text(stream);
    writer.end_list();
    schema.pop_back();
    schema += ",\"x-written-streams\":" + names + "}";
  }
  return schema;
}

/// What sources and destinations have in common.
template <typename X>
rondom_connector* make_table(std::uint32_t kind, const char* version) {
  const auto spec = spec_of<X>();
  auto* table = new rondom_connector{};
  table->struct_size = sizeof *table;
  table->kind = kind;
  table->id = keep(spec.id());
  table->version = version;
  table->title = keep(spec.title());
  table->spec_json = keep(whole_schema<X>());
  if constexpr (requires { X::capabilities; }) table->capabilities = X::capabilities;
  if constexpr (requires { X::preferred_batch; }) table->preferred_batch = X::preferred_batch;
  table->max_parallel_writes = 1;
  table->open = &open_slot<X>;
  table->close = &close_slot<X>;
  table->check = &check_slot<X>;
  return table;
}

template <typename X>
const rondom_connector* make_source_table(const char* version) {
  rondom_connector* table = make_table<X>(RONDOM_KIND_SOURCE, version);
  table->discover = &discover_slot<X>;
  table->read = &read_slot<X>;
  return table;
}

template <typename X>
const rondom_connector* make_destination_table(const char* version) {
  rondom_connector* table = make_table<X>(RONDOM_KIND_DESTINATION, version);
  table->write = &write_slot<X>;
  table->flush = &flush_slot<X>;
  if ((table->capabilities & RONDOM_CAP_LOOK_UP) != 0) table->look_up = &look_up_slot<X>;
  return table;
}

}  // namespace detail
}  // namespace sdk_v1
}  // namespace rondom
