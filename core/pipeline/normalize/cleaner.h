// cleaner: one value by the type of its attribute. Holds the caches; one thread at a time.
#pragma once

#include <string_view>

#include "base/base.h"
#include "pipeline/normalize/normalize.h"
#include "pipeline/normalize/outcome.h"
#include "pipeline/normalize/phone.h"
#include "pipeline/normalize/time_zone.h"

namespace rondom::normalize {

class Cleaner {
 public:
  /// Takes tidy text. `name` is the namespace of an identifier, else empty. Postcodes by the
  /// context's country; whether they fit it is the record's business.
  Outcome clean(const AttributeInfo& attribute, std::string_view name, std::string_view text,
                const Context& context, Arena& arena);

 private:
  Outcome by_type(const AttributeInfo& attribute, std::string_view text, const Context& context,
                  Arena& arena);
  Outcome identifier(std::string_view name_space, std::string_view text, const Context& context,
                     Arena& arena);
  Outcome contact(std::string_view text, const Context& context, Arena& arena);
  Outcome actor(std::string_view text, const Context& context, Arena& arena);

  Phones phones_;
  TimeZones zones_;
};

/// "birth_date is no date", "emails.status is none of active, bounced, …".
Error refusal(const AttributeInfo& attribute, std::string_view name, const Outcome& outcome);

}  // namespace rondom::normalize
