// Facts: what a connector reads and writes, for people who choose one. Beside the Spec:
//
//   static constexpr auto facts =
//       rondom::Facts()
//           .stream("contacts", "Everybody in the CRM.",
//                   rondom::reads_changes | rondom::reads_deletions)
//           .stream("opt_outs", "Who said no there.", rondom::reads_feedback)
//           .evidence("API description", "Requests hold against the vendor's OpenAPI file.");
//
// From it come `rondom connectors list|show`, the catalogue in docs/connectors, and what `rondom
// validate` refuses: a job that wants an action which its destination does not declare. A connector
// without facts is listed without them, and refuses at run time what it cannot do.
//
// Constant data, any thread. Texts must be literals (they are not copied).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "json_writer.hpp"

namespace rondom {
inline namespace sdk_v1 {

/// What a stream gives beside a whole read. Combine with |.
inline constexpr std::uint32_t reads_whole = 0;
inline constexpr std::uint32_t reads_changes = 1;    // incremental: goes on behind a cursor
inline constexpr std::uint32_t reads_deletions = 2;  // says what is gone
inline constexpr std::uint32_t reads_feedback = 4;   // withdrawals, bounces of what was delivered

class Facts {
 public:
  static constexpr std::size_t entries_max = 16;  // streams, actions, and pieces of evidence, each

  /// A stream of a source. Where names depend on the system, say the usual ones.
  constexpr Facts stream(std::string_view name, std::string_view what, std::uint32_t reads) const {
    Facts copy = *this;
    copy.streams_[copy.stream_count_++] = {name, what, reads};
    return copy;
  }
  /// An action of a destination ("create", "update", "leave_segment", "unsubscribe", "delete"), and
  /// what happens in the system then.
  constexpr Facts action(std::string_view name, std::string_view what) const {
    Facts copy = *this;
    copy.actions_[copy.action_count_++] = {name, what, 0};
    return copy;
  }
  /// What the behaviour was held against, other than its author's reading of the documentation. The
  /// kind is a word for tables: "API description", "recorded answers", "vendor's client", "others'
  /// client", "vendor's samples", "real server".
  constexpr Facts evidence(std::string_view kind, std::string_view what) const {
    Facts copy = *this;
    copy.evidence_[copy.evidence_count_++] = {kind, what, 0};
    return copy;
  }

  /// {"streams":[{"name","what","changes","deletions","feedback"}],"actions":[{"name","what"}],
  /// "evidence":[{"kind","what"}]}; lists that are empty are left out.
  std::string json() const {
    std::string out;
    JsonWriter writer(out);
    writer.begin_object();
    if (stream_count_ > 0) {
      writer.name("streams").begin_list();
      for (std::size_t i = 0; i < stream_count_; ++i) {
        const Entry& stream = streams_[i];
        writer.begin_object().name("name").text(stream.name).name("what").text(stream.what);
        writer.name("changes").boolean((stream.reads & reads_changes) != 0);
        writer.name("deletions").boolean((stream.reads & reads_deletions) != 0);
        writer.name("feedback").boolean((stream.reads & reads_feedback) != 0).end_object();
      }
      writer.end_list();
    }
    write(writer, "actions", "name", actions_, action_count_);
    write(writer, "evidence", "kind", evidence_, evidence_count_);
    writer.end_object();
    return out;
  }

 private:
  struct Entry {
    std::string_view name, what;
    std::uint32_t reads = 0;
  };
  using Entries = std::array<Entry, entries_max>;

  static void write(JsonWriter& writer, std::string_view list, std::string_view name,
                    const Entries& entries, std::size_t count) {
    if (count == 0) return;
    writer.name(list).begin_list();
    for (std::size_t i = 0; i < count; ++i) {
      writer.begin_object().name(name).text(entries[i].name);
      writer.name("what").text(entries[i].what).end_object();
    }
    writer.end_list();
  }

  Entries streams_{}, actions_{}, evidence_{};
  std::size_t stream_count_ = 0, action_count_ = 0, evidence_count_ = 0;
};

}  // namespace sdk_v1
}  // namespace rondom
