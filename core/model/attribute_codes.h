// The fixed sets of words that attributes of type code and gender may hold.
#pragma once

#include <array>
#include <string_view>

namespace rondom::codes {

inline constexpr std::array<std::string_view, 3> death{"alive", "presumed", "confirmed"};
inline constexpr std::array<std::string_view, 6> gender{"female", "male",        "nonbinary",
                                                        "other",  "undisclosed", "unknown"};
inline constexpr std::array<std::string_view, 3> organization_status{"active", "bankrupt",
                                                                     "dissolved"};
inline constexpr std::array<std::string_view, 6> usage{"personal", "work",     "billing",
                                                       "shipping", "visiting", "other"};
inline constexpr std::array<std::string_view, 6> contact_status{"active",  "bounced", "invalid",
                                                                "blocked", "moved",   "unknown"};
inline constexpr std::array<std::string_view, 2> mailbox_kind{"role", "disposable"};
inline constexpr std::array<std::string_view, 7> channel{"email", "phone", "sms",   "post",
                                                         "push",  "chat",  "social"};
inline constexpr std::array<std::string_view, 5> consent_status{"granted", "pending", "denied",
                                                                "withdrawn", "expired"};
inline constexpr std::array<std::string_view, 6> legal_basis{
    "consent",        "contract",    "legal_obligation",
    "vital_interest", "public_task", "legitimate_interest"};
inline constexpr std::array<std::string_view, 5> order_status{"open", "paid", "shipped", "refunded",
                                                              "cancelled"};

inline constexpr std::array<std::string_view, 3> opportunity_stage{"open", "won", "lost"};
inline constexpr std::array<std::string_view, 4> subscription_status{"trial", "active", "paused",
                                                                     "ended"};
inline constexpr std::array<std::string_view, 9> suppression_kind{
    "deceased", "moved", "bounced", "list", "test_record", "complaint", "fraud", "legal", "manual"};
inline constexpr std::array<std::string_view, 2> preference_choice{"wanted", "unwanted"};
inline constexpr std::array<std::string_view, 6> frequency{"daily",     "weekly", "monthly",
                                                           "quarterly", "yearly", "never"};
inline constexpr std::array<std::string_view, 2> need_kind{"temporary", "lasting"};
inline constexpr std::array<std::string_view, 3> need_status{"open", "fulfilled", "dropped"};
inline constexpr std::array<std::string_view, 3> survey_measure{"nps", "csat", "ces"};
inline constexpr std::array<std::string_view, 4> period{"week", "month", "quarter", "year"};

/// The law writes of interests, others of an interest: both are read.
constexpr std::string_view one_legal_basis(std::string_view word) {
  if (word == "vital_interests") return "vital_interest";
  return word == "legitimate_interests" ? "legitimate_interest" : word;
}

}  // namespace rondom::codes
