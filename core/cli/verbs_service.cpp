// token create|list|revoke, audit verify: who may ask the service, and who did.
#include <algorithm>
#include <cstdio>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "config/shape.h"
#include "service/audit.h"
#include "service/tokens.h"

namespace rondom::cli {

namespace {

std::string in_state_folder(const Workspace& workspace, const char* file) {
  return config::state_folder(*workspace.project) + "/" + file;
}

Result<std::vector<service::Scope>> scopes_of(const std::vector<std::string>& words) {
  std::vector<service::Scope> out;
  for (const std::string& word : words) {
    const auto scope = service::scope_of(word);
    if (!scope.has_value()) {
      return Error{ErrorCode::usage,
                   "there is no scope " + word + "; there is read, operate, personal-data"};
    }
    if (std::find(out.begin(), out.end(), *scope) == out.end()) out.push_back(*scope);
  }
  return out;
}

Result<std::optional<Timestamp>> end_of(const std::string& duration, Timestamp now) {
  if (duration.empty()) return std::optional<Timestamp>();
  const auto length = config::parse_duration(duration);
  if (!length.has_value() || *length <= 0) {
    return Error{ErrorCode::usage, "--expires is a duration, such as 90d or 12h"};
  }
  return std::optional<Timestamp>(now + *length);
}

std::string scopes_text(const service::Token& token) {
  std::vector<std::string> words;
  for (const service::Scope scope : token.scopes) words.emplace_back(to_text(scope));
  return join(words, ", ");
}

void append_token(std::string& out, const service::Token& token) {
  out += "{\"name\":";
  append_json_string(out, token.name);
  out += ",\"scopes\":[";
  for (std::size_t i = 0; i < token.scopes.size(); ++i) {
    out += (i > 0 ? ",\"" : "\"") + std::string(to_text(token.scopes[i])) + "\"";
  }
  out += "],\"created_at\":\"" + format_time(token.created_at) + "\",\"expires_at\":";
  out += token.expires_at.has_value() ? "\"" + format_time(*token.expires_at) + "\"}" : "null}";
}

}  // namespace

int token_create(const Options& options) {
  int exit_code = 0;
  const auto workspace = open_workspace(options, exit_code, Needs::settings);
  if (!workspace.has_value()) return exit_code;
  const Timestamp now = workspace->surroundings.clock->now();
  auto scopes = scopes_of(options.scopes);
  if (!scopes.ok()) return fail(scopes.error());
  const auto end = end_of(options.expires, now);
  if (!end.ok()) return fail(end.error());
  service::Tokens tokens(in_state_folder(*workspace, service::token_file));
  const auto token = tokens.create(options.words.front(), std::move(*scopes), now, *end,
                                   *workspace->surroundings.random);
  if (!token.ok()) return fail(token.error());
  if (options.output == "json") {
    std::string out = "{\"name\":";
    append_json_string(out, options.words.front());
    std::printf("%s,\"token\":\"%s\"}\n", out.c_str(), token->c_str());
    return 0;
  }
  std::printf("%s\n", token->c_str());
  std::fprintf(stderr, "This is the only time that it is shown.\n");
  return 0;
}

int token_list(const Options& options) {
  int exit_code = 0;
  const auto workspace = open_workspace(options, exit_code, Needs::settings);
  if (!workspace.has_value()) return exit_code;
  const auto tokens = service::Tokens(in_state_folder(*workspace, service::token_file)).list();
  if (!tokens.ok()) return fail(tokens.error());
  if (options.output == "json") {
    std::string out = "[";
    for (const service::Token& token : *tokens) {
      if (out.size() > 1) out += ',';
      append_token(out, token);
    }
    std::printf("%s]\n", out.c_str());
    return 0;
  }
  Table table({"TOKEN", "scopes", "created", "expires"});
  for (const service::Token& token : *tokens) {
    table.add({token.name, scopes_text(token), format_date(token.created_at),
               token.expires_at.has_value() ? format_date(*token.expires_at) : "never"});
  }
  std::fputs(tokens->empty() ? "there are no tokens\n" : table.render().c_str(), stdout);
  return 0;
}

int token_revoke(const Options& options) {
  int exit_code = 0;
  const auto workspace = open_workspace(options, exit_code, Needs::settings);
  if (!workspace.has_value()) return exit_code;
  service::Tokens tokens(in_state_folder(*workspace, service::token_file));
  if (const Status done = tokens.revoke(options.words.front()); !done.ok()) {
    return fail(done.error());
  }
  std::puts(options.output == "json" ? "{\"revoked\":1}" : "revoked; it counts no longer");
  return 0;
}

int audit_verify(const Options& options) {
  int exit_code = 0;
  const auto workspace = open_workspace(options, exit_code, Needs::settings);
  if (!workspace.has_value()) return exit_code;
  const auto checked = service::check_audit(in_state_folder(*workspace, service::audit_file));
  if (!checked.ok()) return fail(checked.error());
  const auto entries = static_cast<long long>(checked->entries);
  if (options.output == "json") {
    std::string damaged;
    for (const std::string& file : checked->damaged) {
      damaged += damaged.empty() ? "" : ",";
      append_json_string(damaged, file);
    }
    std::printf("{\"entries\":%lld,\"last_hash\":\"%s\",\"began_anew\":%lld,\"damaged\":[%s]}\n",
                entries, checked->last_hash.c_str(), static_cast<long long>(checked->begun_anew),
                damaged.c_str());
  } else {
    std::printf("%lld entries, each follows from the one before it\nlast hash %s\n", entries,
                checked->last_hash.c_str());
    if (checked->begun_anew > 0) {
      std::printf("! it began anew %lld times, because what stood there was damaged or gone\n",
                  static_cast<long long>(checked->begun_anew));
    }
  }
  if (checked->damaged.empty()) return 0;
  return fail({ErrorCode::data, "what was written before is damaged and was put aside as " +
                                    checked->damaged.front() +
                                    "; look at it, and move it to where you keep such things"});
}

}  // namespace rondom::cli
