// tests/*.yaml.
#include <algorithm>
#include <charconv>
#include <set>

#include "config/files.h"
#include "config/readers.h"
#include "config/shape.h"
#include "config/tests.h"
#include "expression/expression.h"
#include "model/model.h"

namespace rondom::config {
namespace {

constexpr std::size_t given_records_max = 100'000;

/// What a path over a record or profile may start with.
std::vector<std::string> first_names(std::initializer_list<Entity> entities) {
  std::set<std::string> names;
  for (const Entity entity : entities) {
    for (const AttributeInfo& info : attributes()) {
      if (!applies_to(info, entity)) continue;
      const std::string_view top =
          info.group.empty() ? info.name.substr(0, info.name.find('.')) : info.group;
      names.emplace(top);
    }
    if (is_party(entity)) names.insert({"email", "phone", "country", "identifiers"});
  }
  return {names.begin(), names.end()};
}

class TestReader {
 public:
  TestReader(const Project& project, Diagnostics& diagnostics)
      : project_(project), diagnostics_(diagnostics) {
    for (const Job& job : project.jobs) {
      if (!job.source) {
        sending_jobs_.push_back(job.name);
        continue;
      }
      for (const SourceStream& stream : job.source->streams) {
        streams_.push_back({job.connection, stream.stream});
        stream_names_.push_back(job.connection + "." + stream.stream);
      }
    }
    for (const Attribute& derived : project.attributes) party_names_.push_back(derived.name);
  }

  void read(const Node& file, std::vector<ProjectTest>& tests) {
    for (const Node& item : file.items) {
      if (item.kind == Node::Kind::map) tests.push_back(read_test(item));
    }
  }

 private:
  struct StreamName {
    std::string source, stream;
  };

  ProjectTest read_test(const Node& node);
  void read_given(const Node& given, ProjectTest& test);
  void read_records(const Node& node, GivenStream& stream);
  void read_file(const Node& name, GivenStream& stream);
  void add_json(std::string_view json, const Location& at, GivenStream& stream);
  void read_expect(const Node& expect, Expectations& out);
  ExpectedProfile read_profile(const Node& node);
  ExpectedList read_orders(const Node& name, const Node& value);
  void read_link(const Node& node, Expectations& out);
  void read_withheld(const Node& node, Expectations& out);
  std::vector<ExpectedList> read_lists(const Node* node, const char* what,
                                       const std::vector<std::string>& known);
  bool is_known(const Node& name, const char* what, const std::vector<std::string>& known);
  void check_path(const Node& name, const std::vector<std::string>& known,
                  std::initializer_list<const char*> words);
  void check_record(const Node& name, const std::string& text);

  const Project& project_;
  Diagnostics& diagnostics_;
  std::vector<StreamName> streams_;
  std::vector<std::string> stream_names_;
  std::vector<std::string> sending_jobs_;
  std::vector<std::string> party_names_ = first_names({Entity::person, Entity::organization});
  std::vector<std::string> order_names_ = first_names({Entity::order});
  std::vector<std::string> record_names_ =
      first_names({Entity::person, Entity::organization, Entity::event, Entity::order,
                   Entity::opportunity, Entity::subscription, Entity::need, Entity::survey_answer});
};

bool TestReader::is_known(const Node& name, const char* what,
                          const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), name.text) != known.end()) return true;
  const auto near = did_you_mean(name.text, known);
  diagnostics_.error(name.at, std::string("no ") + what + " " + excerpt(name.text, 80),
                     near            ? "did you mean " + *near + "?"
                     : known.empty() ? ""
                                     : "there is " + joined(known));
  return false;
}

void TestReader::check_path(const Node& name, const std::vector<std::string>& known,
                            std::initializer_list<const char*> words) {
  expression::Expression path;
  expression::Problem problem;
  if (!expression::Expression::compile("." + name.text, path, problem)) {
    diagnostics_.error(name.at, excerpt(name.text, 80) + " is no attribute: " + problem.message,
                       problem.hint);
    return;
  }
  std::string first = name.text;
  if (const auto uses = path.fields(); !uses.empty() && !uses.front().path.empty()) {
    first = uses.front().path.front();
  }
  std::vector<std::string> candidates = known;
  for (const char* word : words) candidates.emplace_back(word);
  if (std::find(known.begin(), known.end(), first) != known.end()) return;
  const auto near = did_you_mean(first, candidates);
  diagnostics_.error(name.at, "no attribute " + excerpt(name.text, 80),
                     near ? "did you mean " + *near + "?" : "see docs/reference/attributes.md");
}

