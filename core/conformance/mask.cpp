#include "conformance/mask.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "net/redact.h"

namespace rondom::conformance {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t shown_bytes_max = 400;
constexpr std::size_t secret_bytes_min = 4;
constexpr std::size_t number_digits_max = 7;  // longer ones may be somebody's

void mask_values(OrderedJson& json) {
  if (json.is_string()) {
    json = mask(json.get<std::string>());
  } else if (json.is_object() || json.is_array()) {
    for (auto& value : json) mask_values(value);
  }
}

std::vector<std::string> secrets_of(const Subject& subject) {
  std::vector<std::string> secrets = subject.declared.options.credentials.secrets();
  const OrderedJson schema = OrderedJson::parse(subject.info.spec_json, nullptr, false);
  const OrderedJson config =
      OrderedJson::parse(subject.declared.plugin_config_json, nullptr, false);
  if (schema.is_object() && config.is_object()) {
    const OrderedJson fields = schema.value("properties", OrderedJson::object());
    for (const auto& [name, field] : fields.items()) {
      if (!field.is_object() || !field.contains("x-secret") || !config.contains(name)) continue;
      if (config[name].is_string()) secrets.push_back(config[name].get<std::string>());
    }
  }
  std::erase_if(secrets, [](const std::string& one) { return one.size() < secret_bytes_min; });
  return secrets;
}

bool in_address(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '%' ||
         c == '+' || c == '-';
}

/// E-mail addresses in a text, masked.
std::string without_addresses(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != '@') {
      out += c;
      continue;
    }
    std::size_t from = out.size();
    while (from > 0 && in_address(out[from - 1])) --from;
    out = out.substr(0, from) + mask(std::string_view(out).substr(from)) + c;
  }
  return out;
}

}  // namespace

std::string masked_text(const Subject& subject, std::string_view text) {
  return excerpt(without_addresses(net::Redactor(secrets_of(subject))(text)), shown_bytes_max);
}

std::string masked_url(const Subject& subject, std::string_view url) {
  const std::size_t query = url.find('?');
  std::string out = without_addresses(net::Redactor(secrets_of(subject))(url.substr(0, query)));
  if (query == std::string_view::npos) return out;
  std::string_view rest = url.substr(query);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&', 1), rest.size());
    const std::string_view one = rest.substr(0, end);
    const std::size_t equals = std::min(one.find('='), one.size());
    const std::string_view value = one.substr(std::min(equals + 1, one.size()));
    const bool number = !value.empty() && value.size() <= number_digits_max &&
                        value.find_first_not_of("0123456789") == std::string_view::npos;
    out += std::string(one.substr(0, equals)) + "=" + (number ? std::string(value) : "••");
    rest.remove_prefix(end);
  }
  return out;
}

std::string masked_body(std::string_view body) {
  if (body.empty()) return {};
  OrderedJson json = OrderedJson::parse(body, nullptr, false);
  if (json.is_discarded()) return "(" + std::to_string(body.size()) + " bytes)";
  mask_values(json);
  return excerpt(json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace), shown_bytes_max);
}

std::string masked_record(std::string_view json) {
  return masked_body(json);
}

}  // namespace rondom::conformance
