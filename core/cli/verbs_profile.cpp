// profile find|show|explain|members|export
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>

#include "cli/activity_text.h"
#include "cli/cli.h"
#include "cli/failure.h"
#include "cli/identity_pictures.h"
#include "cli/run_text.h"
#include "cli/terminal.h"
#include "engine/attributes.h"
#include "engine/expected_value.h"
#include "engine/explanation.h"
#include "engine/name_search.h"
#include "engine/record_names.h"
#include "engine/relations.h"
#include "pipeline/normalize/normalize.h"
#include "pipeline/segment/segment.h"

namespace rondom::cli {

namespace {

using engine::Engine;

Status add_carriers(store::Store& store, std::string_view name_space, std::string_view value,
                    std::vector<store::RecordId>& records) {
  RONDOM_TRY_ASSIGN(const auto found, store.find_records(identifier_hash(name_space, value)));
  records.insert(records.end(), found.begin(), found.end());
  return {};
}

Result<std::vector<store::ProfileId>> profiles_of(store::Store& store,
                                                  std::vector<store::RecordId> ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  RONDOM_TRY_ASSIGN(const auto records, store.records(ids));
  std::vector<store::ProfileId> profiles;
  for (const store::StoredRecord& record : records) {
    if (record.profile != 0) profiles.push_back(record.profile);
  }
  std::sort(profiles.begin(), profiles.end());
  profiles.erase(std::unique(profiles.begin(), profiles.end()), profiles.end());
  return profiles;
}

/// A phone number as people write it in the project's country; empty when it is none.
std::string as_phone(const config::Project& project, std::string_view text) {
  const config::Defaults& defaults = project.defaults;
  const normalize::Context context{defaults.country, defaults.language, defaults.currency,
                                   defaults.time_zone};
  normalize::Normalizer normalizer;
  Arena arena;
  const auto cleaned =
      normalizer.clean(*attribute_by_id(attribute::phone_value), text, context, arena);
  return cleaned.ok() ? std::string(cleaned->value) : std::string();
}

/// As plan prints ids: the first groups of one.
bool is_start_of_id(std::string_view text) {
  constexpr std::size_t first_group = 8;
  if (text.size() < first_group || text.size() >= 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) {
      return false;
    }
  }
  return true;
}

/// At most two: one too many is enough to say so.
Result<std::vector<store::ProfileId>> with_id_like(store::Store& store, std::string_view start) {
  constexpr std::size_t profiles_per_page = 10'000;
  std::vector<store::ProfileId> found;
  store::ProfileId after = 0;
  while (found.size() < 2) {
    RONDOM_TRY_ASSIGN(const auto profiles, store.scan_profiles(after, profiles_per_page));
    if (profiles.empty()) break;
    for (const store::Profile& profile : profiles) {
      if (to_text(profile.uid).starts_with(start)) found.push_back(profile.id);
    }
    after = profiles.back().id;
  }
  return found;
}

/// Shown of those who are called something.
constexpr std::size_t called_most = 50;

// The start of a profile id or all of it, an e-mail address, a phone number, namespace:value, or
// source.stream/key.
Result<std::vector<store::ProfileId>> find(Engine& engine, std::string_view text) {
  store::Store& store = engine.store();
  if (Uid uid; parse_uid(text, uid)) {
    RONDOM_TRY_ASSIGN(const auto profile, store.find_profile(uid));
    if (profile.has_value()) return std::vector<store::ProfileId>{*profile};
    return std::vector<store::ProfileId>{};
  }
  std::vector<store::RecordId> records;
  std::string source, stream, key;
  if (parse_record_name(text, source, stream, key)) {
    RONDOM_TRY_ASSIGN(const auto streams, store.streams());
    for (const store::Stream& one : streams) {
      if (one.source != source || one.name != stream) continue;
      for (const Entity entity : {Entity::person, Entity::organization}) {
        RONDOM_TRY_ASSIGN(const auto record, store.find_record(one.id, entity, key));
        if (record.has_value()) records.push_back(*record);
      }
    }
  }
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    RONDOM_TRY(add_carriers(store, text.substr(0, colon), text.substr(colon + 1), records));
  }
  RONDOM_TRY(add_carriers(store, "email", lower_ascii(text), records));
  RONDOM_TRY(add_carriers(store, "phone", text, records));
  RONDOM_TRY(add_carriers(store, "phone", as_phone(engine.project(), text), records));
  RONDOM_TRY_ASSIGN(auto found, profiles_of(store, std::move(records)));
  if (found.empty() && is_start_of_id(text)) return with_id_like(store, lower_ascii(text));
  return found;
}

}  // namespace

