#include "record_writer.h"

#include <time.h>
#include <rondom/sdk.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

namespace rondom::bench {
namespace {

constexpr std::int64_t records = 1'000'000;
constexpr int rounds = 5;

/// Of this thread: other processes of the machine do not count.
double nanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Enough of the bytes to see that two ways wrote the same, without reading them all.
struct Taken {
  std::size_t bytes = 0;
  std::size_t count = 0;
  std::string last;

  static rondom_code records(void* ctx, const rondom_batch* batch) {
    Taken& taken = *static_cast<Taken*>(ctx);
    const auto* all = static_cast<const rondom_record*>(batch->records);
    const rondom_record& last = all[batch->count - 1];
    taken.bytes += static_cast<std::size_t>(last.json.data + last.json.size - all[0].json.data);
    taken.count += batch->count;
    taken.last.assign(last.json.data, static_cast<std::size_t>(last.json.size));
    return RONDOM_OK;
  }
  static rondom_code mark(void*, rondom_str, rondom_str) { return RONDOM_OK; }
  static rondom_code end(void*, rondom_str) { return RONDOM_OK; }
};

// A small record: an id, a name, an address, a number, a switch.
void add_members(RowBuilder& row, std::int64_t i) {
  row.integer("id", i)
      .text("name", "Anna van den Berg")
      .text("email", "anna.vandenberg@example.com")
      .integer("visits", i % 100)
      .boolean("active", i % 2 == 0);
}

double with_builder(Taken& taken) {
  const double start = nanoseconds();
  rondom_read_out out{sizeof out,   0,          &taken, &Taken::records, &Taken::mark,
                      &Taken::mark, &Taken::end};
  RecordWriter writer(out, "people");
  for (std::int64_t i = 0; i < records; ++i) {
    RowBuilder& row = writer.row();
    add_members(row, i);
    if (!row.done().ok()) std::abort();
  }
  if (!writer.flush().ok()) std::abort();
  return (nanoseconds() - start) / records;
}

template <typename Append>
double with_text(Taken& taken, const Append& append) {
  const double start = nanoseconds();
  std::string text;
  text.reserve(RecordWriter::batch_bytes + RecordWriter::batch_bytes / 4);
  std::size_t before = 0;
  for (std::int64_t i = 0; i < records; ++i) {
    if (text.size() >= RecordWriter::batch_bytes) {
      taken.bytes += text.size();
      text.clear();
    }
    before = text.size();
    append(text, i);
    ++taken.count;
  }
  taken.bytes += text.size();
  taken.last = text.substr(before);
  return (nanoseconds() - start) / records;
}

void append_encoded(std::string& text, std::int64_t i) {
  JsonWriter json(text);
  text += '{';
  json.name("id").integer(i);
  json.name("name").text("Anna van den Berg");
  json.name("email").text("anna.vandenberg@example.com");
  json.name("visits").integer(i % 100);
  json.name("active").boolean(i % 2 == 0);
  text += '}';
}

void append_document(std::string& text, std::int64_t i) {
  nlohmann::ordered_json record;
  record["id"] = i;
  record["name"] = "Anna van den Berg";
  record["email"] = "anna.vandenberg@example.com";
  record["visits"] = i % 100;
  record["active"] = i % 2 == 0;
  text += record.dump();
}

void same(const Taken& a, const Taken& b) {
  if (a.bytes == b.bytes && a.count == b.count && a.last == b.last) return;
  std::fprintf(stderr, "bench: two ways to write gave different records\n");
  std::exit(1);
}

}  // namespace

WriterCost measure_writers() {
  constexpr double never = std::numeric_limits<double>::max();
  WriterCost cost{0, never, never, never};
  for (int round = 0; round < rounds; ++round) {
    Taken built, encoded, dumped;
    cost.builder = std::min(cost.builder, with_builder(built));
    cost.encoding = std::min(cost.encoding, with_text(encoded, append_encoded));
    cost.document = std::min(cost.document, with_text(dumped, append_document));
    same(built, encoded);
    same(built, dumped);
    cost.record_bytes = built.last.size();
  }
  return cost;
}

}  // namespace rondom::bench
