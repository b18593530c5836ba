// members: who is in an audience, who left it, and whose mail bounced.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "api.h"

namespace rondom::mailchimp {

/// What a job may say in the `options` of a stream.
struct StreamOptions {
  std::string list, mode;
};

class Members final : public Source {
 public:
  static constexpr auto spec = connection("Members of an audience of Mailchimp.");
  static constexpr auto facts =
      Facts()
          .stream(
              "members",
              "Everybody in the audience, the archived among them. mode: full tells who is gone.",
              reads_changes | reads_deletions)
          .stream("unsubscribed", "Who unsubscribed there.", reads_changes | reads_feedback)
          .stream("cleaned", "Addresses that Mailchimp gave up as their mail bounces.",
                  reads_changes | reads_feedback)
          .evidence("vendor's client",
                    "What @mailchimp/mailchimp_marketing asks as well is asked the same way "
                    "(tests/oracle).")
          .evidence("API description",
                    "Requests hold against a public description of the Marketing API; known-bad "
                    "ones are refused first.")
          .evidence("recorded answers",
                    "Answers recorded at Mailchimp by others, errors among them.");
  static constexpr auto job_options =
      Spec<StreamOptions>("mailchimp-stream", "Options of a stream of the mailchimp source.")
          .field("list", &StreamOptions::list,
                 "Id of the audience; without it the only one that the account has.")
          .field("mode", &StreamOptions::mode,
                 "changes: what changed since the last run; full: every member, which also finds "
                 "those who were deleted.")
          .fallback("changes")
          .choices("changes", "full");

  Members(Config config, Context& context) : api_(std::move(config), context), context_(context) {}

  Status check() override { return api_.check(); }
  Result<Catalog> discover() override;
  Status read(const ReadRequest& request, RecordWriter& out) override;

 private:
  /// Second up to which everything was read, by the status that was asked for.
  using Places = std::map<std::string, std::int64_t>;
  /// One stream on its way.
  struct Walk {
    const ReadStream& stream;
    RecordWriter& out;
    std::string list;
    std::string status;  // empty = all but the archived
    bool full = false;
    std::uint64_t records_max = 0, read = 0;
    Places places;
    std::map<std::string, std::int64_t> told;  // members of the last seconds that went out already
  };
  struct Window {
    std::optional<std::int64_t> since, before;  // seconds
    std::uint64_t offset = 0;
  };

  Status read_stream(const ReadStream& stream, std::uint64_t records_max, RecordWriter& out);
  Status walk(Walk& walk);
  Status read_moment(Walk& walk, std::int64_t second);
  Result<Json> page(const Walk& walk, const Window& window);
  Status tell(Walk& walk, const Json& member);
  Status note_place(Walk& walk, std::int64_t second);

  Api api_;
  Context& context_;
};

}  // namespace rondom::mailchimp
