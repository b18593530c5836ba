// The rules of the interface itself: exceptions, other versions, threads, output, secrets.
#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "conformance/checks.h"
#include "conformance/child.h"
#include "conformance/driver.h"
#include "conformance/measure.h"

namespace rondom::conformance {
namespace {

using Json = nlohmann::json;

constexpr std::size_t secret_bytes_min = 4;
constexpr std::size_t nested = 20'000;
constexpr std::size_t long_text_bytes = 1u << 20;

bool is_source(const Subject& subject) {
  return subject.info.kind == plugin::Kind::source;
}

/// Texts that are no JSON objects, or none that anybody meant.
const std::vector<std::string>& strange_texts() {
  static const std::vector<std::string> texts = {"",
                                                 "null",
                                                 "[]",
                                                 "{",
                                                 "7",
                                                 "\"\"",
                                                 "\xff",
                                                 R"({"x":)",
                                                 R"({"conformance_strange":[{}]})",
                                                 std::string(nested, '['),
                                                 "\"" + std::string(long_text_bytes, 'x') + "\"",
                                                 std::string("{\"a\0b\":1}", 9)};
  return texts;
}

/// After a call that may have gone wrong in any proper way.
Finding judge(const Opened& opened, const Answer& answer, const std::string& when) {
  if (!opened.violations().empty()) {
    return failed("a code from every slot, whatever it is given: " + when,
                  joined(opened.violations()));
  }
  if (answer.code == RONDOM_E_INTERNAL) {
    return failed("a code that says what is wrong with what was given: " + when, to_text(answer));
  }
  return passed();
}

std::string shown(const std::string& text) {
  return text.size() <= 40 ? Json(text).dump(-1, ' ', true, Json::error_handler_t::replace)
                           : std::to_string(text.size()) + " bytes";
}

Finding strange_reads(const Subject& subject) {
  const std::vector<plugin::ReadStream> good = streams_of(*subject.fixture);
  for (const std::string& text : strange_texts()) {
    for (int what = 0; what < 4; ++what) {
      if (text.empty() && what > 0) continue;  // an empty state or generation means none
      FakeHost host(subject);
      Opened opened(subject, host);
      opened.open();
      ReadPlan plan;
      plan.streams = good;
      const std::array<const char*, 4> names = {"options", "state", "generation", "stream name"};
      for (plugin::ReadStream& stream : plan.streams) {
        if (what == 0) stream.options_json = text;
        if (what == 1) stream.state_json = text;
        if (what == 2) stream.generation = text;
        if (what == 3) stream.name = text;
      }
      const ReadSeen seen = opened.read(plan);
      Finding finding =
          judge(opened, seen.answer,
                "read() with " + std::string(names.at(static_cast<std::size_t>(what))) + " " +
                    shown(text));
      if (finding.outcome != Outcome::passed) return finding;
    }
  }
  FakeHost host(subject);
  Opened opened(subject, host);
  opened.open();
  return judge(opened, opened.read({}).answer, "read() without streams");
}

Finding strange_writes(const Subject& subject) {
  for (const std::string& text : strange_texts()) {
    for (int what = 0; what < 3; ++what) {
      FakeHost host(subject);
      Opened opened(subject, host);
      opened.open();
      std::vector<Operation> operations = operations_of(*subject.fixture);
      for (Operation& operation : operations) {
        if (what == 0) operation.record.fields_json = text;
        if (what == 1) operation.record.action = text;
        if (what == 2) operation.record.remote_id = text;
      }
      const std::array<const char*, 3> names = {"fields", "action", "remote id"};
      const std::string when = "write() with " +
                               std::string(names.at(static_cast<std::size_t>(what))) + " " +
                               shown(text);
      Finding finding = judge(opened, opened.write(operations).answer, when);
      if (finding.outcome == Outcome::passed && subject.table.look_up != nullptr) {
        finding = judge(opened, opened.look_up(operations).answer, "look_up() after " + when);
      }
      if (finding.outcome == Outcome::passed) {
        finding = judge(opened, opened.flush(text), "flush() with session " + shown(text));
      }
      if (finding.outcome != Outcome::passed) return finding;
    }
  }
  return passed();
}

Finding strange_opens(const Subject& subject) {
  for (const std::string& text : strange_texts()) {
    FakeHost host(subject);
    Opened opened(subject, host);
    const Answer answer = opened.open(text);
    Finding finding = judge(opened, answer, "open() with configuration " + shown(text));
    if (finding.outcome != Outcome::passed) return finding;
    const bool object = Json::parse(text, nullptr, false).is_object();
    if (answer.ok() && !object) {
      return failed("that open() refuses a configuration that is no JSON object", shown(text));
    }
  }
  return passed();
}

/// What a connector gives, to compare.
struct Given {
  std::vector<Pushed> pushed;
  std::vector<std::uint32_t> outcomes;
  Answer answer;
  std::vector<std::string> violations;
};

Given use(const Subject& subject, Opened& opened) {
  Given given;
  given.answer = opened.open();
  if (!given.answer.ok()) return given;
  opened.check();
  if (is_source(subject)) {
    ReadPlan plan;
    plan.streams = streams_of(*subject.fixture);
    ReadSeen seen = opened.read(plan);
    given.pushed = std::move(seen.pushed);
    given.answer = seen.answer;
  } else {
    const Written written = opened.write(operations_of(*subject.fixture));
    given.outcomes = written.outcomes;
    given.answer = written.answer;
    if (given.answer.ok()) given.answer = opened.flush();
  }
  given.violations = opened.violations();
  return given;
}

Given use(const Subject& subject, HostShape shape) {
  FakeHost host(subject);
  Opened opened(subject, host, shape);
  Given given = use(subject, opened);
  opened.close();
  return given;
}

std::string difference(const Given& a, const Given& b) {
  if (!b.violations.empty()) return joined(b.violations);
  if (a.answer.code != b.answer.code) return to_text(b.answer);
  if (a.outcomes != b.outcomes) return "other results";
  const auto lost = missing(a.pushed, b.pushed);
  if (!lost.empty()) return number(lost.size(), "record") + " did not come";
  if (records_of(a.pushed).size() != records_of(b.pushed).size()) return "more records";
  return {};
}

/// Values of the configuration that must not be seen anywhere, of those that the plugin gets.
std::vector<std::string> secrets_in(const Subject& subject) {
  const Json schema = Json::parse(subject.info.spec_json, nullptr, false);
  const Json config = Json::parse(subject.declared.plugin_config_json, nullptr, false);
  std::vector<std::string> secrets = subject.declared.options.credentials.secrets();
  if (!schema.is_object() || !config.is_object()) return secrets;
  const Json fields = schema.value("properties", Json::object());
  for (const auto& [name, field] : fields.items()) {
    if (!field.contains("x-secret") || !config.contains(name)) continue;
    if (config[name].is_string()) secrets.push_back(config[name].get<std::string>());
  }
  std::erase_if(secrets,
                [](const std::string& secret) { return secret.size() < secret_bytes_min; });
  return secrets;
}

constexpr const char* person = "jan.jansen@people.example";

/// Everything a plugin said during one use of it, but for the records.
struct Said {
  std::vector<std::string> errors;
  std::vector<std::string> log;
  std::vector<std::string> states;
};

Said listen(const Subject& subject, const Script& script) {
  FakeHost host(subject, script);
  Opened opened(subject, host);
  Said said;
  const auto note = [&said](const Answer& answer) {
    said.errors.push_back(answer.message);
    said.errors.push_back(answer.detail);
  };
  note(opened.open());
  if (!opened.is_open()) return said;
  note(opened.check());
  if (is_source(subject)) {
    std::string catalog;
    note(opened.discover("{}", catalog));
    ReadPlan plan;
    plan.streams = streams_of(*subject.fixture);
    const ReadSeen seen = opened.read(plan);
    note(seen.answer);
    for (const Pushed& one : seen.pushed) {
      if (one.kind == Pushed::Kind::checkpoint) said.states.push_back(one.text);
    }
  } else {
    const Written written = opened.write(operations_of(*subject.fixture));
    note(written.answer);
    for (const std::string& message : written.messages) said.errors.push_back(message);
    note(opened.flush());
  }
  said.log = host.lines();
  for (const auto& [key, value] : host.state()) said.states.push_back(value);
  return said;
}

bool anywhere(const std::vector<std::string>& texts, const std::string& wanted) {
  return std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
    return text.find(wanted) != std::string::npos;
  });
}