/// Nothing of another stream can be expected: it would never be found.
void TestReader::check_record(const Node& node, const std::string& text) {
  std::string source, stream, key;
  if (!parse_record_name(text, source, stream, key)) {
    diagnostics_.error(node.at, excerpt(text, 80) + " is no record's name",
                       "write source.stream/key");
    return;
  }
  Node name = node;
  name.text = source + "." + stream;
  (void)is_known(name, "stream", stream_names_);
}

void TestReader::add_json(std::string_view json, const Location& at, GivenStream& stream) {
  if (stream.records.size() >= given_records_max) {
    if (stream.records.size() == given_records_max) {
      diagnostics_.error(at, "more than 100,000 records are given");
    }
    return;
  }
  stream.records.push_back({std::string(json), at});
}

void TestReader::read_file(const Node& name, GivenStream& stream) {
  const bool is_lines = name.text.ends_with(".jsonl");
  if (!is_lines && !name.text.ends_with(".json")) {
    diagnostics_.error(name.at, "the records of " + stream.source + "." + stream.stream +
                                    " are a list, or the name of a .json or .jsonl file");
    return;
  }
  Diagnostics problems;
  std::string text;
  if (!read_text(project_.root, name.text, problems, text)) {
    diagnostics_.error(name.at, name.text + ": " + problems.errors().front().message,
                       "files are named from the project folder");
    return;
  }
  JsonReader reader;
  Arena arena;
  if (is_lines) {
    int number = 0;
    for (const std::string_view line : split(text, '\n')) {
      ++number;
      if (trim_ascii(line).empty()) continue;
      if (const auto parsed = reader.parse(line, arena); !parsed.ok()) {
        diagnostics_.error(name.at, name.text + ", line " + std::to_string(number) + ": " +
                                        parsed.error().message);
        return;
      }
      add_json(trim_ascii(line), name.at, stream);
    }
    return;
  }
  const auto parsed = reader.parse(text, arena);
  if (!parsed.ok()) {
    diagnostics_.error(name.at, name.text + ": " + parsed.error().message);
    return;
  }
  if (!parsed->is_list()) {
    add_json(trim_ascii(text), name.at, stream);
    return;
  }
  for (std::uint32_t i = 0; i < parsed->size(); ++i) {
    std::string json;
    parsed->item(i).append_json(json);
    add_json(json, name.at, stream);
  }
}

void TestReader::read_records(const Node& node, GivenStream& stream) {
  if (node.is_scalar() && !node.text.empty()) return read_file(node, stream);
  if (node.kind != Node::Kind::list) {
    diagnostics_.error(node.at, "the records of " + stream.source + "." + stream.stream +
                                    " are a list, or the name of a .json or .jsonl file");
    return;
  }
  for (const Node& record : node.items) {
    if (record.kind == Node::Kind::map) {
      add_json(to_json(record), record.at, stream);
    } else {
      diagnostics_.error(record.at, "a record is a map of its fields");
    }
  }
}

void TestReader::read_given(const Node& given, ProjectTest& test) {
  for (const auto& [name, records] : given.members) {
    if (!is_known(name, "stream", stream_names_)) continue;
    const auto at = std::find(stream_names_.begin(), stream_names_.end(), name.text);
    const StreamName& known = streams_[static_cast<std::size_t>(at - stream_names_.begin())];
    GivenStream stream{known.source, known.stream, {}, name.at};
    read_records(records, stream);
    test.given.push_back(std::move(stream));
  }
}

ExpectedList TestReader::read_orders(const Node& name, const Node& value) {
  ExpectedList orders{"orders", value.items, name.at};
  for (const Node& order : orders.items) {
    for (const auto& [part, ignored] : order.members) {
      if (part.text != "records") check_path(part, order_names_, {"records"});
    }
  }
  return orders;
}

ExpectedProfile TestReader::read_profile(const Node& node) {
  ExpectedProfile profile;
  profile.at = node.at;
  for (const auto& [name, value] : node.members) {
    if (name.text == "orders") {
      profile.orders.push_back(read_orders(name, value));
      continue;
    }
    if (name.text != "members") {
      check_path(name, party_names_, {"members", "orders"});
      profile.values.push_back({name.text, value, name.at});
      continue;
    }
    for (const Node& member : value.items) {
      if (!member.is_scalar() || member.text.empty()) continue;
      check_record(member, member.text);
      profile.members.push_back(member.text);
    }
  }
  std::sort(profile.members.begin(), profile.members.end());
  return profile;
}

void TestReader::read_link(const Node& node, Expectations& out) {
  ExpectedLink link;
  link.at = node.at;
  link.from = text_of(node, "from");
  link.to = text_of(node, "to");
  link.by = text_of(node, "by");
  link.is_refused = node.find("refused") != nullptr;
  link.refused = text_of(node, "refused");
  for (const char* end : {"from", "to"}) {
    const Node* name = node.find(end);
    if (name != nullptr && name->is_scalar() && !name->text.empty()) {
      check_record(*name, name->text);
    }
  }
  out.links.push_back(std::move(link));
}

