// Stopping when told, and staying within bounds.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

#include "conformance/checks.h"
#include "conformance/driver.h"
#include "conformance/measure.h"

namespace rondom::conformance {
namespace {

using Json = nlohmann::json;

constexpr std::size_t stops_tried_max = 6;
constexpr std::size_t huge_bytes = 100u << 20;
// The reply itself, twice on its way, and the same again in the plugin.
constexpr std::size_t huge_resident_bytes_max = 1'100u << 20;
constexpr int reads_to_settle = 10;
constexpr int reads = 40;
constexpr std::size_t growth_by_reading_bytes_max = 8u << 20;
constexpr std::size_t pages_min = 3;
constexpr std::size_t page_items_min = 5'000;
constexpr int list_depth_max = 3;

ReadPlan plan_of(const Subject& subject) {
  ReadPlan plan;
  plan.streams = streams_of(*subject.fixture);
  return plan;
}

Finding judge_cancelled(const ReadSeen& seen, const Opened& opened, const Baseline& base,
                        const std::string& when) {
  if (!opened.violations().empty()) return failed("the rules kept", joined(opened.violations()));
  if (seen.answer.code == RONDOM_E_CANCELLED) return passed();
  if (seen.answer.ok() && missing(base.seen.pushed, seen.pushed).empty()) return passed();
  return failed("E_CANCELLED from read() when the host asks to stop " + when, to_text(seen.answer));
}

/// Texts that stand in a record and, the same, in a reply.
std::string shared_text(const std::vector<Pushed>& pushed, const std::vector<Exchange>& exchanges) {
  for (const Pushed& record : records_of(pushed)) {
    const Json json = Json::parse(record.text, nullptr, false);
    if (!json.is_object()) continue;
    for (const auto& [name, value] : json.items()) {
      if (!value.is_string() || value.get<std::string>().size() < 4) continue;
      std::string quoted = value.dump();
      for (const Exchange& exchange : exchanges) {
        if (exchange.reply.find(quoted) != std::string::npos) return quoted;
      }
    }
  }
  return {};
}

Finding judge_huge(const ReadSeen& seen, const Opened& opened, const Baseline& base) {
  const std::string expected =
      "an error, or the other records without the one of 100 MB, within the memory for it";
  if (!opened.violations().empty()) return failed(expected, joined(opened.violations()));
  if (seen.answer.code == RONDOM_E_INTERNAL) return failed(expected, to_text(seen.answer));
  const std::size_t wanted = records_of(base.seen.pushed).size();
  const std::size_t came = records_of(seen.pushed).size();
  if (seen.answer.ok() && came + 1 < wanted) {
    return failed(expected,
                  "OK with " + std::to_string(came) + " of " + std::to_string(wanted) + " records");
  }
  if (memory_is_measured && resident_bytes_peak() > huge_resident_bytes_max) {
    return failed(expected, std::to_string(resident_bytes_peak() >> 20) + " MiB of memory");
  }
  return passed();
}

/// A line of 100 MB at the end of every file of text in the working folder.
bool lengthen_files() {
  bool any = false;
  const std::string line = std::string(huge_bytes, 'x') + "\n";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(".")) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".csv" && extension != ".jsonl" && extension != ".txt") continue;
    std::ofstream(entry.path(), std::ios::app | std::ios::binary) << line;
    any = true;
  }
  return any;
}

Finding huge_over_http(const Subject& subject, const Baseline& base) {
  std::string quoted = shared_text(base.seen.pushed, base.exchanges);
  if (quoted.empty()) return skipped("no text of a record stands in a reply as it is");
  const auto done = std::make_shared<bool>(false);
  Fault fault;
  fault.kind = Fault::Kind::change;
  fault.change = [quoted, done](std::string& body) {
    const std::size_t at = body.find(quoted);
    if (at == std::string::npos || *done) return;
    *done = true;
    body.replace(at, quoted.size(), "\"" + std::string(huge_bytes, 'x') + "\"");
  };
  FakeHost host(subject, [fault](std::size_t) { return fault; });
  Opened opened(subject, host);
  opened.open();
  const ReadSeen seen = opened.read(plan_of(subject));
  return judge_huge(seen, opened, base);
}

/// The first list of objects in it gets so many items that no batch holds them.
bool lengthen(Json& json, int depth = 0) {
  if (depth > list_depth_max || !json.is_structured()) return false;
  if (json.is_array() && !json.empty() && json.front().is_object()) {
    const Json items = json;
    while (json.size() < page_items_min) json.insert(json.end(), items.begin(), items.end());
    return true;
  }
  if (!json.is_object()) return false;
  for (auto& [name, value] : json.items()) {
    if (lengthen(value, depth + 1)) return true;
  }
  return false;
}

