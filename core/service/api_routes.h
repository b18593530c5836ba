// api_routes: everything that can be asked of the service over HTTP, in one table: requests are
// matched with it, the OpenAPI description and docs/reference/api.md are made from it. Any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "service/tokens.h"

namespace rondom::service {

enum class ParameterType : std::uint8_t { text, number, position, flag, time, date };

struct Parameter {
  const char* name;
  ParameterType type;
  const char* what;
  bool required = false;
};

/// What answers.
enum class Answering : std::uint8_t {
  alive,
  ready,
  metrics,
  description,
  status,
  jobs,
  job,
  events,
  trigger,
  pause,
  resume,
  cancel,
  reload,
  runs,
  verb,     // the words of `verb`, told by a child
  command,  // any verb, over the Unix socket
};

struct Route {
  const char* method;
  const char* path;  // "/api/v1/jobs/{job}"
  Scope scope;
  const char* id;  // operationId
  const char* summary;
  Answering answering;
  /// Of verb: its words; "{job}" is the path's, "[connection]" an optional one of the query,
  /// "--limit=[limit]" an option that is left out with it.
  std::vector<const char*> verb;
  std::vector<Parameter> parameters;  // of the query; those of the path are text
  const char* body;                   // schema, or nullptr
  int status;                         // when it went well
  const char* answer;                 // schema, "text/plain" or "application/x-ndjson"
  std::vector<int> problems;          // besides those that every route may give
};

const std::vector<Route>& routes();

struct Match {
  const Route* route = nullptr;              // nullptr: see allowed
  std::map<std::string, std::string> parts;  // of the path
  std::vector<std::string> allowed;          // methods, when only the method does not fit
};
/// HEAD is GET.
Match match(std::string_view method, const std::vector<std::string>& segments);

/// Names within { } of a path.
std::vector<std::string> path_parameters(const Route& route);
/// Every status that it may answer with, sorted.
std::vector<int> statuses(const Route& route);

/// The OpenAPI 3.1 document.
std::string openapi(std::string_view version);
/// docs/reference/api.md.
std::string api_reference();

}  // namespace rondom::service
