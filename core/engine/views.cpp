#include "engine/views.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <set>

#include "base/cleanse.h"
#include "engine/attributes.h"
#include "pipeline/segment/segment.h"
#include "store/views.h"

namespace rondom::engine {
namespace {

constexpr std::size_t profiles_per_page = 1'000;
constexpr std::size_t view_name_bytes_max = 63;  // what PostgreSQL keeps of a name

using store::View;
using store::ViewCell;
using store::ViewColumn;

ViewCell shown(const Value& value, Arena& arena) {
  switch (value.type()) {
    case ValueType::null: return std::nullopt;
    case ValueType::boolean: return std::string(value.as_boolean() ? "1" : "0");
    case ValueType::list:
    case ValueType::object: {
      std::string json;
      value.append_json(json);
      return json;
    }
    default: return std::string(value.to_text(arena));
  }
}

/// A value of an attribute: money is two columns.
void append_shown(const Value& value, bool is_money, Arena& arena, std::vector<ViewCell>& row) {
  if (!is_money) {
    row.push_back(shown(value, arena));
    return;
  }
  if (value.type() != ValueType::money) {
    row.insert(row.end(), 2, std::nullopt);
    return;
  }
  std::string amount;
  append_decimal(amount, value.minor_units(), currency_digits(value.currency()));
  row.emplace_back(std::move(amount));
  row.emplace_back(std::string(value.currency()));
}

ViewColumn::Type column_type(std::string_view type) {
  if (type == "integer" || type == "boolean") return ViewColumn::Type::integer;
  return type == "decimal" || type == "money" ? ViewColumn::Type::number : ViewColumn::Type::text;
}

std::string group_of(const config::Attribute& attribute) {
  const std::string file = attribute.at.file ? *attribute.at.file : std::string();
  return std::filesystem::path(file).parent_path() == "attributes"
             ? std::filesystem::path(file).stem().string()
             : std::string();
}

/// Of one entity: what its profiles say, and each group of attributes.
class EntityLayout {
 public:
  EntityLayout(Entity entity, const std::vector<const config::Attribute*>& attributes,
               std::vector<View>& views) {
    const bool person = entity == Entity::person;
    first = views.size();
    View& all = views.emplace_back();
    all.name = person ? "customers" : "organizations";
    all.columns = {{"profile_id"}, {"label"}};
    for (std::string& field : fields_of(entity)) {
      std::string column = field;
      std::replace(column.begin(), column.end(), '.', '_');
      all.columns.push_back({column});
      fields.push_back(std::move(field));
    }
    for (const config::Attribute* attribute : attributes) {
      std::string name = group_of(*attribute);
      if (!name.empty()) name = (person ? "attributes_" : "organization_attributes_") + name;
      place_of.push_back(group_called(name, views));
      View& view = views[first + place_of.back()];
      view.columns.push_back({attribute->name, column_type(attribute->type)});
      if (attribute->type == "money") view.columns.push_back({attribute->name + "_currency"});
    }
    count = views.size() - first;
  }

  std::size_t first = 0, count = 0;  // of the views
  std::vector<std::string> fields;
  std::vector<std::size_t> place_of;  // of each attribute, from first

 private:
  /// Without what is shown by its members: name.given, not name.
  static std::vector<std::string> fields_of(Entity entity) {
    std::vector<std::string> all = segment::profile_fields(entity);
    const std::vector<std::string> known = all;
    std::erase_if(all, [&](const std::string& name) {
      return std::any_of(known.begin(), known.end(),
                         [&](const std::string& other) { return other.starts_with(name + "."); });
    });
    return all;
  }

