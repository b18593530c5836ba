#include "plugin/frames.h"

#include <algorithm>
#include <bit>

namespace rondom::plugin {
namespace {

// Descriptors are read and written field by field with memcpy; on the machines Rondom is built for
// that is the little-endian form of the protocol.
static_assert(std::endian::native == std::endian::little, "frames are little-endian");

constexpr std::size_t descriptor_bytes = 4 + 4 + 8 + 8 + 1;
constexpr std::size_t results_frame_bytes = 1u << 20;
constexpr std::size_t write_record_bytes_min = 1 + 5 * 4;
constexpr std::size_t result_bytes_min = 4 + 1 + 1 + 4 + 4;
constexpr std::size_t stream_bytes_min = 4 * 4;
constexpr std::size_t paths_max = 1'000;

template <typename T>
T load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

char* store_descriptor(char* at, const SourceRecord& record) {
  const auto put = [&at](auto value) {
    std::memcpy(at, &value, sizeof value);
    at += sizeof value;
  };
  put(static_cast<std::uint32_t>(record.json.size()));
  put(static_cast<std::uint32_t>(record.problem.size()));
  put(record.position);
  put(record.changed_at);
  put(static_cast<std::uint8_t>(record.operation));
  return at;
}

bool known_operation(std::uint8_t operation) {
  return operation == 1 || operation == 2;
}

void encode_paths(Encoder& out, const std::vector<std::string>& paths) {
  out.u32(static_cast<std::uint32_t>(paths.size()));
  for (const std::string& path : paths) out.text(path);
}

bool decode_paths(Decoder& in, std::vector<std::string>& paths) {
  const std::uint32_t count = in.count(4);
  if (count > paths_max) return false;
  for (std::uint32_t i = 0; i < count; ++i) paths.emplace_back(in.text());
  return in.ok();
}

void encode_headers(Encoder& out, std::span<const net::Header> headers) {
  out.u32(static_cast<std::uint32_t>(headers.size()));
  for (const net::Header& header : headers) out.text(header.name).text(header.value);
}

bool decode_headers(Decoder& in, std::vector<net::Header>& headers) {
  const std::uint32_t count = in.count(2 * 4);
  if (count > http_headers_max) return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    net::Header header;
    header.name = in.text();
    header.value = in.text();
    headers.push_back(std::move(header));
  }
  return in.ok();
}

bool known_code(std::uint8_t code) {
  return code <= static_cast<std::uint8_t>(ErrorCode::guarded);
}

}  // namespace

bool known_frame_type(std::uint8_t type) {
  return (type >= 1 && type <= 15) || (type >= 64 && type <= 76);
}

bool costs_credit(FrameType type) {
  return type >= FrameType::records && type <= FrameType::refresh_complete;
}

std::span<char> FrameReader::want() {
  if (header_filled_ < frame_header_bytes) {
    return {header_ + header_filled_, frame_header_bytes - header_filled_};
  }
  return {frame_.bytes.get() + filled_, frame_.size - filled_};
}

Status FrameReader::commit(std::size_t count) {
  if (header_filled_ < frame_header_bytes) {
    header_filled_ += count;
    if (header_filled_ < frame_header_bytes) return {};
    const auto size = load<std::uint32_t>(header_);
    const auto type = static_cast<std::uint8_t>(header_[4]);
    if (!known_frame_type(type)) return {ErrorCode::internal, "it sent a frame of unknown type."};
    if (size > max_) return {ErrorCode::internal, "it sent a frame above the size limit."};
    allocate(size);
    frame_.type = static_cast<FrameType>(type);
    filled_ = 0;
  } else {
    filled_ += count;
  }
  ready_ = filled_ == frame_.size;
  return {};
}

void FrameReader::allocate(std::size_t size) {
  if (spare_.bytes != nullptr && size <= spare_.capacity) {
    frame_ = std::move(spare_);
  } else {
    // Rounded up, so that batches of nearly the same size fit each other's memory.
    const std::size_t capacity = size <= reused_bytes_max ? std::bit_ceil(size) : size;
    frame_.bytes = std::make_unique_for_overwrite<char[]>(capacity);
    frame_.capacity = capacity;
  }
  frame_.size = size;
}

Frame FrameReader::take() {
  ready_ = false;
  header_filled_ = 0;
  filled_ = 0;
  return std::move(frame_);
}

