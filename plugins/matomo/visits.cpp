#include "visits.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace rondom::matomo {
namespace {

constexpr std::int64_t day_seconds = 86'400;
constexpr std::size_t pages_max = 100'000;
/// How often a second with more visits than a page is read again when visits moved meanwhile.
constexpr int restarts_max = 5;

std::string day_of(std::int64_t seconds) {
  const std::chrono::sys_days day{std::chrono::days((seconds >= 0 ? seconds : 0) / day_seconds)};
  const std::chrono::year_month_day date(day);
  std::array<char, 24> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return {text.data(), static_cast<std::size_t>(size)};
}

/// PHP writes numbers of the database as numbers or as texts, by version.
std::optional<std::int64_t> number_of(const Json& visit, std::string_view name) {
  const Json* found = visit.find(name);
  if (found == nullptr) return std::nullopt;
  if (found->is_integer()) return found->as_integer();
  std::int64_t number = 0;
  const std::string& text = found->as_text();
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size())
    return std::nullopt;
  return number;
}

std::string id_of(const Json& visit) {
  const auto id = number_of(visit, "idVisit");
  return id ? std::to_string(*id) : std::string();
}

std::int64_t last_action(const Json& visit) {
  return number_of(visit, "lastActionTimestamp").value_or(0);
}

Failure repeats() {
  return {Code::data, "Matomo sends the same visits again and again."};
}

}  // namespace

Status Visits::check() {
  return api_.call("API.getMatomoVersion", {}).status();
}

Result<Catalog> Visits::discover() {
  Catalog catalog;
  CatalogStream& stream = catalog.stream("visits");
  stream.key({"idVisit"}).cursor("lastActionTimestamp").incremental_only();
  for (const char* name : {"idVisit", "idSite", "lastActionTimestamp", "firstActionTimestamp",
                           "serverTimestamp", "visitDuration", "actions", "visitCount"})
    stream.field(name, FieldType::integer);
  for (const char* name :
       {"visitorId", "userId", "visitIp", "siteName", "siteCurrency", "visitorType", "referrerType",
        "referrerName", "referrerUrl", "referrerKeyword", "deviceType", "operatingSystem",
        "browser", "languageCode", "countryCode", "region", "city", "visitEcommerceStatus"})
    stream.field(name, FieldType::text);
  for (const char* name : {"actionDetails", "customVariables"}) stream.field(name, FieldType::list);
  return catalog;
}

Result<std::vector<Json>> Visits::ask(const Walk& walk, const Page& page) {
  if (context_.cancelled()) return Failure{Code::cancelled, "Stopped between two pages."};
  Result<Json> reply =
      api_.call("Live.getLastVisitsDetails", {{"idSite", page.site},
                                              {"period", "day"},
                                              {"date", page.day},
                                              {"minTimestamp", std::to_string(page.after)},
                                              {"filter_sort_order", "asc"},
                                              {"filter_limit", std::to_string(walk.options.page)},
                                              {"filter_offset", std::to_string(page.offset)},
                                              {"segment", walk.options.segment}});
  if (!reply.ok()) return reply.error();
  if (!reply->is_list()) return Failure{Code::data, "Matomo answered without a list of visits."};
  for (const Json& visit : reply->items()) {
    if (id_of(visit).empty() || last_action(visit) <= 0) {
      return Failure{Code::data,
                     "Matomo sent a visit without a readable idVisit and lastActionTimestamp."};
    }
  }
  return reply->items();
}

Status Visits::tell(Walk& walk, const std::vector<Json>& visits) {
  for (const Json& visit : visits) {
    const std::string id = id_of(visit);
    const auto known = walk.told.find(id);
    if (known != walk.told.end() && known->second == last_action(visit)) continue;
    walk.told[id] = last_action(visit);
    ++walk.read;
    RecordFacts facts;
    facts.changed_at_us = last_action(visit) * 1'000'000;
    RONDOM_TRY(walk.out.json(visit.to_text(), facts));
  }
  return {};
}

