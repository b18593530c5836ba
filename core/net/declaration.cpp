#include "net/declaration.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/cleanse.h"
#include "base/text.h"

namespace rondom::net {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::string_view network_field = "network";
constexpr double lifetime_seconds_max = 366.0 * 86'400;

std::string text_of(const OrderedJson& object, std::string_view name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::string> texts_of(const OrderedJson& object, std::string_view name) {
  std::vector<std::string> texts;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_array()) return texts;
  for (const OrderedJson& item : *found) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

Error bad(const std::string& message) {
  return {ErrorCode::bad_config, message};
}

/// A document that held secrets keeps none of its texts.
void cleanse_texts(OrderedJson& document) {
  if (document.is_string()) return cleanse(document.get_ref<std::string&>());
  if (!document.is_structured()) return;
  for (OrderedJson& part : document) cleanse_texts(part);
}

class TextsCleansedAtEnd {
 public:
  explicit TextsCleansedAtEnd(OrderedJson& document) : document_(document) {}
  ~TextsCleansedAtEnd() { cleanse_texts(document_); }
  TextsCleansedAtEnd(const TextsCleansedAtEnd&) = delete;
  TextsCleansedAtEnd& operator=(const TextsCleansedAtEnd&) = delete;

 private:
  OrderedJson& document_;
};

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " and ") + name;
  return text;
}

double number_of(const OrderedJson& object, std::string_view name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<double>() : 0;
}

/// "{name}" is the configured text of that name, percent-encoded.
std::string with_fields(std::string_view text, const OrderedJson& config) {
  std::string out;
  while (true) {
    const std::size_t open = text.find('{');
    const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) return out.append(text);
    out.append(text.substr(0, open));
    out += percent_encoded(text_of(config, std::string(text.substr(open + 1, close - open - 1))));
    text.remove_prefix(close + 1);
  }
}

/// What the user wrote, and the fallbacks of what they left out.
OrderedJson with_fallbacks(const OrderedJson& spec, const OrderedJson& config) {
  OrderedJson whole = config;
  const auto properties = spec.find("properties");
  if (properties == spec.end() || !properties->is_object()) return whole;
  for (const auto& [name, property] : properties->items()) {
    if (property.is_object() && property.contains("default") && !whole.contains(name)) {
      whole[name] = property["default"];
    }
  }
  return whole;
}

using Kind = Credentials::Kind;

struct TextsCleansed {
  std::vector<std::string>& texts;
  ~TextsCleansed() { cleanse(texts); }
};

std::optional<Kind> kind_of(std::string_view word) {
  if (word == "bearer") return Kind::bearer;
  if (word == "basic") return Kind::basic;
  if (word == "api_key") return Kind::api_key;
  if (word == "api_key_query") return Kind::api_key_query;
  if (word == "api_key_form") return Kind::api_key_form;
  if (word == "token_login") return Kind::token_login;
  if (word == "oauth2_client") return Kind::oauth2_client;
  if (word == "oauth2_refresh") return Kind::oauth2_refresh;
  if (word == "oauth2_jwt") return Kind::oauth2_jwt;
  return std::nullopt;
}

