#include <algorithm>
#include <charconv>
#include <filesystem>

#include "config/readers.h"
#include "config/shape.h"
#include "expression/zone.h"
#include "model/attribute_codes.h"

namespace rondom::config {
namespace {

constexpr int minimum_age_max = 120;

bool all_in(std::string_view text, char first, char last) {
  return std::all_of(text.begin(), text.end(), [&](char c) { return c >= first && c <= last; });
}

bool is_language(std::string_view text) {
  const std::string_view primary = text.substr(0, text.find('-'));
  return (primary.size() == 2 || primary.size() == 3) && all_in(primary, 'a', 'z') &&
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
             std::string_view::npos;
}

void read_default(const Node& map, std::string_view key, bool (*is_right)(std::string_view),
                  const char* expected, std::string& value, Diagnostics& diagnostics) {
  const Node* node = map.find(key);
  if (node == nullptr || !node->is_scalar() || node->text.empty()) return;
  if (is_right(node->text)) {
    value = node->text;
    return;
  }
  diagnostics.error(node->at, std::string(key) + " must be " + expected);
}

/// Overrides in `defaults` what `map` states.
void read_defaults(const Node& map, Defaults& defaults, Diagnostics& diagnostics) {
  read_default(
      map, "country",
      [](std::string_view text) { return text.size() == 2 && all_in(text, 'A', 'Z'); },
      "two capital letters such as NL (ISO 3166)", defaults.country, diagnostics);
  read_default(map, "language", is_language, "a language such as nl (BCP 47)", defaults.language,
               diagnostics);
  read_default(
      map, "currency",
      [](std::string_view text) { return text.size() == 3 && all_in(text, 'A', 'Z'); },
      "three capital letters such as EUR (ISO 4217)", defaults.currency, diagnostics);
  read_default(map, "time_zone", is_time_zone, "a zone such as Europe/Amsterdam, or UTC",
               defaults.time_zone, diagnostics);
}

void read_state(const Node& root, Project& project) {
  const std::string state = text_of(root, "state");
  if (state.empty()) return;
  project.state = state;
  while (project.state.size() > 1 && project.state.ends_with('/')) project.state.pop_back();
  project.store.sqlite = project.state + "/rondom.db";
}

void read_store(const Node& root, Reading& reading) {
  const Node* store = map_of(root, "store");
  if (store == nullptr) return;
  const bool both = store->find("sqlite") != nullptr && store->find("postgresql") != nullptr;
  if (both || store->members.empty()) {
    reading.diagnostics.error(store->at, "store needs exactly one of sqlite and postgresql");
  }
  const std::string sqlite = text_of(*store, "sqlite");
  if (!sqlite.empty()) reading.project.store.sqlite = sqlite;
  reading.project.store.postgresql = text_of(*store, "postgresql");
}

/// By whatever name: what is there twice under two names is seen when it is written.
bool is_of_store(const Project& project, const std::string& file) {
  const auto canonical = [&](const std::string& name) {
    std::error_code failed;
    const std::filesystem::path path = std::filesystem::path(project.root) / name;
    const std::filesystem::path found = std::filesystem::weakly_canonical(path, failed);
    return (failed ? path.lexically_normal() : found).string();
  };
  const std::string own = canonical(file), store = canonical(project.store.sqlite);
  const auto ends = {"", "-journal", "-wal", "-shm", ".lock", "-sent", "-sent.1"};
  return own.starts_with(store + ".schema-") ||
         std::any_of(ends.begin(), ends.end(), [&](const char* end) { return own == store + end; });
}

void read_views(const Node& root, Reading& reading) {
  const Node* views = map_of(root, "views");
  if (views == nullptr) return;
  Views& own = reading.project.views;
  own.sqlite = text_of(*views, "sqlite");
  own.postgresql = text_of(*views, "postgresql");
  own.after_run = text_of(*views, "refresh") != "never";
  const std::string refresh = text_of(*views, "refresh");
  const bool is_told = !refresh.empty() && refresh != "run" && refresh != "never";
  const bool in_file = views->find("sqlite") != nullptr;
  if (in_file == (views->find("postgresql") != nullptr) && !is_told) {
    reading.diagnostics.error(views->at, "views needs exactly one of sqlite and postgresql");
  }
  const Project& project = reading.project;
  if (!own.sqlite.empty() && project.store.postgresql.empty() && is_of_store(project, own.sqlite)) {
    reading.diagnostics.error(views->at,
                              "the views cannot be in " + own.sqlite + ": it is the store's");
  }
}

void read_connection(const Node& name, const Node& node, Reading& reading) {
  check_name(&name, "a connection", reading.diagnostics);
  Connection connection;
  connection.name = name.text;
  connection.connector = text_of(node, "connector");
  connection.at = name.at;
  connection.defaults = reading.project.defaults;
  if (const Node* config = map_of(node, "config")) connection.config_json = to_json(*config);
  if (const Node* defaults = map_of(node, "defaults")) {
    read_defaults(*defaults, connection.defaults, reading.diagnostics);
  }
  // The shape check covers rondom.yaml; one that exists only in an environment is seen here.
  const bool foreign = name.at.file && *name.at.file != "rondom.yaml";
  if (foreign && node.find("connector") == nullptr) {
    reading.diagnostics.error(name.at, "connection " + name.text + " has no connector",
                              "rondom.yaml has no connection of this name");
  }
  reading.project.connections.push_back(std::move(connection));
}

/// What is asked of a yes, and of who gave it.
void read_conditions_of(const Node& node, Purpose& purpose, Diagnostics& diagnostics) {
  purpose.double_opt_in = boolean_of(node, "double_opt_in", false);
  purpose.birth_date_required = boolean_of(node, "birth_date_required", false);
  if (const Node* after = node.find("expires_after"); after != nullptr && after->is_scalar()) {
    const std::optional<std::int64_t> duration = parse_duration(after->text);
    if (duration) {
      purpose.expires_after = *duration;
    } else {
      diagnostics.error(after->at, "expires_after must be a duration such as 730d");
    }
  }
  const Node* ages = map_of(node, "minimum_age");
  if (ages == nullptr) {
    if (const Node* required = node.find("birth_date_required");
        required != nullptr && purpose.birth_date_required) {
      diagnostics.error(required->at, "birth_date_required belongs to minimum_age");
    }
    return;
  }
  for (const auto& [country, age] : ages->members) {
    int years = 0;
    const char* end = age.text.data() + age.text.size();
    if (!age.is_scalar() || std::from_chars(age.text.data(), end, years).ptr != end) continue;
    const bool is_country = country.text.size() == 2 && all_in(country.text, 'A', 'Z');
    if (!is_country && country.text != "else") {
      diagnostics.error(country.at, "minimum_age is by country",
                        "two capital letters such as NL (ISO 3166), or else");
      continue;
    }
    if (years < 1 || years > minimum_age_max) {
      diagnostics.error(age.at, "an age is from 1 to " + std::to_string(minimum_age_max));
      continue;
    }
    purpose.minimum_age[country.text] = years;
  }
}

void read_purposes(const Node& root, Reading& reading) {
  const Node* purposes = map_of(root, "purposes");
  if (purposes == nullptr) return;
  for (const auto& [name, node] : purposes->members) {
    if (node.kind != Node::Kind::map) continue;
    check_name(&name, "a purpose", reading.diagnostics);
    Purpose purpose;
    purpose.name = name.text;
    purpose.channel = text_of(node, "channel");
    purpose.legal_basis = std::string(codes::one_legal_basis(text_of(node, "legal_basis")));
    purpose.country = reading.project.defaults.country;
    read_conditions_of(node, purpose, reading.diagnostics);
    if (const Node* label = map_of(node, "label")) {
      for (const auto& [language, text] : label->members) {
        if (text.is_scalar()) purpose.label[language.text] = text.text;
      }
    }
    reading.project.purposes.push_back(std::move(purpose));
  }
}

void read_secret_sources(const Node& root, Reading& reading) {
  const Node* sources = list_of(root, "secrets");
  if (sources == nullptr) {
    reading.project.secret_sources = {"credential", "file:secrets", "env"};
    return;
  }
  for (const Node& source : sources->items) {
    if (!source.is_scalar() || source.text.empty()) continue;
    const bool known = source.text == "credential" || source.text == "env" ||
                       (source.text.starts_with("file:") && source.text.size() > 5);
    if (known) {
      reading.project.secret_sources.push_back(source.text);
      continue;
    }
    report_unknown(source.at, "secrets source", source.text, {"credential", "file:DIR", "env"},
                   reading.diagnostics);
  }
}

bool is_sha256(std::string_view text) {
  constexpr std::size_t digits = 64;
  return text.size() == digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void read_trusted_plugin(const Node& name, const Node& node, Reading& reading) {
  TrustedPlugin trusted;
  trusted.name = name.text;
  trusted.at = name.at;
  for (const std::string& what : texts_of(node, "allow")) {
    trusted.files = trusted.files || what == "files";
    trusted.network = trusted.network || what == "network";
  }
  trusted.paths = texts_of(node, "paths");
  trusted.writes = texts_of(node, "writes");
  const bool names_paths = !trusted.paths.empty() || !trusted.writes.empty();
  if (trusted.files && !names_paths) {
    reading.diagnostics.error(name.at,
                              "plugin " + name.text + " may use files, but paths names none",
                              "write paths: [data], the folders or files that it may use");
  }
  if (!trusted.files && names_paths) {
    reading.diagnostics.error(name.at, "plugin " + name.text + " has paths, but may not use files",
                              "write allow: [files], or leave paths out");
  }
  if (const Node* pin = node.find("sha256"); pin != nullptr && pin->is_scalar()) {
    trusted.sha256 = pin->text;
    trusted.sha256_at = pin->at;
    if (!is_sha256(pin->text)) {
      reading.diagnostics.error(pin->at, "sha256 must be 64 digits of 0-9 and a-f",
                                "as rondom connectors show prints them");
    }
  }
  reading.project.trusted_plugins.push_back(std::move(trusted));
}

void read_limit(const Node& limits, std::string_view key, std::int64_t least, std::int64_t most,
                std::int64_t& value, Diagnostics& diagnostics) {
  const Node* node = limits.find(key);
  if (node == nullptr || !node->is_scalar() || scalar_type(*node) != ScalarType::integer) return;
  std::int64_t number = 0;
  const char* end = node->text.data() + node->text.size();
  if (std::from_chars(node->text.data(), end, number).ptr != end || number < least ||
      number > most) {
    diagnostics.error(node->at, std::string(key) + " must be between " + std::to_string(least) +
                                    " and " + std::to_string(most));
    return;
  }
  value = number;
}

void read_plugins(const Node& root, Reading& reading) {
  reading.project.plugin_directories = texts_of(root, "plugins");
  if (const Node* trusted = map_of(root, "trusted_plugins")) {
    for (const auto& [name, node] : trusted->members) {
      if (node.kind == Node::Kind::map) read_trusted_plugin(name, node, reading);
    }
  }
  const Node* limits = map_of(root, "plugin_limits");
  if (limits == nullptr) return;
  constexpr std::int64_t memory_mb_min = 64, memory_mb_max = 1 << 20;
  constexpr std::int64_t seconds_max = 7 * 24 * 3'600;
  constexpr std::int64_t records_max = 1'000'000'000'000;
  PluginLimits& own = reading.project.plugin_limits;
  Diagnostics& diagnostics = reading.diagnostics;
  read_limit(*limits, "memory_mb", memory_mb_min, memory_mb_max, own.memory_mb, diagnostics);
  read_limit(*limits, "silent_seconds", 1, seconds_max, own.silent_seconds, diagnostics);
  read_limit(*limits, "idle_seconds", 1, seconds_max, own.idle_seconds, diagnostics);
  read_limit(*limits, "records_without_checkpoint", 1, records_max, own.records_without_checkpoint,
             diagnostics);
}

}  // namespace

bool is_time_zone(std::string_view text) {
  if (text == "UTC") return true;
  const bool has_its_form = text.find('/') != std::string_view::npos && !text.empty() &&
                            text.front() != '/' && text.back() != '/' &&
                            text.find("..") == std::string_view::npos &&
                            text.find_first_not_of(
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "+-_/") == std::string_view::npos;
  return has_its_form && expression::open_zone(text) != nullptr;
}

void read_settings(const Node& root, Reading& reading) {
  Project& project = reading.project;
  project.name = text_of(root, "project");
  check_name(root.find("project"), "a project", reading.diagnostics);
  if (const Node* defaults = map_of(root, "defaults")) {
    read_defaults(*defaults, project.defaults, reading.diagnostics);
  }
  if (text_of(root, "deliver") == "send") project.deliver = Delivery::send;
  read_state(root, project);
  read_store(root, reading);
  read_secret_sources(root, reading);
  read_purposes(root, reading);
  read_plugins(root, reading);
  read_serve(root, reading);
  read_notify(root, reading);
  read_retention(root, reading);
  read_views(root, reading);
  if (const Node* connections = map_of(root, "connections")) {
    for (const auto& [name, node] : connections->members) {
      if (node.kind == Node::Kind::map) read_connection(name, node, reading);
    }
  }
  const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
  std::sort(project.connections.begin(), project.connections.end(), by_name);
  std::sort(project.purposes.begin(), project.purposes.end(), by_name);
  if (const Node* customer = root.find("customer"); customer != nullptr && customer->is_scalar()) {
    Attribute& attribute = project.attributes.emplace_back();
    attribute.name = attribute.family = "customer";
    attribute.type = "boolean";
    attribute.value = {customer->text, customer->at};
    attribute.definition = "Is this a customer? As rondom.yaml says.";
    attribute.owner = project.name;
    attribute.at = customer->at;
  }
}

}  // namespace rondom::config
