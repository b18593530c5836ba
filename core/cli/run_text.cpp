#include "cli/run_text.h"

#include "cli/cli.h"

namespace rondom::cli {

std::optional<Timestamp> as_of(const Options& options, int& exit_code) {
  if (options.as_of.empty()) return std::nullopt;
  const auto at = parse_time(options.as_of);
  if (!at.ok()) {
    exit_code = fail({ErrorCode::usage, "--as-of takes a date (2026-03-14) or a time in RFC 3339"});
    return std::nullopt;
  }
  return at.value();
}

std::string held_text(const std::vector<std::string>& streams) {
  return "! nothing of " + join(streams, ", ") +
         " is forgotten: reading everything again has begun and never ended\n     rondom runs\n";
}

std::string withheld_text(const std::map<std::string, std::int64_t>& withheld) {
  std::int64_t all = 0;
  std::string reasons;
  for (const auto& [reason, number] : withheld) {
    all += number;
    reasons += (reasons.empty() ? "" : " · ") + reason + " " + with_thousands(number);
  }
  return all == 0 ? "" : with_thousands(all) + ": " + reasons;
}

std::string remap_text(const engine::RemapReport& stream) {
  std::string text = with_thousands(stream.records) + " mapped again · " +
                     with_thousands(stream.changed) + " change";
  if (stream.filtered > 0) text += " · " + with_thousands(stream.filtered) + " no longer wanted";
  if (stream.refused > 0) text += " · " + with_thousands(stream.refused) + " refused !";
  if (stream.not_kept > 0)
    text += " · " + with_thousands(stream.not_kept) + " not kept, they wait for the next read";
  return text;
}

}  // namespace rondom::cli