void TestReader::read_withheld(const Node& node, Expectations& out) {
  for (const auto& [job, reasons] : node.members) {
    if (!is_known(job, "job that sends called", sending_jobs_)) continue;
    ExpectedWithholding withholding{job.text, {}, job.at};
    for (const auto& [reason, who] : reasons.members) {
      ExpectedWithheld withheld;
      withheld.reason = reason.text;
      withheld.at = reason.at;
      const char* end = who.text.data() + who.text.size();
      const bool number = who.is_scalar() && scalar_type(who) == ScalarType::integer;
      if (number && std::from_chars(who.text.data(), end, withheld.count).ec == std::errc() &&
          withheld.count >= 0) {
        withheld.is_count = true;
      } else if (who.kind == Node::Kind::list) {
        for (const Node& member : who.items) {
          check_record(member, member.text);
          withheld.members.push_back(member.text);
        }
        std::sort(withheld.members.begin(), withheld.members.end());
      } else {
        diagnostics_.error(who.at, excerpt(reason.text, 80) +
                                       " takes how many profiles, or a list with a record of each");
      }
      withholding.reasons.push_back(std::move(withheld));
    }
    out.withheld.push_back(std::move(withholding));
  }
}

std::vector<ExpectedList> TestReader::read_lists(const Node* node, const char* what,
                                                 const std::vector<std::string>& known) {
  std::vector<ExpectedList> lists;
  if (node == nullptr || node->kind != Node::Kind::map) return lists;
  for (const auto& [name, items] : node->members) {
    if (!is_known(name, what, known)) continue;
    lists.push_back({name.text, items.items, name.at});
  }
  return lists;
}

void TestReader::read_expect(const Node& expect, Expectations& out) {
  if (const Node* profiles = expect.find("profiles")) {
    out.has_profiles = true;
    out.profiles_at = profiles->at;
    for (const Node& profile : profiles->items) out.profiles.push_back(read_profile(profile));
  }
  if (const Node* links = list_of(expect, "links")) {
    for (const Node& link : links->items) read_link(link, out);
  }
  if (const Node* withheld = map_of(expect, "withheld")) read_withheld(*withheld, out);
  out.permitted = read_lists(expect.find("permitted"), "purpose", names_of(project_.purposes));
  out.deliveries = read_lists(expect.find("deliveries"), "job that sends called", sending_jobs_);
  out.records = read_lists(expect.find("records"), "stream", stream_names_);
  out.quarantined = read_lists(expect.find("quarantined"), "stream", stream_names_);
  if (const Node* waiting = list_of(expect, "waiting")) {
    out.waiting.push_back({"waiting", waiting->items, waiting->at});
  }
  for (const ExpectedList& list : out.records) {
    for (const Node& record : list.items) {
      for (const auto& [name, value] : record.members) {
        if (name.text != "entity" && name.text != "key") {
          check_path(name, record_names_, {"entity", "key"});
        }
      }
    }
  }
}

ProjectTest TestReader::read_test(const Node& node) {
  ProjectTest test;
  test.at = node.at;
  test.name = text_of(node, "test");
  const Node* as_of = node.find("as_of");
  if (as_of != nullptr && as_of->is_scalar() && !as_of->text.empty()) {
    if (const auto at = parse_time(as_of->text); at.ok()) {
      test.as_of = *at;
    } else {
      diagnostics_.error(as_of->at, "as_of must be a date (2026-03-14) or an RFC 3339 time");
    }
  }
  if (const Node* given = map_of(node, "given")) read_given(*given, test);
  if (const Node* expect = map_of(node, "expect")) read_expect(*expect, test.expect);
  return test;
}

}  // namespace

std::vector<std::string> test_files(const Project& project, Diagnostics& diagnostics) {
  return list_yaml(project.root, "tests", diagnostics, Folders::allowed);
}

std::vector<ProjectTest> load_tests(const Project& project, const std::vector<std::string>& files,
                                    Diagnostics& diagnostics) {
  std::vector<ProjectTest> tests;
  TestReader reader(project, diagnostics);
  for (const std::string& file : files) {
    std::string text;
    Node root;
    if (!read_text(project.root, file, diagnostics, text)) continue;
    if (!parse_text(text, file, diagnostics, root)) continue;
    check_shape(root, "tests/*.yaml", diagnostics);
    if (root.kind == Node::Kind::list) reader.read(root, tests);
  }
  return tests;
}

}  // namespace rondom::config
