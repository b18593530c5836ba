#include "engine/views.h"

#include <algorithm>
#include <deque>
#include <filesystem>

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
class EntityViews {
 public:
  EntityViews(Entity entity, std::unique_ptr<AttributeReader> reader, std::vector<View>& views)
      : entity_(entity), reader_(std::move(reader)) {
    const bool person = entity == Entity::person;
    first_ = views.size();
    View& all = views.emplace_back();
    all.name = person ? "customers" : "organizations";
    all.columns = {{"profile_id"}, {"label"}};
    for (std::string& field : fields()) {
      std::string column = field;
      std::replace(column.begin(), column.end(), '.', '_');
      all.columns.push_back({column});
      fields_.push_back(std::move(field));
    }
    for (std::uint32_t i = 0; i < reader_->wanted().size(); ++i) {
      const config::Attribute& attribute = reader_->plan().attribute(reader_->wanted()[i]);
      std::string name = group_of(attribute);
      if (!name.empty()) name = (person ? "attributes_" : "organization_attributes_") + name;
      place_of_.push_back(group_called(name, views));
      View& view = views[first_ + place_of_.back()];
      const bool is_money = attribute.type == "money";
      view.columns.push_back({attribute.name, column_type(attribute.type)});
      if (is_money) view.columns.push_back({attribute.name + "_currency"});
    }
    count_ = views.size() - first_;
  }

  Status add(std::span<const store::Profile> profiles, store::ViewWriter& writer) {
    RONDOM_TRY(reader_->load(profiles, enrich::Changes::ignore));
    std::vector<std::vector<ViewCell>> rows(count_);
    for (const store::Profile& profile : profiles) {
      if (profile.entity != entity_) continue;
      scratch_.reset();
      for (auto& row : rows) row.assign(1, to_text(profile.uid));
      add_values(profile, rows[0]);
      const auto computed = reader_->computed(profile.id);
      for (std::size_t i = 0; i < computed.size(); ++i) {
        const bool is_money = reader_->plan().attribute(reader_->wanted()[i]).type == "money";
        append_shown(computed[i].value, is_money, scratch_, rows[place_of_[i]]);
      }
      for (std::size_t i = 0; i < count_; ++i) RONDOM_TRY(writer.add(first_ + i, rows[i]));
    }
    return {};
  }

 private:
  /// Without what is shown by its members: name.given, not name.
  std::vector<std::string> fields() const {
    std::vector<std::string> all = segment::profile_fields(entity_);
    const std::vector<std::string> known = all;
    std::erase_if(all, [&](const std::string& name) {
      return std::any_of(known.begin(), known.end(),
                         [&](const std::string& other) { return other.starts_with(name + "."); });
    });
    return all;
  }

  std::size_t group_called(const std::string& name, std::vector<View>& views) const {
    if (name.empty()) return 0;  // `customer` of rondom.yaml stands with the values
    for (std::size_t i = first_; i < views.size(); ++i) {
      if (views[i].name == name) return i - first_;
    }
    views.push_back({name, {{"profile_id"}}});
    return views.size() - 1 - first_;
  }

  void add_values(const store::Profile& profile, std::vector<ViewCell>& row) {
    const Value values = segment::profile_value(profile.values, entity_, scratch_);
    row.emplace_back(profile.label);
    for (const std::string& field : fields_) {
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
  std::size_t first_ = 0, count_ = 0;  // of the views
  std::vector<std::string> fields_;
  std::vector<std::size_t> place_of_;  // of each attribute, from first_
  Arena scratch_;
};

Status check_views(const std::vector<View>& views) {
  for (const View& view : views) {
    if (view.columns.size() > store::columns_per_view_max) {
      return {ErrorCode::bad_config, "view " + view.name + " would have " +
                                         std::to_string(view.columns.size()) + " columns, of " +
                                         std::to_string(store::columns_per_view_max) +
                                         " at most: put some of its attributes into another file"};
    }
    if (view.name.size() > view_name_bytes_max) {
      return {ErrorCode::bad_config, "view " + view.name + " has too long a name"};
    }
    std::vector<std::string> names;
    for (const ViewColumn& column : view.columns) names.push_back(column.name);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) {
      return {ErrorCode::bad_config, "view " + view.name + " has two columns " + *twice};
    }
  }
  return {};
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
                                        store_file(project), std::move(views));
  }
  RONDOM_TRY_ASSIGN(const std::string dsn, config::resolve_secrets_in_text(project.views.postgresql,
                                                                           *surroundings.secrets));
  return store::write_views_to_postgresql(dsn, std::move(views));
}

}  // namespace

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
  views.push_back({"about", {{"as_of"}, {"profiles", ViewColumn::Type::integer}}});
  const std::size_t about = views.size() - 1;
  RONDOM_TRY(check_views(views));
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