  std::size_t group_called(const std::string& name, std::vector<View>& views) const {
    if (name.empty()) return 0;  // `customer` of rondom.yaml stands with the values
    for (std::size_t i = first; i < views.size(); ++i) {
      if (views[i].name == name) return i - first;
    }
    views.push_back({name, {{"profile_id"}}});
    return views.size() - 1 - first;
  }
};

std::vector<const config::Attribute*> attributes_of(const AttributeReader& reader) {
  std::vector<const config::Attribute*> out;
  for (const std::uint32_t i : reader.wanted()) out.push_back(&reader.plan().attribute(i));
  return out;
}

class EntityViews {
 public:
  EntityViews(Entity entity, std::unique_ptr<AttributeReader> reader, std::vector<View>& views)
      : entity_(entity),
        reader_(std::move(reader)),
        layout_(entity, attributes_of(*reader_), views) {}

  Status add(std::span<const store::Profile> profiles, store::ViewWriter& writer) {
    RONDOM_TRY(reader_->load(profiles, enrich::Changes::ignore));
    std::vector<std::vector<ViewCell>> rows(layout_.count);
    for (const store::Profile& profile : profiles) {
      if (profile.entity != entity_) continue;
      scratch_.reset();
      for (auto& row : rows) row.assign(1, to_text(profile.uid));
      add_values(profile, rows[0]);
      const auto computed = reader_->computed(profile.id);
      for (std::size_t i = 0; i < computed.size(); ++i) {
        const bool is_money = reader_->plan().attribute(reader_->wanted()[i]).type == "money";
        append_shown(computed[i].value, is_money, scratch_, rows[layout_.place_of[i]]);
      }
      for (std::size_t i = 0; i < layout_.count; ++i)
        RONDOM_TRY(writer.add(layout_.first + i, rows[i]));
    }
    return {};
  }

 private:
  void add_values(const store::Profile& profile, std::vector<ViewCell>& row) {
    const Value values = segment::profile_value(profile.values, entity_, scratch_);
    row.emplace_back(profile.label);
    for (const std::string& field : layout_.fields) {
      const std::size_t dot = field.find('.');
      const Value* value = values.find(field.substr(0, dot));
      if (value != nullptr && dot != std::string::npos) {
        value = value->is_object() ? value->find(field.substr(dot + 1)) : nullptr;
      }
      row.push_back(value == nullptr ? std::nullopt : shown(*value, scratch_));
    }
  }

  const Entity entity_;
  std::unique_ptr<AttributeReader> reader_;
  const EntityLayout layout_;
  Arena scratch_;
};

std::string in_small_letters(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return text;
}

/// The first that is there twice; SQLite knows no difference between A and a.
std::string twice_in(const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (!seen.insert(in_small_letters(name)).second) return name;
  }
  return {};
}

/// What keeps them from being made; empty: nothing does.
std::string problem_of(const std::vector<View>& views) {
  std::vector<std::string> view_names;
  for (const View& view : views) {
    view_names.push_back(view.name);
    if (view.columns.size() > store::columns_per_view_max) {
      return "view " + view.name + " would have " + std::to_string(view.columns.size()) +
             " columns, of " + std::to_string(store::columns_per_view_max) +
             " at most: put some of its attributes into another file";
    }
    if (view.name.size() > view_name_bytes_max) return "view " + view.name + " has too long a name";
    std::vector<std::string> names;
    for (const ViewColumn& column : view.columns) names.push_back(column.name);
    if (const std::string twice = twice_in(names); !twice.empty()) {
      return "view " + view.name + " would have two columns " + twice;
    }
  }
  const std::string twice = twice_in(view_names);
  return twice.empty() ? twice : "two views would be called " + twice + ", but for capital letters";
}

View about_view() {
  return {"about", {{"as_of"}, {"profiles", ViewColumn::Type::integer}}};
}

std::string in_project(const config::Project& project, const std::string& file) {
  return (std::filesystem::path(project.root) / file).lexically_normal().string();
}
/// Empty: it is in no file.
std::string store_file(const config::Project& project) {
  return project.store.postgresql.empty() ? in_project(project, project.store.sqlite)
                                          : std::string();
}

Result<std::unique_ptr<store::ViewWriter>> writer_for(const config::Project& project,
                                                      const Surroundings& surroundings,
                                                      std::vector<View> views) {
  if (project.views.postgresql.empty()) {
    return store::write_views_to_sqlite(in_project(project, project.views.sqlite),
                                        store_file(project), project.views.owner, std::move(views));
  }
  RONDOM_TRY_ASSIGN(std::string dsn, config::resolve_secrets_in_text(project.views.postgresql,
                                                                     *surroundings.secrets));
  const CleansedAtEnd cleansed(dsn);
  return store::write_views_to_postgresql(dsn, project.views.owner, std::move(views));
}

}  // namespace