Status FrameReader::feed(std::string_view bytes, std::vector<Frame>& frames) {
  while (!bytes.empty()) {
    const std::span<char> room = want();
    const std::size_t count = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), count);
    bytes.remove_prefix(count);
    RONDOM_TRY(commit(count));
    if (ready()) frames.push_back(take());
  }
  return {};
}

std::string_view Encoder::frame() {
  const auto size = static_cast<std::uint32_t>(out_.size() - frame_header_bytes);
  for (std::size_t i = 0; i < 4; ++i) out_[i] = static_cast<char>(size >> (8 * i));
  return out_;
}

void encode_records(Encoder& out, const SourceBatch& batch) {
  out.begin(FrameType::records).text(batch.stream).text(batch.origin);
  out.u32(static_cast<std::uint32_t>(batch.records.size()));
  char* descriptor = out.room(batch.records.size() * descriptor_bytes);
  for (const SourceRecord& record : batch.records) {
    descriptor = store_descriptor(descriptor, record);
  }
  // Texts that lie one behind the other, as the SDK's writer leaves them, are taken in one piece.
  std::string_view run;
  const auto add = [&](std::string_view text) {
    if (run.data() + run.size() == text.data()) {
      run = {run.data(), run.size() + text.size()};
      return;
    }
    out.raw(run.data(), run.size());
    run = text;
  };
  for (const SourceRecord& record : batch.records) {
    add(record.json);
    if (!record.problem.empty()) add(record.problem);
  }
  out.raw(run.data(), run.size());
}

bool decode_records(std::string_view payload, SourceBatch& batch,
                    std::vector<SourceRecord>& records) {
  Decoder in(payload);
  batch.stream = in.text();
  batch.origin = in.text();
  const std::uint32_t count = in.count(descriptor_bytes);
  if (!in.ok() || count > limits::batch_records_max) return false;
  const char* at = in.bytes(count * descriptor_bytes).data();
  const char* text = payload.data() + (payload.size() - in.left());
  std::size_t left = in.left();
  records.resize(count);
  for (SourceRecord& record : records) {
    const auto json_size = load<std::uint32_t>(at);
    const auto problem_size = load<std::uint32_t>(at + 4);
    const auto operation = static_cast<std::uint8_t>(at[24]);
    if (json_size > left || problem_size > left - json_size) return false;
    if (json_size > limits::record_bytes_max || !known_operation(operation)) return false;
    record.json = {text, json_size};
    record.problem = {text + json_size, problem_size};
    record.position = load<std::uint64_t>(at + 8);
    record.changed_at = load<std::int64_t>(at + 16);
    record.operation = static_cast<Operation>(operation);
    text += json_size + problem_size;
    left -= json_size + problem_size;
    at += descriptor_bytes;
  }
  batch.records = records;
  return left == 0;
}

void encode_write(Encoder& out, FrameType type, const WriteBatch& batch) {
  out.begin(type).text(batch.session).text(batch.stream).text(batch.options_json);
  out.u32(static_cast<std::uint32_t>(batch.records.size()));
  for (const WriteRecord& record : batch.records) {
    out.u8(static_cast<std::uint8_t>(record.operation)).text(record.operation_id);
    out.text(record.action).text(record.key).text(record.remote_id).text(record.json);
  }
}

bool decode_write(std::string_view payload, WriteBatch& batch, std::vector<WriteRecord>& records) {
  Decoder in(payload);
  batch.session = in.text();
  batch.stream = in.text();
  batch.options_json = in.text();
  const std::uint32_t count = in.count(write_record_bytes_min);
  if (!in.ok() || count > limits::batch_records_max) return false;
  records.resize(count);
  for (WriteRecord& record : records) {
    const std::uint8_t operation = in.u8();
    if (!known_operation(operation)) return false;
    record.operation = static_cast<Operation>(operation);
    record.operation_id = in.text();
    record.action = in.text();
    record.key = in.text();
    record.remote_id = in.text();
    record.json = in.text();
  }
  batch.records = records;
  return in.finished();
}

