// RecordWriter: where a source pushes what it reads.
//
// Collects records in one buffer and hands them to the host by count and size; checkpoints,
// refresh marks, another stream and another origin hand over what was collected before. Each call
// may block while the host is behind. When a Status fails, return it from read(): the host asked to
// stop, or a limit was passed. One thread at a time; owned by the SDK, valid during read().
//
//   RONDOM_TRY(out.row().text("id", id).integer("visits", n).position(line).done());
//   RONDOM_TRY(out.checkpoint("contacts", state));
//
// Of a preview no more than the records asked for are handed over: what a page holds beyond is left
// out, and with it the checkpoints and the end of a refresh that would cover it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json.hpp"

namespace rondom {
inline namespace sdk_v1 {

enum class Operation : std::uint32_t { upsert = RONDOM_OP_UPSERT, remove = RONDOM_OP_DELETE };

inline constexpr std::int64_t no_time = RONDOM_NO_TIME;

/// For changed_at_us, of a source that counts its changes and does not time them, or names no zone:
/// orders the versions of one record and is no time. `millionths` of one more are told apart up to
/// two million million.
constexpr std::int64_t order_of(std::int64_t whole, std::int64_t millionths = 0) {
  constexpr std::int64_t fine_end = std::int64_t{1} << 41;
  constexpr std::int64_t coarse_max = RONDOM_ORDERS_END - no_time - 2 - fine_end * 1'000'000;
  if (whole < 0) return no_time + 1;
  if (whole < fine_end) return no_time + 1 + whole * 1'000'000 + millionths;
  const std::int64_t coarse = whole - fine_end;
  return no_time + 1 + fine_end * 1'000'000 + (coarse < coarse_max ? coarse : coarse_max);
}

/// What is known of a record beside its content.
struct RecordFacts {
  Operation operation = Operation::upsert;
  std::uint64_t position = 0;            // line or row in the origin, from 1; 0 = unknown
  std::int64_t changed_at_us = no_time;  // microseconds since 1970 UTC, or order_of()
};

class RecordWriter;

/// One record, member by member, written as JSON straight into the writer's buffer. Nothing is
/// delivered until done(). A name given twice is the author's defect: the engine refuses the
/// record.
class RowBuilder {
 public:
  RowBuilder& text(std::string_view name, std::string_view value);
  RowBuilder& integer(std::string_view name, std::int64_t value);
  RowBuilder& number(std::string_view name, double value);
  /// Digits as the source wrote them, e.g. "12.50": exact. Must be a JSON number.
  RowBuilder& decimal(std::string_view name, std::string_view digits) { return raw(name, digits); }
  RowBuilder& boolean(std::string_view name, bool value);
  RowBuilder& null(std::string_view name) { return raw(name, "null"); }
  /// JSON text as it is.
  RowBuilder& raw(std::string_view name, std::string_view json);
  RowBuilder& begin_object(std::string_view name);
  RowBuilder& end_object();
  RowBuilder& begin_list(std::string_view name);
  RowBuilder& end_list();
  RowBuilder& item(std::string_view text);  // a text inside a list
  RowBuilder& item_object();                // an object inside a list; ends with end_object()

  RowBuilder& operation(Operation operation);
  RowBuilder& position(std::uint64_t position);
  RowBuilder& changed_at(std::int64_t changed_at_us);
  Status done();

 private:
  friend class RecordWriter;
  explicit RowBuilder(RecordWriter& out) : out_(&out) {}
  void name(std::string_view text);
  void separate();
  RecordWriter* out_;
  RecordFacts facts_;
};

class RecordWriter {
 public:
  /// Hand over at this many records or bytes; both well below what a host must accept.
  static constexpr std::size_t batch_records = 2'000;
  static constexpr std::size_t batch_bytes = 256 * 1024;

  /// `records_max`: of each stream, for a preview; 0 = no limit.
  explicit RecordWriter(const rondom_read_out& out, std::string_view stream = {},
                        std::uint64_t records_max = 0)
      : out_(&out), stream_(stream), records_max_(records_max), row_(*this) {
    text_.reserve(batch_bytes + batch_bytes / 4);
    records_.reserve(batch_records);
  }
  RecordWriter(const RecordWriter&) = delete;
  RecordWriter& operator=(const RecordWriter&) = delete;

  /// The stream that the following records belong to. With one stream in the request it is set.
  Status stream(std::string_view name) {
    if (name == stream_) return {};
    RONDOM_TRY(flush());
    stream_ = name;
    return {};
  }
  /// File or page that the positions of the following records count in, for people.
  Status origin(std::string_view name) {
    if (name == origin_) return {};
    RONDOM_TRY(flush());
    origin_ = name;
    return {};
  }

  /// A complete JSON object as it is.
  Status json(std::string_view object, const RecordFacts& facts = {}) {
    drop_open_row();
    if (object.size() > RONDOM_RECORD_BYTES_MAX) return too_large();
    text_.append(object);
    return add(object.size(), 0, facts, 0);
  }

  /// Begins a record; a row that was begun before and not done is dropped.
  RowBuilder& row() {
    drop_open_row();
    row_.facts_ = {};
    row_open_ = true;
    text_ += '{';
    return row_;
  }

  /// A record that could not be read: what is wrong, and the raw text (cut to the limit).
  Status unreadable(std::string_view problem, std::string_view raw, std::uint64_t position = 0) {
    drop_open_row();
    const std::string_view kept = cut(raw, RONDOM_EXCERPT_BYTES_MAX);
    const std::string_view said = cut(problem, RONDOM_MESSAGE_BYTES_MAX);
    text_.append(kept);
    text_.append(said);
    RecordFacts facts;
    facts.position = position;
    return add(kept.size(), said.size(), facts, RONDOM_RECORD_UNREADABLE);
  }

  /// Covers every record before it. An empty stream covers all streams.
  Status checkpoint(std::string_view stream, std::string_view state_json) {
    RONDOM_TRY(flush());
    if (is_cut(stream)) return {};
    return answer(out_->checkpoint(out_->ctx, detail::to_abi(stream), detail::to_abi(state_json)));
  }
  /// From here the stream is delivered completely, under a name of its own.
  Status refresh_begin(std::string_view stream, std::string_view generation) {
    RONDOM_TRY(flush());
    return answer(
        out_->refresh_begin(out_->ctx, detail::to_abi(stream), detail::to_abi(generation)));
  }
  /// Everything of the stream was delivered: what was absent is gone at the source.
  Status refresh_complete(std::string_view stream) {
    RONDOM_TRY(flush());
    if (is_cut(stream)) return {};
    return answer(out_->refresh_complete(out_->ctx, detail::to_abi(stream)));
  }

  /// Hands over what was collected. The SDK calls it when read() returns.
  Status flush() {
    drop_open_row();
    committed_ = 0;
    if (records_.empty()) {
      text_.clear();
      return {};
    }
    const char* at = text_.data();
    for (rondom_record& record : records_) {
      record.json.data = at;
      at += record.json.size;
      record.problem.data = at;
      at += record.problem.size;
    }
    rondom_batch batch{};
    batch.struct_size = sizeof batch;
    batch.format = RONDOM_FORMAT_JSON;
    batch.stream = detail::to_abi(stream_);
    batch.origin = detail::to_abi(origin_);
    batch.records = records_.data();
    batch.record_stride = sizeof(rondom_record);
    batch.count = static_cast<std::uint32_t>(records_.size());
    const rondom_code code = out_->records(out_->ctx, &batch);
    records_.clear();
    text_.clear();
    return answer(code);
  }

 private:
  friend class RowBuilder;

  static std::string_view cut(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0u) == 0x80u) --bytes;
    return text.substr(0, bytes);
  }
  static Status answer(rondom_code code) {
    if (code == RONDOM_OK) return {};
    return {static_cast<Code>(code), "The host stopped the read."};
  }
  static Status too_large() { return {Code::data, "A record is larger than 8 MiB."}; }

