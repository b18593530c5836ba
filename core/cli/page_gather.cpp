#include <algorithm>

#include "cli/activity_text.h"
#include "cli/attribute_text.h"
#include "cli/cli.h"
#include "cli/page.h"
#include "engine/expected_value.h"
#include "pipeline/activate/fields.h"
#include "pipeline/segment/segment.h"

namespace rondom::cli {

namespace {

void add_activity(Entity entity, const engine::Activity& activity, Page& page) {
  const bool is_order = entity == Entity::order;
  ActivityWords words = words_of(entity, activity);
  page.moments.push_back({words.at, is_order ? PageMoment::Kind::order : PageMoment::Kind::event,
                          std::move(words.type), std::move(words.what), std::move(words.detail),
                          activity.records});
  if (!is_order) return;
  Arena arena;
  const Value order = segment::profile_value(activity.canonical, entity, arena);
  const Value *status = order.find("status"), *total = order.find("total");
  const bool paid = status != nullptr && status->is_text() &&
                    (status->as_text() == "paid" || status->as_text() == "shipped");
  if (paid && total != nullptr && total->type() == ValueType::money) {
    page.payments.push_back({words.at, total->minor_units(), std::string(total->currency())});
  }
}

/// What somebody said about being reached, each statement as it was merged.
void add_consents(Page& page) {
  const engine::Explanation& explained = page.explanation;
  std::vector<std::uint32_t> elements;
  for (const merge::Choice& choice : explained.choices) {
    const AttributeInfo* info = attribute_by_id(choice.winner.attribute);
    if (info != nullptr && info->group == "consents") elements.push_back(choice.winner.group);
  }
  std::sort(elements.begin(), elements.end());
  elements.erase(std::unique(elements.begin(), elements.end()), elements.end());
  for (const std::uint32_t element : elements) {
    PageMoment moment{no_time, PageMoment::Kind::consent, "consent", {}, {}, {}};
    std::string purpose, status, contact;
    for (const merge::Choice& choice : explained.choices) {
      const Cell& cell = choice.winner;
      const AttributeInfo* info = attribute_by_id(cell.attribute);
      if (info == nullptr || info->group != "consents" || cell.group != element) continue;
      const std::string value(cell.value);
      if (cell.attribute == attribute::consent_at) {
        if (const auto at = parse_time(value); at.ok()) moment.at = *at;
      } else if (cell.attribute == attribute::consent_purpose) {
        purpose = value;
      } else if (cell.attribute == attribute::consent_status) {
        status = value;
        moment.records = {explained.members[choice.member].name};
      } else if (cell.attribute == attribute::consent_contact) {
        contact = value;
      } else {
        add_word(moment.detail, std::string(info->member) + " " + value);
      }
    }
    moment.what = status.empty() ? "said something" : status;
    moment.what = "Consent " + moment.what + (purpose.empty() ? "" : " for " + purpose);
    if (!contact.empty()) moment.what += " · " + contact;
    page.moments.push_back(std::move(moment));
  }
}

Status add_activities(engine::Engine& engine, Page& page) {
  engine::ActivityReader reader(engine.project(), engine.store(), page.explanation.as_of);
  RONDOM_TRY_ASSIGN(const auto read, reader.read({&page.explanation.profile, 1}));
  const engine::Activities& activities = read.front();
  page.complete = activities.complete;
  page.orders = activities.lists[0].size();
  for (std::size_t i = 0; i < activity_lists_count; ++i) {
    for (const engine::Activity& one : activities.lists[i])
      add_activity(activity_lists()[i].entity, one, page);
  }
  add_consents(page);
  std::stable_sort(page.moments.begin(), page.moments.end(),
                   [](const PageMoment& a, const PageMoment& b) { return a.at > b.at; });
  return {};
}

std::string changes_text(const enrich::Computed& computed, const Page& page) {
  if (computed.changes_at == no_time) return {};
  return (computed.certain ? "changes on " : "does not change before ") +
         page.time(computed.changes_at) + " when nothing else happens";
}

Status add_attributes(engine::Engine& engine, Page& page) {
  const store::Profile& profile = page.explanation.profile;
  RONDOM_TRY_ASSIGN(const auto reader,
                    engine::AttributeReader::make(engine.project(), engine.store(), profile.entity,
                                                  page.explanation.as_of, nullptr));
  RONDOM_TRY(reader->load({&profile, 1}, enrich::Changes::find));
  const enrich::Plan& plan = reader->plan();
  const auto computed = reader->computed(profile.id);
  const auto text = [](const Value& value) {
    return value.is_null() ? std::string() : engine::shown(value);
  };
  std::vector<std::string> values(plan.size());
  for (std::size_t i = 0; i < computed.size(); ++i) {
    values[reader->wanted()[i]] = text(computed[i].value);
  }
  for (std::size_t i = 0; i < computed.size(); ++i) {
    const std::uint32_t index = reader->wanted()[i];
    const config::Attribute& definition = plan.attribute(index);
    PageAttribute& one = page.attributes.emplace_back();
    one.name = definition.name;
    one.label = label_of(engine.project(), definition);
    one.definition = definition.definition;
    one.owner = definition.owner;
    one.place = place_of_attribute(definition);
    one.expression = value_of(definition);
    one.value = values[index];
    one.problem = computed[i].problem;
    one.changes = changes_text(computed[i], page);
    if (!definition.rules.empty()) {
      one.decided_by = decided_by(definition, computed[i]);
      one.decided = computed[i].rule != enrich::no_rule && computed[i].problem.empty();
      for (std::size_t rule = 0; rule < rules_asked(definition, computed[i]); ++rule) {
        one.rules.push_back(definition.rules[rule].because);
      }
    }
    for (const std::uint32_t input : reader->inputs(index)) {
      if (plan.attribute(input).is_part) continue;  // not among the values of a page
      one.inputs.emplace_back(plan.attribute(input).name, values[input]);
    }
    for (const enrich::Evidence& evidence : reader->evidence(index)) {
      PageAttribute::Part& part = one.parts.emplace_back();
      part.expression = evidence.expression;
      part.value = evidence.problem.empty() ? engine::shown(evidence.value) : evidence.problem;
      part.known = evidence.known;
      part.list = evidence.list;
      if (part.known) part.records = records_of(reader->activities(), evidence);
    }
  }
  return {};
}

Status add_destinations(engine::Engine& engine, Page& page) {
  const config::Project& project = engine.project();
  const store::ProfileId id = page.explanation.profile.id;
  for (const engine::Explanation::Sent& sent : page.explanation.sent) {
    PageDestination one{sent.destination,
                        engine::state_text(sent.delivery),
                        sent.delivery.remote_id,
                        sent.delivery.consent,
                        {},
                        {}};
    std::vector<activate::FieldHash> fields;
    activate::decode_fields(sent.delivery.fields, fields);
    for (const activate::FieldHash& field : fields) {
      // What a delivery keeps for itself, such as its options, has a name that no field can have.
      const bool is_field = !field.name.empty() && static_cast<unsigned char>(field.name[0]) > ' ';
      if (is_field) one.fields.emplace_back(field.name);
    }
    page.destinations.push_back(std::move(one));
  }
  for (const config::Job& job : project.jobs) {
    if (!job.destination.has_value()) continue;
    for (const config::Delivery mode : {config::Delivery::send, config::Delivery::capture}) {
      RONDOM_TRY_ASSIGN(const auto withheld,
                        engine.store().withheld(activate::destination_name(job, mode), id - 1, 1));
      if (withheld.empty() || withheld.front().profile != id) continue;
      const std::string name = job.name + " → " + job.connection +
                               (mode == config::Delivery::capture ? " (captured)" : "");
      const auto known = std::find_if(page.destinations.begin(), page.destinations.end(),
                                      [&](const PageDestination& one) { return one.name == name; });
      if (known != page.destinations.end()) {
        known->withheld = withheld.front().reason;
      } else {
        page.destinations.push_back({name, "not there", {}, {}, {}, withheld.front().reason});
      }
    }
  }
  return {};
}

}  // namespace

Result<Page> gather_page(engine::Engine& engine, store::ProfileId profile, Timestamp as_of) {
  const config::Project& project = engine.project();
  Page page;
  page.project = project.name;
  page.zone_name = project.defaults.time_zone.empty() ? "UTC" : project.defaults.time_zone;
  page.zone = expression::open_zone(project.defaults.time_zone);
  if (page.zone == nullptr) page.zone = expression::open_zone("UTC");
  RONDOM_TRY_ASSIGN(page.explanation,
                    engine::explain_profile(project, engine.store(), profile, as_of));
  for (const config::Purpose& purpose : project.purposes) {
    const auto label = purpose.label.find(project.defaults.language);
    page.purposes.emplace_back(purpose.name,
                               label == purpose.label.end() ? std::string() : label->second);
  }
  RONDOM_TRY(add_activities(engine, page));
  RONDOM_TRY(add_attributes(engine, page));
  RONDOM_TRY_ASSIGN(page.relations,
                    engine::relations_of(engine.store(), page.explanation.profile, as_of));
  RONDOM_TRY(add_destinations(engine, page));
  return page;
}

}  // namespace rondom::cli