std::size_t encode_results(Encoder& out, std::span<const WriteResult> results, std::size_t from) {
  out.begin(FrameType::results);
  const std::size_t count_at = out.size();
  out.u32(0);
  std::size_t index = from;
  while (index < results.size() && out.size() < results_frame_bytes) {
    const WriteResult& result = results[index++];
    out.u32(result.index).u8(static_cast<std::uint8_t>(result.outcome)).u8(result.adopted ? 1 : 0);
    out.text(result.remote_id).text(result.message);
  }
  out.patch_u32(count_at, static_cast<std::uint32_t>(index - from));
  return index;
}

bool decode_results(std::string_view payload, std::size_t count,
                    std::vector<WriteResult>& results) {
  Decoder in(payload);
  const std::uint32_t entries = in.count(result_bytes_min);
  // A frame has room for millions of entries, which are larger here than there.
  if (entries > count) return false;
  for (std::uint32_t i = 0; i < entries; ++i) {
    WriteResult result;
    result.index = in.u32();
    const std::uint8_t outcome = in.u8();
    result.adopted = in.u8() != 0;
    result.remote_id = in.text();
    result.message = in.text();
    if (!in.ok() || result.index >= count || outcome > 3) return false;
    result.outcome = static_cast<WriteOutcome>(outcome);
    results.push_back(std::move(result));
  }
  return in.finished();
}

void encode_read(Encoder& out, const ReadRequest& request) {
  out.begin(FrameType::read).u64(request.records_max);
  out.u32(static_cast<std::uint32_t>(request.streams.size()));
  for (const ReadStream& stream : request.streams) {
    out.text(stream.name).text(stream.options_json).text(stream.state_json);
    out.text(stream.generation);
  }
}

bool decode_read(std::string_view payload, ReadRequest& request) {
  Decoder in(payload);
  request.records_max = in.u64();
  const std::uint32_t count = in.count(stream_bytes_min);
  for (std::uint32_t i = 0; i < count; ++i) {
    ReadStream stream;
    stream.name = in.text();
    stream.options_json = in.text();
    stream.state_json = in.text();
    stream.generation = in.text();
    request.streams.push_back(std::move(stream));
  }
  return in.finished();
}

void encode_open(Encoder& out, const OpenRequest& request) {
  out.begin(FrameType::open).u32(request.version).u8(static_cast<std::uint8_t>(request.kind));
  out.text(request.connector).text(request.library).text(request.config_json);
  out.text(request.working_directory);
  encode_paths(out, request.readable_paths);
  encode_paths(out, request.writable_paths);
  out.u8(request.raw_network).u8(request.filesystem);
  out.u8(request.has_input).u8(request.has_output).u64(request.credit_bytes);
  out.u64(request.alive_ms).u64(request.memory_bytes).u8(request.debugged);
}

bool decode_open(std::string_view payload, OpenRequest& request) {
  Decoder in(payload);
  request.version = in.u32();
  if (!in.ok() || request.version != protocol_version) return false;
  const std::uint8_t kind = in.u8();
  if (kind != 1 && kind != 2) return false;
  request.kind = static_cast<Kind>(kind);
  request.connector = in.text();
  request.library = in.text();
  request.config_json = in.text();
  request.working_directory = in.text();
  if (!decode_paths(in, request.readable_paths)) return false;
  if (!decode_paths(in, request.writable_paths)) return false;
  request.raw_network = in.u8() != 0;
  request.filesystem = in.u8() != 0;
  request.has_input = in.u8() != 0;
  request.has_output = in.u8() != 0;
  request.credit_bytes = in.u64();
  request.alive_ms = in.u64();
  request.memory_bytes = in.u64();
  request.debugged = in.u8() != 0;
  return in.finished();
}

void encode_done(Encoder& out, const Status& status, std::string_view text) {
  out.begin(FrameType::done).u8(status.ok() ? 1 : 0);
  const Error error = status.ok() ? Error{} : status.error();
  out.u8(static_cast<std::uint8_t>(error.code));
  out.u64(static_cast<std::uint64_t>(error.retry_after_ms));
  out.text(error.message).text(error.detail).text(text);
}

bool decode_done(std::string_view payload, Done& done) {
  Decoder in(payload);
  const bool good = in.u8() != 0;
  const std::uint8_t code = in.u8();
  Error error;
  error.retry_after_ms = static_cast<long>(in.u64() & 0x7fffffffu);
  error.message = in.text();
  error.detail = in.text();
  done.text = in.text();
  if (!in.finished() || !known_code(code)) return false;
  error.code = static_cast<ErrorCode>(code);
  done.status = good ? Status() : Status(std::move(error));
  return true;
}

