#include "api.h"

#include <algorithm>

namespace rondom::mautic {

Result<std::vector<const Json*>> entries_of(const Json& reply, std::string_view name) {
  const Json* list = reply.find(name);
  if (list == nullptr || (!list->is_list() && !list->is_object())) {
    return Failure{Code::data, "Mautic answered without \"" + std::string(name) + "\"."};
  }
  std::vector<const Json*> entries;
  for (const Json& item : list->items()) entries.push_back(&item);
  for (const auto& member : list->members()) entries.push_back(&member.second);
  return entries;
}

std::string text_of(const Json& object, std::string_view name) {
  const Json* found = object.find(name);
  if (found == nullptr) return {};
  return found->is_integer() ? std::to_string(found->as_integer()) : found->as_text();
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

Result<Json> Api::get(const HttpRequest& request) {
  const Result<HttpReply> reply = context_->fetch(request);
  if (!reply.ok()) return reply.error();
  return reply->json();
}

Result<std::vector<Json>> Api::find(std::string_view column,
                                    const std::vector<std::string>& values) {
  std::vector<Json> found;
  for (std::size_t at = 0; at < values.size(); at += look_up_max) {
    const std::size_t end = std::min(at + look_up_max, values.size());
    HttpRequest request = HttpRequest::get("/api/contacts");
    request.query("where[0][expr]", "orX");
    for (std::size_t i = at; i < end; ++i) {
      const std::string clause = "where[0][val][" + std::to_string(i - at) + "]";
      request.query(clause + "[col]", column).query(clause + "[expr]", "eq");
      request.query(clause + "[val]", values[i]);
    }
    request.query("limit", page_size);
    const Result<Json> reply = get(request);
    if (!reply.ok()) return reply.error();
    const auto contacts = entries_of(*reply, "contacts");
    if (!contacts.ok()) return contacts.error();
    for (const Json* contact : *contacts) found.push_back(*contact);
  }
  return found;
}

Result<std::vector<Json>> Api::all(std::string_view path, std::string_view name) {
  Pager pages = Pager::offset(HttpRequest::get(std::string(path)), "start", "limit", page_size);
  pages.items_at("/" + std::string(name)).short_page_ends();
  std::vector<Json> found;
  while (true) {
    const auto page = pages.next(*context_);
    if (!page.ok()) return page.error();
    if (!*page) return found;
    for (const Json* one : (*page)->items()) found.push_back(*one);
  }
}

Result<std::string> Api::segment_id(std::string_view alias) {
  const Result<std::vector<Json>> segments = all("/api/segments", "lists");
  if (!segments.ok()) return segments.error();
  for (const Json& segment : *segments) {
    if (segment.text_or("alias", "") == alias) return text_of(segment, "id");
  }
  return Failure{Code::config, "Mautic has no segment with the alias \"" + std::string(alias) +
                                   "\"; make it there, or name another one in options."};
}

Result<std::vector<std::string>> Api::field_aliases() {
  const Result<std::vector<Json>> fields = all("/api/fields/contact", "fields");
  if (!fields.ok()) return fields.error();
  std::vector<std::string> aliases;
  for (const Json& field : *fields) aliases.push_back(field.text_or("alias", ""));
  return aliases;
}

}  // namespace rondom::mautic
