// permission: may this profile be reached for this purpose, and at which address?
//
// Pure functions over a profile's merged consents, contact points and life facts. Any thread.
//
// A "no" stands until a newer "yes"; at equal time the more restrictive counts. A statement without
// contact covers all contact points of its channel; one without channel covers every channel; a
// "no" without purpose covers every purpose, a "yes" without purpose none. What was withdrawn or
// denied for one contact point is opened only by a "yes" that names it. A "no" without a time
// cannot be shown to be older than a "yes" and wins; a "yes" dated after `as_of` does not count
// yet, nor does an "expired". Where the purpose rests on another legal basis than consent, only an
// explicit "withdrawn" or "denied" keeps a profile back, and only a "yes" takes that back. A "yes"
// that is pending, or that its purpose wants confirmed and nobody did, permits nothing and takes
// nothing back; one whose time is over is no "yes" any longer. A suppression takes no notice of any
// "yes"; it holds in its scope and from when until when it says. What a record suppresses without
// naming a contact point it suppresses for its party and for every contact point it carries.
// Whoever may be younger than the purpose allows is. A consent of a refused row that could not be
// read (unreadable_consent) keeps back whoever it may be about, and takes nobody off a list for
// good.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "config/config.h"
#include "model/model.h"

namespace rondom::activate {

enum class Withholding : std::uint8_t {
  none,         // allowed
  opted_out,    // withdrawn, denied or expired, said by or about this profile's contact point
  no_consent,   // nobody said yes
  unreachable,  // no contact point, or none that works
  unreadable,   // the newest version of a record could not be read, nor what it says about consent
  deceased,
  test_record,
  minor,       // younger than the purpose allows, or may be
  suppressed,  // on a list, or said by or about this profile's contact point
};

struct Permission {
  bool allowed = false;
  Withholding why = Withholding::none;
  std::string reason;  // withheld: "no consent", "withdrawn", "deceased", "bounced", "test record"
  bool withdrawn = false;  // an explicit no, expiry or suppression: not counted by the guard
  std::vector<std::string> contacts;  // permitted e-mail addresses or numbers, best first
  Timestamp changes_at = no_time;     // when a "yes" that is dated later begins to count, or ends
  std::string decided_by;             // "granted 2026-02-02 for sanne@example.com", for explain
  Timestamp decided_at = no_time;     // when that was said; its date in decided_by is that of UTC
};

/// Ends the reason of who is withheld by what another record says, such as one of somebody with the
/// same address, or one that has vanished from its source. Such a reason can end without any change
/// of the profile, so that it is looked at in every run.
inline constexpr std::string_view elsewhere_suffix = " elsewhere";

/// What a contact point's channel is reached by.
enum class ContactKind : std::uint8_t { none, email, phone, address };
ContactKind contact_kind(std::string_view channel);
/// Identifier namespace of such a contact point: "email", "phone", or "" when it is no identifier.
std::string_view contact_namespace(ContactKind kind);

/// What a record that belongs to somebody else says about one contact point. What it says in
/// general it says about every contact point that it carries, so that it makes no difference to
/// others whether the record is still there (append_standing_refusals).
struct ContactStatement {
  std::string contact;
  std::string status;  // granted | pending | denied | withdrawn | expired | unreadable | suppressed
                       // | deceased
  Timestamp at = no_time;
  bool about_party = false;     // it named no contact point: a later "yes" need not either
  Timestamp ends_at = no_time;  // of a "yes" or a suppression
  std::string kind = {};        // of a suppression
  std::string person = {};  // canonical record of who died: others may have the contact point too
};

/// Appends what one record or profile says for this purpose, per contact point. Of suppressions
/// those for `destination` (a connection) and for all.
void append_contact_statements(std::string_view values, const config::Purpose& purpose,
                               std::string_view destination,
                               std::vector<ContactStatement>& statements);

/// Appends what a record that was withdrawn from its source still says: its refusals for this
/// purpose.
void append_standing_refusals(std::string_view values, const config::Purpose& purpose,
                              std::string_view destination,
                              std::vector<ContactStatement>& statements);

/// `elsewhere`: statements of other profiles' records about contact points of this one. A
/// withdrawal there closes the contact point for everybody who has it, until a newer "yes" about
/// the same contact point; a "yes" there permits nothing by itself. A death there must be this
/// person's. `destination`: empty = suppressions for one destination do not count.
Permission permission_for(std::string_view profile_values, Entity entity,
                          const config::Purpose& purpose, Timestamp as_of,
                          std::span<const ContactStatement> elsewhere = {},
                          std::string_view destination = {});

}  // namespace rondom::activate
