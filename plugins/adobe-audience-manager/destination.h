// destination: people into and out of traits of Audience Manager, by inbound batch files.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bounds.h"
#include "config.h"
#include "inbound_line.h"
#include "inbound_name.h"
#include "part.h"
#include "rondom/sdk.hpp"

namespace rondom::audience_manager {

/// What a job may say in `options`.
struct JobOptions {
  std::int64_t data_source = 0, target = 0, split_megabytes = 0;
  std::vector<std::int64_t> trait;
  std::string id, mode, compression;
};

class Inbound final : public Destination {
 public:
  static constexpr auto spec = connection("Writes inbound batch files of Audience Manager.");
  static constexpr auto job_options =
      Spec<JobOptions>("adobe-audience-manager", "Options of a job that writes inbound files.")
          .field("data_source", &JobOptions::data_source,
                 "Id of the data source (DPID) that the user ids belong to.")
          .required()
          .range(1, INT64_MAX)
          .field("target", &JobOptions::target,
                 "Id of the owner of the data, when it is not the data source itself.")
          .range(1, INT64_MAX)
          .field("trait", &JobOptions::trait, "Ids of the onboarded traits that members are in.")
          .required()
          .field("id", &JobOptions::id, "What user_id is; clear e-mail addresses are refused.")
          .required()
          .choices("email_sha256", "crm_id")
          .field("mode", &JobOptions::mode,
                 "sync adds and removes; overwrite replaces all traits that the data source holds "
                 "of who is written.")
          .fallback("sync")
          .choices("sync", "overwrite")
          .field("compression", &JobOptions::compression, "gzip adds .gz to the names.")
          .fallback("none")
          .choices("none", "gzip")
          .field("split_megabytes", &JobOptions::split_megabytes,
                 "Size at which another part begins; without it 1000, with gzip 250.")
          .range(1, plain_megabytes_max);
  static constexpr auto facts =
      Facts()
          .action("create", "A line with d_sid for each trait, and the fields as keys and values.")
          .action("update", "The same with the fields that changed; an old user id gets d_unsid.")
          .action("leave_segment", "A line with d_unsid for each trait.")
          .action("unsubscribe", "A line with d_unsid for each trait.")
          .evidence("vendor's samples",
                    "A grammar that the vendor's sample files hold accepts what is written; a "
                    "line of theirs is written again.");
  /// A line says what is, not what to do: twice it is the same.
  static constexpr std::uint64_t capabilities =
      RONDOM_CAP_FILESYSTEM | RONDOM_CAP_IDEMPOTENT_UPSERT | RONDOM_CAP_LOOK_UP;

  Inbound(Config config, Context& context) : config_(std::move(config)), context_(context) {}

  Status check() override;
  Status write(const WriteBatch& batch, WriteResults& results) override;
  Status flush(std::string_view session) override;
  Status look_up(const WriteBatch& batch, WriteResults& results) override;

 private:
  /// One kind of file of a session, in parts.
  struct Series {
    bool overwrite = false;
    std::vector<std::unique_ptr<Part>> parts;
  };
  /// What a session writes under one set of options.
  struct Output {
    JobOptions options;
    Naming naming;
    IdKind kind = IdKind::email_sha256;
    std::uint64_t split_bytes = 0;
    std::string temporary;  // start of the hidden names
    Series members, leavers;
    std::unordered_map<std::uint64_t, bool> seen;  // hash of a user id: is a member
  };
  struct Session {
    std::map<std::string, Output> outputs;  // by options
    Status failure;  // a write that failed; what was written before it is gone
  };
  struct One {
    const WriteRecord& record;
    std::size_t index;
    WriteResults& results;
  };

  /// `number`: which of the session's outputs it is.
  Result<Output> open(const WriteBatch& batch, std::size_t number) const;
  Status prepare(const WriteBatch& batch, Output*& output);
  Status upsert(Output& output, const One& one);
  Status leave(Output& output, std::string_view id, const One& one);
  Status add_line(Output& output, Series& series, std::string_view line) const;
  Status publish(Output& output, Series& series) const;

  Config config_;
  Context& context_;
  std::map<std::string, Session, std::less<>> sessions_;
};

}  // namespace rondom::audience_manager