Result<store::ProfileId> find_profile(Engine& engine, std::string_view text) {
  RONDOM_TRY_ASSIGN(const auto profiles, find(engine, text));
  if (profiles.empty()) {
    return Error{ErrorCode::failure,
                 "nobody is known by that id, e-mail, phone, identifier or record; rondom profile "
                 "find looks for names too"};
  }
  if (profiles.size() > 1) {
    return Error{ErrorCode::failure, "that belongs to " + std::to_string(profiles.size()) +
                                         " profiles; rondom profile find lists them"};
  }
  return profiles.front();
}

namespace {

std::string member_list(const std::vector<std::string>& names) {
  constexpr std::size_t shown_max = 3;
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < shown_max; ++i)
    out += (i > 0 ? ", " : "") + names[i];
  if (names.size() > shown_max) out += ", …";
  return out;
}

Result<std::vector<std::string>> member_names(store::Store& store, const store::Profile& profile) {
  engine::RecordNames names;
  RONDOM_TRY(names.load(store));
  RONDOM_TRY_ASSIGN(const auto records, store.records(profile.members));
  std::vector<std::string> out;
  for (const store::StoredRecord& record : records) out.push_back(names.of(record));
  std::sort(out.begin(), out.end());
  return out;
}

/// Names and values to show: the members of one list element stand together.
std::vector<std::pair<std::string, std::string>> attribute_rows(std::string_view values) {
  struct Row {
    std::string_view list;
    std::uint32_t element = 0;
    std::string name, value;
  };
  std::vector<Row> rows;
  std::map<std::string_view, std::size_t> list_places;
  RecordReader reader(values);
  Cell cell;
  while (reader.next(cell)) {
    const AttributeInfo* info = attribute_by_id(cell.attribute);
    Row row;
    row.list = info == nullptr || info->group.empty() ? std::string_view() : info->group;
    row.element = row.list.empty() ? 0 : cell.group;
    row.name = info == nullptr ? "?" : std::string(info->name);
    if (!cell.name.empty()) row.name += "." + std::string(cell.name);
    if (cell.group > 0) row.name += "[" + std::to_string(cell.group) + "]";
    row.value = cell.value;
    list_places.try_emplace(row.list, list_places.size());
    rows.push_back(std::move(row));
  }
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    return std::pair(list_places[a.list], a.element) < std::pair(list_places[b.list], b.element);
  });
  std::vector<std::pair<std::string, std::string>> out;
  for (Row& row : rows) out.emplace_back(std::move(row.name), std::move(row.value));
  return out;
}

/// What of an order fits on a line: when, what for, how far.
void print_orders(const std::vector<engine::Activity>& orders) {
  constexpr std::size_t shown_max = 20;
  if (orders.empty()) return;
  Table table({"ORDERS", "number", "total", "status", "lines", "told by"});
  for (std::size_t i = 0; i < orders.size() && i < shown_max; ++i) {
    const engine::Activity& order = orders[i];
    Arena arena;
    const Value values = segment::profile_value(order.canonical, Entity::order, arena);
    const auto text = [&](const char* name) {
      const Value* value = values.find(name);
      return value == nullptr || value->is_null() ? std::string("-") : engine::shown(*value);
    };
    const Value* lines = values.find("lines");
    table.add({text("at"), text("number"), text("total"), text("status"),
               std::to_string(lines != nullptr && lines->is_list() ? lines->size() : 0),
               member_list(order.records)});
  }
  std::fputs(table.render().c_str(), stdout);
  if (orders.size() > shown_max) {
    std::printf("… and %zu older; -o json shows all\n", orders.size() - shown_max);
  }
}

