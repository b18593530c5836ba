// The only file that sees yaml-cpp. Its event interface is used, not its node graph: every event
// carries a mark, aliases are never expanded, and depth and size are checked while reading.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <streambuf>
#include <unordered_map>

#include "base/base.h"
#include "config/files.h"
#include "config/source_text.h"
#include "config/traps.h"

namespace rondom::config {
namespace {

constexpr std::size_t nodes_max = 200'000;
// yaml-cpp reads a whole [ ] or { } before it reports the first event of it.
constexpr std::size_t look_ahead_bytes_max = 256u << 10;
constexpr std::size_t chunk_bytes = 2'048;
constexpr std::size_t inside_flow_hint_bytes_max = 200;

constexpr const char* quote_or_block =
    "quote the whole expression, or write it in block form (one key a line)";

/// Thrown through yaml-cpp to leave a text that is not worth reading on; the reason is reported
/// before. Never leaves this file.
struct Stop {};

/// Hands the text to yaml-cpp in chunks and stops when it reads far ahead of its events.
class BoundedBuffer final : public std::streambuf {
 public:
  explicit BoundedBuffer(std::string_view text) : text_(text) {}
  void event_happened() { at_event_ = given_; }

 protected:
  int_type underflow() override {
    if (given_ >= text_.size()) return traits_type::eof();
    if (given_ - at_event_ > look_ahead_bytes_max) throw Stop{};
    const std::size_t count = std::min(chunk_bytes, text_.size() - given_);
    char* start = const_cast<char*>(text_.data()) + given_;  // streambuf's interface; only read
    setg(start, start, start + count);
    given_ += count;
    return traits_type::to_int_type(*start);
  }

 private:
  std::string_view text_;
  std::size_t given_ = 0;
  std::size_t at_event_ = 0;
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceText& source, BoundedBuffer& buffer, Diagnostics& diagnostics)
      : source_(source), buffer_(buffer), diagnostics_(diagnostics) {}

  Node take() { return std::move(root_); }
  const Location& last_value() const { return last_value_; }

  /// Says what a yaml-cpp exception means for the person who wrote the text.
  void explain(const YAML::Exception& problem);

  void OnDocumentStart(const YAML::Mark& mark) override {
    buffer_.event_happened();
    if (++documents_ == 1) return;
    diagnostics_.error(place(mark), "a second document; a project file holds one",
                       "remove the --- or split the file");
    throw Stop{};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    diagnostics_.error(place(mark), "aliases (*name) are not supported", "write the value out");
    Node node;
    node.at = place(mark);
    add(std::move(node));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(Node::Kind::list, mark, tag, anchor, style);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(Node::Kind::map, mark, tag, anchor, style);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    bool flow = false;
    bool bracket = false;  // starts with { or [, so not a one-entry map inside [ ]
    bool has_key = false;
    bool cut_reported = false;
    std::size_t key_end = 0;  // byte after the key
    Node key;
    std::unordered_map<std::string, int> lines;  // of the keys so far
  };

  static std::size_t offset(const YAML::Mark& mark) {
    return mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos);
  }
  Location place(const YAML::Mark& mark, std::size_t characters = 1) const {
    return source_.at(offset(mark), characters);
  }
  bool expects_key() const {
    return !frames_.empty() && frames_.back().node.kind == Node::Kind::map &&
           !frames_.back().has_key;
  }
  /// Place of the innermost { or [ that is open; nullptr when there is none.
  const Location* open_bracket() const {
    for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
      if (frame->bracket) return &frame->node.at;
    }
    return nullptr;
  }
  bool in_flow() const { return !frames_.empty() && frames_.back().flow; }

  void check_properties(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);
  void check_plain(std::size_t start, const Node& node);
  void report_cut(const Location& at, const char* message, const char* hint);
  void check_missing_value(Frame& frame);
  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style);
  void close();
  void set_key(Node key, std::size_t end);
  void add(Node node);
  void count_node(const Location& at);

  const SourceText& source_;
  BoundedBuffer& buffer_;
  Diagnostics& diagnostics_;
  std::vector<Frame> frames_;
  Node root_;
  std::size_t documents_ = 0;
  std::size_t nodes_ = 0;
  std::size_t last_flow_plain_ = std::string_view::npos;  // offset of the last one and …
  std::size_t last_flow_plain_end_ = 0;
  Location last_flow_plain_at_;
  Location last_value_;
};