void check_views(const config::Project& project, config::Diagnostics& diagnostics) {
  if (!project.views.present()) return;
  std::vector<View> views;
  for (const Entity entity : {Entity::person, Entity::organization}) {
    config::Diagnostics told_already;
    const enrich::Plan plan(project, entity, segment::profile_fields(entity), told_already);
    if (!told_already.empty()) return;
    std::vector<const config::Attribute*> attributes;
    for (std::uint32_t i = 0; i < plan.size(); ++i) {
      if (!plan.attribute(i).is_part) attributes.push_back(&plan.attribute(i));
    }
    const std::vector<View> before = views;
    (void)EntityLayout(entity, attributes, views);
    if (problem_of(views).empty()) continue;
    // Told of the first attribute that is one too many.
    for (std::size_t count = 1; count <= attributes.size(); ++count) {
      std::vector<View> so_far = before;
      (void)EntityLayout(entity, {attributes.begin(), attributes.begin() + count}, so_far);
      if (problem_of(so_far).empty()) continue;
      diagnostics.error(attributes[count - 1]->at, problem_of(so_far));
      return;
    }
  }
}

std::string views_place(const config::Project& project) {
  if (!project.views.postgresql.empty()) return "the schema rondom_views";
  return project.views.sqlite;
}

Result<ViewsReport> refresh_views(const config::Project& project, const Surroundings& surroundings,
                                  store::Store& store, Timestamp as_of, std::size_t threads) {
  const std::int64_t start = surroundings.clock->monotonic();
  ViewsReport report;
  std::vector<View> views;
  std::deque<EntityViews> entities;
  for (const Entity entity : {Entity::person, Entity::organization}) {
    RONDOM_TRY_ASSIGN(auto reader,
                      AttributeReader::make(project, store, entity, as_of, nullptr, threads));
    entities.emplace_back(entity, std::move(reader), views);
  }
  views.push_back(about_view());
  const std::size_t about = views.size() - 1;
  if (std::string problem = problem_of(views); !problem.empty()) {
    return Error{ErrorCode::bad_config, std::move(problem)};
  }
  report.views = static_cast<std::int64_t>(views.size());
  RONDOM_TRY_ASSIGN(const auto writer, writer_for(project, surroundings, std::move(views)));
  for (store::ProfileId after = 0;;) {
    if (surroundings.cancel != nullptr && surroundings.cancel->requested()) {
      return Error{ErrorCode::cancelled, "stopped on request; the views are as they were"};
    }
    RONDOM_TRY_ASSIGN(const auto profiles, store.scan_profiles(after, profiles_per_page));
    if (profiles.empty()) break;
    after = profiles.back().id;
    report.profiles += static_cast<std::int64_t>(profiles.size());
    for (EntityViews& entity : entities) RONDOM_TRY(entity.add(profiles, *writer));
  }
  const ViewCell row[] = {format_time(as_of), std::to_string(report.profiles)};
  RONDOM_TRY(writer->add(about, row));
  RONDOM_TRY(writer->publish());
  report.seconds = static_cast<double>(surroundings.clock->monotonic() - start) / 1e6;
  return report;
}

}  // namespace rondom::engine