/// The newest few of everything else that they did.
void print_others(const engine::Activities& activities) {
  constexpr std::size_t shown_max = 5;
  for (std::size_t i = 0; i < activity_lists_count; ++i) {
    const std::vector<engine::Activity>& all = activities.lists[i];
    const ActivityList& list = activity_lists()[i];
    if (all.empty() || list.entity == Entity::order) continue;
    std::string title(list.name);
    for (char& c : title) c = c == '_' ? ' ' : static_cast<char>(std::toupper(c));
    Table table({title, "what", "more", "told by"});
    for (std::size_t k = 0; k < all.size() && k < shown_max; ++k) {
      const ActivityWords words = words_of(list.entity, all[k]);
      table.add({words.at == no_time ? "-" : format_time(words.at), words.what,
                 words.detail.empty() ? "-" : words.detail, member_list(all[k].records)});
    }
    std::fputs(table.render().c_str(), stdout);
    if (all.size() > shown_max) std::printf("… and %zu older\n", all.size() - shown_max);
  }
  if (!activities.complete) {
    std::printf("! only the newest %zu activities were looked at\n", engine::activities_read_max);
  }
}

std::string activities_json(const std::vector<engine::Activity>& activities,
                            std::size_t count_max) {
  std::string out = "[";
  for (std::size_t k = 0; k < activities.size() && k < count_max; ++k) {
    const engine::Activity& one = activities[k];
    out += out.size() > 1 ? ",{\"records\":[" : "{\"records\":[";
    for (std::size_t i = 0; i < one.records.size(); ++i) {
      if (i > 0) out += ',';
      append_json_string(out, one.records[i]);
    }
    out += "],\"values\":";
    append_record_json(out, one.canonical);
    out += '}';
  }
  return out + "]";
}

/// {"needs":{"count":3,"newest":[…]},…}
std::string others_json(const engine::Activities& activities) {
  constexpr std::size_t told_max = 20;
  std::string out;
  for (std::size_t i = 0; i < activity_lists_count; ++i) {
    const ActivityList& list = activity_lists()[i];
    if (list.entity == Entity::order) continue;
    out += (out.empty() ? "{\"" : ",\"") + std::string(list.name) +
           "\":{\"count\":" + std::to_string(activities.lists[i].size()) +
           ",\"newest\":" + activities_json(activities.lists[i], told_max) + "}";
  }
  return out + "}";
}

void print_attributes(const engine::AttributeReader& attributes, const store::Profile& profile) {
  Table table({"ATTRIBUTES", "value"});
  const auto computed = attributes.computed(profile.id);
  for (std::size_t i = 0; i < computed.size(); ++i) {
    const std::string problem(computed[i].problem);
    if (computed[i].value.is_null() && problem.empty()) continue;
    table.add({attributes.plan().attribute(attributes.wanted()[i]).name,
               problem.empty() ? engine::shown(computed[i].value) : "! " + problem});
  }
  if (!table.empty()) std::fputs(table.render().c_str(), stdout);
}

void print_relations(const engine::Relations& relations) {
  constexpr std::size_t shown_max = 20;
  if (relations.all.empty()) return;
  Table table({"RELATIONS", "with", "role", "holds", "from", "until", "record", "told by"});
  const auto or_none = [](const std::string& text) { return text.empty() ? "-" : text; };
  for (std::size_t i = 0; i < relations.all.size() && i < shown_max; ++i) {
    const engine::Relation& one = relations.all[i];
    table.add({one.type, one.title.empty() ? "not here yet" : one.title, or_none(one.role),
               engine::to_text(one.holds), or_none(one.valid_from), or_none(one.valid_to),
               one.record, one.told_by_other ? "the other side" : "this one"});
  }
  std::fputs(table.render().c_str(), stdout);
  if (relations.all.size() > shown_max) {
    std::printf("… and %zu more; -o json shows all\n", relations.all.size() - shown_max);
  }
  if (!relations.complete) {
    std::printf("! only %zu records that name this one were looked at\n",
                engine::referring_records_max);
  }
}

std::string temporary_folder(const Engine& engine) {
  return config::state_folder(engine.project()) + "/tmp-" + std::to_string(getpid());
}

