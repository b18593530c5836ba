// feedback: what people and mail servers told Mautic: do-not-contact, bounces, and the contacts.
#pragma once

#include <array>

#include "api.h"
#include "connection.h"
#include "destination.h"

namespace rondom::mautic {

class Feedback final : public Source {
 public:
  static constexpr std::array<std::string_view, 1> written_streams{"contacts"};
  static constexpr auto spec = connection("Contacts, do-not-contact and bounces of a Mautic.");
  static constexpr auto facts =
      Facts()
          .stream("do_not_contact", "Do-not-contact entries by people and staff.",
                  reads_changes | reads_feedback)
          .stream("bounces", "Addresses whose mail bounced.", reads_changes | reads_feedback)
          .stream("contacts", "Every contact, each time.", reads_deletions)
          .evidence("others' client",
                    "What node-mautic asks as well is asked the same way (tests/oracle).");

  Feedback(const Config& /*config*/, Context& context) : api_(context) {}

  Status check() override;
  Result<Catalog> discover() override;
  Status read(const ReadRequest& request, RecordWriter& out) override;

 private:
  Status read_entries(const ReadStream& stream, bool bounces, std::uint64_t records_max,
                      RecordWriter& out);
  Status read_contacts(const ReadStream& stream, std::uint64_t records_max, RecordWriter& out);
  Status write_entries(const std::vector<const Json*>& rows, RecordWriter& out);

  Api api_;
};

}  // namespace rondom::mautic
