// readers: one checked file -> its part of the Project. Private to config.
//
// Every reader runs after check_shape() of the same file: it reports what the registry cannot say
// and passes over values of a wrong type, which are reported already.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/references.h"

namespace rondom::config {

/// A name in one file that must exist elsewhere; checked when everything is read.
struct NameUse {
  enum class Kind { connection, purpose, audience, job, stream };
  Kind kind;
  std::string name;
  Location at;
};

/// An attribute as a file defines it, before `like` and `expand`.
struct AttributeDefinition {
  Node name;
  Node body;  // a map
};

struct Reading {
  Project& project;
  Diagnostics& diagnostics;
  Variables variables;
  bool variables_known = false;  // false: rondom.yaml could not be read, so any var may exist
  std::vector<NameUse> uses;
  std::vector<AttributeDefinition> attributes;  // in order of file and place
  std::shared_ptr<Suppressions> suppressions;
  std::shared_ptr<expression::Library> library;  // filled before anything that holds expressions
};

template <typename Items>
std::vector<std::string> names_of(const Items& items) {
  std::vector<std::string> names;
  for (const auto& item : items) names.push_back(item.name);
  return names;
}

// Small look-ups that give up quietly when the type is wrong.
std::string text_of(const Node& map, std::string_view key);
const Node* list_of(const Node& map, std::string_view key);
const Node* map_of(const Node& map, std::string_view key);
bool boolean_of(const Node& map, std::string_view key, bool fallback);
Expression expression_of(const Node& map, std::string_view key);
std::vector<std::string> texts_of(const Node& map, std::string_view key);
/// fill_variables() for the options of jobs.
void fill_options(Node& options, Reading& reading);
/// Reports a name that is_plain_name() refuses.
void check_name(const Node* name, std::string_view what, Diagnostics& diagnostics);
/// UTC, or a zone of the IANA that ICU knows by this name.
bool is_time_zone(std::string_view text);
/// Compiles an expression to report its problem in place.
void check_expression(const Expression& expression, Reading& reading);

/// The merged rondom.yaml and env file, variables filled in.
void read_settings(const Node& root, Reading& reading);
/// Of it, `serve`.
void read_serve(const Node& root, Reading& reading);
/// Of it, `notify`.
void read_notify(const Node& root, Reading& reading);
/// Of it, `retention`.
void read_retention(const Node& root, Reading& reading);
void read_job(Node& root, Reading& reading);
void read_lookup(const Node& root, Reading& reading);
void read_vocabulary(const Node& root, Reading& reading);
void read_suppressions(const Node& root, Reading& reading);
void read_audience(const Node& root, Reading& reading);
void read_identity(const Node& root, Reading& reading);
void read_merge(const Node& root, Reading& reading);
void read_attributes(const Node& root, Reading& reading);
/// Applies `like` and `expand` to what read_attributes() found; fills Project::attributes.
void complete_attributes(Reading& reading);
/// Everything that takes more than one file to see.
void check_names(Reading& reading);

/// What holds when there is no identity.yaml or merge.yaml; also completes what is there.
void complete_identity(Identity& identity);
void complete_merge(Merge& merge);
std::uint64_t fingerprint(const Identity& identity);
std::uint64_t fingerprint(const Merge& merge);

}  // namespace rondom::config
