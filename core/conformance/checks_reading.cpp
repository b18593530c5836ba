// What a source reads, where it goes on, and that it is the same each time.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "conformance/checks.h"
#include "conformance/child.h"
#include "conformance/driver.h"
#include "conformance/measure.h"

namespace rondom::conformance {
namespace {

using Json = nlohmann::json;

constexpr std::size_t resumes_max = 40;
constexpr std::size_t key_text_max = 60;

const StreamFixture* fixture_stream(const Subject& subject, const std::string& name) {
  for (const StreamFixture& stream : subject.fixture->streams) {
    if (stream.stream == name) return &stream;
  }
  return nullptr;
}

/// In files of text everything is a text: the catalog says what it reads as.
bool reads_as(const Json& value, const std::string& type) {
  if (!value.is_string()) return false;
  const std::string text = value.get<std::string>();
  if (type == "integer") {
    return text.find_first_not_of("0123456789", text.starts_with('-') ? 1 : 0) == std::string::npos;
  }
  const std::set<std::string> words = {"true", "false", "yes", "no", "0", "1", "t", "f", ""};
  return type == "boolean" && words.contains(lower_ascii(text));
}

bool fits(const Json& value, const std::string& type) {
  if (value.is_null()) return true;
  if (type == "text" || type == "date" || type == "time") return value.is_string();
  if (type == "integer") return value.is_number_integer() || reads_as(value, type);
  if (type == "decimal") return value.is_number() || value.is_string();
  if (type == "boolean") return value.is_boolean() || reads_as(value, type);
  if (type == "object") return value.is_object();
  if (type == "list") return value.is_array();
  return false;
}

std::string type_of(const Json& value) {
  return value.type_name();
}

/// What is wrong with a record, or empty.
std::string record_problem(const Subject& subject, const Pushed& record) {
  const StreamFixture* stream = fixture_stream(subject, record.stream);
  if (stream == nullptr)
    return "a record of stream \"" + record.stream + "\", which was not asked for";
  if (record.unreadable) {
    return record.problem.empty() ? "an unreadable record without a problem" : "";
  }
  if (!is_utf8(record.text)) return "a record of " + record.stream + " that is no UTF-8";
  const Json json = Json::parse(record.text, nullptr, false);
  if (!json.is_object()) return "a record of " + record.stream + " that is no JSON object";
  const StreamFacts* facts = facts_of(subject, *stream);
  if (facts == nullptr) return {};
  for (const std::string& key : facts->key) {
    const auto value = json.find(key);
    if (value == json.end() || value->is_null()) {
      return "a record of " + record.stream + " without its key field " + key;
    }
  }
  for (const auto& [name, type] : facts->fields) {
    const auto value = json.find(name);
    if (value != json.end() && !fits(*value, type)) {
      return "field " + name + " of " + record.stream + " is declared as " + type +
             " and came as " + type_of(*value);
    }
  }
  return {};
}

/// The record's cursor, as text.
std::string cursor_of(const Pushed& record, const std::string& field) {
  const Json json = Json::parse(record.text, nullptr, false);
  if (!json.is_object()) return {};
  const auto value = json.find(field);
  return value == json.end() || value->is_null() ? std::string() : value->dump();
}

std::string place(const std::vector<Pushed>& pushed, std::size_t checkpoint) {
  std::size_t number = 0;
  std::size_t records = 0;
  for (std::size_t i = 0; i <= checkpoint; ++i) {
    if (pushed[i].kind == Pushed::Kind::checkpoint) ++number;
    if (pushed[i].kind == Pushed::Kind::record) ++records;
  }
  return "checkpoint " + std::to_string(number) + " (after " + std::to_string(records) +
         " records)";
}

std::vector<Pushed> after(const std::vector<Pushed>& pushed, std::size_t index) {
  return {pushed.begin() + static_cast<std::ptrdiff_t>(index) + 1, pushed.end()};
}

/// Reads on from a checkpoint; ends the check when that fails.
ReadSeen resume(const Subject& subject, const std::vector<Pushed>& pushed, std::size_t checkpoint) {
  FakeHost host(subject);
  ReadSeen seen = read_from(subject, resumed(subject, pushed, checkpoint + 1), host);
  if (!seen.answer.ok()) {
    const std::vector<std::string> unanswered = host.unanswered();
    conclude(failed(
        "that reading goes on from " + place(pushed, checkpoint),
        to_text(seen.answer) +
            (unanswered.empty() ? ""
                                : " (the cassette has no answer to " + unanswered.front() + ")")));
  }
  return seen;
}

}  // namespace

Finding check_catalog(const Subject& subject) {
  if (subject.table.discover == nullptr) return skipped("it has no discover()");
  for (const StreamFixture& wanted : subject.fixture->streams) {
    FakeHost host(subject);
    Opened opened(subject, host);
    std::string text;
    Answer answer = opened.open();
    if (answer.ok()) answer = opened.discover(wanted.options_json, text);
    if (!answer.ok()) return failed("a catalog", to_text(answer));
    const Json catalog = Json::parse(text, nullptr, false);
    if (!catalog.is_object() || !catalog.contains("streams") || !catalog["streams"].is_array()) {
      return failed("a JSON object with a list of streams", text.substr(0, key_text_max));
    }
    std::set<std::string> names;
    for (const Json& stream : catalog["streams"]) {
      const std::string name = stream.is_object() ? stream.value("name", "") : "";
      if (name.empty()) return failed("a name for every stream", "a stream without one");
      if (!names.insert(name).second) return failed("one stream of each name", "two of " + name);
      std::set<std::string> fields;
      for (const Json& field : stream.value("fields", Json::array())) {
        const std::string field_name = field.is_object() ? field.value("name", "") : "";
        const std::string type = field.is_object() ? field.value("type", "") : "";
        const std::set<std::string> types = {"text", "integer", "decimal", "boolean",
                                             "date", "time",    "object",  "list"};
        if (field_name.empty() || !types.contains(type)) {
          return failed("a name and a known type for every field of " + name,
                        "\"" + field_name + "\" of type \"" + type + "\"");
        }
        fields.insert(field_name);
      }
      for (const Json& key : stream.value("key", Json::array())) {
        if (!fields.empty() && (!key.is_string() || !fields.contains(key.get<std::string>()))) {
          return failed("that the key of " + name + " is among its fields", key.dump());
        }
      }
      const std::string cursor = stream.value("cursor", "");
      if (!cursor.empty() && !fields.empty() && !fields.contains(cursor)) {
        return failed("that the cursor of " + name + " is among its fields", cursor);
      }
    }
    if (!names.contains(wanted.stream)) {
      return failed("stream " + wanted.stream + " in the catalog", "it is not there");
    }
    if (!opened.violations().empty()) return failed("a catalog", joined(opened.violations()));
  }
  return passed();
}

Finding check_records_fit(const Subject& subject) {
  const Baseline base = baseline(subject);
  for (const Pushed& pushed : base.seen.pushed) {
    if (pushed.kind != Pushed::Kind::record) continue;
    const std::string problem = record_problem(subject, pushed);
    if (!problem.empty()) {
      return failed(
          "JSON objects of the streams that were asked for, as the catalog describes them",
          problem);
    }
  }
  return passed();
}

Finding check_last_checkpoint(const Subject& subject) {
  const Baseline base = baseline(subject);
  std::map<std::string, bool> covered;
  for (const Pushed& pushed : base.seen.pushed) {
    if (pushed.kind == Pushed::Kind::record) covered[pushed.stream] = false;
    if (pushed.kind != Pushed::Kind::checkpoint) continue;
    if (Json::parse(pushed.text, nullptr, false).is_discarded()) {
      return failed("that a checkpoint is JSON", pushed.text.substr(0, key_text_max));
    }
    for (auto& [stream, done] : covered) {
      if (pushed.stream.empty() || pushed.stream == stream) done = true;
    }
  }
  if (covered.empty()) return failed("that the fixture has records to read", "none came");
  for (const auto& [stream, done] : covered) {
    if (!done) {
      return failed("a checkpoint after the last record of " + stream,
                    "records that no checkpoint covers");
    }
  }
  return passed();
}

Finding check_resume(const Subject& subject) {
  const Baseline base = baseline(subject);
  const std::vector<Pushed>& pushed = base.seen.pushed;
  const std::vector<std::size_t> checkpoints = checkpoints_of(pushed, resumes_max);
  if (checkpoints.empty()) return failed("a checkpoint", "none");
  for (const std::size_t checkpoint : checkpoints) {
    const ReadSeen seen = resume(subject, pushed, checkpoint);
    const std::vector<Pushed> rest = after(pushed, checkpoint);
    const auto lost = missing(rest, seen.pushed);
    if (!lost.empty()) {
      return failed(
          "every record after " + place(pushed, checkpoint) + " when reading goes on there",
          number(lost.size(), "record") + " of " + lost.front()->stream + " did not come");
    }
  }
  return passed();
}

Finding check_cursor_ties(const Subject& subject) {
  const Baseline base = baseline(subject);
  const std::vector<Pushed>& pushed = base.seen.pushed;
  std::size_t asked = 0;
  for (const std::size_t checkpoint : checkpoints_of(pushed, resumes_max)) {
    for (const StreamFixture& stream : subject.fixture->streams) {
      const StreamFacts* facts = facts_of(subject, stream);
      if (facts == nullptr || facts->cursor.empty()) continue;
      std::string last;
      for (std::size_t i = 0; i < checkpoint; ++i) {
        if (pushed[i].kind != Pushed::Kind::record || pushed[i].stream != stream.stream) continue;
        last = cursor_of(pushed[i], facts->cursor);
      }
      std::vector<Pushed> ties = records_of(after(pushed, checkpoint));
      std::erase_if(ties, [&](const Pushed& record) {
        return record.stream != stream.stream || cursor_of(record, facts->cursor) != last;
      });
      if (last.empty() || ties.empty()) continue;
      ++asked;
      const auto lost = missing(ties, resume(subject, pushed, checkpoint).pushed);
      if (!lost.empty()) {
        return failed("records of " + stream.stream + " whose " + facts->cursor +
                          " is that of the last one before " + place(pushed, checkpoint),
                      number(lost.size(), "record") + " did not come");
      }
    }
  }
  if (asked == 0) return skipped("the fixture has no equal cursors on both sides of a checkpoint");
  return passed();
}

Finding check_same_output(const Subject& subject) {
  const Baseline first = baseline(subject);
  const Baseline second = baseline(subject);
  const std::vector<Pushed>& a = first.seen.pushed;
  const std::vector<Pushed>& b = second.seen.pushed;
  const std::string expected = "the same records and checkpoints in the same order, byte for byte";
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (a[i].kind != b[i].kind || a[i].stream != b[i].stream || a[i].op != b[i].op) {
      return failed(expected, "another thing at place " + std::to_string(i + 1));
    }
    // The name of a refresh is the plugin's own and may be new each time.
    if (a[i].text != b[i].text && a[i].kind == Pushed::Kind::record) {
      return failed(expected,
                    "record " + std::to_string(i + 1) + " of " + a[i].stream + " differs");
    }
  }
  if (a.size() != b.size()) {
    return failed(expected, std::to_string(a.size()) + " and then " + std::to_string(b.size()));
  }
  return passed();
}

