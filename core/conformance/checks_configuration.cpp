// What can be asked of a connector that has not talked to anybody: its schema, open() and close().
#include <algorithm>
#include <array>

#include "conformance/checks.h"
#include "conformance/driver.h"
#include "conformance/measure.h"
#include "plugin/abi.h"

namespace rondom::conformance {
namespace {

using Json = nlohmann::json;

constexpr int schema_depth_max = 8;
constexpr int opens = 1'000;
constexpr int opens_to_settle = 100;
constexpr std::size_t growth_by_opening_bytes_max = 1u << 20;

bool sounds_secret(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array<std::string_view, 7> words = {
      "password", "secret", "api_key", "apikey", "private_key", "access_token", "refresh_token"};
  if (name == "token" || name == "dsn") return true;
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

bool is_secret(const Json& field) {
  const auto mark = field.find("x-secret");
  return mark != field.end() && mark->is_boolean() && mark->get<bool>();
}

/// The first thing that is wrong, or empty.
std::string schema_problem(const Json& schema, const std::string& where, int depth = 0) {
  if (!schema.is_object()) return where + " is no object";
  if (depth > schema_depth_max) return where + " is nested too deep";
  const auto properties = schema.find("properties");
  if (properties != schema.end() && !properties->is_object()) {
    return where + " has properties that are no object";
  }
  const Json none = Json::object();
  const Json& fields = properties == schema.end() ? none : *properties;
  for (const auto& [name, field] : fields.items()) {
    const std::string path = where + "." + name;
    if (!field.is_object()) return path + " is no schema";
    const auto text = field.find("description");
    if (text == field.end() || !text->is_string() || text->get<std::string>().empty()) {
      return path + " has no description";
    }
    if (sounds_secret(name) && !is_secret(field)) return path + " is not marked with x-secret";
    if (field.contains("properties")) {
      if (std::string problem = schema_problem(field, path, depth + 1); !problem.empty()) {
        return problem;
      }
    }
  }
  const auto required = schema.find("required");
  if (required == schema.end()) return {};
  if (!required->is_array()) return where + " has a required that is no list";
  for (const Json& name : *required) {
    if (!name.is_string() || !fields.contains(name.get<std::string>())) {
      return where + " requires " + name.dump() + ", which it does not describe";
    }
  }
  return {};
}

Json wrong_value(const Json& field) {
  const std::string type = field.value("type", "");
  if (type == "array" || type == "object") return 7;
  return Json::array({Json::object()});
}

/// Opens with a configuration that must be refused; the finding when it was not, as it should be.
Finding refused(const Subject& subject, const Json& config, const std::string& field,
                const std::string& what) {
  FakeHost host(subject);
  Opened opened(subject, host);
  const Answer answer = opened.open(config.dump());
  const std::string expected = "that open() refuses " + what + " with E_CONFIG and names it";
  if (answer.code != RONDOM_E_CONFIG) return failed(expected, to_text(answer));
  if (answer.message.find(field) == std::string::npos) return failed(expected, to_text(answer));
  if (!opened.violations().empty()) return failed(expected, joined(opened.violations()));
  if (host.requests() > 0) return failed("that open() asks nothing over HTTP", "a request");
  return passed();
}

}  // namespace

Finding check_spec(const Subject& subject) {
  const Json schema = Json::parse(subject.info.spec_json, nullptr, false);
  if (schema.is_discarded()) return failed("a JSON Schema", "a text that is no JSON");
  const std::string expected =
      "a JSON Schema of an object, every field described, secrets marked with x-secret";
  if (!schema.is_object() || schema.value("type", "") != "object") {
    return failed(expected, "its type is not object");
  }
  std::string problem = schema_problem(schema, "config");
  if (problem.empty() && schema.contains("x-options")) {
    problem = schema_problem(schema["x-options"], "options");
  }
  const Json none = Json::object();
  const Json& fields = schema.contains("properties") ? schema["properties"] : none;
  for (const std::string& name : fields_of_the_host(schema)) {
    if (problem.empty() && name != "network" && !fields.contains(name)) {
      problem = "config." + name + " belongs to x-auth and is not described";
    }
  }
  return problem.empty() ? passed() : failed(expected, problem);
}

Finding check_configuration(const Subject& subject) {
  const Json schema = Json::parse(subject.info.spec_json, nullptr, false);
  const Json good = Json::parse(subject.declared.plugin_config_json, nullptr, false);
  if (!schema.is_object() || !good.is_object()) return failed("a schema", "none");
  FakeHost host(subject);
  Opened opened(subject, host);
  const Answer answer = opened.open();
  if (!answer.ok()) return failed("that the fixture's configuration opens", to_text(answer));
  if (host.requests() > 0) return failed("that open() asks nothing over HTTP", "a request");

  Json config = good;
  config["conformance_unknown"] = 1;
  Finding finding = refused(subject, config, "conformance_unknown", "an unknown field");
  if (finding.outcome != Outcome::passed) return finding;

  const std::set<std::string> others = fields_of_the_host(schema);
  const Json required_fields = schema.value("required", Json::array());
  for (const Json& required : required_fields) {
    const auto name = required.get<std::string>();
    if (others.contains(name)) continue;
    config = good;
    config.erase(name);
    finding = refused(subject, config, name, "a configuration without " + name);
    if (finding.outcome != Outcome::passed) return finding;
  }
  const Json fields = schema.value("properties", Json::object());
  for (const auto& [name, field] : fields.items()) {
    if (others.contains(name)) continue;
    config = good;
    config[name] = wrong_value(field);
    finding = refused(subject, config, name, "a " + name + " of the wrong type");
    if (finding.outcome != Outcome::passed) return finding;
  }
  return passed();
}

Finding check_open_close(const Subject& subject) {
  FakeHost host(subject);
  const plugin::HostTable table(host);
  rondom_error error{};
  error.struct_size = sizeof error;
  error.set = [](void*, rondom_code, std::uint64_t, rondom_str, rondom_str) {};
  const auto once = [&] {
    rondom_instance* instance = nullptr;
    const std::string& config = subject.declared.plugin_config_json;
    const rondom_code code =
        subject.table.open(table.abi(), plugin::borrow(config), &instance, &error);
    if (code != RONDOM_OK || instance == nullptr) return false;
    subject.table.close(instance);
    return true;
  };
  const std::string expected =
      "that open() and close(), " + std::to_string(opens) + " times, leave nothing behind";
  for (int i = 0; i < opens_to_settle; ++i) {
    if (!once()) return failed("that the fixture's configuration opens", "it does not");
  }
  const std::size_t descriptors = open_descriptors();
  const std::size_t threads = running_threads();
  const std::size_t bytes = resident_bytes();
  for (int i = opens_to_settle; i < opens; ++i) {
    if (!once()) return failed(expected, "open() failed at attempt " + std::to_string(i + 1));
  }
  if (open_descriptors() > descriptors) {
    return failed(expected, number(open_descriptors() - descriptors, "descriptor"));
  }
  if (const std::size_t left = threads_left(threads); left > 0) {
    return failed(expected, number(left, "thread"));
  }
  const std::size_t grown = std::max(resident_bytes(), bytes) - bytes;
  if (memory_is_measured && grown > growth_by_opening_bytes_max) {
    return failed(expected, std::to_string(grown / 1'024) + " KiB of memory");
  }
  return passed();
}

}  // namespace rondom::conformance