Result<Credentials> credentials_of(const OrderedJson& auth, const OrderedJson& config,
                                   const std::string& base_url) {
  Credentials credentials;
  const std::optional<Kind> kind = kind_of(text_of(auth, "kind"));
  if (!kind) return bad("The connector wants an authentication that this Rondom does not know.");
  credentials.kind = *kind;
  std::vector<std::string> values;
  const TextsCleansed values_cleansed{values};
  for (const std::string& field : texts_of(auth, "fields")) {
    values.push_back(text_of(config, field));
    for (const char c : values.back()) {
      const bool line_end = c == '\n' && *kind == Kind::oauth2_jwt;
      if ((static_cast<unsigned char>(c) < ' ' && !line_end) || c == 0x7f) {
        return bad("\"" + field + "\" holds a control character, perhaps a line end.");
      }
    }
  }
  // A JWT's issuer may speak for itself: then no subject stands between it and the key.
  if (*kind == Kind::oauth2_jwt && values.size() == 2) values.insert(values.begin() + 1, "");
  values.resize(3);
  switch (*kind) {
    case Kind::bearer:
    case Kind::api_key:
    case Kind::api_key_query:
    case Kind::api_key_form: credentials.secret = values[0]; break;
    case Kind::oauth2_jwt:
      credentials.user = values[0];
      credentials.subject = values[1];
      credentials.secret = values[2];
      break;
    default:
      credentials.user = values[0];
      credentials.secret = values[1];
      credentials.refresh_token = values[2];
  }
  credentials.header = text_of(auth, "header");
  credentials.prefix = text_of(auth, "prefix");
  credentials.query = text_of(auth, "query");
  credentials.scope = text_of(auth, "scope");
  credentials.instance = text_of(auth, "instance");
  credentials.user_parameter = text_of(auth, "user_parameter");
  credentials.key_parameter = text_of(auth, "key_parameter");
  if (const std::string member = text_of(auth, "token_member"); !member.empty()) {
    credentials.token_member = member;
  }
  credentials.lifetime_ms = static_cast<std::int64_t>(
      std::clamp(number_of(auth, "token_lifetime_secs"), 0.0, lifetime_seconds_max) * 1'000);
  credentials.audience = text_of(config, text_of(auth, "audience_field"));
  if (credentials.audience.empty()) credentials.audience = text_of(auth, "audience");
  if (credentials.uses_tokens()) {
    std::string address = text_of(config, text_of(auth, "token_url_field"));
    if (address.empty()) address = with_fields(text_of(auth, "token_url"), config);
    RONDOM_TRY_ASSIGN(const Url url, resolve_at_base(base_url, address));
    credentials.token_url = url.text();
  }
  return credentials;
}

/// Exactly one of the alternatives has to be given, whole.
Result<Credentials> choose(const OrderedJson& alternatives, const OrderedJson& config,
                           const std::string& base_url) {
  const OrderedJson* chosen = nullptr;
  std::string offered;
  std::size_t given = 0;
  for (const OrderedJson& auth : alternatives) {
    const std::vector<std::string> fields = texts_of(auth, "fields");
    bool whole = true;
    for (const std::string& field : fields) whole = whole && !text_of(config, field).empty();
    offered += (offered.empty() ? "" : ", or ") + listed(fields);
    if (!whole) continue;
    // Of two that are whole, one of which needs more fields, the longer is meant.
    if (chosen == nullptr || fields.size() > texts_of(*chosen, "fields").size()) {
      given = chosen != nullptr && fields.size() == texts_of(*chosen, "fields").size() ? 2 : 1;
      chosen = &auth;
    } else if (fields.size() == texts_of(*chosen, "fields").size()) {
      ++given;
    }
  }
  if (chosen == nullptr) return bad("The connection needs " + offered + ".");
  if (given > 1) return bad("The connection needs only one of: " + offered + ".");
  return credentials_of(*chosen, config, base_url);
}

Status add_host(std::vector<HostRule>& rules, const std::string& text, const std::string& field) {
  if (starts_with_ignoring_case(text, "http://") || starts_with_ignoring_case(text, "https://")) {
    const Result<Url> url = parse_url(text);
    if (!url.ok()) return bad("\"" + field + "\": " + url.error().message);
    rules.push_back({url->host, url->has_default_port() ? std::uint16_t{0} : url->port});
    return {};
  }
  const std::string host = lower_ascii(text);
  const bool sane = !host.empty() && host.find_first_of("/:@ ?#") == std::string::npos &&
                    host.find('*', host.substr(0, 2) == "*." ? 1 : 0) == std::string::npos;
  if (!sane) return bad("\"" + field + "\" is neither a host nor an address.");
  rules.push_back({host, 0});
  return {};
}

Status read_hosts(const OrderedJson& http, const OrderedJson& config, ClientOptions& options) {
  options.base_url = text_of(http, "base_url");
  if (const std::string field = text_of(http, "base_url_field"); !field.empty()) {
    // A connector may declare both: where the system is, unless the user says otherwise.
    if (const std::string said = text_of(config, field);
        !said.empty() || options.base_url.empty()) {
      options.base_url = said;
      const Result<Url> url = parse_url(options.base_url);
      if (!url.ok()) return bad("\"" + field + "\": " + url.error().message);
    }
  }
  if (!options.base_url.empty()) RONDOM_TRY(add_host(options.hosts, options.base_url, "base_url"));
  for (const std::string& host : texts_of(http, "hosts")) {
    RONDOM_TRY(add_host(options.hosts, host, "hosts"));
  }
  for (const std::string& field : texts_of(http, "host_fields")) {
    if (const std::string host = text_of(config, field); !host.empty()) {
      // Users do not get to say "every host below".
      if (host[0] == '*') return bad("\"" + field + "\" is neither a host nor an address.");
      RONDOM_TRY(add_host(options.hosts, host, field));
    }
  }
  return {};
}

/// The smaller of the limits that are set.
double least(double declared, double configured) {
  if (configured <= 0) return declared;
  return declared <= 0 ? configured : std::min(declared, configured);
}

Status read_network(const OrderedJson& http, const OrderedJson& config, ClientOptions& options) {
  const auto found = config.find(network_field);
  const OrderedJson network = found != config.end() ? *found : OrderedJson::object();
  if (!network.is_object()) return bad("\"network\" must be an object.");
  for (const auto& [name, value] : network.items()) {
    const bool text = name == "proxy" || name == "ca_file";
    const bool number = name == "requests_per_second" || name == "concurrent_requests";
    if (!text && !number && name != "allow_plain_http") {
      return bad("\"network." + name +
                 "\" is not known; known: proxy, ca_file, allow_plain_http, requests_per_second, "
                 "concurrent_requests.");
    }
    const bool fits = text     ? value.is_string()
                      : number ? value.is_number() && value.get<double>() > 0
                               : value.is_boolean();
    if (!fits) return bad("\"network." + name + "\" has a value that makes no sense.");
  }
  options.proxy = text_of(network, "proxy");
  options.ca_file = text_of(network, "ca_file");
  options.allow_plain_http = network.value("allow_plain_http", false);
  options.budget.requests_per_second =
      least(number_of(http, "requests_per_second"), number_of(network, "requests_per_second"));
  const double concurrent =
      least(number_of(http, "concurrent_requests"), number_of(network, "concurrent_requests"));
  if (concurrent >= 1) {
    options.budget.concurrent_requests = static_cast<unsigned>(std::min(concurrent, 64.0));
  }
  return {};
}

}  // namespace