Finding judge_said(const Said& said, const std::vector<std::string>& secrets,
                   const std::string& when) {
  for (const std::string& secret : secrets) {
    const char* where = anywhere(said.errors, secret)   ? "a message"
                        : anywhere(said.log, secret)    ? "the log"
                        : anywhere(said.states, secret) ? "the state"
                                                        : nullptr;
    if (where != nullptr) {
      return failed("no secret of the configuration in log, messages and state, " + when,
                    std::string("one in ") + where);
    }
  }
  if (anywhere(said.errors, person) || anywhere(said.log, person)) {
    return failed("no e-mail address out of a reply in log and messages, " + when, "one");
  }
  return passed();
}

Fault echo(std::uint32_t status) {
  Fault fault;
  fault.kind = Fault::Kind::reply;
  fault.status = status;
  fault.headers = {{"Content-Type", "application/json"}};
  fault.body = std::string(R"({"message":")") + person + R"( is not welcome","error":")" + person +
               R"( is not welcome","errors":[{"message":")" + person + R"( is wrong"}]})";
  return fault;
}

}  // namespace

Finding check_exceptions(const Subject& subject) {
  Finding finding = strange_opens(subject);
  if (finding.outcome != Outcome::passed || subject.fixture == nullptr) return finding;
  for (const std::string& text : strange_texts()) {
    FakeHost host(subject);
    Opened opened(subject, host);
    opened.open();
    std::string catalog;
    if (subject.table.discover != nullptr) {
      finding =
          judge(opened, opened.discover(text, catalog), "discover() with options " + shown(text));
      if (finding.outcome != Outcome::passed) return finding;
    }
    finding = judge(opened, opened.check(), "check()");
    if (finding.outcome != Outcome::passed) return finding;
  }
  if (is_source(subject)) {
    return subject.fixture->streams.empty() ? passed() : strange_reads(subject);
  }
  return subject.fixture->records.empty() ? passed() : strange_writes(subject);
}

