// What a profile of Klaviyo says about e-mail to it, and whose doing that was. Pure functions.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <rondom/sdk.hpp>
#include <string>
#include <string_view>

namespace rondom::klaviyo {

/// The custom property of profiles that we closed: the moment when we did. Such a "no" is none of
/// theirs.
inline constexpr std::string_view own_mark = "rondom_closed";
/// The source that Klaviyo notes of consent that we passed on (custom_method_detail).
inline constexpr std::string_view own_source = "Rondom";
/// A "no" is ours when it is this much younger than the mark at most: Klaviyo does what it is asked
/// in a queue. Whatever is later is theirs, for a person may say no themselves at any time.
inline constexpr std::int64_t own_seconds_max = 300;
/// How far Klaviyo's clock may be behind ours.
inline constexpr std::int64_t clock_seconds_max = 30;

struct Suppression {
  std::string reason;  // HARD_BOUNCE, INVALID_EMAIL, SPAM_COMPLAINT, UNSUBSCRIBE, USER_SUPPRESSED
  std::string at;      // as Klaviyo wrote it
};

struct EmailState {
  bool subscribed = false;   // consent is given
  bool given_by_us = false;  // … and it was we who passed it on
  bool refused = false;      // unsubscribed, complained, or taken out by hand
  bool list_refused =
      false;  // … of the list that was asked about; its mail alone is refused by that
  bool all_refused = false;   // … of all e-mail
  bool suppressed = false;    // taken out by hand (USER_SUPPRESSED), by us or by staff
  bool unsubscribed = false;  // suppressed as they, or we for them, unsubscribed (UNSUBSCRIBE)
  bool closed_by_us = false;  // refused, and all of that was our doing
  bool marked = false;        // bears own_mark, whatever became of it
  bool bounces = false;
};

/// Of the attributes of a profile that was asked for with its subscriptions; `list` is the id of a
/// list whose own suppressions count as well, empty = none.
EmailState email_state(const Json& attributes, std::string_view list = {});
/// The latest suppression for one of these reasons.
std::optional<Suppression> suppressed_for(const Json& attributes,
                                          std::initializer_list<std::string_view> reasons);
/// The latest suppression of any kind, in seconds; 0 = none.
std::int64_t last_suppressed(const Json& attributes);

}  // namespace rondom::klaviyo
