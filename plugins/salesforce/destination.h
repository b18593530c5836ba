// destination: people to the records of one object, by an external id that is the profile's id.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>

#include "describe.h"
#include "ingest.h"

namespace rondom::salesforce {

/// Most records that are asked for at once; an ingest job is worth its while from 2,000
/// (Salesforce).
inline constexpr std::uint32_t batch_records = 10'000;
/// Records of one sObject Collections request.
inline constexpr std::size_t collection_max = 200;
/// Values in one look-up: they travel in the address of the request.
inline constexpr std::size_t look_up_max = 100;
inline constexpr std::size_t look_up_bytes_max = 10'000;  // as they are encoded there
/// Records that one look-up may find: more would be doubles without end.
inline constexpr std::size_t found_max = 20'000;
/// Tries of a record that somebody else is saving at the moment.
inline constexpr int lock_attempts_max = 3;
inline constexpr std::uint64_t lock_wait_ms = 500;

/// What a job may say in `options`.
struct WriteOptions {
  std::string object;
  std::string external_id;
  std::string adopt_by;
  std::string marker;
  bool allow_duplicates = false;
  std::int64_t bulk_from = 0;
  std::int64_t bulk_job_bytes = 0;
  std::int64_t bulk_wait_seconds = 0;
};

/// What Salesforce said of one record of a collection.
struct RecordError {
  std::string code;  // empty = it was done
  std::string message;
};

class Records final : public Destination {
 public:
  static constexpr auto spec = connection("People to records of a Salesforce organisation.");
  static constexpr auto facts =
      Facts()
          .action("create",
                  "Up to 200 in one upsert by external id, many by an ingest job; one record with "
                  "the value of adopt_by is adopted.")
          .action("update", "Up to 200 in one request, many by an ingest job; what changed only.")
          .action("leave_segment", "The marker is cleared; needs one.")
          .action("unsubscribe", "HasOptedOutOfEmail is set, the marker cleared.")
          .action("delete", "The record goes to the recycle bin.")
          .evidence("recorded answers",
                    "Descriptions and records of a real organisation, recorded by others.")
          .evidence("API description",
                    "Requests of ingest jobs hold against a description of Bulk API 2.0 by others; "
                    "known-bad ones are refused first.")
          .evidence("others' client",
                    "jsforce, a client by others, against the same stand-in (tests/oracle).");
  static constexpr auto job_options =
      Spec<WriteOptions>("salesforce", "Options of a job that delivers to Salesforce.")
          .field("object", &WriteOptions::object, "The object to write.")
          .fallback("Contact")
          .field(
              "external_id", &WriteOptions::external_id,
              "Its field that holds the profile's id: text of 36 characters, external id, unique.")
          .required()
          .field("adopt_by", &WriteOptions::adopt_by,
                 "Field of the map by which records that are there already are found, such as "
                 "Email. Empty: none are.")
          .field("marker", &WriteOptions::marker,
                 "A checkbox that says who is delivered: set by a delivery, cleared by "
                 "leave_segment. Empty: none.")
          .field("allow_duplicates", &WriteOptions::allow_duplicates,
                 "Save what a duplicate rule of Salesforce only warns of.")
          .field(
              "bulk_from", &WriteOptions::bulk_from,
              "Records of one batch (10,000 at most) from which they go by an ingest job of Bulk "
              "API 2.0; 0: always; more than 10,000: never.")
          .fallback(2'000)
          .range(0, 1'000'000'000)
          .field("bulk_job_bytes", &WriteOptions::bulk_job_bytes,
                 "Largest CSV of one ingest job. Less, where jobs fail after too many retries.")
          .fallback(ingest_bytes_max)
          .range(1'000, ingest_bytes_max)
          .field("bulk_wait_seconds", &WriteOptions::bulk_wait_seconds,
                 "Longest wait for one ingest job. Then it is aborted; what it left undone is for "
                 "a later run.")
          .fallback(3'600)
          .range(1, 86'400);
  static constexpr std::uint64_t capabilities = RONDOM_CAP_IDEMPOTENT_UPSERT | RONDOM_CAP_ADOPT;
  static constexpr std::uint32_t preferred_batch = batch_records;

  Records(const Config& config, Context& context) : api_(config, context) {}

  Status check() override;
  Status write(const WriteBatch& batch, WriteResults& results) override;

 private:
  /// A record on its way.
  struct Entry {
    std::size_t index = 0;  // in the batch
    std::string key;        // the profile's id
    std::string id;         // Salesforce's; empty = not known
    Json fields;
    bool adopted = false;
  };
  /// The batch, and of which records it was said already what became of them.
  class Session {
   public:
    Session(const WriteBatch& given, WriteResults& results)
        : batch(given), results_(results), settled_(given.records.size(), false) {}
    const WriteBatch& batch;

    void accepted(std::size_t index, std::string_view id = {}, bool adopted = false) {
      settled_[index] = true;
      results_.accepted(index, id, adopted);
    }
    void rejected(std::size_t index, std::string_view message) {
      settled_[index] = true;
      results_.rejected(index, message);
    }
    void retry(std::size_t index, std::string_view message) {
      settled_[index] = true;
      results_.retry(index, message);
    }
    void unknown(std::size_t index, std::string_view message) {
      settled_[index] = true;
      results_.unknown(index, message);
    }
    /// Nothing was sent of all that is not settled.
    Status give_up(const Status& status) {
      for (std::size_t i = 0; i < settled_.size(); ++i) {
        if (!settled_[i]) retry(i, status.error().message);
      }
      return status.error();
    }

   private:
    WriteResults& results_;
    std::vector<bool> settled_;
  };

  Status prepare(const WriteBatch& batch);
  Status check_options() const;
  Status check_fields(const Json& fields) const;
  /// What is too long, and where; empty = nothing.
  std::string too_long(const Json& fields) const;
  Status take_upserts(std::vector<Entry>& entries, Session& session);
  Status adopt(std::vector<Entry>& entries, Session& session);
  Result<std::map<std::string, std::vector<Json>>> find(std::string_view field,
                                                        const std::vector<std::string>& values);

  Status take_removals(std::vector<Entry>& marked, std::vector<Entry>& deleted, Session& session);
  Status find_removed(std::vector<Entry>& entries, Session& session);
  Status remove_all(std::span<Entry> entries, Session& session);

  /// By ingest jobs or in collections, by their number. What is left in `entries` means nothing.
  Status send_all(std::vector<Entry>& entries, bool by_id, Session& session);
  Status send_jobs(std::vector<Entry>& entries, bool by_id, Session& session);
  static bool fits_job(const Entry& entry);
  std::string csv_of(std::span<const Entry> entries, bool by_id) const;
  Status settle_job(const IngestEnd& end, std::span<Entry> entries, bool by_id,
                    std::vector<Entry>& left, Session& session) const;
  Status send_collections(std::vector<Entry>& entries, bool by_id, Session& session);
  Status send(std::vector<Entry>& entries, bool by_id, Session& session);
  HttpRequest request_of(std::span<const Entry> entries, bool by_id) const;
  Result<std::vector<RecordError>> errors_of(const HttpReply& reply,
                                             std::span<Entry> entries) const;
  void settle(const Entry& entry, const RecordError& error, Session& session) const;
  static void give_back(std::span<const Entry> entries, const Failure& failure, Session& session);

  Api api_;
  WriteOptions options_;
  std::string options_json_ = "?";  // that options_ and object_ belong to
  Object object_;
};

/// Salesforce's sentence without what may be personal.
std::string cleaned(std::string_view text);
/// Not decided: the same record may go through a little later.
bool is_passing(std::string_view code);

}  // namespace rondom::salesforce
