// Every key of the registry, one by one: a wrong value and a misspelt name are reported at their
// line, by name, and nothing else is.
#include <boost/test/unit_test.hpp>

#include "config/tests.h"
#include "support/reference_page.h"
#include "unit/config/support.h"

namespace rondom::config::test {
namespace {

/// A small YAML document in block form that knows on which line its key of interest stands.
struct Document {
  std::string text;
  int line = 1;    // of the next line
  int target = 0;  // of the key that is tried

  void add(std::size_t depth, const std::string& content) {
    text += std::string(depth * 2, ' ') + content + "\n";
    ++line;
  }
};

struct Part {
  std::string name;
  std::size_t lists = 0;  // number of [] after it
};

std::vector<Part> parts_of(std::string_view path) {
  std::vector<Part> parts;
  for (std::string_view word : split(path, '.')) {
    Part part;
    while (word.ends_with("[]")) {
      word.remove_suffix(2);
      ++part.lists;
    }
    part.name = std::string(word);
    parts.push_back(part);
  }
  return parts;
}

/// The values that required keys take when they are not the one that is tried.
std::string right_value(std::string_view path) {
  static const std::map<std::string, std::string, std::less<>> values = {
      {"project", "acme"},
      {"connections.*.connector", "salesforce"},
      {"purposes.*.channel", "email"},
      {"purposes.*.legal_basis", "consent"},
      {"job", "one"},
      {"serve.tls.certificate", "tls/service.pem"},
      {"serve.tls.key", "tls/service.key"},
      {"notify.to", "{ me: { command: [/bin/true] } }"},
      {"streams[].stream", "Contact"},
      {"streams[].records[].entity", "person"},
      {"streams[].records[].map", "{ email: .a }"},
      {"audience", "everyone"},
      {"all", "[ .a == 1 ]"},
      {"identifiers[].namespace", "login"},
      {"identifiers[].class", "weak"},
      {"person[].of", "birth_date"},
      {"person[].rule", "max"},
      {"organization[].of", "industry"},
      {"organization[].rule", "max"},
      {"lookup", "branches"},
      {"values", "{ a: b }"},
      {"vocabulary", "product_category"},
      {"terms", "[ { code: a } ]"},
      {"terms[].code", "a"},
      {"*.rules[].value", "a"},
      {"*.rules[].because", "so"},
      {"suppressions", "board"},
      {"entries", "[ { email: a@example.com } ]"},
      {"[].test", "one"},
      {"[].as_of", "2026-03-14"},
      {"[].given", "{ crm.Contact: [] }"},
      {"[].expect", "{ profiles: [] }"},
      {"[].expect.profiles[].members", "[crm.Contact/1]"},
      {"[].expect.links[].from", "crm.Contact/1"},
      {"[].expect.links[].to", "crm.Contact/2"}};
  const auto found = values.find(path);
  BOOST_REQUIRE_MESSAGE(found != values.end(), "no right value for " << path);
  return found->second;
}

std::string wrong_value(KeyType type) {
  switch (type) {
    case KeyType::text:
    case KeyType::expression: return "{ wrong: value }";
    case KeyType::integer: return "many";
    case KeyType::percent: return "2";
    case KeyType::boolean: return "maybe";
    case KeyType::choice: return "nonsense";
    case KeyType::list:
    case KeyType::map: return "word";
    case KeyType::any: break;
  }
  return "";
}

std::string direct_child(std::string_view parent, std::string_view path) {
  if (!parent.empty()) {
    if (!path.starts_with(parent) || path.size() <= parent.size() || path[parent.size()] != '.') {
      return "";
    }
    path.remove_prefix(parent.size() + 1);
  }
  return path.find('.') == std::string_view::npos && !path.ends_with("[]") ? std::string(path) : "";
}

/// Required keys below `parent` other than `except`, so that only one thing is wrong.
void add_siblings(Document& document, std::string_view file, const std::string& parent,
                  const std::string& except, std::size_t depth) {
  for (const KeyInfo& info : keys()) {
    if (info.file != file || !info.required) continue;
    const std::string child = direct_child(parent, info.path);
    if (child.empty() || child == except || child == "*") continue;
    document.add(depth, child + ": " + right_value(info.path));
  }
}

/// What the chosen key needs around it beyond the registry's required keys.
void add_context(Document& document, const KeyInfo& info, const std::string& parent,
                 const std::string& own, std::size_t depth) {
  const bool is_job = info.file == "jobs/*.yaml";
  if (is_job && parent.empty()) {
    const bool source = info.path.starts_with("streams") || info.path == "limits.tombstones" ||
                        info.path == "source" || info.path == "fresh_within";
    if (source) {
      if (own != "source") document.add(depth, "source: crm");
      if (own != "streams") document.add(depth, "streams: [ { stream: a, preset: contact } ]");
      return;
    }
    if (own != "destination") document.add(depth, "destination: mail");
    if (own != "purpose") document.add(depth, "purpose: news");
    if (own != "map") document.add(depth, "map: { email: .email }");
  }
  if (parent == "[].expect.profiles[]" && own == "members") document.add(depth, "gender: female");
  if (parent == "notify.to.*" && own != "webhook" && own != "command") {
    document.add(depth, "webhook: https://hooks.example");
  }
  if (parent == "schedule" && own == "zone") document.add(depth, "cron: 0 6 * * *");
  if (parent == "terms[]" && own == "code") document.add(depth, "synonyms: [other]");
  if (info.file == "attributes/*.yaml" && parent == "*") {
    if (own != "type") document.add(depth, "type: text");
    if (own != "definition") document.add(depth, "definition: words");
    if (own != "owner") document.add(depth, "owner: somebody");
    if (own != "value" && own != "source" && own != "rules") document.add(depth, "value: .a");
  }
  if (is_job && parent == "streams[]") {
    if (own == "map") document.add(depth, "entity: person");
    if (own == "entity") document.add(depth, "map: { email: .a }");
    const bool has_form = own == "map" || own == "entity" || own == "records" || own == "preset";
    if (!has_form) document.add(depth, "preset: contact");
  }
}

/// What stands for `*`: a name that the other files know.
std::string free_name(const std::string& parent) {
  const bool is_stream =
      parent == "[].given" || parent == "[].expect.records" || parent == "[].expect.quarantined";
  return is_stream ? "crm.Contact" : "crm";
}

/// The file for one key: `key: value` at the end of its path, and what must be around it.
Document document_for(const KeyInfo& info, const std::string& own_name, const std::string& value) {
  Document document;
  const std::vector<Part> parts = parts_of(info.path);
  std::string parent;
  std::size_t depth = 0;
  std::string first_prefix;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    const Part& part = parts[i];
    add_siblings(document, info.file, parent, part.name, depth);
    add_context(document, info, parent, part.name, depth);
    std::string name = part.name == "*" ? free_name(parent) : part.name;
    if (last && !own_name.empty()) name = own_name;
    if (name.empty()) {  // the file is a list
      if (last) document.target = document.line;
      document.add(depth++, last ? "- " + value : "-");
      parent = "[]";
      continue;
    }
    if (last && part.lists == 0) {
      document.target = document.line;
      document.add(depth, name + ": " + value);
      break;
    }
    document.add(depth, name + ":");
    if (last) {
      document.target = document.line;
      document.add(depth + 1, "- " + value);
      break;
    }
    parent += (parent.empty() ? "" : ".") + part.name;
    ++depth;
    if (part.lists > 0) {
      parent += "[]";
      document.add(depth, "-");
      ++depth;
    }
  }
  return document;
}

std::string file_name(std::string_view registry_file) {
  if (registry_file == "env/*.yaml") return "env/dev.yaml";
  if (registry_file == "jobs/*.yaml") return "jobs/tried.yaml";
  if (registry_file == "audiences/*.yaml") return "audiences/tried.yaml";
  if (registry_file == "lookups/*.yaml") return "lookups/tried.yaml";
  if (registry_file == "vocabularies/*.yaml") return "vocabularies/tried.yaml";
  if (registry_file == "attributes/*.yaml") return "attributes/tried.yaml";
  if (registry_file == "tests/*.yaml") return "tests/tried.yaml";
  return std::string(registry_file);
}

std::string own_name(const KeyInfo& info) {
  const std::vector<Part> parts = parts_of(info.path);
  return parts.back().name == "*" ? "crm" : parts.back().name;
}

Loaded load_tried(const KeyInfo& info, const Document& document) {
  Files files = minimal();
  files[file_name(info.file)] = document.text;
  if (info.file != "tests/*.yaml") return load(files);
  files["rondom.yaml"] += "  crm: { channel: email, legal_basis: consent }\n";
  files["jobs/contacts.yaml"] =
      "job: contacts\nsource: crm\nstreams: [ { stream: Contact, preset: contact } ]\n";
  files["jobs/crm.yaml"] =
      "job: crm\ndestination: mail\npurpose: news\nmap: { email: .permitted.email }\n";
  const Folder folder(files);
  Loaded loaded;
  loaded.project = load_project(folder.path(), "", loaded.diagnostics);
  load_tests(loaded.project, {"tests/tried.yaml"}, loaded.diagnostics);
  loaded.problems = all_of(loaded.diagnostics);
  return loaded;
}

BOOST_AUTO_TEST_SUITE(every_key)

BOOST_AUTO_TEST_CASE(the_minimal_project_has_no_problem) {
  BOOST_TEST(load(minimal()).problems == "");
  BOOST_TEST(
      load(with(minimal(), {{"jobs/a.yaml", source_job()}, {"jobs/b.yaml", destination_job()}}))
          .problems == "");
}

BOOST_AUTO_TEST_CASE(a_wrong_value_is_reported_at_its_line_by_name) {
  for (const KeyInfo& info : keys()) {
    const Document document = document_for(info, "", wrong_value(info.type));
    const Loaded loaded = load_tried(info, document);
    BOOST_TEST_CONTEXT(info.file << " " << info.path << "\n" << document.text << loaded.problems) {
      BOOST_TEST_REQUIRE(loaded.diagnostics.size() == 1);
      const Diagnostic& problem = loaded.diagnostics.errors().front();
      BOOST_TEST(*problem.at.file == file_name(info.file));
      BOOST_TEST(problem.at.line == document.target);
      BOOST_TEST(problem.message.find(own_name(info)) != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_misspelt_key_is_reported_at_its_line_with_the_right_one) {
  for (const KeyInfo& info : keys()) {
    const Part last = parts_of(info.path).back();
    const bool has_free_name = last.name == "*" || last.lists > 0;
    if (has_free_name) continue;
    const Document document = document_for(info, last.name + "q", "word");
    const Loaded loaded = load_tried(info, document);
    BOOST_TEST_CONTEXT(info.file << " " << info.path << "\n" << document.text << loaded.problems) {
      bool found = false;
      for (const Diagnostic& problem : loaded.diagnostics.errors()) {
        found = found || (problem.at.line == document.target &&
                          problem.message.find(last.name + "q") != std::string::npos &&
                          problem.hint.find(last.name) != std::string::npos);
      }
      BOOST_TEST(found);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_missing_required_key_is_named) {
  for (const KeyInfo& info : keys()) {
    if (!info.required) continue;
    const Part last = parts_of(info.path).back();
    Document document = document_for(info, "", "gone");
    std::string without;
    int line = 0;
    for (const std::string_view text : split(document.text, '\n')) {
      if (++line != document.target) without += std::string(text) + "\n";
    }
    document.text = without;
    const Loaded loaded = load_tried(info, document);
    BOOST_TEST_CONTEXT(info.file << " " << info.path << "\n" << document.text << loaded.problems) {
      const bool only_key = without.find_first_not_of(" -\n") == std::string::npos;
      BOOST_TEST(!loaded.diagnostics.empty());
      if (!only_key) BOOST_TEST(loaded.problems.find(last.name) != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_registry_is_well_formed) {
  std::map<std::string, int> seen;
  for (const KeyInfo& info : keys()) {
    BOOST_TEST(++seen[std::string(info.file) + ":" + std::string(info.path)] == 1);
    BOOST_TEST(!info.description.empty());
    BOOST_TEST((info.type == KeyType::choice) == !info.choices.empty());
  }
}

BOOST_AUTO_TEST_CASE(the_reference_page_is_up_to_date) {
  rondom::test::check_reference_page("project-files.md", keys_reference());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::config::test
