// normalize: raw text -> the canonical value of each cell, by the type of its attribute.
//
// Comes after map: map says which text goes into which attribute, normalize makes it clean and
// keeps the raw text and the rule beside it. Pure functions of the record and its context; a
// Normalizer holds caches and buffers and is used by one thread at a time (each worker owns one).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/base.h"
#include "config/config.h"
#include "expression/cleaners.h"
#include "model/model.h"

namespace rondom::normalize {

/// Raised whenever a text comes out as another value than before: kept records are mapped again
/// then.
inline constexpr std::uint64_t rules_version = 3;

/// Whose rules apply to a record.
struct Context {
  std::string_view country;  // ISO 3166-1 alpha-2
  std::string_view language;
  std::string_view currency;   // ISO 4217
  std::string_view time_zone;  // IANA, for local times without an offset
  /// Whose purposes and connections consents and suppressions may name; nullptr = any name goes.
  const config::Project* project = nullptr;
};

struct Cleaned {
  std::string_view
      value;  // in the arena or the input; empty = the text says nothing ("", "-", "n/a")
  Rule rule = Rule::none;
};

class Normalizer {
 public:
  Normalizer();
  ~Normalizer();
  Normalizer(Normalizer&&) noexcept;
  Normalizer& operator=(Normalizer&&) noexcept;

  /// One value of one attribute. ErrorCode::data with a sentence that holds no personal data
  /// ("birth_date is no date") when the text cannot be read as its type.
  Result<Cleaned> clean(const AttributeInfo& attribute, std::string_view raw,
                        const Context& context, Arena& arena);

  /// Cleans every cell of `record` in place, then works on the record as a whole: splits name.full
  /// where the parts are missing, moves particles ("van der") and suffixes ("Jr") to their own
  /// attribute, rewrites ALL CAPS names. Cells that say nothing are dropped with their element when
  /// nothing else is left of it. Group numbers stay. Values live in `arena`.
  /// Fails with ErrorCode::data ("birth_date is no date") on the first cell that must not be kept
  /// unclean: dates, times, numbers, money, codes. A wrong e-mail, phone or postcode is no reason
  /// to lose a person: the cell keeps its raw text with status "invalid" and is no identifier.
  ///
  /// What can be read in more than one way stays as it was written, its cell with Rule::uncertain:
  /// whole names, street lines, whole addresses, broken encodings. A company in a person's name
  /// stays whole with Rule::organization_name. Adds emails.kind for mailboxes of roles and
  /// disposable ones, and test_record for records that were obviously made to try things out. Of
  /// several values for one place, the first that says something stays (custom values and
  /// identifiers may be several). Normalising what is normal changes nothing, whatever its bytes.
  Status normalize(Entity entity, const Context& context, RecordBuilder& record, Arena& arena);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

/// The cleaning of single texts for expressions: what normalize() makes of a record that holds
/// nothing else. Any thread.
std::unique_ptr<expression::Cleaners> make_cleaners();

/// "info@", "sales@", …: a mailbox of a role, not of a person.
bool is_role_mailbox(std::string_view email);
/// A mailbox for an hour, of one of the well-known services.
bool is_disposable_mailbox(std::string_view email);

}  // namespace rondom::normalize
