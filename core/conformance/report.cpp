// The report as text, JSON, JUnit, and the reference page of the checks.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "conformance/checks.h"
#include "conformance/conformance.h"
#include "conformance/library_checks.h"

namespace rondom::conformance {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr const char* page = "docs/reference/conformance.md";
constexpr std::size_t name_width = 20;

const char* word(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed: return "passed";
    case Outcome::failed: return "failed";
    default: return "skipped";
  }
}

std::string subject(const Line& line) {
  return line.connector.empty() ? std::string("plugin") : line.connector + " (" + line.kind + ")";
}

std::string painted(Outcome outcome, bool color) {
  std::string text = word(outcome);
  text.resize(7, ' ');
  if (!color) return text;
  const char* code = outcome == Outcome::passed ? "32" : outcome == Outcome::failed ? "31" : "33";
  return "\x1b[" + std::string(code) + "m" + text + "\x1b[0m";
}

std::string padded(std::string text) {
  text.resize(std::max(text.size(), name_width), ' ');
  return text;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) out += c;
    }
  }
  return out;
}

std::array<std::size_t, 3> counts(const Report& report) {
  std::array<std::size_t, 3> out{};
  for (const Line& line : report.lines) ++out.at(static_cast<std::size_t>(line.finding.outcome));
  return out;
}

std::string seconds(std::int64_t milliseconds) {
  std::string text = std::to_string(milliseconds % 1'000);
  text.insert(0, 3 - text.size(), '0');
  return std::to_string(milliseconds / 1'000) + "." + text;
}

std::string dumped(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

}  // namespace

bool Report::passed() const {
  return counts(*this)[static_cast<std::size_t>(Outcome::failed)] == 0;
}

std::string read_on(std::string_view check) {
  return std::string(page) + "#" + std::string(check);
}

std::string to_text(const Report& report, bool color) {
  std::string out;
  std::string before = "-";
  for (const Line& line : report.lines) {
    if (subject(line) != before) out += (out.empty() ? "" : "\n") + subject(line) + "\n";
    before = subject(line);
    const Finding& finding = line.finding;
    out += "  " + painted(finding.outcome, color) + " " + padded(line.check);
    if (finding.outcome == Outcome::skipped) out += finding.reason;
    while (out.back() == ' ') out.pop_back();
    out += '\n';
    if (finding.outcome != Outcome::failed) continue;
    out += "          expected  " + finding.expected + "\n          seen      " + finding.seen +
           "\n          read on   " + read_on(line.check) + "\n";
  }
  const auto [passed, failed, skipped] = counts(report);
  return out + "\n" + std::to_string(passed) + " passed, " + std::to_string(failed) + " failed, " +
         std::to_string(skipped) + " skipped\n";
}

std::string to_json(const Report& report) {
  OrderedJson lines = OrderedJson::array();
  for (const Line& line : report.lines) {
    OrderedJson one{{"connector", line.connector},
                    {"kind", line.kind},
                    {"check", line.check},
                    {"asks", line.asks},
                    {"result", word(line.finding.outcome)}};
    if (line.finding.outcome == Outcome::skipped) one["reason"] = line.finding.reason;
    if (line.finding.outcome == Outcome::failed) {
      one["expected"] = line.finding.expected;
      one["seen"] = line.finding.seen;
      one["read_on"] = read_on(line.check);
    }
    one["milliseconds"] = line.milliseconds;
    lines.push_back(std::move(one));
  }
  const auto [passed, failed, skipped] = counts(report);
  return dumped({{"library", report.library},
                 {"passed", passed},
                 {"failed", failed},
                 {"skipped", skipped},
                 {"checks", lines}}) +
         "\n";
}

std::string to_junit(const Report& report) {
  const auto [passed, failed, skipped] = counts(report);
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"" +
      escaped(report.library) + "\" tests=\"" + std::to_string(passed + failed + skipped) +
      "\" failures=\"" + std::to_string(failed) + "\" skipped=\"" + std::to_string(skipped) +
      "\">\n";
  for (const Line& line : report.lines) {
    out += "    <testcase classname=\"" + escaped(subject(line)) + "\" name=\"" +
           escaped(line.check) + "\" time=\"" + seconds(line.milliseconds) + "\"";
    const Finding& finding = line.finding;
    if (finding.outcome == Outcome::passed) {
      out += "/>\n";
    } else if (finding.outcome == Outcome::skipped) {
      out += "><skipped message=\"" + escaped(finding.reason) + "\"/></testcase>\n";
    } else {
      out += "><failure message=\"" + escaped("expected " + finding.expected) + "\">" +
             escaped("seen " + finding.seen + "; read on: " + read_on(line.check)) +
             "</failure></testcase>\n";
    }
  }
  return out + "  </testsuite>\n</testsuites>\n";
}

std::string reference_page() {
  std::string out =
      "# Conformance checks\n\n"
      "What `rondom plugin test FILE.so --fixtures DIR` asks of a plugin, in this order. This page "
      "is written by\n"
      "`rondom plugin test --reference`; a test compares it. How to write fixtures:\n"
      "[test a connector](../guide/conformance.md).\n";
  const auto section = [&](const char* name, const char* asks, const char* why, const char* of) {
    out += "\n## " + std::string(name) + "\n\n" + asks + " " + why + "\n\nAsked of: " + of + ".\n";
  };
  for (const LibraryCheck& check : library_checks()) {
    section(check.name, check.asks, check.why, "the library");
  }
  for (const Check& check : all_checks()) {
    section(check.name, check.asks, check.why, needs_text(check.needs));
  }
  return out;
}

}  // namespace rondom::conformance
