// name_kind: what a text in a person's name names: a company, a test. Pure functions, any thread.
#pragma once

#include <string_view>

namespace rondom::normalize {

/// "Bakker B.V.", "Muster GmbH & Co. KG", "Stichting Voorbeeld": holds a legal form where only
/// names of organizations have one. False when it may be a person ("B.V. Bakker", "Dupont S.A.").
bool names_organization(std::string_view text);

/// "Test Test", "asdf", "Mickey Mouse", "Max Mustermann": nobody's name in earnest. `given` may be
/// empty, then `surname` is the whole name.
bool names_test(std::string_view given, std::string_view surname);

}  // namespace rondom::normalize
