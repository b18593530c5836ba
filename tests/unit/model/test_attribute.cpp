#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

#include "model/attribute.h"
#include "model/attribute_reference.h"
#include "support/reference_page.h"

using namespace rondom;

BOOST_AUTO_TEST_SUITE(attribute_registry)

BOOST_AUTO_TEST_CASE(every_attribute_is_found_by_id_and_by_name) {
  BOOST_TEST(attributes().size() > 60u);
  for (const AttributeInfo& info : attributes()) {
    BOOST_TEST_CONTEXT(info.name) {
      BOOST_TEST(attribute_by_id(info.id) == &info);
      BOOST_TEST(info.entities != 0);
      BOOST_TEST(!info.description.empty());
      BOOST_TEST((info.type == AttributeType::code) ==
                 (!info.codes.empty() && info.name != "gender"));
      for (const Entity entity :
           {Entity::person, Entity::organization, Entity::event, Entity::order, Entity::opportunity,
            Entity::subscription, Entity::need, Entity::survey_answer}) {
        const AttributeInfo* found = attribute_by_name(entity, info.name);
        if (applies_to(info, entity)) {
          BOOST_TEST(found == &info);
        } else {
          BOOST_TEST(found != &info);
        }
      }
      if (!info.group.empty()) {
        BOOST_TEST(std::string(info.group) + "." + std::string(info.member) == info.name);
      }
    }
  }
  BOOST_TEST(attribute_by_id(0) == nullptr);
  BOOST_TEST(attribute_by_id(3) == nullptr);
  BOOST_TEST(attribute_by_id(65535) == nullptr);
}

BOOST_AUTO_TEST_CASE(names_belong_to_entities) {
  BOOST_TEST(attribute_by_name(Entity::person, "name.given")->id == attribute::name_given);
  BOOST_TEST(attribute_by_name(Entity::organization, "name")->id == attribute::organization_name);
  BOOST_TEST(attribute_by_name(Entity::order, "status")->id == attribute::order_status);
  BOOST_TEST(attribute_by_name(Entity::organization, "status")->id ==
             attribute::organization_status);
  BOOST_TEST(attribute_by_name(Entity::event, "at")->id == attribute::activity_at);
  BOOST_TEST(attribute_by_name(Entity::order, "at")->id == attribute::activity_at);
  BOOST_TEST(attribute_by_name(Entity::order, "custom.channel")->id == attribute::custom);
  BOOST_TEST(attribute_by_name(Entity::person, "identifier.kvk")->id == attribute::identifier);
  BOOST_TEST(attribute_by_name(Entity::person, "custom.") == nullptr);
  BOOST_TEST(attribute_by_name(Entity::event, "identifier.kvk") == nullptr);
  BOOST_TEST(attribute_by_name(Entity::event, "name.given") == nullptr);
  BOOST_TEST(attribute_by_name(Entity::person, "lines.sku") == nullptr);
  BOOST_TEST(attribute_by_name(Entity::person, "") == nullptr);
}

BOOST_AUTO_TEST_CASE(the_names_a_map_may_use) {
  const auto names = attribute_names(Entity::person);
  const std::set<std::string> set(names.begin(), names.end());
  BOOST_TEST(set.size() == names.size());
  for (const char* name : {"name.given", "emails", "email", "addresses", "custom.<name>"}) {
    BOOST_TEST(set.count(name) == 1u, name);
  }
  BOOST_TEST(set.count("lines") == 0u);
  BOOST_TEST(short_form_of("email") == "emails.value");
  BOOST_TEST(short_form_of("phone") == "phones.value");
  BOOST_TEST(short_form_of("tag") == "tags.value");
  BOOST_TEST(short_form_of("emails").empty());
  for (const char* name : {"email", "phone", "tag"}) {
    BOOST_TEST(attribute_by_name(Entity::person, short_form_of(name)) != nullptr);
  }
}

BOOST_AUTO_TEST_CASE(entities_have_words) {
  for (const Entity entity :
       {Entity::person, Entity::organization, Entity::event, Entity::order, Entity::opportunity,
        Entity::subscription, Entity::need, Entity::survey_answer}) {
    BOOST_TEST(bool(entity_from(to_text(entity)) == entity));
  }
  BOOST_TEST(!entity_from("campaign").has_value());
  BOOST_TEST(!entity_from("").has_value());
  BOOST_TEST(is_party(Entity::organization));
  BOOST_TEST(!is_party(Entity::order));
}

BOOST_AUTO_TEST_CASE(the_reference_page_is_up_to_date) {
  const std::string page = attributes_reference();
  for (const AttributeInfo& info : attributes()) {
    BOOST_TEST(page.find("`" + std::string(info.name)) != std::string::npos, info.name);
    for (const std::string_view code : info.codes) {
      BOOST_TEST(page.find("`" + std::string(code) + "`") != std::string::npos, code);
    }
  }
  rondom::test::check_reference_page("attributes.md", page);
}

BOOST_AUTO_TEST_SUITE_END()
