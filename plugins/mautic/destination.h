// destination: people to contacts of Mautic, into a segment, out of it, and do-not-contact.
#pragma once

#include <optional>
#include <set>

#include "api.h"
#include "connection.h"

namespace rondom::mautic {

/// Begins the comment of every do-not-contact entry that we make. Such an entry says nothing new
/// when it is read back, and it is taken away when the person agrees again.
inline constexpr std::string_view own_comment = "Rondom:";

/// What a job may say in `options`.
struct JobOptions {
  std::string segment;
};

class Contacts final : public Destination {
 public:
  static constexpr auto spec = connection("Contacts, segments and do-not-contact of a Mautic.");
  static constexpr auto facts =
      Facts()
          .action("create",
                  "Looked for by e-mail first, then adopted or made; up to 200 a request; then "
                  "into the segment.")
          .action("update", "Up to 200 in one request, what changed only.")
          .action("leave_segment", "Out of the segment; the contact stays.")
          .action("unsubscribe", "Do-not-contact for e-mail, and out of the segment.")
          .action("delete", "The contact is deleted.")
          .evidence("others' client",
                    "What node-mautic asks as well is asked the same way (tests/oracle).");
  static constexpr auto job_options =
      Spec<JobOptions>("mautic", "Options of a job that delivers to Mautic.")
          .field("segment", &JobOptions::segment,
                 "Alias of the segment that who is delivered is in. Empty: none.");
  /// A contact is looked for by its e-mail address before it is made, so sending twice is sending
  /// once.
  static constexpr std::uint64_t capabilities = RONDOM_CAP_IDEMPOTENT_UPSERT | RONDOM_CAP_ADOPT;
  static constexpr std::uint32_t preferred_batch = batch_max;

  Contacts(const Config& /*config*/, Context& context) : api_(context) {}

  Status check() override;
  Status write(const WriteBatch& batch, WriteResults& results) override;

 private:
  /// An upsert on its way.
  struct Entry {
    std::size_t index = 0;  // in the batch
    Json fields;
    std::string id;           // of the contact; empty = to be made
    std::string email_there;  // what the contact has, lower case
    bool adopted = false;
  };
  /// A contact that is to leave.
  struct Removal {
    std::size_t index = 0;  // in the batch
    std::string contact;    // its id
    bool closed = false;    // has a do-not-contact entry for e-mail, whoever made it
  };
  /// The batch, and what must not be forgotten when something fails.
  struct Session {
    const WriteBatch& batch;
    WriteResults& results;
  };

  Status prepare(const WriteBatch& batch);
  Status check_fields(const Entry& entry);
  Status adopt_known(std::vector<Entry>& entries, Session& session);
  Status send_once(const std::string& method, const std::string& path, std::span<Entry> entries,
                   Session& session, std::vector<Entry>& done);
  Status send(const std::string& method, const std::string& path, std::span<Entry> entries,
              Session& session, std::vector<Entry>& done);
  Status take_reply(const Json& reply, std::span<Entry> entries, Session& session,
                    std::vector<Entry>& done);
  Result<Json> ask_to_enter(std::span<Entry> some);
  Status enter_segment(std::span<Entry> done, Session& session);
  Status upsert(std::vector<Entry> entries, Session& session);
  Status note_emails(std::vector<Entry>& entries);
  /// By their value of that column, "id" or "email".
  Result<std::map<std::string, Removal>> find_by(std::string_view column,
                                                 const std::vector<std::string>& values);
  Result<std::vector<Removal>> find_removed(const std::vector<std::size_t>& indexes,
                                            Session& session);
  static bool settle_unknown_id(std::size_t index, const std::string& email, bool found,
                                Session& session);
  Status leave_segment(const std::string& contact);
  /// Sets an entry of ours for e-mail, or takes it away again.
  Status set_do_not_contact(const std::vector<std::string>& contacts, bool closed);
  Status remove(const std::vector<Removal>& removals, Session& session);
  Status remove_all(const std::vector<Removal>& removals, Session& session);
  Status call(const HttpRequest& request);
  static Failure concerning_all(Failure why);
  void give_back(std::span<Entry> entries, const Failure& why, Session& session);

  Api api_;
  std::string segment_alias_, segment_id_;
  std::optional<std::set<std::string>> fields_;  // aliases of the instance, once asked
};

}  // namespace rondom::mautic
