// destination: people to profiles of Klaviyo, into a list and out of it, and out of e-mail.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "api.h"
#include "email_state.h"
#include "profile_json.h"

namespace rondom::klaviyo {

/// Of one bulk import. Klaviyo says 5 MB and 100 KB a profile; what stands around them is small.
inline constexpr std::size_t import_profiles_max = 10'000;
inline constexpr std::size_t import_bytes_max = 4'900'000;
inline constexpr std::size_t profile_bytes_max = 100'000;
/// So few are sent one by one, which gives an answer for each at once; Klaviyo asks for that, too.
inline constexpr std::size_t single_profiles_max = 10;
inline constexpr std::size_t list_profiles_max = 1'000;
inline constexpr std::size_t subscribe_profiles_max = 1'000;
inline constexpr std::size_t unsubscribe_profiles_max = 100;

/// What a job may say in `options`.
struct JobOptions {
  std::string list, withdraw;
  bool subscribe = false;
};

class Lists final : public Destination {
 public:
  static constexpr auto spec = connection("Profiles, lists and e-mail consent of Klaviyo.");
  static constexpr auto facts =
      Facts()
          .action(
              "create",
              "Who is there by external_id or e-mail is adopted, else made; many by bulk import "
              "with a result for each.")
          .action("update", "What changed, by Klaviyo's id.")
          .action("leave_segment", "Out of the list; the profile and its consent stay.")
          .action("unsubscribe",
                  "Consent to e-mail withdrawn, with withdraw: suppress the address suppressed; "
                  "marked as our doing.")
          .action("delete", "Deleted for good with all that Klaviyo holds.")
          .evidence("API description",
                    "Requests hold against the vendor's description of revision 2026-07-15; "
                    "known-bad ones are refused first.");
  static constexpr auto job_options =
      Spec<JobOptions>("klaviyo", "Options of a job that delivers to Klaviyo.")
          .field("list", &JobOptions::list,
                 "Id of the list that who is delivered is in. Empty: none.")
          .field("subscribe", &JobOptions::subscribe,
                 "Tells Klaviyo that they agreed to e-mail. Without it nobody's consent is given.")
          .fallback(false)
          .field("withdraw", &JobOptions::withdraw,
                 "What unsubscribe does: consent is withdrawn, or the address is suppressed.")
          .fallback("unsubscribe")
          .choices("unsubscribe", "suppress");
  /// Klaviyo finds the profile by what identifies it, so sending twice is sending once.
  static constexpr std::uint64_t capabilities = RONDOM_CAP_IDEMPOTENT_UPSERT | RONDOM_CAP_ADOPT;
  static constexpr std::uint32_t preferred_batch = import_profiles_max;

  Lists(const Config& /*config*/, Context& context) : api_(context) {}

  Status check() override { return api_.check(); }
  Status write(const WriteBatch& batch, WriteResults& results) override;

 private:
  /// An operation on its way.
  struct Entry {
    std::size_t index = 0;  // in the batch
    bool creates = false;   // the engine knows of no profile yet
    ProfileFields fields;
    std::string id, email, external_id;  // the e-mail in lower case
    bool there = false;                  // Klaviyo has it; then these hold what it knows:
    std::string known_email, known_external_id;
    EmailState state;
    bool adopted = false;   // it was there before we came
    bool split = false;     // two profiles share what identifies this one
    bool moved = false;     // the profile with its id is gone, another one answers to its name
    bool by_email = false;  // only the address says that it is this profile
    bool settled = false;   // has its result
  };
  using Entries = std::vector<Entry>;
  using Some = std::vector<Entry*>;
  static Some those(std::span<Entry> entries, const std::function<bool(const Entry&)>& wanted = {});

  Status prepare(const WriteBatch& batch);
  Status find(const Some& entries) const;
  void reject(Entry& entry, std::string_view why, WriteResults& results) const;
  void give_back(std::span<Entry* const> entries, const Failure& why, WriteResults& results) const;

  /// Sends some entries at once. Rows that Klaviyo points at are rejected and the others sent
  /// again, a batch that it refuses without a word is halved. `body` makes the document of these
  /// entries; `take` its 2xx.
  using Body = std::function<Json(const Some& entries)>;
  using Take = std::function<Status(const HttpReply& reply, const Some& entries)>;
  struct Call {
    std::string_view method, path;
    bool may_repeat = false;
    bool of_written =
        false;  // entries that were written before: none of them is certainly as it was
    Body body;
    Take take;
  };
  Status send_all(std::span<Entry* const> entries, const std::vector<Range>& parts,
                  const Call& call, WriteResults& results) const;
  Status send_some(std::span<Entry* const> entries, const Call& call, WriteResults& results) const;

  // upserts.cpp
  Status upsert(Entries entries, WriteResults& results);
  bool is_fit(Entry& entry, WriteResults& results) const;
  Status write_one(Entry& entry, WriteResults& results) const;
  Status change_list(std::string_view method, const Some& entries, WriteResults& results) const;
  // imports.cpp
  Status import(const Some& entries, WriteResults& results) const;
  Status follow(const HttpReply& reply, const Some& entries, WriteResults& results) const;
  Result<Json> wait_for(const std::string& id) const;
  Status take_errors(const std::string& id, std::int64_t failed, const Some& entries,
                     WriteResults& results) const;
  // consents.cpp
  Status give_consent(const Some& entries, WriteResults& results) const;
  Status withdraw_consent(const Some& entries, WriteResults& results) const;
  Status mark(const Entry& entry, const std::string& moment) const;
  Status unmark(std::span<Entry* const> entries, WriteResults& results) const;
  // removals.cpp
  Status remove(Entries entries, std::string_view action, WriteResults& results) const;
  void leave_others_alone(Entry& entry, WriteResults& results) const;
  Status forget(Entry& entry, WriteResults& results) const;

  Api api_;
  JobOptions options_;
  std::string known_list_;  // that Klaviyo has
};

}  // namespace rondom::klaviyo