Finding check_refresh(const Subject& subject) {
  const Baseline base = baseline(subject);
  const std::vector<Pushed>& pushed = base.seen.pushed;
  std::map<std::string, std::string> open;
  bool any = false;
  for (const Pushed& one : pushed) {
    if (one.kind == Pushed::Kind::refresh_begin) {
      any = true;
      if (one.text.empty()) return failed("a name for the refresh of " + one.stream, "none");
      open[one.stream] = one.text;
    } else if (one.kind == Pushed::Kind::refresh_complete) {
      if (open.erase(one.stream) == 0) {
        return failed("refresh_begin before refresh_complete of " + one.stream, "none");
      }
    }
  }
  if (!any) return skipped("it reads without a full refresh");
  if (!open.empty()) {
    return failed("that the refresh of " + open.begin()->first + " is completed", "it is not");
  }
  for (const std::size_t checkpoint : checkpoints_of(pushed, resumes_max)) {
    const std::vector<plugin::ReadStream> streams = resumed(subject, pushed, checkpoint + 1);
    FakeHost host(subject);
    const ReadSeen seen = read_from(subject, streams, host);
    if (!seen.answer.ok()) continue;  // "resume" says so
    for (const Pushed& one : seen.pushed) {
      if (one.kind != Pushed::Kind::refresh_begin) continue;
      for (const plugin::ReadStream& stream : streams) {
        if (stream.name != one.stream || stream.generation.empty()) continue;
        if (one.text != stream.generation) {
          return failed("that a refresh that goes on keeps its name " + stream.generation,
                        one.text);
        }
      }
    }
  }
  return passed();
}

Finding check_records_max(const Subject& subject) {
  FakeHost host(subject);
  Opened opened(subject, host);
  const Answer open = opened.open();
  if (!open.ok()) return failed("that the fixture's configuration opens", to_text(open));
  ReadPlan plan;
  plan.streams = streams_of(*subject.fixture);
  plan.records_max = 1;
  const ReadSeen seen = opened.read(plan);
  if (!seen.answer.ok()) return failed("a preview of one record a stream", to_text(seen.answer));
  std::map<std::string, std::size_t> counts;
  for (const Pushed& record : records_of(seen.pushed)) ++counts[record.stream];
  for (const auto& [stream, count] : counts) {
    if (count > 1) {
      return failed("at most one record of " + stream + " when records_max is 1",
                    std::to_string(count));
    }
  }
  for (const Pushed& one : seen.pushed) {
    if (one.kind == Pushed::Kind::refresh_complete && !counts.empty()) {
      const Baseline base = baseline(subject);
      std::size_t all = 0;
      for (const Pushed& record : records_of(base.seen.pushed)) all += record.stream == one.stream;
      if (all > 1) {
        return failed("no refresh_complete of " + one.stream + " after a part of it", "one");
      }
    }
  }
  return passed();
}

}  // namespace rondom::conformance
