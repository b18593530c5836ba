#include "engine/test_world.h"

#include <algorithm>
#include <set>

#include "expression/expression.h"

namespace rondom::engine {

namespace {

constexpr std::size_t rows_per_page = 5'000;
constexpr std::size_t deciders_shown_max = 5;
constexpr std::size_t losers_shown_max = 3;

// Does an attribute of this label stand under the path of an expectation?
bool is_under(std::string_view label, std::string_view path) {
  path = path.substr(0, path.find('['));
  if (label == path || short_form_of(path) == label) return true;
  if (path == "country" && label == "addresses.country") return true;
  if (path == "identifiers") path = "identifier";
  return label.size() > path.size() && label.starts_with(path) && label[path.size()] == '.';
}

Status load_records(store::Store& store, const RecordNames& names, TestWorld& world) {
  RONDOM_TRY_ASSIGN(const store::RecordId last, store.last_record_id());
  std::vector<store::RecordId> ids;
  for (store::RecordId id = 1; id <= last; ++id) {
    ids.push_back(id);
    if (ids.size() < rows_per_page && id != last) continue;
    RONDOM_TRY_ASSIGN(auto found, store.records(ids));
    ids.clear();
    for (store::StoredRecord& record : found) {
      if (!record.live) continue;
      world.records[names.source_and_stream_of(record)].push_back(
          {names.of(record), record.entity, record.key, std::move(record.canonical)});
    }
  }
  return {};
}

Status load_profiles(store::Store& store, const RecordNames& names, TestWorld& world) {
  store::ProfileId after = 0;
  while (true) {
    RONDOM_TRY_ASSIGN(auto page, store.scan_profiles(after, rows_per_page));
    if (page.empty()) return {};
    after = page.back().id;
    for (store::Profile& profile : page) {
      RONDOM_TRY_ASSIGN(const auto records, store.records(profile.members));
      FoundProfile found;
      for (const store::StoredRecord& record : records) found.members.push_back(names.of(record));
      std::sort(found.members.begin(), found.members.end());
      found.profile = std::move(profile);
      world.profiles.push_back(std::move(found));
    }
  }
}

Status load_refused(store::Store& store, TestWorld& world) {
  std::int64_t after = 0;
  while (true) {
    RONDOM_TRY_ASSIGN(auto page, store.quarantine("", after, rows_per_page));
    if (page.empty()) return {};
    after = page.back().id;
    std::move(page.begin(), page.end(), std::back_inserter(world.refused));
  }
}

Status load_waiting(store::Store& store, TestWorld& world) {
  store::RecordId after = 0;
  while (true) {
    RONDOM_TRY_ASSIGN(auto page, store.waiting_references(after, rows_per_page));
    if (page.empty()) return {};
    after = page.back().record;
    std::move(page.begin(), page.end(), std::back_inserter(world.waiting));
  }
}

}  // namespace

Status TestWorld::load() {
  RecordNames names;
  RONDOM_TRY(names.load(*store));
  RONDOM_TRY(load_records(*store, names, *this));
  RONDOM_TRY(load_profiles(*store, names, *this));
  RONDOM_TRY(load_waiting(*store, *this));
  return load_refused(*store, *this);
}

const FoundProfile* TestWorld::profile_of(std::string_view record) const {
  for (const FoundProfile& found : profiles) {
    if (std::binary_search(found.members.begin(), found.members.end(), record)) return &found;
  }
  return nullptr;
}

const FoundProfile* TestWorld::profile_with_uid(std::string_view uid) const {
  for (const FoundProfile& found : profiles) {
    if (to_text(found.profile.uid) == uid) return &found;
  }
  return nullptr;
}

Result<Explanation> TestWorld::explain(const FoundProfile& found) const {
  return explain_profile(*project, *store, found.profile.id, as_of);
}

std::string place_of(const config::Location& at) {
  if (at.file == nullptr || at.line == 0) return "built in";
  return *at.file + ":" + std::to_string(at.line);
}

std::string TestWorld::rule_of_namespace(std::string_view name_space) const {
  for (const config::IdentifierRule& rule : project->identity.identifiers) {
    if (rule.name_space == name_space) return place_of(rule.at);
  }
  return "not declared in identity.yaml";
}

std::string sentence_of(const TestWorld& world, const Explanation::Link& link) {
  std::string out = link.from + " and " + link.to + " share " + link.name_space + " " + link.value;
  if (!link.refused.empty()) out += ", but " + link.refused;
  return out + " (" + world.rule_of_namespace(link.name_space) + ")";
}

Value value_at(const TestWorld& world, const Value& root, const std::string& path, Arena& arena) {
  expression::Expression expression;
  expression::Problem problem;
  if (!expression::Expression::compile("." + path, expression, problem)) return {};
  expression::Scope scope;
  scope.current = root;
  scope.root = root;
  scope.as_of = world.as_of;
  scope.country = world.project->defaults.country;
  scope.time_zone = world.project->defaults.time_zone;
  scope.arena = &arena;
  const auto value = expression.evaluate(scope);
  return value.ok() ? *value : Value();
}

std::vector<std::string> deciders_of(const Explanation& explained, std::string_view path) {
  std::vector<std::string> out;
  for (const merge::Choice& choice : explained.choices) {
    if (!is_under(attribute_label(choice.winner), path)) continue;
    if (out.size() == deciders_shown_max) break;
    std::string line = attribute_label(choice.winner) + " \"" + std::string(choice.winner.value) +
                       "\" of " + explained.members[choice.member].name + ": " + choice.rule +
                       " (" + place_of(choice.rule_at) + ")";
    if (!choice.winner.raw.empty() && choice.winner.raw != choice.winner.value) {
      line += ", raw \"" + std::string(choice.winner.raw) + "\", " + rule_text(choice.winner.rule);
    }
    std::set<std::string_view> seen{choice.winner.value};
    for (const auto& loser : choice.losers) {
      if (seen.size() > losers_shown_max || !seen.insert(loser.cell.value).second) continue;
      line += (seen.size() == 2 ? ", over \"" : ", \"") + std::string(loser.cell.value) + "\" of " +
              explained.members[loser.member].name;
    }
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace rondom::engine
