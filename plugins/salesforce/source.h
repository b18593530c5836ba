// source: Contact, Lead, Account, Opportunity, and any other object that a job names as its stream.
#pragma once

#include "object_reader.h"

namespace rondom::salesforce {

class Objects final : public Source {
 public:
  static constexpr auto spec = connection("Objects of a Salesforce organisation.");
  static constexpr auto facts =
      Facts()
          .stream("Contact", "Contacts, with who opted out and whose mail bounced.",
                  reads_changes | reads_deletions | reads_feedback)
          .stream("Lead", "Leads, the same.", reads_changes | reads_deletions | reads_feedback)
          .stream("Account", "Companies.", reads_changes | reads_deletions)
          .stream("Opportunity", "Deals.", reads_changes | reads_deletions)
          .stream("<object>", "Any object that has an Id, custom ones included.",
                  reads_changes | reads_deletions)
          .evidence("recorded answers",
                    "Descriptions and records of a real organisation, recorded by others.")
          .evidence("others' client",
                    "jsforce, a client by others, against the same stand-in (tests/oracle).");
  static constexpr auto job_options =
      Spec<ReadOptions>("salesforce", "Options of a stream, which is the name of an object.")
          .field("fields", &ReadOptions::fields,
                 "Fields to read. Empty: all that are stored in the record itself.")
          .field("bulk_from", &ReadOptions::bulk_from,
                 "Records from which a whole read is done by Bulk API 2.0; 0: always.")
          .fallback(50'000)
          .range(0, 1'000'000'000)
          .field("page_size", &ReadOptions::page_size, "Records of a query.")
          .fallback(2'000)
          .range(1, 10'000)
          .field("bulk_page_size", &ReadOptions::bulk_page_size,
                 "Records of one page of a bulk job's results, which must fit into 64 MiB.")
          .fallback(10'000)
          .range(1, 250'000)
          .field("overlap_seconds", &ReadOptions::overlap_seconds,
                 "How far each run looks back for what was saved late.")
          .fallback(300)
          .range(60, 86'400);

  Objects(const Config& config, Context& context) : api_(config, context) {}

  Status check() override;
  Result<Catalog> discover() override;
  Result<Catalog> discover_with_options(std::string_view options_json) override;
  Status read(const ReadRequest& request, RecordWriter& out) override;

 private:
  Status list(const std::string& object, const ReadOptions& options, Catalog& catalog);

  Api api_;
};

}  // namespace rondom::salesforce
