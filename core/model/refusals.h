// The contact points about which a record says no. They outlive the record: a customer who opted
// out and then vanishes from one system has not changed their mind.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace rondom {

/// Status of a consent whose own cannot be read, of a source record that could not be mapped:
/// nobody knows what it says, so nobody is written to until somebody does. No source can say it.
inline constexpr std::string_view unreadable_consent = "unreadable";

/// Status of a suppression among refusals: no "yes" of anybody takes it back.
inline constexpr std::string_view suppressed_status = "suppressed";

/// Status of a death among refusals: of one person among those who may have the contact point.
inline constexpr std::string_view deceased_status = "deceased";

/// A "denied", "withdrawn" or unreadable consent about one contact point, or a suppression of it;
/// or the death of whoever the record is about, when it says who that is.
struct Refusal {
  std::string_view name_space;  // "email" or "phone"
  std::string_view contact;
  std::string_view purpose;  // empty: every purpose
  std::string_view channel;  // empty: every channel
  std::string_view status;   // denied | withdrawn | unreadable | suppressed | deceased
  std::string_view at;       // empty: no time
  std::string_view kind, destination, ends_at;  // of a suppression, which begins at `at`
  bool about_party = false;                     // it names no contact point itself
};

/// In the order of the record; views live as long as `bytes`. One without a contact point is about
/// all e-mail addresses and phone numbers of its record.
std::vector<Refusal> refusals_of(std::string_view bytes);

}  // namespace rondom