  void drop_open_row() {
    if (!row_open_) return;
    text_.resize(committed_);
    row_open_ = false;
  }
  Status finish_row(const RecordFacts& facts) {
    text_ += '}';
    row_open_ = false;
    const std::size_t size = text_.size() - committed_;
    if (size > RONDOM_RECORD_BYTES_MAX) {
      text_.resize(committed_);
      return too_large();
    }
    return add(size, 0, facts, 0);
  }
  Status add(std::size_t json_size, std::size_t problem_size, const RecordFacts& facts,
             std::uint32_t flags) {
    if (records_max_ != 0 && ++count_of(stream_).written > records_max_) {
      text_.resize(committed_);
      return {};
    }
    // Texts lie in the buffer one after another; flush() sets the pointers, as the buffer may move.
    rondom_record& record = records_.emplace_back();
    record.json.size = json_size;
    record.problem.size = problem_size;
    record.position = facts.position;
    record.changed_at_us = facts.changed_at_us;
    record.op = static_cast<std::uint32_t>(facts.operation);
    record.flags = flags;
    committed_ = text_.size();
    if (records_.size() < batch_records && text_.size() < batch_bytes) return {};
    return flush();
  }

  struct Count {
    std::string stream;
    std::uint64_t written = 0;  // by the source, what was left out included
  };
  Count& count_of(std::string_view stream) {
    const auto found = std::find_if(counts_.begin(), counts_.end(),
                                    [&](const Count& one) { return one.stream == stream; });
    return found != counts_.end() ? *found : counts_.emplace_back(Count{std::string(stream)});
  }
  /// Was something of the stream, or with an empty name of any, left out?
  bool is_cut(std::string_view stream) const {
    return std::any_of(counts_.begin(), counts_.end(), [&](const Count& one) {
      return (stream.empty() || one.stream == stream) && one.written > records_max_;
    });
  }