void TreeBuilder::count_node(const Location& at) {
  buffer_.event_happened();
  last_value_ = at;
  if (++nodes_ <= nodes_max) return;
  diagnostics_.error(at, "this file holds more than 200,000 values");
  throw Stop{};
}

void TreeBuilder::check_properties(const YAML::Mark& mark, const std::string& tag,
                                   YAML::anchor_t anchor) {
  if (anchor != 0) {
    diagnostics_.error(place(mark), "anchors (&name) are not supported", "write the value out");
    return;
  }
  const std::string_view rest = source_.from(offset(mark));
  if (!rest.empty() && rest.front() == '!' && tag != "?") {
    diagnostics_.error(place(mark), "tags (!name) are not supported",
                       "quote the value when the ! belongs to it");
  }
}

void TreeBuilder::report_cut(const Location& at, const char* message, const char* hint) {
  if (!frames_.empty()) {
    if (frames_.back().cut_reported) return;
    frames_.back().cut_reported = frames_.back().flow;
  }
  diagnostics_.error(at, message, hint);
}

void TreeBuilder::check_plain(std::size_t start, const Node& node) {
  if (is_doubtful_word(node.text)) {
    diagnostics_.error(node.at,
                       "unquoted " + node.text + " is a boolean to some and text to others",
                       "write \"" + node.text + "\" in quotes for the word, or true or false");
    return;
  }
  if (!looks_cut(node.text)) return;
  if (in_flow()) {
    report_cut(node.at, "inside { } or [ ] a comma or bracket cuts this unquoted text off",
               quote_or_block);
    return;
  }
  const std::string_view rest = source_.from(start);
  if (!rest.starts_with(node.text)) return;
  const std::string_view after = rest.substr(node.text.size());
  const std::size_t next = after.find_first_not_of(" \t");
  if (next == 0 || next == std::string_view::npos || after[next] != '#') return;
  report_cut(source_.at(start + node.text.size() + next),
             "\" #\" starts a comment here and cuts the expression off",
             "quote the whole expression");
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  check_properties(mark, tag, anchor);
  const std::size_t start = offset(mark);
  const std::string_view rest = source_.from(start);
  Node node;
  node.kind = Node::Kind::scalar;
  node.quoted = tag != "?";
  node.text = value;
  std::size_t end = start + value.size();
  if (!node.quoted) {
    const bool one_line = rest.starts_with(value);
    node.at = source_.at(start, one_line ? count_characters(value) : 1);
    check_plain(start, node);
    if (in_flow()) {
      last_flow_plain_ = start;
      last_flow_plain_end_ = end;
      last_flow_plain_at_ = node.at;
    }
  } else if (!rest.empty() && (rest.front() == '"' || rest.front() == '\'')) {
    const std::size_t length = quoted_length(rest);
    const std::string_view raw = rest.substr(0, length);
    const bool one_line = raw.find('\n') == std::string_view::npos;
    node.at = source_.at(start, one_line ? count_characters(raw) : 1);
    end = start + length;
    if (length == 0) {
      diagnostics_.error(node.at, "this quote is never closed");
      throw Stop{};
    }
  } else {
    node.at = source_.at(start);
  }
  count_node(node.at);
  if (expects_key()) {
    set_key(std::move(node), end);
  } else {
    add(std::move(node));
  }
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (anchor != 0) check_properties(mark, "?", anchor);
  const std::size_t start = offset(mark);
  const std::string_view rest = source_.from(start);
  Node node;
  // YAML has more spellings of null than JSON; the others are words.
  if (rest.starts_with("Null") || rest.starts_with("NULL")) {
    const std::string_view after = rest.substr(4);
    const std::size_t next = after.find_first_not_of(" \t\r");
    const char follower = next == std::string_view::npos ? '\n' : after[next];
    const bool ends = follower == '\n' || follower == ',' || follower == '}' || follower == ']' ||
                      (follower == '#' && next > 0);
    if (ends) {
      node.kind = Node::Kind::scalar;
      node.text = std::string(rest.substr(0, 4));
      node.at = source_.at(start, 4);
    }
  }
  const bool written = rest.starts_with("~") || rest.starts_with("null");
  if (expects_key()) {
    diagnostics_.error(place(mark), "a key is missing before this colon, or is null",
                       "quote the key");
    throw Stop{};
  }
  if (node.kind == Node::Kind::null) {
    const bool has_key = !frames_.empty() && frames_.back().has_key;
    if (has_key && !written) check_missing_value(frames_.back());
    node.at = written || !has_key ? place(mark) : frames_.back().key.at;
  }
  count_node(node.at);
  add(std::move(node));
}

