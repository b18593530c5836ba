// destination: people to contacts of HubSpot, into a list and out of it, and out of e-mail.
#pragma once

#include <map>
#include <optional>
#include <span>

#include "api.h"

namespace rondom::hubspot {

/// What a job may say in `options`.
struct JobOptions {
  std::string id_property;
  std::string list;
  std::string subscription;
};

class Contacts final : public Destination {
 public:
  static constexpr auto spec =
      Spec<Config>("hubspot", "Contacts, lists and e-mail subscriptions of HubSpot.")
          .title("HubSpot")
          .auth(bearer("token", "Access token of a private app."))
          .auth(oauth2_refresh("/oauth/v1/token", "client_id", "client_secret", "refresh_token",
                               "A public app and the refresh token of its installation."))
          .base_url(base_address)
          .base_url_field("url")
          .field("url", &Config::url, "Address of the API, when it is not that of HubSpot.");
  static constexpr auto facts =
      Facts()
          .action("create",
                  "Up to 100 in one upsert by id_property; who is there already is adopted.")
          .action("update", "Up to 100 in one request, what changed only.")
          .action("leave_segment", "Out of the list; the contact stays.")
          .action("unsubscribe",
                  "Opted out of all e-mail or of one subscription, and out of the list.")
          .action("delete", "Archived; HubSpot can restore it for 90 days.")
          .evidence("vendor's client",
                    "What @hubspot/api-client asks as well is asked the same way (tests/oracle).")
          .evidence("API description",
                    "Requests hold against public OpenAPI descriptions of HubSpot; known-bad ones "
                    "are refused first.")
          .evidence("recorded answers",
                    "Answers recorded at HubSpot by others, errors and a 429 among them.");
  static constexpr auto job_options =
      Spec<JobOptions>("hubspot", "Options of a job that delivers to HubSpot.")
          .field("id_property", &JobOptions::id_property,
                 "Property by which a contact is found: email, or one with unique values.")
          .fallback("email")
          .field("list", &JobOptions::list,
                 "Id of the static list that who is delivered is in. Empty: none.")
          .field("subscription", &JobOptions::subscription,
                 "Id of the subscription type to unsubscribe from. Empty: all e-mail.");
  /// HubSpot finds the contact by a property with unique values, so sending twice is sending once.
  static constexpr std::uint64_t capabilities = RONDOM_CAP_IDEMPOTENT_UPSERT | RONDOM_CAP_ADOPT;
  static constexpr std::uint32_t preferred_batch = batch_max;

  Contacts(const Config& /*config*/, Context& context) : api_(context) {}

  Status check() override;
  Status write(const WriteBatch& batch, WriteResults& results) override;

 private:
  /// An operation on its way.
  struct Entry {
    std::size_t index = 0;  // in the batch
    Json fields;
    std::string id;      // of the contact
    std::string unique;  // value of the id property
    std::string email;
    bool adopted = false;
  };
  using Entries = std::vector<Entry>;

  Status check_fields(const Json& fields);
  Status upsert(Entries entries, WriteResults& results);
  Status send(const std::string& what, std::span<Entry> entries, WriteResults& results,
              Entries& done);
  Status take_reply(const Json& reply, std::span<Entry> entries, WriteResults& results,
                    Entries& done);
  Status enter_list(const Entries& done, WriteResults& results);
  // removals.cpp
  Status find(Entries& entries, WriteResults& results);
  Status remove(Entries entries, std::string_view action, WriteResults& results);
  Status unsubscribe(std::span<const Entry> entries);
  Status change_list(const char* how, std::span<const Entry> entries);

  Api api_;
  JobOptions options_;
  std::optional<std::map<std::string, bool>> fields_;  // property: may it be written?
};

}  // namespace rondom::hubspot
