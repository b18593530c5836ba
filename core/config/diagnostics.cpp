#include <algorithm>
#include <map>
#include <tuple>

#include "config/files.h"
#include "config/source_text.h"

namespace rondom::config {
namespace {

constexpr std::size_t line_characters_max = 160;  // of a source line that is shown
constexpr std::size_t shown_before_caret = 60;
constexpr std::size_t message_bytes_max = 600;

std::string_view file_name(const Location& at) {
  return at.file ? std::string_view(*at.file) : std::string_view();
}

bool earlier(const Diagnostic& a, const Diagnostic& b) {
  return std::make_tuple(file_name(a.at), a.at.line, a.at.column) <
         std::make_tuple(file_name(b.at), b.at.line, b.at.column);
}

/// What a terminal may be given: one column a character, no control sequences.
std::string printable(std::string_view line) {
  std::string out;
  const bool valid = is_utf8(line);
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == '\t') {
      out += ' ';
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !valid)) {
      out += '?';
    } else {
      out += c;
    }
  }
  return out;
}

std::size_t byte_of_character(std::string_view text, std::size_t index) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool starts = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (starts && index-- == 0) break;
  }
  return at;
}

struct SourceFile {
  std::string text;
  std::vector<std::size_t> line_starts;
};

/// Source files by name, read once each while rendering.
class Sources {
 public:
  explicit Sources(std::string_view root) : root_(root) {}

  std::optional<std::string_view> line(const Location& at) {
    if (at.line < 1) return std::nullopt;
    const SourceFile& source = load(std::string(file_name(at)));
    const auto index = static_cast<std::size_t>(at.line) - 1;
    if (index >= source.line_starts.size()) return std::nullopt;
    const std::string_view rest = std::string_view(source.text).substr(source.line_starts[index]);
    std::string_view found = rest.substr(0, rest.find('\n'));
    if (found.ends_with('\r')) found.remove_suffix(1);
    return found;
  }

 private:
  const SourceFile& load(const std::string& file) {
    const auto [entry, is_new] = files_.try_emplace(file);
    SourceFile& source = entry->second;
    Diagnostics ignored;
    if (!is_new || file.empty() || !exists(root_, file)) return source;
    if (!read_text(root_, file, ignored, source.text)) return source;
    if (source.text.starts_with("\xEF\xBB\xBF")) source.text.erase(0, 3);
    source.line_starts.push_back(0);
    for (std::size_t i = 0; i < source.text.size(); ++i) {
      if (source.text[i] == '\n') source.line_starts.push_back(i + 1);
    }
    return source;
  }

  std::string root_;
  std::map<std::string, SourceFile> files_;
};

/// Where the value ends that begins at `at`: at its closing quote when it has quotes, else as YAML
/// (`name: value`) or the query of an address (`name=value`) ends it.
std::size_t end_of_value(std::string_view line, std::size_t at, char separator) {
  if (const char before = line[at - 1]; before == '"' || before == '\'') {
    for (; at < line.size() && line[at] != before; ++at) {
      if (line[at] == '\\' && before == '"') ++at;
    }
    return std::min(at, line.size());
  }
  if (separator == '=') return std::min(line.find_first_of("&# \"'", at), line.size());
  return std::min({line.find_first_of(",}", at), line.find(" #", at), line.size()});
}

struct SecretValue {
  std::size_t begin = std::string_view::npos;  // npos: there is none
  std::size_t end = 0;
};

/// The first password, token or key from `from` on, behind its name.
SecretValue next_secret(std::string_view folded, std::size_t from) {
  static constexpr std::string_view names[] = {"password", "passphrase", "secret",     "token",
                                               "api_key",  "apikey",     "private_key"};
  SecretValue first;
  for (const std::string_view name : names) {
    for (std::size_t at = folded.find(name, from); at != std::string_view::npos;
         at = folded.find(name, at + 1)) {
      std::size_t value = at + name.size();
      // A name that has quotes itself: `{"token": "x"}`.
      if (value < folded.size() && folded[value] == '"') ++value;
      if (value >= folded.size() || (folded[value] != ':' && folded[value] != '=')) continue;
      if (at >= 2 && folded.compare(at - 2, 2, "${") == 0) continue;
      const char separator = folded[value++];
      value = folded.find_first_not_of(' ', value);
      if (value == std::string_view::npos) break;
      if (folded[value] == '"' || folded[value] == '\'') ++value;
      if (value < first.begin) first = {value, end_of_value(folded, value, separator)};
      break;
    }
  }
  return first;
}

