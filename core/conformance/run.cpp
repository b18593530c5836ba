// One connector after the other, used as Rondom would, and everything it does told as it happens.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "conformance/driver.h"
#include "conformance/load.h"
#include "conformance/mask.h"
#include "conformance/measure.h"

namespace rondom::conformance {
namespace {

namespace fs = std::filesystem;
using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t resumes_recorded_max = 40;

class Teller {
 public:
  Teller(const Subject& subject, const std::function<void(const Event&)>& tell)
      : subject_(subject), tell_(tell) {}

  void say(const char* what, const std::string& stream, const std::string& text,
           const OrderedJson& members) {
    std::string json = members.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
    tell_({subject_.info.id, what, stream, text, json.substr(1, json.size() - 2)});
  }
  void watch(FakeHost& host) {
    host.on_exchange = [this](const Exchange& exchange) { tell_exchange(exchange); };
    host.on_log = [this](std::string_view level, std::string_view message) {
      const std::string text = masked_text(subject_, message);
      say("log", "", std::string(level) + ": " + text, {{"level", level}, {"message", text}});
    };
  }
  Status slot(const char* name, const Answer& answer) {
    const std::string text = masked_text(subject_, answer.message);
    say("call", "",
        std::string(name) + " " + code_name(answer.code) + (text.empty() ? "" : ": " + text),
        {{"slot", name}, {"code", code_name(answer.code)}, {"message", text}});
    if (answer.ok() || !first_.ok()) return {};
    first_ =
        Status(ErrorCode::failure, "Connector " + subject_.info.id + ": " + name + " " +
                                       code_name(answer.code) + (text.empty() ? "" : ": ") + text);
    return first_;
  }
  void pushed(const Pushed& one) {
    switch (one.kind) {
      case Pushed::Kind::record: {
        const std::string shown = masked_record(one.text);
        say("record", one.stream,
            std::string(one.op == RONDOM_OP_DELETE ? "delete " : "") +
                (one.unreadable ? "unreadable: " + one.problem : shown),
            {{"operation", one.op == RONDOM_OP_DELETE ? "delete" : "upsert"},
             {"record", shown},
             {"problem", one.problem}});
        break;
      }
      case Pushed::Kind::checkpoint:
        say("checkpoint", one.stream, masked_text(subject_, one.text),
            {{"state", masked_text(subject_, one.text)}});
        break;
      case Pushed::Kind::refresh_begin:
        say("refresh_begin", one.stream, one.text, {{"generation", one.text}});
        break;
      case Pushed::Kind::refresh_complete:
        say("refresh_complete", one.stream, "", OrderedJson::object());
    }
  }
  void violations(const Opened& opened) {
    for (const std::string& text : opened.violations()) {
      say("violation", "", text, {{"message", text}});
      if (first_.ok()) first_ = Status(ErrorCode::internal, text);
    }
  }
  const Status& first() const { return first_; }

 private:
  void tell_exchange(const Exchange& exchange) {
    const std::string where = masked_url(subject_, exchange.url);
    say("request", "",
        exchange.method + " " + where +
            (exchange.body.empty() ? "" : "  " + masked_body(exchange.body)),
        {{"method", exchange.method}, {"url", where}, {"body", masked_body(exchange.body)}});
    const std::string body = masked_body(exchange.reply);
    const std::string status =
        exchange.status == 0 ? std::string("no answer") : std::to_string(exchange.status);
    say("reply", "", status + "  " + body,
        {{"status", exchange.status}, {"bytes", exchange.reply.size()}, {"body", body}});
  }

