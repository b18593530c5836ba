#include <algorithm>
#include <filesystem>

#include "config/files.h"
#include "config/readers.h"
#include "config/shape.h"
#include "config/suppressions.h"
#include "expression/library.h"

namespace rondom::config {
namespace {

constexpr std::string_view settings_file = "rondom.yaml";
constexpr std::string_view default_environment = "dev";

class Loader {
 public:
  Loader(Project& project, Diagnostics& diagnostics)
      : project_(project),
        diagnostics_(diagnostics),
        reading_{project,
                 diagnostics,
                 {},
                 false,
                 {},
                 {},
                 std::make_shared<Suppressions>(),
                 std::make_shared<expression::Library>()} {}

  void load(std::string_view environment);

 private:
  bool read(const std::string& file, std::string_view registry_file, Node& root);
  void choose_environment(std::string_view wanted, const std::vector<std::string>& files);
  void fill_and_check(Node& root, std::string_view registry_file, const Variables& variables);
  bool read_environments(const Variables& base_variables, Node& chosen);
  bool read_all_settings();
  bool read_folder(std::string_view folder, std::string_view registry_file,
                   void (*reader)(Node&, Reading&));
  bool read_optional(const std::string& file, void (*reader)(const Node&, Reading&));
  bool read_tables();
  void refuse_misspelt_files();