void encode_call(Encoder& out, const Call& call) {
  out.begin(FrameType::call).u64(call.id).u8(static_cast<std::uint8_t>(call.service));
  out.text(call.name).text(call.value);
}

bool decode_call(std::string_view payload, Call& call) {
  Decoder in(payload);
  call.id = in.u64();
  const std::uint8_t service = in.u8();
  call.name = in.text();
  call.value = in.text();
  if (service < 1 || service > 4) return false;
  call.service = static_cast<Service>(service);
  return in.finished();
}

void encode_http_begin(Encoder& out, const HttpBegin& begin) {
  const net::Request& request = begin.request;
  out.begin(FrameType::http_begin).u64(begin.id).text(request.method).text(request.url);
  encode_headers(out, request.headers);
  out.u8(request.idempotent).u64(static_cast<std::uint64_t>(request.timeout_ms));
  out.u8(begin.streams).u8(begin.can_rewind).u64(static_cast<std::uint64_t>(begin.body_size));
  out.text(begin.streams ? std::string_view() : std::string_view(request.body));
}

bool decode_http_begin(std::string_view payload, HttpBegin& begin) {
  Decoder in(payload);
  begin.id = in.u64();
  begin.request.method = in.text();
  begin.request.url = in.text();
  if (!decode_headers(in, begin.request.headers)) return false;
  begin.request.idempotent = in.u8() != 0;
  begin.request.timeout_ms = static_cast<std::int64_t>(in.u64() & 0x7fffffffu);
  begin.streams = in.u8() != 0;
  begin.can_rewind = in.u8() != 0;
  begin.body_size = static_cast<std::int64_t>(in.u64());
  begin.request.body = in.text();
  return in.finished() && begin.body_size >= -1 &&
         begin.request.body.size() <= http_piece_bytes_max;
}

void encode_http_head(Encoder& out, std::uint64_t id, std::uint32_t status,
                      std::span<const net::Header> headers) {
  out.begin(FrameType::http_head).u64(id).u32(status);
  encode_headers(out, headers.first(std::min(headers.size(), http_headers_max)));
}

bool decode_http_head(Decoder& in, std::uint32_t& status, std::vector<net::Header>& headers) {
  status = in.u32();
  return decode_headers(in, headers) && in.finished();
}

void encode_http_end(Encoder& out, std::uint64_t id, const Status& status) {
  const Error error = status.ok() ? Error{} : status.error();
  out.begin(FrameType::http_end).u64(id).u8(status.ok() ? 1 : 0);
  out.u8(static_cast<std::uint8_t>(error.code));
  out.u64(static_cast<std::uint64_t>(error.retry_after_ms));
  out.text(error.message).text(error.detail);
}

bool decode_http_end(Decoder& in, Status& status) {
  const bool good = in.u8() != 0;
  const std::uint8_t code = in.u8();
  Error error;
  error.retry_after_ms = static_cast<long>(in.u64() & 0x7fffffffu);
  error.message = in.text();
  error.detail = in.text();
  if (!in.finished() || !known_code(code)) return false;
  error.code = static_cast<ErrorCode>(code);
  status = good ? Status() : Status(std::move(error));
  return true;
}

void encode_reply(Encoder& out, std::uint64_t id, const Result<std::string>& answer) {
  out.begin(FrameType::reply).u64(id).u8(answer.ok() ? 1 : 0);
  out.u8(answer.ok() ? 0 : static_cast<std::uint8_t>(answer.error().code));
  out.text(answer.ok() ? std::string_view() : std::string_view(answer.error().message));
  out.text(answer.ok() ? std::string_view(answer.value()) : std::string_view());
}

bool decode_reply(std::string_view payload, std::uint64_t& id, Result<std::string>& answer) {
  Decoder in(payload);
  id = in.u64();
  const bool good = in.u8() != 0;
  const std::uint8_t code = in.u8();
  const std::string_view message = in.text();
  const std::string_view text = in.text();
  if (!in.finished() || !known_code(code)) return false;
  if (good)
    answer = std::string(text);
  else
    answer = Error{static_cast<ErrorCode>(code), std::string(message)};
  return true;
}

}  // namespace rondom::plugin
