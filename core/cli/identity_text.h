// identity_text: what the identity verbs say, for people and as JSON.
#pragma once

#include <string>
#include <vector>

#include "engine/identity.h"

namespace rondom::cli {

/// A share or probability with four decimals.
std::string share(double value);
/// Bits with one decimal.
std::string bits_text(probabilistic::Millibits bits);
std::string csv_field(const std::string& text);
std::string json_of(const std::vector<probabilistic::RuleCount>& rules);
std::string json_of(const engine::Evaluation& evaluation);
void print_rules(const std::vector<probabilistic::RuleCount>& rules);
void print(const engine::Evaluation& evaluation);

}  // namespace rondom::cli
