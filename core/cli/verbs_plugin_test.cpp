// plugin test, plugin run
#include <cstdio>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "conformance/conformance.h"
#include "net/cassette.h"

namespace rondom::cli {
namespace {

void print_event(const conformance::Event& event) {
  std::string line = event.what;
  line.resize(std::max<std::size_t>(line.size(), 17), ' ');
  if (!event.stream.empty()) line += event.stream + "  ";
  std::printf("%s%s\n", line.c_str(), event.text.c_str());
}

void print_event_json(const conformance::Event& event) {
  std::string line = "{\"connector\":";
  append_json_string(line, event.connector);
  line += ",\"what\":";
  append_json_string(line, event.what);
  line += ",\"stream\":";
  append_json_string(line, event.stream);
  if (!event.json.empty()) line += "," + event.json;
  std::printf("%s}\n", line.c_str());
}

}  // namespace

int plugin_test(const Options& options) {
  if (options.reference) {
    std::fputs(conformance::reference_page().c_str(), stdout);
    return 0;
  }
  if (options.words.empty()) return fail({ErrorCode::usage, "plugin test needs a plugin file"});
  conformance::Options wanted;
  wanted.library = options.words.front();
  wanted.fixtures = options.fixtures;
  wanted.connector = options.connector;
  wanted.patience_seconds = static_cast<int>(options.patience_seconds);
  const Result<conformance::Report> report = conformance::test_plugin(wanted);
  if (!report.ok()) return fail(report.error());
  const std::string text = options.output == "json" ? conformance::to_json(*report)
                           : options.output == "junit"
                               ? conformance::to_junit(*report)
                               : conformance::to_text(*report, colours(options));
  std::fputs(text.c_str(), stdout);
  return report->passed() ? 0 : 1;
}

int plugin_run(const Options& options) {
  conformance::RunOptions wanted;
  wanted.library = options.words.front();
  wanted.fixtures = options.fixtures;
  wanted.connector = options.connector;
  if (!options.record.empty()) {
    auto cassette = net::CassetteWriter::create(options.record);
    if (!cassette.ok()) return fail(cassette.error());
    wanted.tapes.record = *cassette;
  }
  const bool json = options.output == "jsonl";
  const Status done = conformance::run_plugin(wanted, json ? print_event_json : print_event);
  return done.ok() ? 0 : fail(done.error());
}

}  // namespace rondom::cli
