#include "feedback.h"

#include <algorithm>

#include "times.h"

namespace rondom::mautic {
namespace {

constexpr std::string_view do_not_contact = "do_not_contact", bounces = "bounces",
                           contacts = "contacts";
constexpr std::int64_t reason_bounced = 2;  // DoNotContact::BOUNCED; 1 unsubscribed, 3 manual

std::string_view reason_word(std::string_view code) {
  if (code == "1") return "unsubscribed";
  if (code == "2") return "bounced";
  return code == "3" ? "manual" : "other";
}

/// Mautic's tables hold UTC as "2026-03-14 09:30:00".
std::string rfc3339(std::string text) {
  if (text.size() == 19 && text[10] == ' ') {
    text[10] = 'T';
    text += 'Z';
  }
  return text;
}

/// Each run looks back this far: what was being saved while the last one read has an earlier time.
constexpr std::int64_t overlap_seconds = 300;

/// Where reading of entries goes on: behind the entry of this moment and number.
struct Place {
  std::string since;  // as in the table
  std::string id;     // empty: entries of that moment are read as well
  bool operator==(const Place&) const = default;
};

Failure repeated() {
  return {Code::data, "Mautic answers with a page that was read already, again and again."};
}

Result<Place> place_of(const std::string& state) {
  Place place;
  if (state.empty()) return place;
  const Result<Json> json = parse_json(state);
  if (!json.ok()) return Failure{Code::state, "The saved place is no JSON."};
  const auto seconds = parse_time(json->text_or("since", ""));
  if (seconds) place.since = table_time(*seconds - overlap_seconds);
  return place;
}

std::string state_of(const Place& place) {
  Json state = Json::object();
  state.set("since", Json::of(place.since));
  return state.to_text();
}

}  // namespace

Status Feedback::check() {
  return api_.get(HttpRequest::get("/api/contacts").query("limit", 1).query("minimal", 1)).status();
}

Result<Catalog> Feedback::discover() {
  Catalog catalog;
  for (const std::string_view name : {do_not_contact, bounces}) {
    catalog.stream(std::string(name))
        .key({"id"})
        .cursor("date_added")
        .incremental_only()
        .field("id", FieldType::text)
        .field("contact_id", FieldType::text)
        .field("email", FieldType::text)
        .field("mobile", FieldType::text)
        .field("channel", FieldType::text, "email")
        .field("reason", FieldType::text, "unsubscribed")
        .field("comments", FieldType::text)
        .field("own", FieldType::boolean)
        .field("date_added", FieldType::time);
  }
  CatalogStream& stream = catalog.stream(std::string(contacts)).key({"id"});
  stream.field("id", FieldType::text).field("dateAdded", FieldType::time);
  const Result<std::vector<std::string>> aliases = api_.field_aliases();
  if (!aliases.ok()) return aliases.error();
  for (const std::string& alias : *aliases) stream.field(alias, FieldType::text);
  return catalog;
}

/// An entry names its contact by number; who that is comes from one look-up a page.
Status Feedback::write_entries(const std::vector<const Json*>& rows, RecordWriter& out) {
  std::vector<std::string> ids;
  for (const Json* row : rows) ids.push_back(text_of(*row, "lead_id"));
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  const Result<std::vector<Json>> found = api_.find("id", ids);
  if (!found.ok()) return found.error();
  std::map<std::string, const Json*> by_id;
  for (const Json& contact : *found) {
    const Json* fields = contact.find("fields");
    if (const Json* all = fields == nullptr ? nullptr : fields->find("all"))
      by_id[text_of(contact, "id")] = all;
  }
  for (const Json* row : rows) {
    RowBuilder& record = out.row();
    record.text("id", text_of(*row, "id")).text("contact_id", text_of(*row, "lead_id"));
    const auto contact = by_id.find(text_of(*row, "lead_id"));
    if (contact != by_id.end()) {
      record.text("email", contact->second->text_or("email", ""));
      record.text("mobile", contact->second->text_or("mobile", ""));
    }
    const std::string comments = row->text_or("comments", "");
    record.text("channel", row->text_or("channel", ""))
        .text("reason", reason_word(text_of(*row, "reason")))
        .text("comments", comments)
        .boolean("own", comments.starts_with(own_comment))
        .text("date_added", rfc3339(row->text_or("date_added", "")));
    RONDOM_TRY(record.done());
  }
  return {};
}

/// By the moment of the entry, which an entry that changes its reason gets anew, and its number. A
/// page that ends among entries of one moment is followed by the rest of them: no offset, which
/// would skip entries when others are removed meanwhile.
Status Feedback::read_entries(const ReadStream& stream, bool bounced, std::uint64_t records_max,
                              RecordWriter& out) {
  Result<Place> begun = place_of(stream.state_json);
  if (!begun.ok()) return begun.error();
  Place place = *begun;
  RONDOM_TRY(out.stream(stream.name));
  std::uint64_t read = 0;
  bool among_equal = false;
  for (std::size_t page = 0; page < pages_max; ++page) {
    HttpRequest request = HttpRequest::get("/api/stats/lead_donotcontact");
    request.query("where[0][col]", "reason").query("where[0][expr]", bounced ? "eq" : "neq");
    request.query("where[0][val]", reason_bounced);
    if (!place.since.empty()) {
      const std::string beyond = place.id.empty() ? "gte" : "gt";
      request.query("where[1][col]", "date_added");
      request.query("where[1][expr]", among_equal ? "eq" : beyond);
      request.query("where[1][val]", place.since);
    }
    if (among_equal) {
      request.query("where[2][col]", "id").query("where[2][expr]", "gt");
      request.query("where[2][val]", place.id);
    }
    request.query("order[0][col]", "date_added").query("order[0][dir]", "asc");
    request.query("order[1][col]", "id").query("order[1][dir]", "asc");
    request.query("limit", page_size);
    const Result<Json> reply = api_.get(request);
    if (!reply.ok()) return reply.error();
    if (reply->find("errors") != nullptr) {
      HttpReply said;
      said.status = 400;
      said.body = reply->to_text();
      return http_failure(said);
    }
    const auto entries = entries_of(*reply, "stats");
    if (!entries.ok()) return entries.error();
    const std::vector<const Json*>& rows = *entries;
    if (!rows.empty()) {
      const Place next{rows.back()->text_or("date_added", ""), text_of(*rows.back(), "id")};
      if (next == place) return repeated();
      place = next;
      RONDOM_TRY(write_entries(rows, out));
      RONDOM_TRY(out.checkpoint(stream.name, state_of(place)));
    }
    read += rows.size();
    if (records_max != 0 && read >= records_max) break;
    const bool full = rows.size() >= page_size;
    if (!full && !among_equal) break;
    among_equal = full;
  }
  return {};
}

/// Every contact, in order of its number: what comes while we read has a higher one.
Status Feedback::read_contacts(const ReadStream& stream, std::uint64_t records_max,
                               RecordWriter& out) {
  std::string after = "0", generation = stream.generation;
  if (!stream.state_json.empty() && !generation.empty()) {
    const Result<Json> state = parse_json(stream.state_json);
    if (!state.ok()) return {Code::state, "The saved place is no JSON."};
    after = state->text_or("after", "0");
  }
  if (generation.empty()) generation = "contacts";
  RONDOM_TRY(out.stream(stream.name));
  if (records_max == 0) RONDOM_TRY(out.refresh_begin(stream.name, generation));
  std::uint64_t read = 0;
  for (std::size_t page = 0; page < pages_max; ++page) {
    HttpRequest request = HttpRequest::get("/api/contacts");
    request.query("where[0][col]", "id")
        .query("where[0][expr]", "gt")
        .query("where[0][val]", after);
    request.query("orderBy", "id").query("orderByDir", "ASC").query("limit", page_size);
    const Result<Json> reply = api_.get(request);
    if (!reply.ok()) return reply.error();
    const auto entries = entries_of(*reply, "contacts");
    if (!entries.ok()) return entries.error();
    const std::vector<const Json*>& rows = *entries;
    if (!rows.empty() && text_of(*rows.back(), "id") == after) return repeated();
    for (const Json* contact : rows) {
      Json record = Json::object();
      after = text_of(*contact, "id");
      record.set("id", Json::of(after))
          .set("dateAdded", Json::of(contact->text_or("dateAdded", "")));
      const Json* fields = contact->find("fields");
      if (const Json* all = fields == nullptr ? nullptr : fields->find("all")) {
        for (const auto& member : all->members()) {
          if (member.first != "id" && !member.second.is_null())
            record.set(member.first, member.second);
        }
      }
      RONDOM_TRY(out.json(record.to_text()));
    }
    read += rows.size();
    if (records_max != 0 && read >= records_max) return {};
    if (rows.size() < page_size) break;
    if (records_max == 0)
      RONDOM_TRY(
          out.checkpoint(stream.name, Json::object().set("after", Json::of(after)).to_text()));
  }
  if (records_max == 0) {
    RONDOM_TRY(out.checkpoint(stream.name, "{}"));
    RONDOM_TRY(out.refresh_complete(stream.name));
  }
  return {};
}

Status Feedback::read(const ReadRequest& request, RecordWriter& out) {
  for (const ReadStream& stream : request.streams) {
    if (stream.name == contacts) {
      RONDOM_TRY(read_contacts(stream, request.records_max, out));
    } else if (stream.name == do_not_contact || stream.name == bounces) {
      RONDOM_TRY(read_entries(stream, stream.name == bounces, request.records_max, out));
    } else {
      return {Code::config, "Mautic has no stream \"" + stream.name +
                                "\"; there are contacts, do_not_contact and bounces."};
    }
  }
  return {};
}

}  // namespace rondom::mautic
