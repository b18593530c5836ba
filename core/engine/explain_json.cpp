#include "engine/explanation.h"

namespace rondom::engine {

namespace {

using Link = Explanation::Link;

void append_links(std::string& out, const std::vector<Link>& links) {
  out += '[';
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (i > 0) out += ',';
    const std::pair<const char*, const std::string*> fields[] = {
        {"from", &links[i].from},
        {"to", &links[i].to},
        {"namespace", &links[i].name_space},
        {"value", &links[i].value},
        {"refused", &links[i].refused}};
    out += '{';
    bool first = true;
    for (const auto& [name, value] : fields) {
      if (value->empty()) continue;
      if (!first) out += ',';
      first = false;
      append_json_string(out, name);
      out += ':';
      append_json_string(out, *value);
    }
    const Link& link = links[i];
    if (link.further) out += ",\"further\":true";
    if (link.weakest) out += ",\"weakest\":true";
    if (link.name_space == likeness_link) {
      out += ",\"decided_millibits\":" + std::to_string(link.decided);
    }
    if (link.evidence.has_value()) out += ",\"evidence\":" + comparison_json(*link.evidence);
    out += '}';
  }
  out += ']';
}

void append_list(std::string& out, const std::vector<std::string>& texts) {
  out += '[';
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, texts[i]);
  }
  out += ']';
}

void append_cell_json(std::string& out, const Cell& cell, const std::string& record) {
  out += "{\"attribute\":";
  append_json_string(out, attribute_label(cell));
  if (cell.group != 0) out += ",\"element\":" + std::to_string(cell.group);
  out += ",\"value\":";
  append_json_string(out, cell.value);
  if (!cell.raw.empty()) {
    out += ",\"raw\":";
    append_json_string(out, cell.raw);
    out += ",\"cleaned_by\":";
    append_json_string(out, rule_text(cell.rule));
  }
  out += ",\"record\":";
  append_json_string(out, record);
}

}  // namespace

std::string explain_json(const Explanation& e) {
  std::string out;
  out += "{\"profile\":";
  append_json_string(out, to_text(e.profile.uid));
  out += ",\"title\":";
  append_json_string(out, e.title);
  out += std::string(",\"stale\":") + (e.stale ? "true" : "false") + ",\"members\":[";
  for (std::size_t i = 0; i < e.members.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, e.members[i].name);
  }
  out += "],\"will_change\":[";
  for (std::size_t i = 0; i < e.will_change.size(); ++i) {
    out += i > 0 ? ",{\"attribute\":" : "{\"attribute\":";
    append_json_string(out, e.will_change[i].attribute);
    out += ",\"gone\":";
    append_list(out, e.will_change[i].gone);
    out += ",\"added\":";
    append_list(out, e.will_change[i].added);
    out += '}';
  }
  out += "],\"new_owners\":";
  std::vector<std::string> owner_names, to_review;
  for (const Explanation::NewOwner& owner : e.new_owners) {
    owner_names.push_back(owner.name);
    if (owner.to_review) to_review.push_back(owner.name);
  }
  append_list(out, owner_names);
  out += ",\"to_review\":";
  append_list(out, to_review);
  out += ",\"joined\":";
  append_links(out, e.joined);
  out += ",\"kept_apart\":";
  append_links(out, e.apart);
  out += ",\"values\":[";
  for (std::size_t i = 0; i < e.choices.size(); ++i) {
    const merge::Choice& choice = e.choices[i];
    if (i > 0) out += ',';
    append_cell_json(out, choice.winner, e.members[choice.member].name);
    out += ",\"rule\":";
    append_json_string(out, choice.rule);
    if (choice.rule_at.file != nullptr) {
      out += ",\"rule_at\":";
      append_json_string(out, *choice.rule_at.file + ":" + std::to_string(choice.rule_at.line));
    }
    out += ",\"over\":[";
    for (std::size_t l = 0; l < choice.losers.size(); ++l) {
      if (l > 0) out += ',';
      append_cell_json(out, choice.losers[l].cell, e.members[choice.losers[l].member].name);
      out += choice.losers[l].stale ? ",\"stale\":true}" : "}";
    }
    out += is_stale(choice, e) ? "],\"stale\":true}" : "]}";
  }
  out += "],\"related\":[";
  for (std::size_t i = 0; i < e.related.found.size(); ++i) {
    const Related& one = e.related.found[i];
    out += i > 0 ? ",{\"kind\":" : "{\"kind\":";
    append_json_string(out, to_text(one.kind));
    out += ",\"profile\":";
    append_json_string(out, to_text(one.uid));
    out += ",\"title\":";
    append_json_string(out, one.title);
    out += ",\"because\":";
    append_list(out, one.because);
    out += '}';
  }
  out += "],\"shared_by_many\":";
  append_list(out, e.related.shared_by_many);
  out += ",\"permissions\":[";
  for (std::size_t i = 0; i < e.permissions.size(); ++i) {
    const auto& [purpose, permission, destination] = e.permissions[i];
    out += i > 0 ? ",{\"purpose\":" : "{\"purpose\":";
    append_json_string(out, purpose);
    out += std::string(",\"allowed\":") + (permission.allowed ? "true" : "false") + ",\"reason\":";
    append_json_string(out, permission.reason);
    out += ",\"decided_by\":";
    append_json_string(out, permission.decided_by);
    if (!destination.empty()) {
      out += ",\"destination\":";
      append_json_string(out, destination);
    }
    out += '}';
  }
  out += "],\"sent\":[";
  for (std::size_t i = 0; i < e.sent.size(); ++i) {
    out += i > 0 ? ",{\"destination\":" : "{\"destination\":";
    append_json_string(out, e.sent[i].destination);
    out += ",\"remote_id\":";
    append_json_string(out, e.sent[i].delivery.remote_id);
    static constexpr const char* states[] = {"",        "acknowledged", "in_flight",
                                             "unknown", "retry",        "dead_letter"};
    out += ",\"state\":";
    append_json_string(out, was_taken_out(e.sent[i].delivery)
                                ? "taken_out"
                                : states[static_cast<std::size_t>(e.sent[i].delivery.state)]);
    out += '}';
  }
  out += "]}";
  return out;
}

}  // namespace rondom::engine