Status Visits::note_place(Walk& walk, const std::string& site, std::int64_t second) {
  walk.places[site] = std::max(walk.places[site], second);
  for (auto at = walk.told.begin(); at != walk.told.end();)
    at = at->second < second - 1 ? walk.told.erase(at) : std::next(at);
  if (walk.records_max != 0) return {};
  Json places = Json::object();
  for (const auto& [name, place] : walk.places) places.set(name, Json::of(place));
  return walk.out.checkpoint(walk.stream.name,
                             Json::object().set("since", std::move(places)).to_text());
}

/// By the time of the last action, which a visit that goes on moves forward: it comes once more at
/// the end, and none is skipped. Only where one second holds more visits than a page is an offset
/// used; it goes one back each time, and the visit that stands there tells whether the others
/// moved.
Status Visits::read_day(Walk& walk, Page page) {
  std::string expected;  // the visit that the next page has to begin with
  int restarts = 0;
  for (std::size_t pages = 0; pages < pages_max; ++pages) {
    const Result<std::vector<Json>> visits = ask(walk, page);
    if (!visits.ok()) return visits.error();
    if (!expected.empty() && (visits->empty() || id_of(visits->front()) != expected)) {
      if (++restarts > restarts_max) return repeats();
      expected.clear();
      page.offset = 0;
      continue;
    }
    RONDOM_TRY(tell(walk, *visits));
    if (visits->empty()) return {};
    const std::int64_t last = last_action(visits->back());
    RONDOM_TRY(note_place(walk, page.site, last));
    if (walk.records_max != 0 && walk.read >= walk.records_max) return {};
    if (static_cast<std::int64_t>(visits->size()) < walk.options.page) return {};
    if (last - 1 > page.after) {
      page.after = last - 1;
      page.offset = 0;
      expected.clear();
      restarts = 0;
    } else {
      if (!expected.empty() && id_of(visits->back()) == expected) return repeats();
      expected = id_of(visits->back());
      page.offset += visits->size() - 1;
    }
  }
  return {Code::data, "The list of visits did not end."};
}

/// Day by day: over more days Matomo puts its answer together from several, which are not in one
/// order. Days are those of the site, so one more is asked for at either end.
Status Visits::read_site(Walk& walk, const std::string& site) {
  const std::int64_t now = context_.now_us() / 1'000'000;
  std::int64_t after = now - walk.options.days * day_seconds;
  if (const auto saved = walk.places.find(site); saved != walk.places.end())
    after = saved->second - walk.options.overlap_hours * 3'600 - 1;
  after = std::max<std::int64_t>(after, 0);
  walk.told.clear();
  for (std::int64_t day = after - day_seconds; day < now + 2 * day_seconds; day += day_seconds) {
    RONDOM_TRY(read_day(walk, {site, day_of(day), after, 0}));
    if (walk.records_max != 0 && walk.read >= walk.records_max) return {};
  }
  return {};
}

Status Visits::read(const ReadRequest& request, RecordWriter& out) {
  for (const ReadStream& stream : request.streams) {
    if (stream.name != "visits") {
      return {Code::config, "Matomo has no stream \"" + stream.name + "\"; there is only visits."};
    }
    Result<StreamOptions> options =
        job_options.parse(stream.options_json.empty() ? "{}" : stream.options_json);
    if (!options.ok()) return options.error();
    Walk walk{stream, out, std::move(*options), request.records_max, 0, {}, {}};
    if (!stream.state_json.empty()) {
      const Result<Json> state = parse_json(stream.state_json);
      if (!state.ok()) return {Code::state, "The saved place is no JSON."};
      if (const Json* since = state->find("since"); since != nullptr) {
        for (const auto& [site, second] : since->members()) walk.places[site] = second.as_integer();
      }
    }
    RONDOM_TRY(out.stream(stream.name));
    for (const std::int64_t site : walk.options.sites)
      RONDOM_TRY(read_site(walk, std::to_string(site)));
  }
  return {};
}

}  // namespace rondom::matomo