/// A read of pages that are long, or as they are where that cannot be read.
Baseline with_long_pages(const Subject& subject) {
  Fault fault;
  fault.kind = Fault::Kind::change;
  fault.change = [](std::string& body) {
    Json json = Json::parse(body, nullptr, false);
    if (lengthen(json)) body = json.dump();
  };
  FakeHost host(subject, [fault](std::size_t) { return fault; });
  Baseline result;
  result.seen = read_from(subject, streams_of(*subject.fixture), host);
  result.exchanges = host.exchanges();
  return result.seen.answer.ok() ? result : baseline(subject);
}

/// "Pushes nothing before the last page": it would hold a whole system in memory.
Finding pushes_as_it_reads(const Baseline& base) {
  std::map<std::string, std::set<std::string>> pages;  // path -> different requests
  std::map<std::string, std::size_t> last;
  for (const Exchange& exchange : base.exchanges) {
    pages[brief(exchange)].insert(exchange.url + "\n" + exchange.body);
    last[brief(exchange)] = exchange.request;
  }
  const std::vector<Pushed> records = records_of(base.seen.pushed);
  for (const auto& [path, requests] : pages) {
    if (requests.size() < pages_min || records.size() < page_items_min) continue;
    const std::size_t first_push = records.front().requests;  // requests made before it
    if (first_push <= last[path]) continue;
    return failed("records pushed while " + path + " is read page by page",
                  "none before the last of " + std::to_string(requests.size()) + " pages");
  }
  return passed();
}

}  // namespace

Finding check_cancel(const Subject& subject) {
  const Baseline base = baseline(subject);
  std::size_t requests = 0;
  for (const Exchange& exchange : base.exchanges) {
    requests = std::max(requests, exchange.request + 1);
  }
  for (const std::size_t request : spread(requests, stops_tried_max)) {
    FakeHost host(subject);
    host.cancel_at_request(request);
    Opened opened(subject, host);
    opened.open();
    const ReadSeen seen = opened.read(plan_of(subject));
    Finding finding =
        judge_cancelled(seen, opened, base, "during request " + std::to_string(request + 1));
    if (finding.outcome != Outcome::passed) return finding;
  }
  for (const std::size_t push : spread(base.seen.pushed.size(), stops_tried_max)) {
    FakeHost host(subject);
    Opened opened(subject, host);
    opened.open();
    ReadPlan plan = plan_of(subject);
    std::size_t seen_so_far = 0;
    plan.observe = [&](const Pushed&) {
      if (seen_so_far++ == push) host.cancel();
    };
    const ReadSeen seen = opened.read(plan);
    Finding finding = judge_cancelled(seen, opened, base, "after push " + std::to_string(push + 1));
    if (finding.outcome != Outcome::passed) return finding;
  }
  FakeHost host(subject);
  host.cancel_at_sleep();
  Opened opened(subject, host);
  opened.open();
  const ReadSeen seen = opened.read(plan_of(subject));
  if (host.sleeps() == 0) return passed();
  return judge_cancelled(seen, opened, base, "in a sleep");
}

Finding check_sink_refusal(const Subject& subject) {
  const Baseline base = baseline(subject);
  for (const std::size_t call : spread(base.seen.calls, stops_tried_max)) {
    FakeHost host(subject);
    Opened opened(subject, host);
    opened.open();
    ReadPlan plan = plan_of(subject);
    plan.stop_at_push = call;
    plan.stop_code = RONDOM_E_UNAVAILABLE;
    const ReadSeen seen = opened.read(plan);
    const std::string when = "when push " + std::to_string(call + 1) + " is answered with it";
    if (seen.calls_after_stop > 0) {
      return failed("no further push " + when, number(seen.calls_after_stop, "push"));
    }
    if (seen.answer.code != RONDOM_E_UNAVAILABLE) {
      return failed("E_UNAVAILABLE from read() " + when, to_text(seen.answer));
    }
    if (!opened.violations().empty()) return failed("the rules kept", joined(opened.violations()));
  }
  return passed();
}

Finding check_huge_record(const Subject& subject) {
  const Baseline base = baseline(subject);
  if (subject.declared.uses_http) return huge_over_http(subject, base);
  if (!lengthen_files()) return skipped("its fixture has neither a cassette nor files of text");
  FakeHost host(subject);
  Opened opened(subject, host);
  opened.open();
  const ReadSeen seen = opened.read(plan_of(subject));
  return judge_huge(seen, opened, base);
}

Finding check_memory(const Subject& subject) {
  Finding finding = pushes_as_it_reads(with_long_pages(subject));
  if (finding.outcome != Outcome::passed || !memory_is_measured) return finding;
  std::size_t settled = 0;
  for (int i = 0; i < reads; ++i) {
    FakeHost host(subject);
    Opened opened(subject, host);
    opened.open();
    opened.read(plan_of(subject));
    opened.close();
    if (i == reads_to_settle) settled = resident_bytes();
  }
  const std::size_t now = resident_bytes();
  if (now > settled + growth_by_reading_bytes_max) {
    return failed("that reading again takes no more memory",
                  std::to_string((now - settled) >> 20) + " MiB more after " +
                      std::to_string(reads - reads_to_settle) + " reads");
  }
  return passed();
}

}  // namespace rondom::conformance
