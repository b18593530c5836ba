#include <cstdio>
#include <set>

#include "engine/explanation.h"

namespace rondom::engine {

namespace {

constexpr std::size_t links_shown_max = 50;
constexpr std::size_t losers_shown_max = 3;

using Link = Explanation::Link;

void append_joined(std::string& out, const Link& link) {
  out += " " + link.from + " ─ ";
  out += link.name_space == likeness_link ? likeness_words(link)
                                          : reason_word(link.name_space) + " " + link.value;
  out += " ─ " + link.to + (link.weakest ? "   weakest link\n" : "\n");
}

void append_apart(std::string& out, const Link& link) {
  out += " kept apart: " + link.to + ", ";
  out += link.name_space == likeness_link ? likeness_words(link) : reason_word(link.name_space);
  out += " as " + link.from + " but " +
         (link.refused.empty() ? "joined to somebody else" : link.refused) + "\n";
}

void append_related(std::string& out, const RelatedProfiles& related) {
  if (related.found.empty() && related.shared_by_many.empty()) return;
  out += "SHARES WITH, AND IS NOT\n";
  for (std::size_t i = 0; i < related.found.size() && i < links_shown_max; ++i) {
    const Related& one = related.found[i];
    out +=
        std::string(" ") + to_text(one.kind) + ": " + one.title + " · " + to_text(one.uid) + " ─ ";
    for (std::size_t reason = 0; reason < one.because.size(); ++reason) {
      out += (reason > 0 ? ", " : "") + one.because[reason];
    }
    out += '\n';
  }
  if (related.found.size() > links_shown_max) {
    out += " … and " + std::to_string(related.found.size() - links_shown_max) + " more\n";
  }
  for (const std::string& many : related.shared_by_many) out += " " + many + ": relates nobody\n";
}

}  // namespace

std::string state_text(const store::Delivery& delivery) {
  static constexpr const char* states[] = {
      "", "acknowledged", "in flight", "unknown, parked", "will be tried again", "dead letter"};
  return was_taken_out(delivery) ? "taken out again"
                                 : states[static_cast<std::size_t>(delivery.state)];
}

std::string explain_text(const Explanation& e) {
  std::string out;
  const auto pad = [](std::string text, std::size_t width) {
    std::size_t shown = 0;
    for (const char c : text) shown += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    if (shown < width) text.append(width - shown, ' ');
    return text;
  };
  out += e.title + " · " + to_text(e.profile.uid) + " · " + std::to_string(e.members.size()) +
         (e.members.size() == 1 ? " record" : " records") + " from " + std::to_string(e.sources) +
         (e.sources == 1 ? " source\n" : " sources\n");
  if (e.stale) {
    out += "STALE         today's rules decide otherwise; the next run changes it\n";
    for (const Explanation::Change& change : e.will_change) {
      out += " will change   " + pad(change.attribute, 22) + " ";
      for (const std::string& value : change.gone) out += value + " ";
      out += change.gone.empty() ? "(nothing) → " : "→ ";
      for (std::size_t i = 0; i < change.added.size(); ++i)
        out += (i > 0 ? " " : "") + change.added[i];
      out += change.added.empty() ? "(nothing)\n" : "\n";
    }
  }
  out += e.profile.entity == Entity::person ? "WHY ONE PERSON\n" : "WHY ONE ORGANIZATION\n";
  if (e.members.size() == 1) out += " " + e.members.front().name + "   the only record\n";
  for (const Explanation::NewOwner& owner : e.new_owners) {
    out += " " + owner.name +
           " was somebody else's before: two of surname, birth date and e-mail changed" +
           " at once, so it left that person's profile\n";
    if (owner.to_review) {
      out += " nothing is sent of this profile until: rondom review accept " + owner.name + "\n";
    }
  }
  for (std::size_t i = 0; i < e.joined.size() && i < links_shown_max; ++i) {
    append_joined(out, e.joined[i]);
  }
  for (std::size_t i = 0; i < e.apart.size() && i < links_shown_max; ++i) {
    append_apart(out, e.apart[i]);
  }
  out += "WHY THESE VALUES\n";
  for (const merge::Choice& choice : e.choices) {
    out += " " + pad(attribute_label(choice.winner), 22) + " " +
           pad(std::string(choice.winner.value), 28) + " " +
           pad(e.members[choice.member].name, 26) + " " + choice.rule;
    if (choice.rule_at.file != nullptr) {
      out += " (" + *choice.rule_at.file + ":" + std::to_string(choice.rule_at.line) + ")";
    }
    std::size_t shown = 0;
    std::set<std::string_view> seen{choice.winner.value};
    for (const auto& loser : choice.losers) {
      if (!seen.insert(loser.cell.value).second) continue;
      if (++shown > losers_shown_max) break;
      out += shown == 1 ? "   over " : ", ";
      out += "\"" + std::string(loser.cell.value) + "\" (" + e.members[loser.member].name +
             (loser.stale ? ", stale)" : ")");
    }
    if (is_stale(choice, e)) {
      out += "   stale: last seen " + format_date(e.members[choice.member].observed_at);
    }
    out += '\n';
    if (choice.winner.raw.data() != nullptr && !choice.winner.raw.empty() &&
        choice.winner.raw != choice.winner.value) {
      out += std::string(24, ' ') + "raw \"" + std::string(choice.winner.raw) + "\", " +
             rule_text(choice.winner.rule) + "\n";
    }
  }
  append_related(out, e.related);
  for (const auto& permission : e.permissions) {
    out += "MAY WE USE IT FOR " + permission.purpose;
    if (!permission.destination.empty()) out += " AT " + permission.destination;
    out += "?  ";
    if (permission.permission.allowed) {
      out += "yes";
      for (const std::string& contact : permission.permission.contacts) out += ", " + contact;
      if (!permission.permission.decided_by.empty()) out += ": " + permission.permission.decided_by;
    } else {
      out += "no: " + permission.permission.reason;
      if (!permission.permission.decided_by.empty())
        out += " (" + permission.permission.decided_by + ")";
    }
    out += '\n';
  }
  if (e.sent.empty()) {
    out += "SENT TO       nobody\n";
  }
  for (const auto& sent : e.sent) {
    const bool taken_out = was_taken_out(sent.delivery);
    out += "SENT TO       " + sent.destination + " · " + state_text(sent.delivery);
    if (!sent.delivery.remote_id.empty()) {
      out += (taken_out ? " · was there as " : " · there ") + sent.delivery.remote_id;
    }
    if (!taken_out && !sent.delivery.consent.empty()) {
      out += " · permitted by " + sent.delivery.consent;
    }
    out += '\n';
  }
  return out;
}

}  // namespace rondom::engine
