// forwarded: which verbs go through the service while it is up. The one list: the program asks it
// before it works itself, the service before it does what somebody at its socket wants.
//
// All that open the store or a connection: what they leave in the state folder has to be the
// service's. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace rondom::service {

/// "profile show", "run". Sorted.
const std::vector<std::string_view>& forwarded_verbs();
bool is_forwarded(std::string_view verb);

/// The verb and what it works on, without options and their values.
std::vector<std::string> plain_words_in(const std::vector<std::string>& arguments);
/// The verb that the words of a command line come to, without what it is about; empty when they do
/// not begin with one of the list (after options).
std::string forwarded_verb_in(const std::vector<std::string>& arguments);

/// Whether the service runs these words. It has its own project, environment and way to start a
/// plugin: ErrorCode::usage names the word that is against it.
Status may_be_run(const std::vector<std::string>& arguments);

}  // namespace rondom::service
