// Contacts out of a file of vCards (RFC 6350), as address books export them: one file format of
// many that are read line by line, however large the file is.
//
// A card that cannot be read is passed on as it is, with its line, and the next one is read. The
// whole file is read each time: a contact that is not in it any more is gone.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <rondom/sdk.hpp>
#include <string>

using namespace rondom;

namespace {

constexpr std::size_t line_bytes_max = 1u << 20;  // photographs are long lines
constexpr std::size_t card_bytes_max = 4u << 20;
constexpr std::uint64_t cards_between_checkpoints = 1'000;

struct Config {
  std::string file;
};

/// Lines, those that were folded put together again.
class Lines {
 public:
  explicit Lines(const std::string& file) : in_(file, std::ios::binary) {}
  bool open() const { return in_.is_open(); }
  std::uint64_t number() const { return number_; }  // of the line that next() gave, from 1

  bool next(std::string& line) {
    if (!held_ && !take(ahead_)) return false;
    line = std::move(ahead_);
    number_ = taken_;
    while ((held_ = take(ahead_)) && !ahead_.empty() && (ahead_[0] == ' ' || ahead_[0] == '\t')) {
      if (line.size() < line_bytes_max) line.append(ahead_, 1);
    }
    return true;
  }

 private:
  /// What is over the limit of a line is left out.
  bool take(std::string& line) {
    constexpr int end = std::ifstream::traits_type::eof();
    line.clear();
    int c = in_.rdbuf()->sbumpc();
    if (c == end) return false;
    for (; c != end && c != '\n'; c = in_.rdbuf()->sbumpc()) {
      if (line.size() < line_bytes_max) line += static_cast<char>(c);
    }
    if (!line.empty() && line.back() == '\r') line.pop_back();
    ++taken_;
    return true;
  }

  std::ifstream in_;
  std::string ahead_;
  std::uint64_t taken_ = 0, number_ = 0;
  bool held_ = false;
};

/// "item1.EMAIL;TYPE=work:anna@example.com" is ("email", "anna@example.com").
std::pair<std::string, std::string> property_of(const std::string& line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos) return {};
  std::string name = line.substr(0, std::min(colon, line.find(';')));
  if (const std::size_t group = name.find('.'); group != std::string::npos)
    name.erase(0, group + 1);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string value;
  for (std::size_t i = colon + 1; i < line.size(); ++i) {
    const bool escaped = line[i] == '\\' && i + 1 < line.size();
    if (escaped) ++i;
    value += escaped && (line[i] == 'n' || line[i] == 'N') ? '\n' : line[i];
  }
  return {name, value};
}

class Cards final : public Source {
 public:
  static constexpr auto spec = Spec<Config>("vcards", "Contacts of a file of vCards.")
                                   .field("file", &Config::file, "The file, such as contacts.vcf.")
                                   .required();
  static constexpr auto facts =
      Facts().stream("cards", "A contact for each card.", reads_deletions);
  static constexpr std::uint64_t capabilities = RONDOM_CAP_FILESYSTEM;

  Cards(Config config, Context& context) : config_(std::move(config)), context_(context) {}

  Status check() override {
    if (Lines(config_.file).open()) return {};
    return {Code::config, "The file " + config_.file + " cannot be read."};
  }

  Result<Catalog> discover() override {
    Catalog catalog;
    CatalogStream& cards = catalog.stream("cards").key({"uid"}).cursor("rev");
    for (const char* name : {"uid", "fn", "n", "email", "tel"}) cards.field(name, FieldType::text);
    cards.field("rev", FieldType::time);
    return catalog;
  }

  Status read(const ReadRequest& request, RecordWriter& out) override {
    for (const ReadStream& stream : request.streams) {
      if (stream.name != "cards") return {Code::config, "There is no stream " + stream.name + "."};
      RONDOM_TRY(check());
      RONDOM_TRY(out.stream(stream.name));
      RONDOM_TRY(out.origin(config_.file));
      RONDOM_TRY(read_file(stream, request.records_max, out));
    }
    return {};
  }

 private:
  Status read_file(const ReadStream& stream, std::uint64_t records_max, RecordWriter& out) {
    // A refresh that was cut off goes on behind the card of its last checkpoint, if the file is the
    // same.
    const std::string version = version_of_file();
    std::string generation = stream.generation;
    std::uint64_t done = 0;
    if (!generation.empty() && generation.ends_with(version)) {
      const Result<Json> state = parse_json(stream.state_json.empty() ? "{}" : stream.state_json);
      if (!state.ok()) return {Code::state, "The saved place is no JSON."};
      if (state->text_or("generation", "") == generation) {
        done = static_cast<std::uint64_t>(state->integer_or("cards", 0));
      }
    } else {
      generation = std::to_string(context_.now_us()) + version;
    }
    if (records_max == 0) RONDOM_TRY(out.refresh_begin(stream.name, generation));
    Lines lines(config_.file);
    std::uint64_t cards = 0;
    for (Card card; next_card(lines, card); card = {}) {
      if (context_.cancelled()) return {Code::cancelled, "Stopped between two cards."};
      if (++cards <= done) continue;
      if (records_max != 0 && cards > records_max) return {};
      RONDOM_TRY(pass_on(card, out));
      if (records_max == 0 && cards % cards_between_checkpoints == 0) {
        RONDOM_TRY(out.checkpoint(stream.name, state_of(generation, cards)));
      }
    }
    if (records_max != 0) return {};
    RONDOM_TRY(out.refresh_complete(stream.name));
    return out.checkpoint(stream.name, state_of(generation, cards));
  }

  struct Card {
    std::uint64_t line = 0;
    std::string raw, problem;
    std::map<std::string, std::string> properties;  // the first of each name
  };

  static bool next_card(Lines& lines, Card& card) {
    std::string line;
    bool inside = false;
    while (lines.next(line)) {
      auto [name, value] = property_of(line);
      if (!inside && line.empty()) continue;
      if (!inside) card.line = lines.number();
      inside = true;
      if (card.raw.size() + line.size() <= card_bytes_max) {
        card.raw += line + "\n";
      } else {
        card.problem = "A card of more than 4 MiB.";
      }
      if (name == "end") return true;
      if (name.empty()) card.problem = "A line that is no property of a card.";
      card.properties.emplace(std::move(name), std::move(value));
    }
    if (inside) card.problem = "The file ends within a card.";
    return inside;
  }

  static Status pass_on(const Card& card, RecordWriter& out) {
    const auto uid = card.properties.find("uid");
    if (!card.problem.empty()) return out.unreadable(card.problem, card.raw, card.line);
    if (uid == card.properties.end()) {
      return out.unreadable("A card without UID.", card.raw, card.line);
    }
    RowBuilder& row = out.row().position(card.line);
    for (const char* name : {"uid", "fn", "n", "email", "tel", "rev"}) {
      const auto found = card.properties.find(name);
      if (found != card.properties.end()) row.text(name, found->second);
    }
    return row.done();
  }

  std::string version_of_file() const {
    std::error_code failed;
    const auto size = std::filesystem::file_size(config_.file, failed);
    const auto time = std::filesystem::last_write_time(config_.file, failed);
    return "-" + std::to_string(size) + "-" + std::to_string(time.time_since_epoch().count());
  }
  static std::string state_of(const std::string& generation, std::uint64_t cards) {
    return Json::object()
        .set("generation", Json::of(generation))
        .set("cards", Json::of(static_cast<std::int64_t>(cards)))
        .to_text();
  }

  Config config_;
  Context& context_;
};

}  // namespace

RONDOM_PLUGIN("vcards", "1.0.0", rondom::source<Cards>())
