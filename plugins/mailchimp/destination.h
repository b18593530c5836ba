// destination: people to members of an audience of Mailchimp, with a tag, and out of it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "api.h"

namespace rondom::mailchimp {

/// What a job may say in `options`.
struct JobOptions {
  std::string list, tag, status, leave, removal;
};

class Audience final : public Destination {
 public:
  static constexpr auto spec = connection("Members of an audience of Mailchimp.");
  static constexpr auto facts =
      Facts()
          .action("create",
                  "Up to 500 in one request, new members only; a known address is edited and "
                  "counts as adopted.")
          .action("update", "One member a request: what changed, never the status.")
          .action("leave_segment",
                  "The tag is taken away, with leave: archive the member is archived.")
          .action("unsubscribe", "Status unsubscribed, and marked as our doing.")
          .action("delete", "Archived, with delete: permanent deleted for good.")
          .evidence("vendor's client",
                    "What @mailchimp/mailchimp_marketing asks as well is asked the same way "
                    "(tests/oracle).")
          .evidence("API description",
                    "Requests hold against a public description of the Marketing API; known-bad "
                    "ones are refused first.")
          .evidence("recorded answers",
                    "Answers recorded at Mailchimp by others, errors among them.");
  static constexpr auto job_options =
      Spec<JobOptions>("mailchimp", "Options of a job that delivers to Mailchimp.")
          .field("list", &JobOptions::list,
                 "Id of the audience; without it the only one that the account has.")
          .field("tag", &JobOptions::tag, "Tag of who is delivered. Empty: none.")
          .field("status", &JobOptions::status,
                 "What a new member becomes; pending: Mailchimp asks the person first.")
          .fallback("subscribed")
          .choices("subscribed", "pending")
          .field("leave", &JobOptions::leave,
                 "What leave_segment does: the tag is taken away, or the member is archived too.")
          .fallback("tag")
          .choices("tag", "archive")
          .field("delete", &JobOptions::removal,
                 "What delete does. Who is deleted permanently cannot be brought back by import.")
          .fallback("archive")
          .choices("archive", "permanent");
  /// A known address is never made twice: it is refused and then edited.
  static constexpr std::uint64_t capabilities = RONDOM_CAP_IDEMPOTENT_UPSERT | RONDOM_CAP_ADOPT;
  static constexpr std::uint32_t preferred_batch = batch_max;

  Audience(Config config, Context& context) : api_(std::move(config), context) {}

  Status check() override { return api_.check(); }
  Status write(const WriteBatch& batch, WriteResults& results) override;

 private:
  /// An upsert on its way.
  struct Entry {
    std::size_t index = 0;  // in the batch
    Json member;            // as Mailchimp wants it
    std::string email;      // lower case; of an edit perhaps empty
    std::string hash;       // the member's name in addresses: contact_id, or MD5 of the e-mail
    bool known = false;     // is in the audience for all we know
    bool tagged = false;
  };
  /// The batch, and what must not be forgotten when something fails.
  struct Session {
    const WriteBatch& batch;
    WriteResults& results;
  };

  Status prepare(const WriteBatch& batch);
  Status note_merge_fields();
  Result<Json> member_of(const Json& fields) const;
  void give_back(std::span<const Entry> entries, const Failure& failure, Session& session) const;

  Status upsert(std::vector<Entry> entries, Session& session);
  Status create(std::span<Entry> entries, Session& session, std::vector<Entry>& done,
                std::vector<Entry>& there);
  Status take_created(const Json& reply, std::span<Entry> entries, Session& session,
                      std::vector<Entry>& done, std::vector<Entry>& there);
  Status look(const Entry& entry, Session& session, bool& goes_on);
  Status edit(Entry entry, Session& session, std::vector<Entry>& done);
  Status reopen(Entry& entry, Session& session, bool& open);
  Status put_tag(std::span<Entry> done, Session& session);
  Status find_tag();

  Status remove(std::size_t index, Session& session);
  Status close(const std::string& hash, const Json& member, bool unsubscribe);
  Status set_tags(const std::string& hash, const std::map<std::string, bool>& tags);
  Status call(const std::string& method, const std::string& path, const Json& body);
  Result<HttpReply> send(const std::string& method, const std::string& path, const Json& body);

  Api api_;
  JobOptions options_;
  std::string list_, path_;  // "/lists/<id>"
  std::string tag_id_, tag_name_;
  std::map<std::string, std::string> merge_fields_;  // type by tag
};

}  // namespace rondom::mailchimp
