// attribute_text: what the verbs and the page say of a derived attribute in the same way. Pure
// functions.
#pragma once

#include <string>
#include <vector>

#include "engine/attributes.h"

namespace rondom::cli {

/// "attributes/value.yaml:3"
std::string place_of_attribute(const config::Attribute& attribute);
/// In the project's language, else in any; may be empty.
std::string label_of(const config::Project& project, const config::Attribute& attribute);
/// The expression, or the field that it stands for; empty of a table.
std::string value_of(const config::Attribute& attribute);
/// A rule's condition; "always" without one.
std::string when_of(const config::Rule& rule);
/// How far a table was gone through: "rule 2 of 5", "none of its 5 rules holds".
std::string decided_by(const config::Attribute& attribute, const enrich::Computed& computed);
/// How many of its rules were asked; those but the last do not hold.
std::size_t rules_asked(const config::Attribute& attribute, const enrich::Computed& computed);
/// Names of the records that an aggregate looked at.
std::vector<std::string> records_of(const engine::Activities& activities,
                                    const enrich::Evidence& evidence);

}  // namespace rondom::cli