  const rondom_read_out* out_;
  std::string stream_;
  std::uint64_t records_max_;
  std::vector<Count> counts_;  // of a preview only
  std::string origin_;
  std::string text_;
  std::size_t committed_ = 0;  // bytes of text_ that belong to records_
  std::vector<rondom_record> records_;
  bool row_open_ = false;
  RowBuilder row_;
};

inline void RowBuilder::separate() {
  const char last = out_->text_.back();
  if (last != '{' && last != '[' && last != ':') out_->text_ += ',';
}
inline void RowBuilder::name(std::string_view text) {
  separate();
  append_json_string(out_->text_, text);
  out_->text_ += ':';
}
inline RowBuilder& RowBuilder::text(std::string_view field, std::string_view value) {
  name(field);
  append_json_string(out_->text_, value);
  return *this;
}
inline RowBuilder& RowBuilder::raw(std::string_view field, std::string_view json) {
  name(field);
  out_->text_.append(json);
  return *this;
}
inline RowBuilder& RowBuilder::integer(std::string_view field, std::int64_t value) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  return raw(field, {buffer, static_cast<std::size_t>(end.ptr - buffer)});
}
inline RowBuilder& RowBuilder::number(std::string_view field, double value) {
  if (!std::isfinite(value)) return null(field);
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  return raw(field, {buffer, static_cast<std::size_t>(end.ptr - buffer)});
}
inline RowBuilder& RowBuilder::boolean(std::string_view field, bool value) {
  return raw(field, value ? "true" : "false");
}
inline RowBuilder& RowBuilder::begin_object(std::string_view field) {
  return raw(field, "{");
}
inline RowBuilder& RowBuilder::begin_list(std::string_view field) {
  return raw(field, "[");
}
inline RowBuilder& RowBuilder::end_object() {
  out_->text_ += '}';
  return *this;
}
inline RowBuilder& RowBuilder::end_list() {
  out_->text_ += ']';
  return *this;
}
inline RowBuilder& RowBuilder::item(std::string_view text) {
  separate();
  append_json_string(out_->text_, text);
  return *this;
}
inline RowBuilder& RowBuilder::item_object() {
  separate();
  out_->text_ += '{';
  return *this;
}
inline RowBuilder& RowBuilder::operation(Operation operation) {
  facts_.operation = operation;
  return *this;
}
inline RowBuilder& RowBuilder::position(std::uint64_t position) {
  facts_.position = position;
  return *this;
}
inline RowBuilder& RowBuilder::changed_at(std::int64_t changed_at_us) {
  facts_.changed_at_us = changed_at_us;
  return *this;
}
inline Status RowBuilder::done() {
  return out_->finish_row(facts_);
}

}  // namespace sdk_v1
}  // namespace rondom