Result<Declared> read_declaration(std::string_view spec_json, std::string_view config_json) {
  Declared declared;
  declared.plugin_config_json = config_json;
  const OrderedJson spec = OrderedJson::parse(spec_json, nullptr, false);
  OrderedJson config = OrderedJson::parse(config_json, nullptr, false);
  const TextsCleansedAtEnd cleansed(config);
  if (!spec.is_object() || !config.is_object()) return declared;
  const auto http = spec.find("x-http");
  const auto auth = spec.find("x-auth");
  declared.uses_http = http != spec.end() && http->is_object();
  if (auth != spec.end()) declared.text = auth->dump();
  if (declared.uses_http) {
    declared.text += http->dump();
    RONDOM_TRY(read_hosts(*http, config, declared.options));
    RONDOM_TRY(read_network(*http, config, declared.options));
  }
  const bool has_auth = auth != spec.end() && auth->is_array() && !auth->empty();
  if (has_auth && declared.uses_http) {
    OrderedJson whole = with_fallbacks(spec, config);
    const TextsCleansedAtEnd whole_cleansed(whole);
    RONDOM_TRY_ASSIGN(declared.options.credentials,
                      choose(*auth, whole, declared.options.base_url));
  }
  if (has_auth) {
    for (const OrderedJson& alternative : *auth) {
      for (const std::string& field : texts_of(alternative, "fields")) {
        const auto found = config.find(field);
        if (found == config.end()) continue;
        cleanse_texts(*found);
        config.erase(found);
      }
    }
  }
  if (declared.uses_http) config.erase(std::string(network_field));
  if (has_auth || declared.uses_http) {
    // A short text is written over the beginning of a long one, and leaves its end where it is.
    cleanse(declared.plugin_config_json);
    declared.plugin_config_json = config.dump();
  }
  return declared;
}

}  // namespace rondom::net
