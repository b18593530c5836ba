// Who may ask, and whether the request is one: before anything is answered.
#include "service/api.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "net/url.h"
#include "service/api_state.h"

namespace rondom::service {
namespace {

using net::problem;
using net::ServedAnswer;
using net::ServedRequest;
using nlohmann::json;

constexpr std::string_view bearer = "bearer ";

std::string joined(const std::vector<std::string>& words) {
  return join(words, ", ");
}

constexpr std::size_t position_digits_max = 15;

bool is_right(ParameterType type, const std::string& value) {
  switch (type) {
    case ParameterType::text: return !value.empty() && value.front() != '-' && is_utf8(value);
    case ParameterType::flag: return value.empty() || value == "true" || value == "1";
    case ParameterType::time: return parse_time(value).ok();
    case ParameterType::date: return value.size() == 10 && parse_time(value).ok();
    case ParameterType::position:
      return !value.empty() && value.size() <= position_digits_max &&
             value.find_first_not_of("0123456789") == std::string::npos;
    case ParameterType::number:
      return !value.empty() && value.size() <= 4 &&
             std::all_of(value.begin(), value.end(), is_digit) && std::stol(value) >= 1 &&
             std::stol(value) <= listed_max;
  }
  return false;
}

Result<net::HttpListener> tcp_listener(const ApiOptions& options) {
  const Error wrong{ErrorCode::bad_config,
                    "serve.listen is an address and a port, such as 127.0.0.1:8380 or [::1]:8380"};
  const std::size_t colon = options.listen.rfind(':');
  if (colon == std::string::npos) return wrong;
  net::HttpListener out;
  out.address = options.listen.substr(0, colon);
  const std::string port = options.listen.substr(colon + 1);
  if (out.address.starts_with('[') && out.address.ends_with(']')) {
    out.address = out.address.substr(1, out.address.size() - 2);
  }
  if (port.empty() || port.size() > 5 || !std::all_of(port.begin(), port.end(), is_digit) ||
      std::stoul(port) > 65'535) {
    return wrong;
  }
  if (out.address == "localhost") out.address = "127.0.0.1";
  out.port = static_cast<std::uint16_t>(std::stoul(port));
  out.certificate = options.certificate;
  out.key = options.key;
  out.names = options.names;
  out.requests_per_second = options.requests_per_second;
  const bool near = out.address.starts_with("127.") || out.address == "::1";
  if (!near && out.certificate.empty()) {
    return Error{ErrorCode::bad_config, "serve.listen: " + out.address +
                                            " can be reached from other machines, so it needs "
                                            "serve.tls with a certificate and a key"};
  }
  return out;
}

}  // namespace

ApiState::ApiState(Control& given_control, ApiOptions given_options)
    : control(given_control),
      options(std::move(given_options)),
      clock(*options.clock),
      tokens(options.state_folder + "/" + token_file),
      audit(options.state_folder + "/" + audit_file, clock),
      store(
          clock, options.clock->now(),
          [this](const std::vector<std::string>& verb) -> std::optional<std::string> {
            // Another configuration may come into force meanwhile, and the files of this one go.
            for (std::string files = control.state().configuration_files;;) {
              auto told = ask_verb(
                  verb, [this] { return !stopping; }, files);
              if (told.ok() && told->end.exit_code == 0 && !told->too_long) {
                return std::move(told->text);
              }
              const std::string now = control.state().configuration_files;
              if (now == std::exchange(files, now) || stopping) return std::nullopt;
            }
          },
          [this](const StoreFigures& figures) { control.see(figures.streams); }) {}

void ApiState::answer(const ServedRequest& request, net::HttpReply& reply) {
  const std::int64_t begun = clock.monotonic();
  const auto segments = net::path_segments(request.path);
  if (!segments.has_value()) return reply.send(problem(400, "the path cannot be read"));
  Match found = match(request.method, *segments);
  if (found.route == nullptr) {
    if (found.allowed.empty()) return reply.send(problem(404, "there is nothing here"));
    const std::string allowed = joined(found.allowed);
    return reply.send(problem(405, "here goes " + allowed, {{"Allow", allowed}}));
  }
  const Route& route = *found.route;
  Call call{request, route, std::move(found.parts), {}, {}, {}, {}};
  bool sent = false;
  ServedAnswer answered = prepared(request, route, call, reply, sent);
  const double seconds = static_cast<double>(clock.monotonic() - begun) / 1e6;
  requests.count(route.method, route.path, answered.status, seconds);
  if (!sent) reply.send(std::move(answered));
}

ServedAnswer ApiState::prepared(const ServedRequest& request, const Route& route, Call& call,
                                net::HttpReply& reply, bool& sent) {
  if (auto answer = turned_away(request, route, call.who)) return *answer;
  for (const auto& [name, part] : call.parts) {
    if (!is_right(ParameterType::text, part)) {
      return problem(400, "what stands for " + name + " in the path is none");
    }
  }
  if (auto answer = read_query(call)) return *answer;
  if (auto answer = read_body(call)) return *answer;
  if (route.answering == Answering::command) {
    ServedAnswer streamed;
    streamed.status = stream_command(call, reply);
    sent = true;
    return streamed;
  }
  return answer_of(call, reply);
}

std::optional<ServedAnswer> ApiState::turned_away(const ServedRequest& request, const Route& route,
                                                  std::string& who) {
  if (request.peer.local) {  // the file's mode has decided
    who = "user " + std::to_string(request.peer.user);
    return std::nullopt;
  }
  who = "nobody";
  if (route.scope == Scope::none) return std::nullopt;
  if (route.scope == Scope::local) {
    return problem(403, "this goes over the service's Unix socket only");
  }
  const std::string_view shown = request.header("authorization");
  std::optional<Token> token;
  if (starts_with_ignoring_case(shown, bearer)) {
    auto allowed = tokens.allowed(trim_ascii(shown.substr(bearer.size())), clock.now());
    if (!allowed.ok()) {
      options.log("error", allowed.error().message);
      return problem(503, "tokens cannot be read");
    }
    token = std::move(*allowed);
  }
  if (!token.has_value()) {
    requests.count_unauthorized();
    return problem(401, "this needs a token: Authorization: Bearer TOKEN",
                   {{"WWW-Authenticate", "Bearer realm=\"rondom\""}});
  }
  who = "token " + token->name;
  const auto& scopes = token->scopes;
  if (std::find(scopes.begin(), scopes.end(), route.scope) == scopes.end()) {
    return problem(403, std::string("the token does not have the scope ") + to_text(route.scope));
  }
  return std::nullopt;
}

std::optional<ServedAnswer> ApiState::read_query(Call& call) {
  const auto given = net::query_parameters(call.request.query);
  if (!given.has_value()) return problem(400, "the query cannot be read");
  const auto& known = call.route.parameters;
  for (const auto& [name, value] : *given) {
    const std::string_view asked = name;  // clang 14 captures no part of a pair
    const auto parameter = std::find_if(
        known.begin(), known.end(), [asked](const Parameter& one) { return one.name == asked; });
    if (parameter == known.end()) {
      std::vector<std::string> names;
      for (const Parameter& one : known) names.emplace_back(one.name);
      return problem(400,
                     names.empty() ? "this takes no query" : "the query may have " + joined(names));
    }
    if (!is_right(parameter->type, value)) {
      return problem(400, std::string(parameter->name) + ": " + parameter->what);
    }
    if (!call.query.emplace(name, value).second) return problem(400, name + " stands there twice");
  }
  for (const Parameter& one : known) {
    if (one.required && !call.query.contains(one.name)) {
      return problem(400, std::string(one.name) + " is missing");
    }
  }
  return std::nullopt;
}

std::optional<ServedAnswer> ApiState::read_body(Call& call) {
  const std::string_view body = trim_ascii(call.request.body);
  const bool is_command = call.route.answering == Answering::command;
  if (body.empty()) {
    if (is_command) return problem(400, "the body says which command");
    return std::nullopt;
  }
  const std::string type = lower_ascii(call.request.header("content-type"));
  if (trim_ascii(std::string_view(type).substr(0, type.find(';'))) != "application/json") {
    return problem(415, "a body is application/json");
  }
  const json document = json::parse(body, nullptr, false);
  if (!document.is_object()) return problem(400, "the body is no JSON object");
  const std::string list = call.route.body == nullptr ? "" : is_command ? "arguments" : "accept";
  for (const auto& [name, value] : document.items()) {
    if (is_command && name == "directory" && value.is_string()) {
      call.directory = value;
      continue;
    }
    const bool is_list = name == list && value.is_array() &&
                         value.size() <= command_arguments_max &&
                         std::all_of(value.begin(), value.end(), [](const json& one) {
                           return one.is_string() &&
                                  one.get_ref<const std::string&>().find('\0') == std::string::npos;
                         });
    if (!is_list) {
      return problem(
          400, list.empty() ? "this takes no body" : "the body has " + list + ", a list of texts");
    }
    call.words = value.get<std::vector<std::string>>();
  }
  if (is_command && call.words.empty()) return problem(400, "the body says which command");
  return std::nullopt;
}

struct ServiceApi::Inside {
  Inside(Control& control, ApiOptions options)
      : state(control, std::move(options)),
        server(std::make_unique<net::HttpServer>(
            net::HttpLimits{}, state.clock,
            [this](const ServedRequest& request, net::HttpReply& reply) {
              state.answer(request, reply);
            })) {
    state.server = server.get();
  }
  ApiState state;
  std::unique_ptr<net::HttpServer> server;  // ends before what it answers from
};

ServiceApi::ServiceApi(Control& control, ApiOptions options) {
  if (!options.log) options.log = [](std::string_view, std::string_view) {};
  inside_ = std::make_unique<Inside>(control, std::move(options));
}

ServiceApi::~ServiceApi() {
  stop(0);
}

Status ServiceApi::start() {
  const ApiOptions& options = inside_->state.options;
  std::vector<net::HttpListener> listeners(1);
  listeners[0].path = options.socket;
  if (!options.listen.empty()) {
    RONDOM_TRY_ASSIGN(net::HttpListener tcp, tcp_listener(options));
    listeners.push_back(std::move(tcp));
  }
  RONDOM_TRY(inside_->server->listen(listeners));
  inside_->state.store.start();
  return {};
}

std::uint16_t ServiceApi::port() const {
  return inside_->state.options.listen.empty() ? std::uint16_t{0} : inside_->server->port(1);
}

void ServiceApi::stop(std::int64_t grace_ms) {
  inside_->state.ending = true;
  if (grace_ms == 0) inside_->state.at_once = true;
  inside_->state.store.let_go();  // the server waits for who asks it
  inside_->server->stop(grace_ms);
  inside_->state.stopping = true;
  inside_->state.store.stop();
}

}  // namespace rondom::service