/// Inside { } a key without a colon is usually the rest of an expression that a comma cut.
void TreeBuilder::check_missing_value(Frame& frame) {
  if (!frame.flow || !frame.bracket || frame.cut_reported) return;
  const std::string_view after = source_.from(frame.key_end);
  const std::size_t next = after.find_first_not_of(" \t\r\n");
  if (next != std::string_view::npos && after[next] == ':') return;
  frame.cut_reported = true;
  if (!frame.key.quoted && frame.key.text.find(':') != std::string::npos) {
    diagnostics_.error(frame.key.at, "a key without a value",
                       "write a space after the colon, or quote the text");
    return;
  }
  diagnostics_.error(frame.key.at, "a key without a value: inside { } a comma ends the entry",
                     "quote the whole expression before it, or write it in block form");
}

void TreeBuilder::open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
  check_properties(mark, tag, anchor);
  count_node(place(mark));
  if (expects_key()) {
    diagnostics_.error(
        place(mark), "a list or map cannot be a key",
        in_flow() ? quote_or_block : "is this bracket closed? if it belongs to a key, quote it");
    throw Stop{};
  }
  if (frames_.size() >= limits::config_depth_max) {
    diagnostics_.error(place(mark), "nested deeper than 64 levels");
    throw Stop{};
  }
  Frame frame;
  frame.node.kind = kind;
  frame.node.at = place(mark);
  frame.flow = style == YAML::EmitterStyle::Flow || in_flow();
  const std::string_view rest = source_.from(offset(mark));
  frame.bracket = frame.flow && (rest.starts_with('{') || rest.starts_with('['));
  frames_.push_back(std::move(frame));
}

void TreeBuilder::close() {
  buffer_.event_happened();
  Node node = std::move(frames_.back().node);
  frames_.pop_back();
  add(std::move(node));
}

void TreeBuilder::set_key(Node key, std::size_t end) {
  Frame& frame = frames_.back();
  if (!key.quoted && key.text == "<<") {
    diagnostics_.error(key.at, "merge keys (<<) are not supported", "write the keys out");
  }
  const auto [first, is_new] = frame.lines.emplace(key.text, key.at.line);
  if (!is_new) {
    diagnostics_.error(key.at,
                       "duplicate key " + excerpt(key.text, 80) + ", first on line " +
                           std::to_string(first->second),
                       "keep one of them");
  }
  frame.key = std::move(key);
  frame.key_end = end;
  frame.has_key = true;
}

