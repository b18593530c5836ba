#include <algorithm>

#include "cli/attribute_text.h"
#include "cli/cli.h"
#include "cli/page.h"
#include "engine/expected_value.h"
#include "pipeline/activate/fields.h"
#include "pipeline/segment/segment.h"

namespace rondom::cli {

namespace {

constexpr std::size_t lines_named_max = 5;

/// Members of a record's value as text.
class Fields {
 public:
  Fields(std::string_view canonical, Entity entity)
      : value_(segment::profile_value(canonical, entity, arena_)) {}
  const Value* find(std::string_view name) const {
    const Value* found = value_.find(name);
    return found == nullptr || found->is_null() ? nullptr : found;
  }
  std::string text(std::string_view name) const {
    const Value* found = find(name);
    return found == nullptr ? std::string() : engine::shown(*found);
  }
  Timestamp at() const {
    const Value* found = find("at");
    return found != nullptr && found->type() == ValueType::time ? found->as_time() : no_time;
  }

 private:
  Arena arena_;
  Value value_;
};

void add_word(std::string& out, const std::string& word) {
  if (word.empty()) return;
  out += (out.empty() ? "" : " · ") + word;
}

std::string custom_words(const Fields& fields) {
  const Value* custom = fields.find("custom");
  if (custom == nullptr || !custom->is_object()) return {};
  std::string out;
  for (std::uint32_t i = 0; i < custom->size(); ++i) {
    const Member& member = custom->member(i);
    add_word(out, std::string(member.name) + " " + engine::shown(member.value));
  }
  return out;
}

std::string lines_words(const Fields& fields) {
  const Value* lines = fields.find("lines");
  if (lines == nullptr || !lines->is_list()) return {};
  std::string out;
  for (std::uint32_t i = 0; i < lines->size(); ++i) {
    if (i == lines_named_max) {
      add_word(out, "and " + std::to_string(lines->size() - i) + " more");
      break;
    }
    const auto member = [&](const char* name) {
      const Value* value = lines->item(i).find(name);
      return value == nullptr || value->is_null() ? std::string() : engine::shown(*value);
    };
    std::string what = member("name");
    for (const char* other : {"sku", "category"}) {
      if (what.empty()) what = member(other);
    }
    const std::string quantity = member("quantity");
    add_word(out, quantity.empty() || quantity == "1" ? what : quantity + " × " + what);
  }
  return out;
}

void add_order(const engine::Activity& order, Page& page) {
  const Fields fields(order.canonical, Entity::order);
  PageMoment moment{fields.at(), PageMoment::Kind::order, "order", "Order", {}, order.records};
  const std::string number = fields.text("number"), status = fields.text("status");
  if (!number.empty()) moment.what += " " + number;
  add_word(moment.what, fields.text("total"));
  add_word(moment.what, status);
  moment.detail = lines_words(fields);
  add_word(moment.detail, custom_words(fields));
  const Value* total = fields.find("total");
  const bool paid = status == "paid" || status == "shipped";
  if (paid && total != nullptr && total->type() == ValueType::money) {
    page.payments.push_back({moment.at, total->minor_units(), std::string(total->currency())});
  }
  page.moments.push_back(std::move(moment));
}

std::string capitalized(std::string word) {
  if (!word.empty() && word.front() >= 'a' && word.front() <= 'z') {
    word.front() = static_cast<char>(word.front() - 'a' + 'A');
  }
  return word;
}

void add_event(const engine::Activity& event, Page& page) {
  const Fields fields(event.canonical, Entity::event);
  PageMoment moment{fields.at(), PageMoment::Kind::event, fields.text("type"), {}, {}, {}};
  if (moment.type.empty()) moment.type = "event";
  moment.what = moment.type;
  std::replace(moment.what.begin(), moment.what.end(), '_', ' ');
  moment.what = capitalized(std::move(moment.what));
  add_word(moment.what, fields.text("subject"));
  moment.detail = fields.text("channel");
  add_word(moment.detail, custom_words(fields));
  moment.records = event.records;
  page.moments.push_back(std::move(moment));
}

void add_opportunity(const engine::Activity& opportunity, Page& page) {
  const Fields fields(opportunity.canonical, Entity::opportunity);
  PageMoment moment{fields.at(), PageMoment::Kind::event, "opportunity", "Opportunity",
                    {},          opportunity.records};
  for (const char* name : {"name", "amount", "stage"}) add_word(moment.what, fields.text(name));
  add_word(moment.detail, fields.text("phase"));
  const std::string expected = fields.text("expected_close");
  if (!expected.empty()) add_word(moment.detail, "expected " + expected);
  add_word(moment.detail, fields.text("reason"));
  add_word(moment.detail, custom_words(fields));
  page.moments.push_back(std::move(moment));
}

void add_subscription(const engine::Activity& subscription, Page& page) {
  const Fields fields(subscription.canonical, Entity::subscription);
  PageMoment moment{fields.at(), PageMoment::Kind::event, "subscription", "Subscription",
                    {},          subscription.records};
  add_word(moment.what, fields.text("product"));
  const std::string period = fields.text("period");
  add_word(moment.what, fields.text("amount") + (period.empty() ? "" : " a " + period));
  add_word(moment.what, fields.text("status"));
  for (const char* name : {"renews_on", "ended_at"}) {
    const std::string when = fields.text(name);
    if (!when.empty()) add_word(moment.detail, (*name == 'r' ? "renews on " : "ended ") + when);
  }
  add_word(moment.detail, fields.text("reason"));
  add_word(moment.detail, custom_words(fields));
  page.moments.push_back(std::move(moment));
}

void add_need(const engine::Activity& need, Page& page) {
  const Fields fields(need.canonical, Entity::need);
  PageMoment moment{fields.at(), PageMoment::Kind::event, "need", "Need", {}, need.records};
  for (const char* name : {"subject", "status"}) add_word(moment.what, fields.text(name));
  for (const char* name : {"kind", "evidence"}) add_word(moment.detail, fields.text(name));
  const std::string strength = fields.text("strength"), met = fields.text("fulfilled_at");
  if (!strength.empty()) add_word(moment.detail, "strength " + strength);
  if (!met.empty()) add_word(moment.detail, "met " + met);
  add_word(moment.detail, custom_words(fields));
  page.moments.push_back(std::move(moment));
}

void add_survey_answer(const engine::Activity& answer, Page& page) {
  const Fields fields(answer.canonical, Entity::survey_answer);
  PageMoment moment{fields.at(), PageMoment::Kind::event, "survey_answer", "Survey answer",
                    {},          answer.records};
  const std::string score = fields.text("score"), most = fields.text("scale_max");
  add_word(moment.what, fields.text("survey"));
  add_word(moment.what, fields.text("measure"));
  add_word(moment.what, most.empty() ? score : score + " of " + most);
  for (const char* name : {"question", "text", "channel"}) {
    add_word(moment.detail, fields.text(name));
  }
  add_word(moment.detail, custom_words(fields));
  page.moments.push_back(std::move(moment));
}

void add_activity(Entity entity, const engine::Activity& activity, Page& page) {
  switch (entity) {
    case Entity::order: return add_order(activity, page);
    case Entity::opportunity: return add_opportunity(activity, page);
    case Entity::subscription: return add_subscription(activity, page);
    case Entity::need: return add_need(activity, page);
    case Entity::survey_answer: return add_survey_answer(activity, page);
    default: return add_event(activity, page);
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
  engine::ActivityReader reader(engine.project(), engine.store());
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
    for (const std::uint32_t input : plan.inputs(index)) {
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

Status add_relations(engine::Engine& engine, Page& page) {
  Arena arena;
  const store::Profile& profile = page.explanation.profile;
  const Value whole = segment::profile_value(profile.values, profile.entity, arena);
  const Value* relations = whole.find("relations");
  if (relations == nullptr || !relations->is_list()) return {};
  for (std::uint32_t i = 0; i < relations->size(); ++i) {
    const auto member = [&](const char* name) {
      const Value* value = relations->item(i).find(name);
      return value == nullptr || value->is_null() ? std::string() : engine::shown(*value);
    };
    PageRelation relation{member("type"), member("role"), member("to"), {}};
    if (const auto other = find_profile(engine, relation.to); other.ok()) {
      const std::vector<store::ProfileId> wanted{*other};
      RONDOM_TRY_ASSIGN(const auto profiles, engine.store().profiles(wanted));
      if (!profiles.empty()) relation.title = engine::title_of(profiles.front());
    }
    page.relations.push_back(std::move(relation));
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
  RONDOM_TRY(add_relations(engine, page));
  RONDOM_TRY(add_destinations(engine, page));
  return page;
}

}  // namespace rondom::cli
