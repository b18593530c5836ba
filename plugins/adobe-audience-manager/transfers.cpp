#include "transfers.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

#include "bounds.h"
#include "files.h"
#include "line_reader.h"
#include "outbound_line.h"

namespace rondom::audience_manager {
namespace {

constexpr std::string_view control_extension = ".info";

using Place = std::tuple<std::int64_t, bool, std::string>;  // time, changes only, series

Place place_of(const OutboundName& name) {
  return {name.at_ms, !name.full, name.series};
}

std::string shown(const OutboundName& name) {
  return name.series + (name.series.empty() ? "" : "_") + (name.full ? "full_" : "iter_") +
         std::to_string(name.at_ms);
}

/// Why the files are not all there, or empty.
std::string missing_files(const std::string& folder, const ControlFile& control) {
  for (const ControlledFile& file : control.files) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(folder + "/" + file.name, error);
    if (error) return file.name + " is not there yet";
    if (size != static_cast<std::uintmax_t>(file.bytes)) {
      return file.name + " has " + std::to_string(size) + " bytes and not the " +
             std::to_string(file.bytes) + " that its control file says";
    }
  }
  return {};
}

/// The transfer that a control file speaks of; nothing when it is of something else.
Result<bool> read_control(const std::string& folder, const std::string& name,
                          std::string_view start, Transfer& transfer) {
  const Result<std::string> text = read_small(folder + "/" + name, control_bytes_max);
  if (!text.ok()) return text.error();
  const Result<ControlFile> control = parse_control_file(*text);
  const std::string stem = name.substr(0, name.size() - control_extension.size());
  const auto by_file_name = parse_outbound_name(stem + ".sync");
  if (!control.ok()) {
    // Still arriving, perhaps; its data files are what holds later transfers back.
    if (!by_file_name || !name.starts_with(start)) return false;
    transfer.name = *by_file_name;
    transfer.missing = control.error().message;
    return true;
  }
  const auto parsed = parse_outbound_name(control->name);
  if (!parsed || !control->name.starts_with(start)) return false;
  transfer.name = *parsed;
  for (const ControlledFile& file : control->files) {
    const auto part = parse_outbound_name(file.name);
    if (!part || !part->same_transfer(*parsed)) {
      transfer.missing = "the control file names a file of another transfer, " + file.name;
      return true;
    }
  }
  transfer.missing = missing_files(folder, *control);
  transfer.files = control->files;
  return true;
}

}  // namespace

Result<std::vector<Transfer>> find_transfers(const std::string& folder, std::string_view start) {
  Result<std::vector<std::string>> names = names_in(folder);
  if (!names.ok()) return names.error();
  std::map<Place, Transfer> found;
  std::set<std::string> series;
  for (const std::string& name : *names) {
    if (!name.ends_with(control_extension)) continue;
    Transfer transfer;
    const Result<bool> ours = read_control(folder, name, start, transfer);
    if (!ours.ok()) return ours.error();
    if (!*ours) continue;
    transfer.shown = shown(transfer.name);
    found.insert_or_assign(place_of(transfer.name), std::move(transfer));
  }
  for (const std::string& name : *names) {
    const auto parsed = parse_outbound_name(name);
    if (!parsed || !name.starts_with(start)) continue;
    const auto [at, added] = found.try_emplace(place_of(*parsed));
    if (!added) continue;
    at->second.name = *parsed;
    at->second.shown = shown(*parsed);
    at->second.missing = "its control file (.info) is not there";
  }
  std::vector<Transfer> transfers;
  for (auto& [place, transfer] : found) {
    series.insert(transfer.name.series);
    transfers.push_back(std::move(transfer));
  }
  if (series.size() > 1) {
    return Failure{Code::config, "The folder holds files of several destinations, " +
                                     *series.begin() + " and " + *series.rbegin() +
                                     "; say in the option files what the names start with."};
  }
  return transfers;
}

Result<std::string> check_contents(const std::string& folder, const Transfer& transfer,
                                   const Layout& layout) {
  std::uint64_t with_segments = 0, users = 0, unreadable = 0;
  std::string first_problem;
  for (const ControlledFile& file : transfer.files) {
    Result<std::unique_ptr<LineReader>> reader = LineReader::open(folder + "/" + file.name);
    if (!reader.ok()) return reader.error();
    std::string_view text;
    OutboundLine line;
    while (true) {
      const Result<bool> more = (*reader)->next(text);
      if (!more.ok() && more.error().code == Code::data) return more.error().message;
      if (!more.ok()) return more.error();
      if (!*more) break;
      const bool header = layout.header && (*reader)->lines() == 1;
      if (header || is_blank(text)) continue;
      const std::string_view problem = parse_outbound_line(text, layout.separator, line);
      if (!problem.empty()) {
        ++unreadable;
        if (first_problem.empty()) first_problem = problem;
        continue;
      }
      ++users;
      with_segments += line.segments.empty() ? 0 : 1;
    }
    if ((*reader)->lines() != static_cast<std::uint64_t>(file.lines)) {
      return file.name + " has " + std::to_string((*reader)->lines()) + " lines and not the " +
             std::to_string(file.lines) + " that its control file says";
    }
  }
  // What the option says wrongly spoils nearly every line; a damaged line is quarantined by itself.
  if (unreadable > users) return "most of its lines cannot be read: " + first_problem;
  // Two spaces taken for two separators turn everybody's segments into removed ones.
  if (transfer.name.full && users > 0 && with_segments == 0) {
    return std::string("nobody in it has a segment; is the option separator right?");
  }
  return std::string();
}

}  // namespace rondom::audience_manager