  Project& project_;
  Diagnostics& diagnostics_;
  Reading reading_;
};

/// Parses a file; false when there is no complete tree of it.
bool Loader::read(const std::string& file, std::string_view registry_file, Node& root) {
  std::string text;
  ++project_.files_read;
  if (!read_text(project_.files, file, diagnostics_, text)) return false;
  if (!parse_text(text, file, diagnostics_, root)) return false;
  if (registry_file != settings_file && registry_file != "env/*.yaml") {
    check_shape(root, registry_file, diagnostics_);
  }
  return true;
}

void Loader::choose_environment(std::string_view wanted, const std::vector<std::string>& files) {
  std::vector<std::string> known;
  for (const std::string& file : files) known.push_back(std::filesystem::path(file).stem());
  const auto has = [&](std::string_view name) {
    return std::find(known.begin(), known.end(), name) != known.end();
  };
  if (wanted.empty()) {
    if (has(default_environment)) project_.environment = default_environment;
    return;
  }
  project_.environment = std::string(wanted);
  if (has(wanted)) return;
  const auto nearest = did_you_mean(wanted, known);
  diagnostics_.error(whole_file("env"), "no environment " + excerpt(wanted, 80),
                     nearest         ? "did you mean " + *nearest + "?"
                     : known.empty() ? "add env/" + excerpt(wanted, 80) + ".yaml"
                                     : "add env/" + excerpt(wanted, 80) +
                                           ".yaml, or choose one of: " + joined(known));
}

/// An argument of a command could be seen by every user of the machine, so none holds a secret.
void fill_notify(Node& notify, const Variables& variables, Diagnostics& diagnostics) {
  for (auto& [key, value] : notify.members) {
    if (key.text != "to" || value.kind != Node::Kind::map) {
      fill_variables(value, variables, SecretsAllowed::no, diagnostics);
      continue;
    }
    for (auto& [name, target] : value.members) {
      if (target.kind != Node::Kind::map) {
        fill_variables(target, variables, SecretsAllowed::no, diagnostics);
      }
      for (auto& [part, content] : target.members) {
        const bool may = part.text == "webhook" || part.text == "signing_secret";
        fill_variables(content, variables, may ? SecretsAllowed::yes : SecretsAllowed::no,
                       diagnostics);
      }
    }
  }
}

/// Secrets may stand in store, in the config of a connection and in what a webhook needs, vars
/// anywhere but in vars.
void fill_settings(Node& root, const Variables& variables, Diagnostics& diagnostics) {
  for (auto& [key, value] : root.members) {
    if (key.text == "vars") continue;
    if (key.text == "notify") {
      fill_notify(value, variables, diagnostics);
      continue;
    }
    if (key.text == "views" && value.kind == Node::Kind::map) {
      for (auto& [part, content] : value.members) {
        const auto secrets = part.text == "postgresql" ? SecretsAllowed::yes : SecretsAllowed::no;
        fill_variables(content, variables, secrets, diagnostics);
      }
      continue;
    }
    if (key.text != "connections") {
      const auto secrets = key.text == "store" ? SecretsAllowed::yes : SecretsAllowed::no;
      fill_variables(value, variables, secrets, diagnostics);
      continue;
    }
    for (auto& [name, connection] : value.members) {
      if (connection.kind != Node::Kind::map) {
        fill_variables(connection, variables, SecretsAllowed::no, diagnostics);
      }
      for (auto& [part, content] : connection.members) {
        const auto secrets = part.text == "config" ? SecretsAllowed::yes : SecretsAllowed::no;
        fill_variables(content, variables, secrets, diagnostics);
      }
    }
  }
}

void Loader::fill_and_check(Node& root, std::string_view registry_file,
                            const Variables& variables) {
  fill_settings(root, variables, diagnostics_);
  if (registry_file == settings_file) {
    check_shape(root, registry_file, diagnostics_);
    return;
  }
  // A key that belongs to rondom.yaml gets a better answer than "unknown".
  Node allowed = root;
  const auto belongs_to_settings = [&](const auto& member) {
    const auto is = [&](std::string_view file) {
      return std::any_of(keys().begin(), keys().end(), [&](const KeyInfo& info) {
        return info.file == file && info.path == member.first.text;
      });
    };
    if (!is(settings_file) || is(registry_file)) return false;
    diagnostics_.error(member.first.at,
                       member.first.text + " cannot be overridden: an environment may override " +
                           "vars, connections, store and deliver",
                       "move it to rondom.yaml");
    return true;
  };
  std::erase_if(allowed.members, belongs_to_settings);
  check_shape(allowed, registry_file, diagnostics_);
}

bool Loader::read_environments(const Variables& base_variables, Node& chosen) {
  bool complete = true;
  for (const std::string& file : list_yaml(project_.files, "env", diagnostics_)) {
    Node root;
    const bool is_chosen = std::filesystem::path(file).stem() == project_.environment;
    if (!read(file, "env/*.yaml", root)) {
      complete = complete && !is_chosen;
      continue;
    }
    Variables variables = base_variables;
    for (const auto& [name, value] : read_variables(nullptr, root.find("vars"), diagnostics_)) {
      variables[name] = value;
    }
    fill_and_check(root, "env/*.yaml", variables);
    if (!is_chosen) continue;
    reading_.variables = variables;
    chosen = std::move(root);
  }
  return complete;
}

/// Maps are laid over one another key by key; everything else replaces.
void overlay(Node& base, const Node& over) {
  if (base.kind != Node::Kind::map || over.kind != Node::Kind::map) {
    base = over;
    return;
  }
  for (const auto& [key, value] : over.members) {
    const auto same = std::find_if(
        base.members.begin(), base.members.end(),
        [&, name = &key.text](const auto& member) { return member.first.text == *name; });
    if (same == base.members.end()) {
      base.members.push_back({key, value});
    } else {
      overlay(same->second, value);
    }
  }
}

void overlay_environment(Node& base, const Node& environment) {
  for (const auto& [key, value] : environment.members) {
    if (value.kind == Node::Kind::null) continue;
    const bool replaces = key.text == "store" || key.text == "deliver";
    const auto same =
        std::find_if(base.members.begin(), base.members.end(),
                     [name = &key.text](const auto& member) { return member.first.text == *name; });
    if (same == base.members.end()) {
      base.members.push_back({key, value});
    } else if (replaces) {
      same->second = value;
    } else if (key.text == "connections" || key.text == "vars") {
      overlay(same->second, value);
    }
  }
}

/// Where the settings say that the store is: two environments with one store are one.
std::string store_of(const Node& settings) {
  std::string out;
  if (const Node* state = settings.find("state"); state != nullptr) out += state->text;
  const Node* store = settings.find("store");
  if (store == nullptr) return out;
  for (const auto& [key, value] : store->members) out += "\n" + key.text + " " + value.text;
  return out;
}

bool Loader::read_all_settings() {
  Node base;
  if (!exists(project_.files, settings_file)) {
    diagnostics_.error(whole_file(settings_file), "not found; is this a Rondom project?");
    return false;
  }
  bool complete = read(std::string(settings_file), settings_file, base);
  Diagnostics reported_while_listing;
  choose_environment(reading_.project.environment,
                     list_yaml(project_.files, "env", reported_while_listing));
  Node environment;
  reading_.variables = read_variables(base.find("vars"), nullptr, diagnostics_);
  const Variables base_variables = reading_.variables;
  complete = read_environments(base_variables, environment) && complete;
  if (!complete) return false;
  reading_.variables_known = true;
  Node plain = base;
  Diagnostics told_with_the_environment;
  fill_settings(plain, base_variables, told_with_the_environment);
  fill_and_check(base, settings_file, reading_.variables);
  overlay_environment(base, environment);
  read_settings(base, reading_);
  Views& views = reading_.project.views;
  views.owner = reading_.project.name;
  if (store_of(plain) != store_of(base)) views.owner += " (" + reading_.project.environment + ")";
  return true;
}

bool Loader::read_folder(std::string_view folder, std::string_view registry_file,
                         void (*reader)(Node&, Reading&)) {
  bool complete = true;
  for (const std::string& file : list_yaml(project_.files, folder, diagnostics_)) {
    Node root;
    if (read(file, registry_file, root)) {
      reader(root, reading_);
    } else {
      complete = false;
    }
  }
  return complete;
}

bool Loader::read_optional(const std::string& file, void (*reader)(const Node&, Reading&)) {
  if (!exists(project_.files, file)) return true;
  Node root;
  if (!read(file, file, root)) return false;
  reader(root, reading_);
  return true;
}

/// What expressions of the other files name.
bool Loader::read_tables() {
  const bool lookups = read_folder("lookups", "lookups/*.yaml", [](Node& root, Reading& reading) {
    read_lookup(root, reading);
  });
  const bool vocabularies =
      read_folder("vocabularies", "vocabularies/*.yaml",
                  [](Node& root, Reading& reading) { read_vocabulary(root, reading); });
  if (!lookups || !vocabularies) reading_.library->miss_some();
  project_.library = reading_.library;
  return lookups && vocabularies;
}

void Loader::refuse_misspelt_files() {
  static const std::vector<std::string> known = {
      "rondom.yaml", "identity.yaml", "merge.yaml", "audiences",    "attributes",
      "jobs",        "env",           "lookups",    "suppressions", "vocabularies"};
  static const std::vector<std::string> spellings = {"rondom.yml", "identity.yml", "merge.yml"};
  for (const std::string& name : list_top_level(project_.files)) {
    if (std::find(spellings.begin(), spellings.end(), name) != spellings.end()) {
      diagnostics_.error(whole_file(name), "project files end in .yaml", "rename the file");
      continue;
    }
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto nearest = did_you_mean(name, known);
    if (nearest && name.ends_with(".yaml") && nearest->ends_with(".yaml")) {
      diagnostics_.error(whole_file(name), "this file is not read",
                         "did you mean " + *nearest + "?");
    }
  }
}

void Loader::load(std::string_view environment) {
  project_.environment = std::string(environment);
  bool complete = read_all_settings();
  complete = read_tables() && complete;
  complete = read_folder("jobs", "jobs/*.yaml", read_job) && complete;
  complete = read_folder("audiences", "audiences/*.yaml",
                         [](Node& root, Reading& reading) { read_audience(root, reading); }) &&
             complete;
  complete = read_folder("attributes", "attributes/*.yaml",
                         [](Node& root, Reading& reading) { read_attributes(root, reading); }) &&
             complete;
  complete_attributes(reading_);
  complete = read_folder("suppressions", "suppressions/*.yaml",
                         [](Node& root, Reading& reading) { read_suppressions(root, reading); }) &&
             complete;
  for (Purpose& purpose : project_.purposes) purpose.suppressions = reading_.suppressions;
  complete = read_optional("identity.yaml", read_identity) && complete;
  complete = read_optional("merge.yaml", read_merge) && complete;
  refuse_misspelt_files();
  // A name from a file that could not be parsed would be reported as missing.
  if (complete) check_names(reading_);
  complete_identity(project_.identity);
  complete_merge(project_.merge);
  project_.identity_fingerprint = fingerprint(project_.identity);
  project_.merge_fingerprint = fingerprint(project_.merge);
  std::sort(project_.jobs.begin(), project_.jobs.end(), [](const Job& a, const Job& b) {
    if (a.source.has_value() != b.source.has_value()) return a.source.has_value();
    return a.name < b.name;
  });
  std::sort(project_.audiences.begin(), project_.audiences.end(),
            [](const Audience& a, const Audience& b) { return a.name < b.name; });
}

template <typename Items>
auto find_named(const Items& items, std::string_view name) -> decltype(&items.front()) {
  for (const auto& item : items) {
    if (item.name == name) return &item;
  }
  return nullptr;
}

}  // namespace

const Connection* Project::connection(std::string_view wanted) const {
  return find_named(connections, wanted);
}
const Job* Project::job(std::string_view wanted) const {
  return find_named(jobs, wanted);
}
const Audience* Project::audience(std::string_view wanted) const {
  return find_named(audiences, wanted);
}
const Attribute* Project::attribute(std::string_view wanted) const {
  return find_named(attributes, wanted);
}
std::string state_folder(const Project& project) {
  return (std::filesystem::path(project.root) / project.state).lexically_normal().string();
}

std::string control_socket(const Project& project) {
  if (project.serve.socket.empty()) return state_folder(project) + "/control.sock";
  return (std::filesystem::path(project.root) / project.serve.socket).lexically_normal().string();
}

std::string captured_folder(const Project& project) {
  return project.state == default_state ? "out" : project.state + "/out";
}

const TrustedPlugin* Project::trusted_plugin(std::string_view wanted) const {
  for (const TrustedPlugin& plugin : trusted_plugins) {
    if (plugin.name == wanted) return &plugin;
  }
  return nullptr;
}

const Purpose* Project::purpose(std::string_view wanted) const {
  return find_named(purposes, wanted);
}

Project load_project(std::string_view folder, std::string_view environment,
                     Diagnostics& diagnostics, std::string_view files) {
  Project project;
  std::error_code failed;
  const std::filesystem::path root =
      std::filesystem::absolute(std::filesystem::path(folder), failed);
  project.root = failed ? std::string(folder) : root.lexically_normal().string();
  project.files = files.empty() ? project.root : std::string(files);
  Loader(project, diagnostics).load(environment);
  return project;
}

}  // namespace rondom::config
