#include "service/forwarded.h"

#include <algorithm>

#include "base/text.h"

namespace rondom::service {
namespace {

// Options of every verb whose value stands apart from them.
constexpr std::string_view options_with_a_value[] = {"-o", "--output", "--color", "--record",
                                                     "--play"};
// All others are refused, also those that nobody is shown: what decides for whom, with what files
// or with what program the service works is its own.
constexpr std::string_view allowed_options[] = {
    "--accept",  "--after",  "--all",     "--as-of",   "--batch",  "--color",   "--connection",
    "--dry-run", "--errors", "--expires", "--help",    "--html",   "--limit",   "--model",
    "--output",  "--play",   "--preset",  "--quiet",   "--record", "--save",    "--scope",
    "--source",  "--stream", "--svg",     "--threads", "--truth",  "--verbose", "--yes"};
constexpr std::string_view allowed_flags = "hqv";  // short ones may stand together: -qv
constexpr char short_with_a_value = 'o';           // the rest of the word: -ojson

bool is_option(std::string_view word) {
  return word.size() > 1 && word.front() == '-';
}

bool is_allowed(std::string_view option) {
  if (option[1] != '-') {
    const std::size_t other = option.find_first_not_of(allowed_flags, 1);
    return other == std::string_view::npos || option[other] == short_with_a_value;
  }
  const std::string_view name = option.substr(0, option.find('='));
  return std::find(std::begin(allowed_options), std::end(allowed_options), name) !=
         std::end(allowed_options);
}

}  // namespace

const std::vector<std::string_view>& forwarded_verbs() {
  static const std::vector<std::string_view> verbs{"attribute list",
                                                   "attribute show",
                                                   "attribute why",
                                                   "audience list",
                                                   "audience members",
                                                   "audience overlap",
                                                   "audience show",
                                                   "audience why",
                                                   "audit verify",
                                                   "check",
                                                   "deadletter list",
                                                   "deadletter redrive",
                                                   "discover",
                                                   "doctor",
                                                   "identity compare",
                                                   "identity evaluate",
                                                   "identity profile",
                                                   "identity shared",
                                                   "identity train",
                                                   "job new",
                                                   "notify test",
                                                   "plan",
                                                   "preview",
                                                   "profile explain",
                                                   "profile export",
                                                   "profile find",
                                                   "profile link",
                                                   "profile members",
                                                   "profile page",
                                                   "profile show",
                                                   "profile split",
                                                   "quarantine list",
                                                   "quarantine release",
                                                   "quarantine show",
                                                   "review accept",
                                                   "review decided",
                                                   "review list",
                                                   "review reject",
                                                   "review undo",
                                                   "run",
                                                   "runs",
                                                   "secret check",
                                                   "state export",
                                                   "state rename",
                                                   "state reset",
                                                   "state show",
                                                   "status",
                                                   "store backup",
                                                   "store migrate",
                                                   "store restore",
                                                   "store prune",
                                                   "store size",
                                                   "store verify",
                                                   "views refresh",
                                                   "token create",
                                                   "token list",
                                                   "token revoke",
                                                   "waiting"};
  return verbs;
}

bool is_forwarded(std::string_view verb) {
  const auto& all = forwarded_verbs();
  return std::find(all.begin(), all.end(), verb) != all.end();
}

std::vector<std::string> plain_words_in(const std::vector<std::string>& arguments) {
  std::vector<std::string> words;
  bool is_value = false;
  for (const std::string& word : arguments) {
    if (is_value) {
      is_value = false;
    } else if (is_option(word)) {
      is_value = std::find(std::begin(options_with_a_value), std::end(options_with_a_value),
                           word) != std::end(options_with_a_value);
    } else {
      words.push_back(word);
    }
  }
  return words;
}

std::string forwarded_verb_in(const std::vector<std::string>& arguments) {
  std::string group;
  for (const std::string& word : plain_words_in(arguments)) {
    std::string verb = group.empty() ? word : group + " " + word;
    if (is_forwarded(verb)) return verb;
    const bool begins_one =
        group.empty() &&
        std::any_of(forwarded_verbs().begin(), forwarded_verbs().end(),
                    [&](std::string_view one) { return one.starts_with(word + " "); });
    if (!begins_one) return {};
    group = word;
  }
  return {};
}

Status may_be_run(const std::vector<std::string>& arguments) {
  // Also behind --, which ends the options of a verb and not those of the program.
  for (const std::string& word : arguments) {
    if (word != "--" && is_option(word) && !is_allowed(word)) {
      return {ErrorCode::usage, word.substr(0, word.find('=')) +
                                    " does not go with a command that the service runs: it has its "
                                    "own project, environment and way to start a plugin"};
    }
  }
  if (forwarded_verb_in(arguments).empty()) {
    return {ErrorCode::usage, "that is no verb that the service runs"};
  }
  return {};
}

}  // namespace rondom::service
