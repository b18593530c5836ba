// Frames: what is encoded comes back, and no bytes whatever do harm.
#include <boost/test/unit_test.hpp>
#include <random>

#include "plugin/frames.h"

using namespace rondom;
using namespace rondom::plugin;

namespace {

constexpr unsigned seed = 20260314;

std::string sample_records(Encoder& out) {
  const SourceRecord records[] = {
      {R"({"id":1})", "", Operation::upsert, 1, 5},
      {"", "unreadable", Operation::remove, 0, no_time},
      {R"({"id":3,"name":"Zoë"})", "", Operation::upsert, ~0ull, -1},
  };
  encode_records(out, {"people", "people.csv", records});
  return std::string(out.frame());
}

std::string sample_write(Encoder& out) {
  const WriteRecord records[] = {
      {"op-1", Operation::upsert, "create", "k1", "", R"({"a":1})"},
      {"op-2", Operation::remove, "delete", "k2", "r2", ""},
  };
  encode_write(out, FrameType::write, {"session", "contacts", "{}", records});
  return std::string(out.frame());
}

std::string_view payload_of(const std::string& frame) {
  return std::string_view(frame).substr(frame_header_bytes);
}

/// Every decoder over one payload: none may read beyond it (the sanitizers see that).
void decode_all(std::string_view payload) {
  SourceBatch source;
  std::vector<SourceRecord> source_records;
  WriteBatch write;
  std::vector<WriteRecord> write_records;
  std::vector<WriteResult> results;
  ReadRequest read;
  OpenRequest open;
  Done done;
  Call call;
  std::uint64_t id = 0;
  Result<std::string> answer{std::string()};
  if (decode_records(payload, source, source_records)) {
    std::size_t bytes = 0;
    for (const SourceRecord& record : source.records) bytes += record.json.size();
    BOOST_TEST(bytes <= payload.size());
  }
  decode_write(payload, write, write_records);
  decode_results(payload, 3, results);
  for (const WriteResult& result : results) BOOST_TEST(result.index < 3u);
  decode_read(payload, read);
  decode_open(payload, open);
  decode_done(payload, done);
  decode_call(payload, call);
  decode_reply(payload, id, answer);
  HttpBegin begin;
  decode_http_begin(payload, begin);
  BOOST_TEST(begin.request.headers.size() <= http_headers_max);
  Decoder head(payload);
  std::uint32_t status = 0;
  std::vector<net::Header> headers;
  decode_http_head(head, status, headers);
  Decoder ended(payload);
  Status end;
  decode_http_end(ended, end);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plugin_frames)

BOOST_AUTO_TEST_CASE(records_come_back_as_they_were) {
  Encoder out;
  const std::string frame = sample_records(out);
  SourceBatch batch;
  std::vector<SourceRecord> records;
  BOOST_REQUIRE(decode_records(payload_of(frame), batch, records));
  BOOST_TEST(batch.stream == "people");
  BOOST_TEST(batch.origin == "people.csv");
  BOOST_REQUIRE(batch.records.size() == 3u);
  BOOST_TEST(batch.records[0].json == R"({"id":1})");
  BOOST_TEST(batch.records[0].changed_at == 5);
  BOOST_TEST(batch.records[1].problem == "unreadable");
  BOOST_TEST((batch.records[1].operation == Operation::remove));
  BOOST_TEST(batch.records[1].changed_at == no_time);
  BOOST_TEST(batch.records[2].position == ~0ull);
}

BOOST_AUTO_TEST_CASE(a_frame_of_more_results_than_the_batch_has_records_is_refused_at_once) {
  const std::vector<WriteResult> many(50'000);
  Encoder out;
  for (std::size_t at = 0; at < many.size();) {
    at = encode_results(out, many, at);
    std::vector<WriteResult> told;
    BOOST_TEST(!decode_results(payload_of(std::string(out.frame())), 3, told));
    BOOST_TEST(told.empty());
  }
}

BOOST_AUTO_TEST_CASE(writes_and_results_come_back_as_they_were) {
  Encoder out;
  const std::string frame = sample_write(out);
  WriteBatch batch;
  std::vector<WriteRecord> records;
  BOOST_REQUIRE(decode_write(payload_of(frame), batch, records));
  BOOST_TEST(batch.session == "session");
  BOOST_TEST(batch.records[1].remote_id == "r2");
  BOOST_TEST((batch.records[1].operation == Operation::remove));

  std::vector<WriteResult> results(200'000);
  for (std::size_t i = 0; i < results.size(); ++i) results[i].index = static_cast<unsigned>(i);
  results[199'999] = {199'999, WriteOutcome::retry, true, "r", "later"};
  std::vector<WriteResult> back;
  std::size_t frames = 0;
  for (std::size_t at = 0; at < results.size(); ++frames) {
    at = encode_results(out, results, at);
    BOOST_REQUIRE(decode_results(payload_of(std::string(out.frame())), results.size(), back));
  }
  BOOST_TEST(frames > 1u);
  BOOST_REQUIRE(back.size() == results.size());
  BOOST_TEST((back.back().outcome == WriteOutcome::retry));
  BOOST_TEST(back.back().adopted);
  BOOST_TEST(back.back().message == "later");
}

BOOST_AUTO_TEST_CASE(other_frames_come_back_as_they_were) {
  Encoder out;
  OpenRequest open;
  open.kind = Kind::destination;
  open.connector = "crm";
  open.config_json = R"({"token":"t"})";
  open.readable_paths = {"/a", "/b"};
  open.has_output = true;
  open.credit_bytes = 77;
  encode_open(out, open);
  OpenRequest open_back;
  BOOST_REQUIRE(decode_open(payload_of(std::string(out.frame())), open_back));
  BOOST_TEST(open_back.connector == "crm");
  BOOST_TEST(open_back.readable_paths.size() == 2u);
  BOOST_TEST(open_back.has_output);
  BOOST_TEST(!open_back.has_input);
  BOOST_TEST(open_back.credit_bytes == 77u);

  encode_done(out, Error{ErrorCode::rate_limited, "slow down", "detail", 250}, "text");
  Done done;
  BOOST_REQUIRE(decode_done(payload_of(std::string(out.frame())), done));
  BOOST_TEST((done.status.error().code == ErrorCode::rate_limited));
  BOOST_TEST(done.status.error().retry_after_ms == 250);
  BOOST_TEST(done.status.error().detail == "detail");
  BOOST_TEST(done.text == "text");

  encode_reply(out, 9, Error{ErrorCode::auth, "no"});
  std::uint64_t id = 0;
  Result<std::string> answer{std::string()};
  BOOST_REQUIRE(decode_reply(payload_of(std::string(out.frame())), id, answer));
  BOOST_TEST(id == 9u);
  BOOST_TEST((answer.error().code == ErrorCode::auth));
}

BOOST_AUTO_TEST_CASE(frames_of_an_exchange_come_back_as_they_were) {
  Encoder out;
  HttpBegin begin;
  begin.id = 7;
  begin.request.method = "PUT";
  begin.request.url = "/people";
  begin.request.headers = {{"Accept", "text/csv"}, {"X-Empty", ""}};
  begin.request.timeout_ms = 1'234;
  begin.request.idempotent = true;
  begin.streams = true;
  begin.can_rewind = true;
  encode_http_begin(out, begin);
  HttpBegin back;
  BOOST_REQUIRE(decode_http_begin(payload_of(std::string(out.frame())), back));
  BOOST_TEST(back.id == 7u);
  BOOST_TEST(back.request.url == "/people");
  BOOST_TEST(back.request.headers.at(1).name == "X-Empty");
  BOOST_TEST(back.request.timeout_ms == 1'234);
  BOOST_TEST(back.request.idempotent);
  BOOST_TEST(back.streams);
  BOOST_TEST(back.can_rewind);
  BOOST_TEST(back.body_size == -1);

  encode_http_end(out, 7, Error{ErrorCode::rate_limited, "slow down", "detail", 250});
  const std::string end(out.frame());
  Decoder in(payload_of(end));
  BOOST_TEST(in.u64() == 7u);
  Status status;
  BOOST_REQUIRE(decode_http_end(in, status));
  BOOST_TEST((status.error().code == ErrorCode::rate_limited));
  BOOST_TEST(status.error().retry_after_ms == 250);

  begin.request.body.assign(http_piece_bytes_max + 1, 'x');
  begin.streams = false;
  encode_http_begin(out, begin);
  BOOST_TEST(!decode_http_begin(payload_of(std::string(out.frame())), back));
}

BOOST_AUTO_TEST_CASE(bytes_in_any_portions_give_the_same_frames) {
  Encoder out;
  std::string stream;
  for (int i = 0; i < 5; ++i) {
    stream += sample_records(out);
    stream += std::string(out.begin(FrameType::alive).frame());
    stream += sample_write(out);
  }
  std::mt19937 random(seed);
  BOOST_TEST_MESSAGE("seed " << seed);
  for (int round = 0; round < 200; ++round) {
    FrameReader reader;
    std::vector<Frame> frames;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t portion = std::min<std::size_t>(1 + random() % 40, stream.size() - at);
      BOOST_REQUIRE(reader.feed(std::string_view(stream).substr(at, portion), frames).ok());
      at += portion;
    }
    BOOST_REQUIRE(frames.size() == 15u);
    BOOST_TEST(!reader.inside_frame());
    BOOST_TEST(frames[14].payload() == payload_of(sample_write(out)));
  }
}

BOOST_AUTO_TEST_CASE(a_spent_frame_lends_its_memory_to_one_that_fits) {
  Encoder out;
  const std::string frame = sample_records(out);
  FrameReader reader;
  std::vector<Frame> frames;
  BOOST_REQUIRE(reader.feed(frame, frames).ok());
  const char* memory = frames[0].bytes.get();
  reader.reuse(std::move(frames[0]));
  frames.clear();
  BOOST_REQUIRE(reader.feed(frame, frames).ok());
  BOOST_TEST(static_cast<const void*>(frames[0].bytes.get()) == static_cast<const void*>(memory));
  BOOST_TEST(frames[0].payload() == payload_of(frame));
}

BOOST_AUTO_TEST_CASE(unknown_types_and_impossible_sizes_end_the_reading) {
  std::vector<Frame> frames;
  FrameReader unknown;
  BOOST_TEST(!unknown.feed(std::string("\0\0\0\0\x33", 5), frames).ok());
  FrameReader huge;
  BOOST_TEST(!huge.feed("\xff\xff\xff\xff\x41", frames).ok());
  FrameReader small(10);
  BOOST_TEST(!small.feed(std::string("\x0b\0\0\0\x48", 5), frames).ok());
  BOOST_TEST(frames.empty());
}

BOOST_AUTO_TEST_CASE(every_truncation_is_noticed) {
  Encoder out;
  const std::string frames[] = {sample_records(out), sample_write(out)};
  for (const std::string& frame : frames) {
    const std::string_view payload = payload_of(frame);
    for (std::size_t size = 0; size < payload.size(); ++size) {
      // In memory of its own, so that reading past the end is seen.
      const std::string cut(payload.substr(0, size));
      SourceBatch source;
      std::vector<SourceRecord> source_records;
      WriteBatch write;
      std::vector<WriteRecord> write_records;
      const bool decoded = &frame == frames ? decode_records(cut, source, source_records)
                                            : decode_write(cut, write, write_records);
      BOOST_TEST(!decoded);
      decode_all(cut);
    }
  }
}

BOOST_AUTO_TEST_CASE(mutated_bytes_do_no_harm) {
  std::mt19937 random(seed);
  BOOST_TEST_MESSAGE("seed " << seed);
  Encoder out;
  const std::string originals[] = {sample_records(out), sample_write(out)};
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = originals[round % 2];
    for (unsigned flips = 1 + random() % 4; flips > 0; --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    decode_all(payload_of(bytes));
    FrameReader reader(1u << 20);
    std::vector<Frame> frames;
    if (reader.feed(bytes, frames).ok()) {
      for (const Frame& frame : frames) decode_all(frame.payload());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
