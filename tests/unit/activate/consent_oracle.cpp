// The rules, told slowly.
#include <algorithm>
#include <ctime>
#include <map>
#include <tuple>

#include "consent_history.h"

namespace rondom::activate::test::consent_history {
namespace {

constexpr Timestamp one_second = microseconds_per_second;
constexpr Timestamp one_day = 86'400 * one_second;

bool is_no(const Said& said) {
  return said.status == "withdrawn" || said.status == "denied";
}

/// "A pending yes is none until it is confirmed; one whose time is over is none any longer." As it
/// counts now, or nothing.
std::optional<Said> as_yes(Said said, const config::Purpose& purpose, Timestamp as_of) {
  if (said.status != "granted") return std::nullopt;
  if (purpose.double_opt_in) {
    if (said.confirmed == 0) return std::nullopt;
    said.day = std::max(said.day, said.confirmed);
  }
  if (said.day != 0 && day_of_march(said.day) > as_of) return std::nullopt;
  if (said.ends != 0 && as_of >= day_of_march(said.ends)) return std::nullopt;
  if (purpose.expires_after != 0) {
    if (said.day == 0) return std::nullopt;
    if (as_of >= day_of_march(said.day) + purpose.expires_after) return std::nullopt;
  }
  return said;
}

/// Is it about this purpose and its channel?
bool concerns(const Said& said, const config::Purpose& purpose) {
  if (said.channel == "other") return false;
  const bool yes = said.status == "granted" || said.status == "pending";
  return said.purpose.empty() ? !yes : said.purpose == purpose.name;
}

bool is_about(const Said& said, int address) {
  return said.address < 0 || said.address == address;
}

/// A "no" without a date may be of today, a "yes" without one is older than anything.
bool is_newer(const Said& yes, const Said& no) {
  return no.day != 0 && yes.day > no.day;
}

struct Heard {
  std::vector<Said> yes, no, other_yes, other_no;
  bool shut = false;
};

/// "A suppression holds for its purpose, channel and destination, from when until when it says."
bool is_shut(const Shut& shut, const config::Purpose& purpose, std::string_view destination,
             Timestamp as_of) {
  if (shut.channel == "other") return false;
  if (!shut.purpose.empty() && shut.purpose != purpose.name) return false;
  if (!shut.destination.empty() && shut.destination != destination) return false;
  if (shut.begins != 0 && as_of < day_of_march(shut.begins)) return false;
  return shut.ends == 0 || as_of < day_of_march(shut.ends);
}

Heard hear(const Sources& sources, int person, int address, const config::Purpose& purpose,
           std::string_view destination, Timestamp as_of) {
  Heard heard;
  for (const auto& of_customer : sources.records) {
    for (const SourceRecord& record : of_customer) {
      const bool own = record.holder == person && !record.vanished;
      const bool carries = record.status[static_cast<std::size_t>(address)] >= 0;
      for (const Said& said : record.statements) {
        if (!concerns(said, purpose) || !is_about(said, address)) continue;
        if (said.status == "granted" || said.status == "pending") {
          const auto yes = as_yes(said, purpose, as_of);
          if (yes && own) heard.yes.push_back(*yes);
          if (yes && !own && carries && !record.vanished) heard.other_yes.push_back(*yes);
          continue;
        }
        if (said.status == "expired" && said.day != 0 && day_of_march(said.day) > as_of) continue;
        if (own) {
          heard.no.push_back(said);
        } else if (carries && said.status != "expired") {
          heard.other_no.push_back(said);
        }
      }
      // Of everything that the record is reached at, where it names nothing.
      for (const Shut& shut : record.shut) {
        const bool covers = shut.address < 0 ? carries : shut.address == address;
        if (covers && (own || carries) && is_shut(shut, purpose, destination, as_of)) {
          heard.shut = true;
        }
      }
    }
  }
  return heard;
}

/// "Withdrawal beats grant unless a newer explicit grant exists for the same contact point."
bool is_answered(const Said& no, const std::vector<Said>& yes) {
  if (no.status == "unreadable") return false;
  return std::any_of(yes.begin(), yes.end(), [&](const Said& one) {
    const bool as_explicit = !is_no(no) || no.address < 0 || one.address == no.address;
    return as_explicit && is_newer(one, no);
  });
}

bool may_write_to(const Heard& heard, bool by_consent) {
  if (heard.shut) return false;
  if (by_consent && heard.yes.empty()) return false;
  for (const Said& no : heard.no) {
    if (no.status == "expired" && !by_consent) continue;
    if (!is_answered(no, heard.yes)) return false;
  }
  std::vector<Said> anybodys = heard.yes;
  anybodys.insert(anybodys.end(), heard.other_yes.begin(), heard.other_yes.end());
  return std::all_of(heard.other_no.begin(), heard.other_no.end(),
                     [&](const Said& no) { return is_answered(no, anybodys); });
}

using Day = std::tuple<int, int, int>;

/// The calendar's day, in UTC.
Day calendar_day(Timestamp at) {
  const auto seconds = static_cast<std::time_t>(at / one_second);
  std::tm parts = {};
  gmtime_r(&seconds, &parts);
  return {parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday};
}

/// Every day on which somebody may have been born.
const std::vector<Day>& possible_birthdays(const std::string& born) {
  static std::map<std::string, std::vector<Day>> known;
  const auto [at_born, is_new] = known.try_emplace(born);
  std::vector<Day>& days = at_born->second;
  if (!is_new || born.empty() || born.front() == '-') return days;
  for (Timestamp at = *parse_time("1970-01-01T00:00:00Z"); at < *parse_time("2027-01-01T00:00:00Z");
       at += one_day) {
    if (format_date(at).starts_with(born)) days.push_back(calendar_day(at));
  }
  return days;
}

/// "Whoever may be too young is": whatever the day of birth, and wherever on earth they live.
bool is_old_enough(const std::string& born, int age, Timestamp as_of) {
  const Day today = calendar_day(as_of - one_day / 2);
  const std::vector<Day>& days = possible_birthdays(born);
  return std::all_of(days.begin(), days.end(), [&](const Day& day) {
    const auto [year, month, of_month] = day;
    return today >= Day{year + age, month, of_month};
  });
}

bool is_too_young(const std::vector<const SourceRecord*>& records, const config::Purpose& purpose,
                  Timestamp as_of) {
  if (purpose.minimum_age.empty()) return false;
  std::string born;
  int age = 0;
  std::vector<std::string> lives_in;
  for (const SourceRecord* record : records) {
    if (born.empty()) born = record->born;
    if (!record->country.empty()) lives_in.push_back(record->country);
  }
  if (lives_in.empty()) lives_in.push_back(purpose.country);
  for (const std::string& country : lives_in) {
    const bool named = purpose.minimum_age.count(country) != 0;
    if (!named && purpose.minimum_age.count("else") == 0) continue;
    age = std::max(age, purpose.minimum_age.at(named ? country : "else"));
  }
  if (age == 0) return false;
  if (possible_birthdays(born).empty()) return purpose.birth_date_required;
  return !is_old_enough(born, age, as_of);
}

/// Does a list name this person, and which address alone? -1: all of the person. -2: it does not.
int named_by(const Listed& listed, const std::vector<const SourceRecord*>& records) {
  for (const SourceRecord* record : records) {
    if (listed.by == Listed::By::customer) {
      if (record->customer == listed.shut.address) return -1;
    } else if (record->status[static_cast<std::size_t>(listed.shut.address)] >= 0) {
      return listed.contact_only ? listed.shut.address : -1;
    }
  }
  return -2;
}

/// Two whole dates that may be one: at most one digit differs, or day and month are swapped.
bool may_be_one_birth(const std::string& a, const std::string& b) {
  constexpr std::size_t whole = 10;
  if (a.size() != whole || b.size() != whole || a.front() == '-' || b.front() == '-') return true;
  int different = 0;
  for (std::size_t i = 0; i < whole; ++i) different += a[i] != b[i];
  const std::string swapped = a.substr(0, 5) + a.substr(8, 2) + a.substr(4, 1) + a.substr(5, 2);
  return different <= 1 || swapped == b;
}

/// "Who has died has died, also when the record that said so vanishes": whoever shares an address
/// with that record and may be whom it was about.
bool is_known_to_be_dead(const Sources& sources, const std::vector<const SourceRecord*>& own) {
  std::string name, born;
  for (const SourceRecord* record : own) {
    if (name.empty()) name = given_names[static_cast<std::size_t>(record->customer)];
    if (born.empty()) born = record->born;
  }
  for (const auto& of_customer : sources.records) {
    for (const SourceRecord& gone : of_customer) {
      if (!gone.vanished || gone.death == 0) continue;
      const std::string of = given_names[static_cast<std::size_t>(gone.customer)];
      const bool says_who = !of.empty() || (gone.born.size() == 10 && gone.born.front() != '-');
      const bool is_other =
          (!of.empty() && !name.empty() && of != name) || !may_be_one_birth(gone.born, born);
      if (!says_who || is_other) continue;
      for (const SourceRecord* record : own) {
        for (std::size_t i = 0; i < address_count; ++i) {
          if (gone.status[i] >= 0 && record->status[i] >= 0) return true;
        }
      }
    }
  }
  return false;
}

}  // namespace

std::set<std::string> permitted(const Sources& sources, int person, const config::Purpose& purpose,
                                std::string_view destination, Timestamp as_of) {
  std::set<std::string> allowed;
  std::vector<const SourceRecord*> records;
  std::array<int, address_count> status = {-1, -1, -1};
  for (const auto& of_customer : sources.records) {
    for (const SourceRecord& record : of_customer) {
      if (record.vanished || record.holder != person) continue;
      records.push_back(&record);
      if (record.death > 0 || record.test_record) return {};
      for (const Shut& shut : record.shut) {
        if (shut.address < 0 && is_shut(shut, purpose, destination, as_of)) return {};
      }
      for (std::size_t i = 0; i < status.size(); ++i) {
        status[i] = std::max(status[i], record.status[i]);
      }
    }
  }
  if (is_too_young(records, purpose, as_of)) return {};
  if (is_known_to_be_dead(sources, records)) return {};
  std::set<int> listed_addresses;
  for (const Listed& listed : sources.listed) {
    if (!is_shut(listed.shut, purpose, destination, as_of)) continue;
    listed_addresses.insert(named_by(listed, records));
  }
  if (listed_addresses.count(-1) != 0) return {};
  const bool by_consent = purpose.legal_basis == "consent";
  for (int address = 0; address < address_count; ++address) {
    if (status[static_cast<std::size_t>(address)] != 0) continue;
    if (listed_addresses.count(address) != 0) continue;
    const Heard heard = hear(sources, person, address, purpose, destination, as_of);
    if (may_write_to(heard, by_consent)) allowed.insert(address_text(address, purpose.channel));
  }
  return allowed;
}

}  // namespace rondom::activate::test::consent_history