Finding check_other_hosts(const Subject& subject) {
  if (subject.plugin->min_host_minor > subject.plugin->abi_minor) {
    return failed("min_host_minor of at most abi_minor",
                  std::to_string(subject.plugin->min_host_minor) + " of " +
                      std::to_string(subject.plugin->abi_minor));
  }
  const Given today = use(subject, HostShape::today);
  std::string problem = difference(today, use(subject, HostShape::later));
  if (!problem.empty()) {
    return failed("the same from a host of a later version, with longer structs and strides",
                  problem);
  }
  problem = difference(today, use(subject, HostShape::bare));
  if (!problem.empty()) {
    return failed("the same from a host without log, metrics, state, secrets and extensions",
                  problem);
  }
  const Given tiny = use(subject, HostShape::tiny);
  if (!tiny.violations.empty()) {
    return failed("a code from every slot under a host whose struct ends after log",
                  joined(tiny.violations));
  }
  return passed();
}

Finding check_threads(const Subject& subject) {
  const Given today = use(subject, HostShape::today);
  const std::size_t threads = running_threads();
  FakeHost host(subject);
  Opened opened(subject, host);
  Given moved;
  Answer answer;
  std::thread([&] { answer = opened.open(); }).join();
  if (!answer.ok()) return failed("that open() works on any thread", to_text(answer));
  std::thread([&] {
    if (is_source(subject)) {
      ReadPlan plan;
      plan.streams = streams_of(*subject.fixture);
      ReadSeen seen = opened.read(plan);
      moved.pushed = std::move(seen.pushed);
      moved.answer = seen.answer;
    } else {
      const Written written = opened.write(operations_of(*subject.fixture));
      moved.outcomes = written.outcomes;
      moved.answer = written.answer;
    }
  }).join();
  if (moved.answer.ok() && !is_source(subject)) {
    std::thread([&] { moved.answer = opened.flush(); }).join();
  }
  std::thread([&] { opened.close(); }).join();
  moved.violations = opened.violations();
  std::string problem = difference(today, moved);
  if (!problem.empty()) {
    return failed("the same when each call comes from another thread", problem);
  }
  if (const std::size_t left = threads_left(threads); left > 0) {
    return failed("that close() joins every thread of the instance",
                  number(left, "thread") + " more than before");
  }
  if (host.late_calls() > 0) {
    return failed("no call of the host after close()", number(host.late_calls(), "call"));
  }
  if (!is_source(subject)) return passed();  // two writers of one folder are no fair question
  std::array<Given, 2> both;
  std::thread other([&] { both[1] = use(subject, HostShape::today); });
  both[0] = use(subject, HostShape::today);
  other.join();
  for (const Given& given : both) {
    problem = difference(today, given);
    if (!problem.empty()) return failed("the same from two instances at a time", problem);
  }
  return passed();
}

Finding check_standard_output(const Subject& subject) {
  use(subject, HostShape::today);
  const std::string text = standard_output();
  if (text.empty()) return passed();
  return failed("nothing on standard output",
                std::to_string(text.size()) + " bytes: " + shown(text));
}

Finding check_secrets(const Subject& subject) {
  const std::vector<std::string> secrets = secrets_in(subject);
  Finding finding = judge_said(listen(subject, {}), secrets, "when all goes well");
  if (finding.outcome != Outcome::passed || !subject.declared.uses_http) return finding;
  for (const std::uint32_t status : {400u, 401u, 403u, 404u, 422u, 500u}) {
    Fault fault = echo(status);
    finding = judge_said(listen(subject, [&fault](std::size_t) { return fault; }), secrets,
                         "after status " + std::to_string(status));
    if (finding.outcome != Outcome::passed) return finding;
  }
  return passed();
}

}  // namespace rondom::conformance
