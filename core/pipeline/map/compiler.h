// Compiler: one stream's configuration nodes -> Plan, every problem reported at its place.
//
// Used by compile_stream() only; one thread. The bodies are split by level: operands, values,
// targets, records.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "pipeline/map/map.h"
#include "pipeline/map/plan.h"

namespace rondom::map {

/// Where in the map a node stands.
struct Place {
  Entity entity = Entity::person;
  bool inside_item = false;  // `.` is an item of for_each, not the source record
  bool from_preset = false;  // written by the plugin, not by the user
  bool is_evidence = false;  // becomes a value of a profile
  std::string_view target;   // the key of the map that is filled, such as emails
};

/// One key of a map after preset and job were laid over each other.
struct MapEntry {
  std::string key;  // canonical: the list where the short form was written
  bool short_form = false;
  const config::Node* name = nullptr;
  const config::Node* value = nullptr;
  bool from_preset = false;
};

class Compiler {
 public:
  Compiler(const config::Project& project, const config::Job& job,
           const config::SourceStream& stream, const KnownFields& fields,
           config::Diagnostics& diagnostics)
      : project_(project), job_(job), stream_(stream), fields_(fields), diagnostics_(diagnostics) {}

  /// Null when anything was reported.
  std::shared_ptr<const Plan> compile(const config::Node& preset);

 private:
  // compile.cpp: stream and records
  void compile_settings(const config::Node* preset);
  void compile_key(const config::Node* preset);
  void compile_cursor(const config::Node* preset);
  void compile_single_record(const config::Node* preset_entity, const config::Node* preset_map);
  void compile_records(const config::Node& records, bool from_preset);
  void compile_record(const config::Node& node, bool from_preset, const config::Node* changes);
  std::optional<Entity> entity(std::string_view name, const config::Location& at);
  std::vector<Operand> key_parts(const config::Node& node, const Place& place);

  // compile_target.cpp: what a map fills
  std::vector<MapEntry> lay_over(Entity entity, const config::Node* preset,
                                 const config::Node* map);
  void collect(Entity entity, const config::Node& map, bool from_preset,
               std::vector<MapEntry>& entries);
  void compile_targets(const std::vector<MapEntry>& entries, Place place, RecordPlan& record);
  void compile_scalar(const MapEntry& entry, const Place& place, RecordPlan& record);
  bool find_scalar(const MapEntry& entry, const Place& place, CellPlan& cell,
                   const AttributeInfo*& info);
  void unknown_target(const MapEntry& entry, const Place& place);
  void compile_list(const MapEntry& entry, const Place& place, RecordPlan& record);
  void compile_elements(const config::Node& node, const Place& place, ListPlan& list,
                        std::vector<ElementPlan>& elements);
  void compile_element(const config::Node& node, const Place& place, ListPlan& list,
                       std::vector<ElementPlan>& elements);
  /// False when a field is not known.
  bool compile_element_fields(const config::Node& node, const Place& place, const ListPlan& list,
                              ElementPlan& element);
  static bool is_refusal_of_everything(const ElementPlan& element);
  void check_needed(const config::Node& node, const ListPlan& list, const ElementPlan& element);
  void require_needed(const ListPlan& list, ElementPlan& element);

  // compile_value.cpp: one value
  Producer value(const config::Node& node, const AttributeInfo& info, const Place& where);
  void value_of_map(const config::Node& node, const AttributeInfo& info, const Place& place,
                    Producer& producer);
  void compile_words(const config::Node& node, const AttributeInfo& info, const Place& place,
                     Producer& producer);
  std::unique_ptr<Reference> reference(const config::Node& to, const config::Node* key,
                                       const Place& place);
  bool find_stream(const config::Node& to, const Place& place, std::string& prefix);
  void check_one_value(const config::Node& node, const AttributeInfo& info, const Operand& operand);
  void note_names(const AttributeInfo& info);
  void check_constant(const config::Node& node, const AttributeInfo& info, const Place& place);
  void check_forgotten_dot(const config::Node& node, const AttributeInfo& info);
  bool flag(const config::Node& node, std::string_view key);

  // compile_operand.cpp: expressions and constants
  Operand expression(const config::Node& node, const Place& place);
  Operand expression(std::string_view text, const config::Location& at, const Place& place);
  Operand map_value(const config::Node& node, const Place& place);
  Operand key_part(const config::Node& node, const Place& place);
  Operand field(const std::string& name);
  void check_fields(const expression::Expression& expression, std::string_view text,
                    const config::Location& at, const Place& place);
  bool is_known_field(std::string_view name) const;
  std::string gone_path(const std::vector<std::string>& path) const;
  void check_own_fields(const expression::Expression& expression, std::string_view text,
                        const config::Location& at, const Place& place);

  void warn_of_preset_field(std::string_view name, const config::Location& at, const Place& place);
  void error(const config::Location& at, std::string message, std::string hint = {});
  /// Reports members of `node` that are not in `allowed`; false when there was one: what it was
  /// meant for is then not missed as well.
  bool refuse_others(const config::Node& node, std::initializer_list<std::string_view> allowed,
                     std::string_view what);

  const config::Project& project_;
  const config::Job& job_;
  const config::SourceStream& stream_;
  const KnownFields& fields_;
  config::Diagnostics& diagnostics_;
  std::size_t errors_ = 0;
  std::shared_ptr<Plan> plan_ = std::make_shared<Plan>();
};

/// "did you mean X?", or empty.
std::string meant(std::string_view word, const std::vector<std::string>& candidates);
/// "emails" when `name` belongs to a list of this entity or is its short form, else empty.
std::string_view list_of(Entity entity, std::string_view name);

}  // namespace rondom::map