/// The fields of one line of CSV (RFC 4180).
std::vector<std::string> csv_fields(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += c;
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

std::string member_json(std::string_view csv) {
  const std::vector<std::string> fields = csv_fields(csv);
  std::string out = "{";
  std::size_t at = 0;
  for (const char* name : {"profile_id", "source", "stream", "key"}) {
    out += std::string(at == 0 ? "\"" : ",\"") + name + "\":";
    append_json_string(out, at < fields.size() ? fields[at] : "");
    ++at;
  }
  return out + "}";
}

bool print(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
}

using Exporter = std::function<Status(store::Store&, std::string_view,
                                      const std::function<Status(std::string_view)>&)>;

// Streams lines to standard output, with -o json as one list, and removes the sorter's folder
// afterwards.
int print_sorted(Engine& engine, const Options& options, const Exporter& exporter,
                 const std::function<std::string(std::string_view)>& written) {
  const std::string folder = temporary_folder(engine);
  const bool as_list = options.output == "json";
  bool first = true;
  answer_has_begun();
  if (as_list) print("[");
  const Status done = exporter(engine.store(), folder, [&](std::string_view line) -> Status {
    const std::string before = as_list && !first ? ",\n" : "";
    first = false;
    if (!print(before + written(line) + (as_list ? "" : "\n"))) {
      return {ErrorCode::unavailable, "standard output was closed"};
    }
    return {};
  });
  if (as_list) print("]\n");
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  if (!done.ok()) return fail(done.error());
  return std::fflush(stdout) == 0 ? 0
                                  : fail({ErrorCode::unavailable, "standard output was closed"});
}

}  // namespace

int profile_find(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code, Needs::settings);
  if (engine == nullptr) return exit_code;
  auto ids = find(*engine, options.words.front());
  if (ids.ok() && ids->empty()) {
    ids = engine::profiles_called(engine->store(), options.words.front(), called_most + 1);
  }
  if (!ids.ok()) return fail(ids.error());
  const bool is_cut = ids->size() > called_most;
  if (is_cut) ids->resize(called_most);
  const auto profiles = engine->store().profiles(*ids);
  if (!profiles.ok()) return fail(profiles.error());
  if (profiles->empty()) {
    return fail({ErrorCode::failure,
                 "nobody is known by that id, e-mail, phone, identifier, record or name"});
  }
  Table table({"PROFILE", "name", "kind", "records", "members"});
  std::string json = "[";
  for (const store::Profile& profile : *profiles) {
    const auto names = member_names(engine->store(), profile);
    if (!names.ok()) return fail(names.error());
    table.add({to_text(profile.uid), engine::title_of(profile), to_text(profile.entity),
               std::to_string(names->size()), member_list(*names)});
    json += (json.size() > 1 ? "," : "") + std::string("{\"profile\":\"") + to_text(profile.uid) +
            "\",\"content\":" + engine::export_line(profile, *names) + "}";
  }
  if (options.output == "json")
    std::printf("%s]\n", json.c_str());
  else
    std::fputs(table.render().c_str(), stdout);
  if (is_cut) {
    std::fprintf(stderr, "these are the first %zu; say more of the name\n", called_most);
  }
  return 0;
}

ProfileQuestion::ProfileQuestion(const Options& options) {
  const std::optional<Timestamp> at = cli::as_of(options, exit_code);
  if (exit_code != 0) return;
  auto opened = open_engine(options, true, workspace, exit_code, Needs::settings);
  if (opened == nullptr) return;
  const auto found = find_profile(*opened, options.words.front());
  if (!found.ok()) {
    exit_code = fail(found.error());
    return;
  }
  id = *found;
  as_of = at.value_or(opened->surroundings().clock->now());
  engine = std::move(opened);
}

