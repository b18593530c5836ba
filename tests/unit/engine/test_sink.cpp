// extract::Sink: where batches are cut, in which order marks and checkpoints come, and
// back-pressure.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/extract/extract.h"

namespace rondom::extract {
namespace {

constexpr std::size_t unlimited = 1u << 20;

Limits roomy(std::size_t records, std::size_t bytes = unlimited) {
  return {records, bytes, unlimited, unlimited};
}

Status push(Sink& sink, std::string_view stream, const std::vector<std::string>& json) {
  std::vector<plugin::SourceRecord> records;
  for (const std::string& one : json) {
    plugin::SourceRecord record;
    record.json = one;
    records.push_back(record);
  }
  return sink.records({stream, "a.jsonl", records});
}

bool pushed(Sink& sink, std::string_view stream, const std::vector<std::string>& json) {
  return push(sink, stream, json).ok();
}

/// "0 Contact [a b] b=2", "1 Contact begin:g" of every batch that is left.
std::vector<std::string> drain(Sink& sink) {
  std::vector<std::string> lines;
  while (auto batch = sink.take()) {
    std::string line = std::to_string(batch->number) + " " + batch->stream;
    if (batch->mark == Mark::refresh_begin) line += " begin:" + batch->token;
    if (batch->mark == Mark::refresh_complete) line += " complete";
    if (!batch->records.empty()) {
      line += " [";
      for (std::size_t i = 0; i < batch->records.size(); ++i) {
        line += (i > 0 ? " " : "") + std::string(batch->text(batch->records[i]));
      }
      line += "]";
    }
    for (const store::Checkpoint& checkpoint : batch->checkpoints) {
      line += " " + checkpoint.scope + "=" + checkpoint.state;
    }
    lines.push_back(line);
  }
  return lines;
}

void check(const std::vector<std::string>& lines, const std::vector<std::string>& expected) {
  BOOST_TEST(lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE(sink)

BOOST_AUTO_TEST_CASE(batches_are_cut_by_records) {
  Sink sink(roomy(2));
  BOOST_TEST(pushed(sink, "Contact", {"a", "b", "c"}));
  BOOST_TEST(pushed(sink, "Contact", {"d", "e"}));
  sink.finish();
  check(drain(sink), {"0 Contact [a b]", "1 Contact [c d]", "2 Contact [e]"});
}

BOOST_AUTO_TEST_CASE(batches_are_cut_by_bytes) {
  Sink sink(roomy(100, 6));
  BOOST_TEST(pushed(sink, "Contact", {"aaa", "bbb", "c", "dddddddddd", "e"}));
  sink.finish();
  // A record larger than the limit still goes, in a batch of its own.
  check(drain(sink),
        {"0 Contact [aaa bbb]", "1 Contact [c]", "2 Contact [dddddddddd]", "3 Contact [e]"});
}

BOOST_AUTO_TEST_CASE(a_batch_holds_one_stream) {
  Sink sink(roomy(100));
  BOOST_TEST(pushed(sink, "Contact", {"a"}));
  BOOST_TEST(pushed(sink, "Account", {"b"}));
  BOOST_TEST(pushed(sink, "Contact", {"c"}));
  sink.finish();
  check(drain(sink), {"0 Contact [a]", "1 Account [b]", "2 Contact [c]"});
}

BOOST_AUTO_TEST_CASE(marks_stand_between_the_records_around_them) {
  Sink sink(roomy(100));
  BOOST_TEST(pushed(sink, "Contact", {"a"}));
  BOOST_TEST(sink.refresh_begin("Contact", "g1").ok());
  BOOST_TEST(pushed(sink, "Contact", {"b"}));
  BOOST_TEST(sink.refresh_complete("Contact").ok());
  BOOST_TEST(pushed(sink, "Contact", {"c"}));
  sink.finish();
  check(drain(sink), {"0 Contact [a]", "1 Contact begin:g1", "2 Contact [b]", "3 Contact complete",
                      "4 Contact [c]"});
}

BOOST_AUTO_TEST_CASE(a_checkpoint_stays_behind_the_records_it_covers) {
  Sink sink(roomy(2));
  BOOST_TEST(pushed(sink, "Contact", {"a", "b", "c"}));
  BOOST_TEST(sink.checkpoint("Contact", "3").ok());
  BOOST_TEST(pushed(sink, "Contact", {"d"}));
  BOOST_TEST(sink.checkpoint("Contact", "4").ok());  // replaces 3: same batch, same scope
  BOOST_TEST(sink.checkpoint("", "all").ok());
  BOOST_TEST(pushed(sink, "Contact", {"e"}));
  BOOST_TEST(sink.refresh_complete("Contact").ok());
  BOOST_TEST(sink.checkpoint("Contact", "5").ok());  // alone: goes with a batch without records
  sink.finish();
  check(drain(sink), {"0 Contact [a b]", "1 Contact [c d] Contact=4 =all", "2 Contact [e]",
                      "3 Contact complete", "4 Contact Contact=5"});
}

BOOST_AUTO_TEST_CASE(a_checkpoint_of_another_stream_goes_with_the_current_batch) {
  Sink sink(roomy(100));
  BOOST_TEST(pushed(sink, "Contact", {"a"}));
  BOOST_TEST(sink.checkpoint("Account", "9").ok());
  sink.finish();
  check(drain(sink), {"0 Contact [a] Account=9"});
}

BOOST_AUTO_TEST_CASE(facts_of_a_record_are_kept) {
  Sink sink(roomy(100));
  std::vector<plugin::SourceRecord> records(3);
  records[0].json = "a";
  records[0].position = 11;
  records[0].changed_at = 22;
  records[1].json = "b";
  records[1].operation = plugin::Operation::remove;
  records[2].json = "c\"";
  records[2].problem = "line 3 is no JSON";
  BOOST_TEST(sink.records({"Contact", "a.jsonl", records}).ok());
  BOOST_TEST(sink.records({"Contact", "b.jsonl", std::span(records).first(1)}).ok());
  sink.finish();
  const auto batch = sink.take();
  BOOST_REQUIRE(batch.has_value());
  BOOST_REQUIRE(batch->records.size() == 4);
  BOOST_TEST(batch->records[0].position == 11);
  BOOST_TEST(batch->records[0].changed_at == 22);
  BOOST_TEST((batch->records[0].operation == plugin::Operation::upsert));
  BOOST_TEST((batch->records[1].operation == plugin::Operation::remove));
  BOOST_TEST(!batch->records[1].unreadable);
  BOOST_TEST(batch->records[2].unreadable);
  BOOST_TEST(batch->problems[batch->records[2].problem] == "line 3 is no JSON");
  BOOST_TEST(batch->text(batch->records[2]) == "c\"");
  BOOST_TEST(batch->origins[batch->records[2].origin] == "a.jsonl");
  BOOST_TEST(batch->origins[batch->records[3].origin] == "b.jsonl");
}

BOOST_AUTO_TEST_CASE(a_record_above_the_limit_is_a_defect_of_the_connector) {
  Sink sink(roomy(100));
  const Status status = push(sink, "Contact", {std::string(limits::record_bytes_max + 1, ' ')});
  BOOST_REQUIRE(!status.ok());
  BOOST_TEST((status.error().code == ErrorCode::internal));
}

BOOST_AUTO_TEST_CASE(finish_without_records_ends_the_read) {
  Sink sink(roomy(100));
  sink.finish();
  BOOST_TEST(!sink.take().has_value());
  BOOST_TEST(!sink.take().has_value());
}

/// Pushes single records until the sink refuses; how many it took when stop() came after
/// `expected`.
std::size_t taken_until_stopped(Sink& sink, std::size_t expected, const std::string& json) {
  constexpr std::size_t records_max = 100'000;
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t taken = 0;
  Status refused;
  std::thread source([&] {
    for (std::size_t i = 0; i < records_max; ++i) {
      const Status status = push(sink, "Contact", {json});
      const std::lock_guard lock(mutex);
      if (!status.ok()) {
        refused = status;
        return;
      }
      ++taken;
      changed.notify_all();
    }
  });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return taken >= expected; });
  }
  sink.stop();
  source.join();
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST((refused.error().code == ErrorCode::cancelled));
  return taken;
}

BOOST_AUTO_TEST_CASE(a_source_that_is_ahead_waits_and_stop_releases_it) {
  // Two batches of one record are in the window and a third one is being filled.
  Sink sink({1, unlimited, unlimited, 2});
  BOOST_TEST(taken_until_stopped(sink, 3, "a") == 3);
  BOOST_TEST(!sink.take().has_value());  // what waited is not wanted any more
  BOOST_TEST(!push(sink, "Contact", {"b", "c"}).ok());
}

BOOST_AUTO_TEST_CASE(a_source_waits_for_bytes_too) {
  // The batch that is being filled counts: a fourth record would be twelve bytes.
  Sink sink({1, unlimited, 10, unlimited});
  BOOST_TEST(taken_until_stopped(sink, 3, "aaa") == 3);
}

BOOST_AUTO_TEST_CASE(one_batch_always_fits) {
  Sink sink({1, unlimited, 1, unlimited});
  BOOST_TEST(taken_until_stopped(sink, 2, "larger than the window") == 2);
}

BOOST_AUTO_TEST_CASE(storing_makes_room_and_taking_does_not) {
  constexpr std::size_t records = 200;
  Sink sink({1, unlimited, unlimited, 2});
  std::atomic<std::size_t> handed_over{0};
  std::thread source([&] {
    for (std::size_t i = 0; i < records; ++i) {
      if (!push(sink, "Contact", {std::to_string(i)}).ok()) return;
      handed_over = i + 1;
    }
    sink.finish();
  });
  std::size_t stored = 0;
  bool in_order = true;
  bool never_ahead = true;
  while (auto batch = sink.take()) {
    in_order = in_order && batch->number == stored &&
               batch->text(batch->records[0]) == std::to_string(stored);
    // Two are in the window and one is being filled.
    never_ahead = never_ahead && handed_over <= stored + 3;
    sink.stored(batch->bytes.size());
    ++stored;
  }
  source.join();
  BOOST_TEST(stored == records);
  BOOST_TEST(in_order);
  BOOST_TEST(never_ahead);
}

BOOST_AUTO_TEST_CASE(several_takers_share_the_batches) {
  constexpr std::size_t records = 300;
  Sink sink({1, unlimited, unlimited, 2});
  std::vector<std::vector<std::uint64_t>> numbers(3);
  std::vector<std::thread> takers;
  for (auto& mine : numbers) {
    takers.emplace_back([&sink, &mine] {
      while (auto batch = sink.take()) {
        mine.push_back(batch->number);
        sink.stored(batch->bytes.size());
      }
    });
  }
  for (std::size_t i = 0; i < records; ++i) BOOST_REQUIRE(pushed(sink, "Contact", {"a"}));
  sink.finish();
  for (std::thread& taker : takers) taker.join();
  std::vector<bool> seen(records, false);
  std::size_t count = 0;
  for (const auto& mine : numbers) {
    for (const std::uint64_t number : mine) {
      BOOST_REQUIRE(number < records);
      BOOST_TEST(!seen[number]);
      seen[number] = true;
      ++count;
    }
  }
  BOOST_TEST(count == records);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::extract