/// The line with a star for each byte of what no log should hold: passwords and tokens that are
/// written out, and what stands before the @ of an address. References to secrets stay.
std::string without_secrets(std::string_view line) {
  std::string shown(line);
  const std::string folded = lower_ascii(line);
  constexpr char hidden = '*';
  const auto hide = [&](std::size_t begin, std::size_t end) {
    std::fill(shown.begin() + static_cast<std::ptrdiff_t>(begin),
              shown.begin() + static_cast<std::ptrdiff_t>(end), hidden);
  };
  for (SecretValue found = next_secret(folded, 0); found.begin < shown.size();
       found = next_secret(folded, found.end)) {
    const std::string_view value(&shown[found.begin], found.end - found.begin);
    const bool is_reference = value.starts_with("${") && value.find('}') == value.size() - 1;
    // Unquoted, the reference's own brace ends what is looked at.
    const bool is_bare_reference = value.starts_with("${") && shown[found.end] == '}';
    if (!is_reference && !is_bare_reference) hide(found.begin, found.end);
  }
  for (std::size_t at = shown.find("://"); at != std::string::npos;
       at = shown.find("://", at + 1)) {
    const std::size_t begin = at + 3;
    const std::size_t end = shown.find_first_of("@/ \"'", begin);
    if (end != std::string::npos && shown[end] == '@') hide(begin, end);
  }
  return shown;
}

/// The source line, the caret below it, and the hint after the caret.
void append_excerpt(std::string_view line, const Diagnostic& problem, std::string& out) {
  std::string shown = printable(without_secrets(line));
  std::size_t column = static_cast<std::size_t>(std::max(problem.at.column, 1)) - 1;
  const std::size_t total = count_characters(shown);
  column = std::min(column, total);
  std::size_t first = 0;
  if (total > line_characters_max && column > shown_before_caret) {
    first = column - shown_before_caret;
  }
  shown.erase(0, byte_of_character(shown, first));
  shown.erase(byte_of_character(shown, line_characters_max));
  column -= first;
  const std::size_t room = std::max<std::size_t>(count_characters(shown), column + 1) - column;
  const std::size_t length =
      std::clamp<std::size_t>(static_cast<std::size_t>(std::max(problem.at.length, 1)), 1, room);
  const std::string number = std::to_string(problem.at.line);
  out += "  " + number + " | " + shown + "\n";
  out += "  " + std::string(number.size(), ' ') + " | " + std::string(column, ' ') + '^' +
         std::string(length - 1, '~');
}

void append_hint(std::string_view hint, bool after_caret, std::string& out) {
  if (hint.empty()) {
    if (after_caret) out += '\n';
    return;
  }
  bool first = true;
  for (const std::string_view line : split(hint, '\n')) {
    out += first && after_caret ? " " : "  ";
    out += printable(line);
    out += '\n';
    first = false;
  }
}

bool was_told(const std::vector<Diagnostic>& known, const Location& at, std::string_view message) {
  return std::any_of(known.begin(), known.end(), [&](const Diagnostic& one) {
    return one.at.line == at.line && one.at.column == at.column && one.message == message &&
           file_name(one.at) == file_name(at);
  });
}

std::string rendered(std::vector<Diagnostic> problems, std::string_view word,
                     std::string_view root) {
  std::stable_sort(problems.begin(), problems.end(), earlier);
  Sources sources(root);
  std::string out;
  for (const Diagnostic& problem : problems) {
    out += printable(file_name(problem.at));
    if (problem.at.line > 0) {
      out += ':' + std::to_string(problem.at.line) + ':' + std::to_string(problem.at.column);
    }
    if (!out.empty() && out.back() != '\n') out += ": ";
    out += std::string(word) + ": " + printable(problem.message) + '\n';
    const std::optional<std::string_view> line = sources.line(problem.at);
    if (line) append_excerpt(*line, problem, out);
    append_hint(problem.hint, line.has_value(), out);
  }
  return out;
}

}  // namespace

void Diagnostics::error(const Location& at, std::string message, std::string hint) {
  if (errors_.size() >= limits::diagnostics_max) {
    ++seen_;
    return;
  }
  message = excerpt(message, message_bytes_max);
  if (was_told(errors_, at, message)) return;
  ++seen_;
  errors_.push_back({at, std::move(message), std::move(hint)});
}

void Diagnostics::warning(const Location& at, std::string message, std::string hint) {
  if (warnings_.size() >= limits::diagnostics_max) return;
  message = excerpt(message, message_bytes_max);
  if (!was_told(warnings_, at, message)) {
    warnings_.push_back({at, std::move(message), std::move(hint)});
  }
}

void Diagnostics::keep_errors_of(std::initializer_list<std::string_view> files) {
  std::vector<Diagnostic> kept;
  for (Diagnostic& problem : errors_) {
    const std::string_view name = file_name(problem.at);
    const bool stays = std::any_of(files.begin(), files.end(), [&](std::string_view file) {
      return file.ends_with('/') ? name.starts_with(file) : name == file;
    });
    if (stays) {
      kept.push_back(std::move(problem));
    } else {
      warning(problem.at, std::move(problem.message), std::move(problem.hint));
    }
  }
  errors_ = std::move(kept);
  seen_ = errors_.size();
}

std::string Diagnostics::render(std::string_view root) const {
  std::string out = rendered(errors_, "error", root);
  if (seen_ > errors_.size()) {
    out += "and " + with_thousands(static_cast<std::int64_t>(seen_ - errors_.size())) +
           " more problems, not shown\n";
  }
  return out;
}

std::string Diagnostics::render_warnings(std::string_view root) const {
  return rendered(warnings_, "warning", root);
}

}  // namespace rondom::config