int profile_show(const Options& options) {
  const ProfileQuestion asked(options);
  if (asked.engine == nullptr) return asked.exit_code;
  engine::Engine& engine = *asked.engine;
  const std::vector<store::ProfileId> wanted{asked.id};
  const auto profiles = engine.store().profiles(wanted);
  if (!profiles.ok()) return fail(profiles.error());
  const store::Profile& profile = profiles->front();
  const auto names = member_names(engine.store(), profile);
  if (!names.ok()) return fail(names.error());
  engine::ActivityReader reader(engine.project(), engine.store(), asked.as_of);
  const auto read = reader.read({&profile, 1});
  if (!read.ok()) return fail(read.error());
  const engine::Activities& activities = read->front();
  const auto attributes = engine::AttributeReader::make(engine.project(), engine.store(),
                                                        profile.entity, asked.as_of, nullptr);
  if (!attributes.ok()) return fail(attributes.error());
  if (const Status loaded = (*attributes)->load(*profiles, enrich::Changes::ignore); !loaded.ok()) {
    return fail(loaded.error());
  }
  const auto relations = engine::relations_of(engine.store(), profile, asked.as_of);
  if (!relations.ok()) return fail(relations.error());
  if (options.output == "json") {
    std::printf(
        "{\"profile\":\"%s\",\"content\":%s,\"orders\":%s,\"activities\":%s,\"orders_complete\":%s,"
        "\"relations\":%s,\"relations_complete\":%s}\n",
        to_text(profile.uid).c_str(),
        engine::export_line(profile, *names, engine::attributes_json(**attributes, profile))
            .c_str(),
        activities_json(activities.lists[0], engine::activities_read_max).c_str(),
        others_json(activities).c_str(), activities.complete ? "true" : "false",
        engine::relations_json(*relations).c_str(), relations->complete ? "true" : "false");
    return 0;
  }
  std::printf("%s · %s\n", to_text(profile.uid).c_str(), to_text(profile.entity));
  Table table({"attribute", "value"});
  for (auto& [name, value] : attribute_rows(profile.values)) table.add({name, value});
  std::fputs(table.render().c_str(), stdout);
  print_attributes(**attributes, profile);
  print_relations(*relations);
  print_orders(activities.lists[0]);
  print_others(activities);
  std::printf("members ");
  for (const std::string& name : *names) std::printf(" %s", name.c_str());
  std::printf("\n");
  return 0;
}

int profile_explain(const Options& options) {
  const ProfileQuestion asked(options);
  if (asked.engine == nullptr) return asked.exit_code;
  engine::Engine& engine = *asked.engine;
  const auto explained =
      engine::explain_profile(engine.project(), engine.store(), asked.id, asked.as_of);
  if (!explained.ok()) return fail(explained.error());
  if (!options.svg.empty()) {
    const Status written =
        write_new_file(std::filesystem::absolute(options.svg), profile_picture(*explained));
    if (!written.ok()) return fail(written.error());
  }
  const bool json = options.output == "json";
  std::fputs((json ? explain_json(*explained) + "\n" : explain_text(*explained)).c_str(), stdout);
  if (!options.svg.empty() && !json) std::printf("%s: the picture\n", options.svg.c_str());
  return 0;
}

int profile_members(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code, Needs::settings);
  if (engine == nullptr) return exit_code;
  const bool as_json = options.output == "json" || options.output == "jsonl";
  if (!as_json) std::puts("profile_id,source,stream,key");
  const Exporter members = [](store::Store& store, std::string_view folder, const auto& line) {
    return engine::export_members(store, folder, line);
  };
  return print_sorted(*engine, options, members, [&](std::string_view line) {
    return as_json ? member_json(line) : std::string(line);
  });
}

int profile_export(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const std::optional<Timestamp> at = as_of(options, exit_code);
  if (exit_code != 0) return exit_code;
  const auto engine = open_engine(options, true, workspace, exit_code, Needs::settings);
  if (engine == nullptr) return exit_code;
  const auto attributes = engine::exported_attributes(
      engine->project(), engine->store(), at.value_or(engine->surroundings().clock->now()),
      options.threads);
  if (!attributes.ok()) return fail(attributes.error());
  const Exporter profiles = [&](store::Store& store, std::string_view folder, const auto& line) {
    return engine::export_profiles(store, folder, line, engine::export_run_bytes, *attributes);
  };
  return print_sorted(*engine, options, profiles,
                      [](std::string_view line) { return std::string(line); });
}

}  // namespace rondom::cli
