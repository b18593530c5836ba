// source: contacts, companies, deals, owners, and what people said about e-mail.
#pragma once

#include <map>
#include <set>
#include <span>

#include "api.h"

namespace rondom::hubspot {

/// Each run looks back this far: the search shows a change only some moments after it was made.
inline constexpr std::int64_t overlap_ms = 300'000;

/// A kind of object that streams are made of.
struct Stream {
  std::string_view name;
  std::string_view object;
  std::string_view modified;  // property that holds when it was changed
};

/// What a job may say in the `options` of a stream.
struct StreamOptions {
  std::vector<std::string> properties;
  std::vector<std::string> associations;
};

/// What is asked for, once the options and HubSpot were.
struct Wanted {
  Stream stream;
  std::vector<std::string> properties;
  std::vector<std::string> associations;
  Json selected;  // what the options name, in order; null where they do not matter
  std::uint64_t records_max = 0;
};

/// Where reading of changes goes on.
struct Place {
  std::int64_t since = 0;     // milliseconds since 1970 UTC
  std::string tie;            // not empty: among records changed at `since`, behind this id
  std::int64_t archived = 0;  // the archive was read up to here
};

class Records final : public Source {
 public:
  static constexpr auto spec =
      Spec<Config>("hubspot", "Contacts, companies, deals and e-mail subscriptions of HubSpot.")
          .title("HubSpot")
          .auth(bearer("token", "Access token of a private app."))
          .auth(oauth2_refresh("/oauth/v1/token", "client_id", "client_secret", "refresh_token",
                               "A public app and the refresh token of its installation."))
          .base_url(base_address)
          .base_url_field("url")
          .field("url", &Config::url, "Address of the API, when it is not that of HubSpot.");

  static constexpr auto facts =
      Facts()
          .stream("contacts", "Contacts with the companies and deals that belong to them.",
                  reads_changes | reads_deletions)
          .stream("companies", "Companies.", reads_changes | reads_deletions)
          .stream("deals", "Deals.", reads_changes | reads_deletions)
          .stream("owners", "Who owns records.", reads_whole)
          .stream("email_status",
                  "Opt-outs, subscriptions and bounces of contacts with an e-mail address.",
                  reads_changes | reads_feedback)
          .evidence("vendor's client",
                    "What @hubspot/api-client asks as well is asked the same way (tests/oracle).")
          .evidence("API description",
                    "Requests hold against public OpenAPI descriptions of HubSpot; known-bad ones "
                    "are refused first.")
          .evidence("recorded answers",
                    "Answers recorded at HubSpot by others, errors and a 429 among them.");

  Records(const Config& /*config*/, Context& context) : api_(context) {}

  Status check() override;
  Result<Catalog> discover() override;
  Status read(const ReadRequest& request, RecordWriter& out) override;

 private:
  using Objects = std::vector<const Json*>;
  Result<Wanted> wanted(const ReadStream& stream, std::uint64_t records_max) const;
  Status read_all(const Wanted& wanted, const ReadStream& stream, RecordWriter& out);
  void begin_anew_for_other_options(const Wanted& wanted, ReadStream& stream) const;
  Status read_owners(const ReadStream& stream, std::uint64_t records_max, RecordWriter& out);
  // changes.cpp
  Status read_changes(const Wanted& wanted, const ReadStream& stream, RecordWriter& out);
  Result<Json> search(const Wanted& wanted, const Place& place) const;
  Status read_archived(const Wanted& wanted, std::int64_t since, RecordWriter& out);
  /// What was said about e-mail, by address in lower case.
  struct Told {
    std::map<std::string, std::vector<Json>> subscriptions, wide;
    std::set<std::string> unheard;  // HubSpot cannot answer for them
  };
  Result<bool> ask_subscriptions(std::span<const std::string> addresses, Told& told) const;
  Result<Told> subscriptions_of(const std::vector<std::string>& addresses) const;
  Status write_email_status(const Objects& contacts, RecordWriter& out);

  Status write_objects(const Wanted& wanted, const Objects& objects, RecordWriter& out);
  Result<std::vector<Json>> associations(const Wanted& wanted, const Objects& objects) const;

  Api api_;
};

inline constexpr std::string_view email_status = "email_status";

}  // namespace rondom::hubspot
