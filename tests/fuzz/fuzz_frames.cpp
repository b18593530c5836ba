// Bytes from a plugin host that may have gone mad: frames, then every decoder on their payloads.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "plugin/frames.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rondom::plugin;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  FrameReader reader(1u << 20);
  std::vector<Frame> frames;
  (void)reader.feed(bytes, frames);
  const auto decode = [](std::string_view payload) {
    SourceBatch batch;
    std::vector<SourceRecord> records;
    (void)decode_records(payload, batch, records);
    WriteBatch write;
    std::vector<WriteRecord> operations;
    (void)decode_write(payload, write, operations);
    std::vector<WriteResult> results;
    (void)decode_results(payload, 100, results);
    ReadRequest request;
    (void)decode_read(payload, request);
    OpenRequest open;
    (void)decode_open(payload, open);
    HttpBegin begin;
    (void)decode_http_begin(payload, begin);
    Decoder head(payload);
    std::uint32_t status = 0;
    std::vector<rondom::net::Header> headers;
    (void)decode_http_head(head, status, headers);
    Decoder ended(payload);
    rondom::Status end;
    (void)decode_http_end(ended, end);
  };
  for (const Frame& frame : frames) decode(frame.payload());
  decode(bytes);
  return 0;
}