void TreeBuilder::add(Node node) {
  if (frames_.empty()) {
    root_ = std::move(node);
    return;
  }
  Frame& frame = frames_.back();
  if (frame.node.kind == Node::Kind::list) {
    frame.node.items.push_back(std::move(node));
    return;
  }
  if (!frame.has_key) {  // an alias where a key belongs; reported already
    node.kind = Node::Kind::scalar;
    set_key(std::move(node), 0);
    return;
  }
  frame.has_key = false;
  frame.node.members.push_back({std::move(frame.key), std::move(node)});
  frame.key = Node();
}

void TreeBuilder::explain(const YAML::Exception& problem) {
  for (const Frame& frame : frames_) {
    if (frame.cut_reported) return;  // a consequence of what was said already
  }
  std::size_t offset_here = source_.text().size();
  if (!problem.mark.is_null() && problem.mark.line >= 0) {
    offset_here = source_.offset_of(static_cast<std::size_t>(problem.mark.line),
                                    static_cast<std::size_t>(problem.mark.column));
  }
  const Location at = source_.at(offset_here);
  const std::string_view message = problem.msg;
  const bool flow_end = message.find("flow not found") != std::string_view::npos;
  const std::string_view after_plain = source_.from(last_flow_plain_end_);
  if (last_flow_plain_ != std::string_view::npos && !after_plain.empty() && in_flow() &&
      offset_here <= last_flow_plain_end_ + inside_flow_hint_bytes_max &&
      std::string_view("[]{}").find(after_plain.front()) != std::string_view::npos &&
      (flow_end || message.find("illegal flow end") != std::string_view::npos)) {
    diagnostics_.error(last_flow_plain_at_,
                       "inside { } or [ ] unquoted text cannot hold , [ ] { or }", quote_or_block);
  } else if (flow_end && offset_here + 1 >= source_.text().size() && open_bracket() != nullptr) {
    diagnostics_.error(*open_bracket(), "this bracket is never closed");
  } else if (flow_end) {
    diagnostics_.error(at, "a { or [ is not closed, or a comma is missing");
  } else if (message == "illegal map value") {
    diagnostics_.error(at, "a second colon makes no value here",
                       "quote text that holds a colon, and check the indentation");
  } else if (message == "unknown token") {
    diagnostics_.error(at, "a value cannot start with this character", "quote the value");
  } else {
    diagnostics_.error(at, "not valid YAML: " + problem.msg);
  }
}

}  // namespace

bool parse_text(std::string_view text, std::string_view file, Diagnostics& diagnostics,
                Node& root) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  root = Node();
  const bool too_big = text.size() > limits::config_file_bytes_max;
  const SourceText source(too_big ? std::string_view() : text, file);
  root.at = source.at(0);
  if (too_big) {
    diagnostics.error(source.at(0), "this file is larger than 8 MB");
    return false;
  }
  if (!check_bytes(source, diagnostics)) return false;
  BoundedBuffer buffer(text);
  TreeBuilder builder(source, buffer, diagnostics);
  const std::size_t before = diagnostics.seen();
  try {
    std::istream in(&buffer);
    YAML::Parser parser(in);
    bool more = true;
    while (more) more = parser.HandleNextDocument(builder);
  } catch (const Stop&) {
    if (diagnostics.seen() == before) {
      diagnostics.error(builder.last_value().file ? builder.last_value() : source.at(0),
                        "a { }, [ ], text or comment after this is longer than 256 kB",
                        "is a bracket or quote not closed?");
    }
    return false;
  } catch (const YAML::Exception& problem) {
    builder.explain(problem);
    return false;
  } catch (const std::exception& problem) {
    diagnostics.error(source.at(0), std::string("cannot be read: ") + problem.what());
    return false;
  }
  const Location start = root.at;
  root = builder.take();
  if (!root.at.file) root.at = start;
  return true;
}

Node parse_yaml(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  Node root;
  parse_text(text, file, diagnostics, root);
  return root;
}

}  // namespace rondom::config
