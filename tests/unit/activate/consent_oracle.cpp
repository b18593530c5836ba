// The rules, told slowly.
#include <algorithm>
#include <limits>

#include "consent_history.h"

namespace rondom::activate::test::consent_history {
namespace {

bool is_no(const Said& said) {
  return said.status == "withdrawn" || said.status == "denied";
}

/// Is it about this purpose and its channel, and has it begun?
bool concerns(const Said& said, const config::Purpose& purpose, Timestamp as_of) {
  if (!said.channel.empty() && said.channel != purpose.channel) return false;
  const bool yes = said.status == "granted";
  if (said.purpose.empty() ? yes : said.purpose != purpose.name) return false;
  const bool begins = yes || said.status == "expired";
  return !(begins && said.day != 0 && day_of_march(said.day) > as_of);
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
};

Heard hear(const Sources& sources, int person, int address, const config::Purpose& purpose,
           Timestamp as_of) {
  Heard heard;
  for (int who = 0; who < person_count; ++who) {
    for (const SourceRecord& record : sources.records[static_cast<std::size_t>(who)]) {
      const bool own = who == person && !record.vanished;
      const bool carries = record.status[static_cast<std::size_t>(address)] >= 0;
      for (const Said& said : record.statements) {
        if (!concerns(said, purpose, as_of) || !is_about(said, address)) continue;
        const bool yes = said.status == "granted";
        if (own) {
          (yes ? heard.yes : heard.no).push_back(said);
        } else if (carries && said.status != "expired" && !(yes && record.vanished)) {
          (yes ? heard.other_yes : heard.other_no).push_back(said);
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

}  // namespace

std::set<std::string> permitted(const Sources& sources, int person, const config::Purpose& purpose,
                                Timestamp as_of) {
  std::set<std::string> allowed;
  std::array<int, address_count> status = {-1, -1, -1};
  for (const SourceRecord& record : sources.records[static_cast<std::size_t>(person)]) {
    if (record.vanished) continue;
    if (record.death > 0 || record.test_record) return {};
    for (std::size_t i = 0; i < status.size(); ++i) {
      status[i] = std::max(status[i], record.status[i]);
    }
  }
  const bool by_consent = purpose.legal_basis == "consent";
  for (int address = 0; address < address_count; ++address) {
    if (status[static_cast<std::size_t>(address)] != 0) continue;
    if (may_write_to(hear(sources, person, address, purpose, as_of), by_consent)) {
      allowed.insert(address_text(address));
    }
  }
  return allowed;
}

}  // namespace rondom::activate::test::consent_history
