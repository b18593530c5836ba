// suppressions/*.yaml: lists of whom nothing is sent to.
#include <algorithm>

#include "config/readers.h"
#include "config/shape.h"
#include "config/suppressions.h"

namespace rondom::config {
namespace {

constexpr std::size_t sha256_digits = 64;
constexpr std::size_t phone_digits_max = 15;
/// A day has begun somewhere fourteen hours before it has in UTC, and is over everywhere twelve
/// hours after.
constexpr std::int64_t hour = 3'600 * microseconds_per_second;
constexpr std::int64_t begins_before = 14 * hour, ends_after = 36 * hour;

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_whole_phone(std::string_view text) {
  return text.size() > 4 && text.size() <= phone_digits_max + 1 && text.front() == '+' &&
         all_digits(text.substr(1));
}

bool is_whole_email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  const bool is_plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
  return is_plain && at != std::string_view::npos && at > 0 && at + 1 < text.size();
}

bool is_digest(std::string_view text) {
  return text.size() == sha256_digits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

class ListReader {
 public:
  ListReader(const Node& root, Reading& reading) : root_(root), reading_(reading) {}

  void read() {
    const Node* entries = list_of(root_, "entries");
    if (entries == nullptr) return;
    use_of_list("purpose", NameUse::Kind::purpose);
    use_of_list("destination", NameUse::Kind::connection);
    for (const Node& entry : entries->items) {
      if (entry.kind == Node::Kind::map) read(entry);
    }
  }

 private:
  void read(const Node& entry) {
    if (reading_.suppressions->size() == suppressions_max) {
      reading_.diagnostics.error(entry.at, "more than 1,000,000 entries in suppressions/",
                                 "let a source bring them, as suppressions of its records");
      return;
    }
    const Suppression suppression = scope_of(entry);
    int names = 0;
    const auto name = [&](std::string_view key, std::string_view space,
                          bool (*fits)(std::string_view), bool hashed, const char* expected) {
      const Node* node = entry.find(key);
      if (node == nullptr || !node->is_scalar()) return;
      ++names;
      if (!fits(node->text)) {
        reading_.diagnostics.error(node->at, std::string(key) + " must be " + expected);
      } else if (hashed) {
        reading_.suppressions->add_hashed(space, node->text, suppression);
      } else {
        reading_.suppressions->add(space, node->text, suppression);
      }
    };
    const auto is_text = [](std::string_view text) { return !text.empty(); };
    constexpr const char* digest = "64 hexadecimal digits";
    const std::string space = text_of(entry, "identifier");
    name("email", "email", is_whole_email, false,
         "an e-mail address; a domain in other letters as xn--…");
    name("email_sha256", "email", is_digest, true, digest);
    name("phone", "phone", is_whole_phone, false, "a number as E.164, such as +31612345678");
    name("phone_sha256", "phone", is_digest, true, digest);
    if (!space.empty()) {
      name("value", space, is_text, false, "a text");
      name("value_sha256", space, is_digest, true, digest);
    }
    if (names == 1 || (names == 0 && is_reported(entry))) return;
    reading_.diagnostics.error(entry.at,
                               names == 0 ? "an entry names nobody" : "an entry names one value",
                               "one of email, phone and identifier with value, in full or as "
                               "…_sha256");
  }

  /// What is wrong with a key is said of that key; that the entry then names nobody is no news.
  bool is_reported(const Node& entry) const {
    int last = entry.at.line;
    for (const auto& [key, value] : entry.members) last = std::max(last, value.at.line);
    const auto& errors = reading_.diagnostics.errors();
    return std::any_of(errors.begin(), errors.end(), [&](const Diagnostic& one) {
      const bool same_file = one.at.file && entry.at.file && *one.at.file == *entry.at.file;
      return same_file && one.at.line >= entry.at.line && one.at.line <= last;
    });
  }

  /// The entry's own word, else the list's.
  const Node* said(const Node& entry, std::string_view key) const {
    for (const Node* node : {entry.find(key), root_.find(key)}) {
      if (node != nullptr && node->is_scalar() && !node->text.empty()) return node;
    }
    return nullptr;
  }
  std::string text(const Node& entry, std::string_view key) const {
    const Node* node = said(entry, key);
    return node == nullptr ? std::string() : node->text;
  }

  Suppression scope_of(const Node& entry) {
    Suppression one;
    one.list = text_of(root_, "suppressions");
    one.kind = text(entry, "kind");
    if (one.kind.empty()) one.kind = "list";
    one.note = text(entry, "note");
    one.channel = text(entry, "channel");
    one.purpose = use(entry, "purpose", NameUse::Kind::purpose);
    one.destination = use(entry, "destination", NameUse::Kind::connection);
    one.begins_at = time_of(entry, "begins_at", -begins_before);
    one.ends_at = time_of(entry, "ends_at", ends_after);
    const std::string closes = text(entry, "closes");
    one.contact_only = closes.empty() ? one.kind == "bounced" : closes == "contact_point";
    one.at = entry.at;
    return one;
  }

  std::string use(const Node& entry, std::string_view key, NameUse::Kind kind) {
    const Node* node = said(entry, key);
    if (node == nullptr) return {};
    if (entry.find(key) == node) reading_.uses.push_back({kind, node->text, node->at});
    return node->text;
  }
  /// What the list says for all is looked up once.
  void use_of_list(std::string_view key, NameUse::Kind kind) {
    const Node* node = root_.find(key);
    if (node == nullptr || !node->is_scalar() || node->text.empty()) return;
    reading_.uses.push_back({kind, node->text, node->at});
  }

  /// `of_day`: what to add to the midnight that begins a date in UTC.
  Timestamp time_of(const Node& entry, std::string_view key, std::int64_t of_day) {
    const Node* node = said(entry, key);
    if (node == nullptr) return no_time;
    const bool is_day = node->text.find('T') == std::string::npos;
    if (const auto at = parse_time(node->text); at.ok()) return is_day ? *at + of_day : *at;
    reading_.diagnostics.error(node->at,
                               std::string(key) +
                                   " must be a date such as 2026-03-14, or a time such as "
                                   "2026-03-14T09:00:00+01:00");
    return no_time;
  }

  const Node& root_;
  Reading& reading_;
};

}  // namespace

void read_suppressions(const Node& root, Reading& reading) {
  check_name(root.find("suppressions"), "a list of suppressions", reading.diagnostics);
  ListReader(root, reading).read();
}

}  // namespace rondom::config