  const Subject& subject_;
  const std::function<void(const Event&)>& tell_;
  Status first_;
};

std::vector<Pushed> read_once(const Subject& subject, Teller& teller,
                              const std::vector<plugin::ReadStream>& streams, bool first) {
  FakeHost host(subject);
  teller.watch(host);
  Opened opened(subject, host);
  (void)teller.slot("open()", opened.open());
  if (!opened.is_open()) return {};
  if (first) {
    (void)teller.slot("check()", opened.check());
    for (const StreamFixture& stream : subject.fixture->streams) {
      std::string catalog;
      if (subject.table.discover == nullptr) continue;
      (void)teller.slot("discover()", opened.discover(stream.options_json, catalog));
      teller.say("catalog", stream.stream, catalog, {{"catalog", catalog}});
    }
  }
  ReadPlan plan;
  plan.streams = streams;
  plan.observe = [&](const Pushed& one) { teller.pushed(one); };
  ReadSeen seen = opened.read(plan);
  (void)teller.slot("read()", seen.answer);
  opened.close();
  teller.violations(opened);
  return std::move(seen.pushed);
}

const char* outcome_word(std::uint32_t outcome) {
  constexpr const char* words[] = {"accepted", "rejected", "retry", "unknown"};
  return words[std::min<std::uint32_t>(outcome, RONDOM_OUTCOME_UNKNOWN)];
}

void write_once(const Subject& subject, Teller& teller, const std::vector<Operation>& operations,
                bool with_empty) {
  FakeHost host(subject);
  teller.watch(host);
  Opened opened(subject, host);
  (void)teller.slot("open()", opened.open());
  if (!opened.is_open()) return;
  (void)teller.slot("check()", opened.check());
  if (with_empty) (void)teller.slot("write() of nothing", opened.write({}).answer);
  const Written written = opened.write(operations);
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const std::string message = masked_text(subject, written.messages[i]);
    teller.say("result", subject.fixture->stream,
               operations[i].id + " " + outcome_word(written.outcomes[i]) +
                   (message.empty() ? "" : ": " + message),
               {{"operation", operations[i].id},
                {"record", masked_record(operations[i].record.fields_json)},
                {"outcome", outcome_word(written.outcomes[i])},
                {"message", message}});
  }
  (void)teller.slot("write()", written.answer);
  (void)teller.slot("flush()", opened.flush());
  if (subject.info.can_look_up) {
    (void)teller.slot("look_up()", opened.look_up(operations).answer);
  }
  opened.close();
  teller.violations(opened);
}

/// Everything that the checks will ask, so that it is on the cassette.
void use_all(const Subject& subject, Teller& teller, const std::function<void()>& between) {
  const bool recording = subject.tapes.record != nullptr;
  if (subject.info.kind == plugin::Kind::source) {
    const auto pushed = read_once(subject, teller, streams_of(*subject.fixture), true);
    between();
    for (const std::size_t checkpoint : checkpoints_of(pushed, resumes_recorded_max)) {
      if (!recording) break;
      read_once(subject, teller, resumed(subject, pushed, checkpoint + 1), false);
      between();
    }
    return;
  }
  const std::vector<Operation> operations = operations_of(*subject.fixture);
  write_once(subject, teller, operations, false);
  between();
  for (std::size_t i = 0; recording && i < std::min<std::size_t>(operations.size(), 2); ++i) {
    write_once(subject, teller, {operations[i]}, true);
    between();
  }
}

}  // namespace

Status run_plugin(const RunOptions& options, const std::function<void(const Event&)>& tell) {
  std::error_code failed;
  const std::string library = fs::canonical(options.library, failed).string();
  if (failed) return {ErrorCode::usage, options.library + " is not there"};
  const bool recording = options.tapes.record != nullptr;
  RONDOM_TRY_ASSIGN(const Fixtures fixtures, read_fixtures(options.fixtures, !recording));
  RONDOM_TRY_ASSIGN(const auto connectors, connectors_of(library, {}));
  Status first;
  std::size_t count = 0;
  const fs::path back = fs::current_path();
  for (const plugin::ConnectorInfo& info : connectors) {
    const Fixture* fixture = fixtures.find(info.id, info.kind);
    if (fixture == nullptr) continue;
    if (!options.connector.empty() && options.connector != info.id) continue;
    ++count;
    RONDOM_TRY_ASSIGN(Subject subject, load_subject(library, info, fixture));
    subject.tapes = options.tapes;
    std::string name = (fs::temp_directory_path() / "rondom-run-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return {ErrorCode::unavailable, "no folder to work in"};
    fs::copy(fixtures.folder, name, fs::copy_options::recursive, failed);
    fs::current_path(name, failed);
    Teller teller(subject, tell);
    use_all(subject, teller, [] {});
    fs::current_path(back, failed);
    fs::remove_all(name, failed);
    if (first.ok()) first = teller.first();
  }
  if (count == 0) {
    return {ErrorCode::usage,
            "the fixtures have no connector of this plugin" +
                (options.connector.empty() ? "" : " called " + options.connector)};
  }
  return first;
}

}  // namespace rondom::conformance
