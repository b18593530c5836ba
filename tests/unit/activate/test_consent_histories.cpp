// Nothing leaves without permission, and a withdrawal arrives with the next run: generated histories, every
// write at the stand-in held against the rules as consent_oracle.cpp tells them.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <sstream>

#include "consent_history.h"
#include "pipeline/activate/deliverer.h"

namespace rondom::activate::test::consent_history {
namespace {

/// The stand-in, looked at while it is written to.
class Watched final : public plugin::Destination {
 public:
  using Judge = std::function<void(const plugin::WriteRecord&)>;
  Watched(VendorDestination& vendor, Judge judge) : vendor_(vendor), judge_(std::move(judge)) {}

  const plugin::ConnectorInfo& info() const override { return vendor_.info(); }
  Status check() override { return {}; }
  Status write(const plugin::WriteBatch& batch,
               std::vector<plugin::WriteResult>& results) override {
    for (const plugin::WriteRecord& record : batch.records) judge_(record);
    return vendor_.write(batch, results);
  }
  Status flush(std::string_view session) override { return vendor_.flush(session); }
  Status look_up(const plugin::WriteBatch& batch,
                 std::vector<plugin::WriteResult>& results) override {
    return vendor_.look_up(batch, results);
  }
  void cancel() override {}

 private:
  VendorDestination& vendor_;
  Judge judge_;
};

std::string canonical_of(const std::vector<const SourceRecord*>& records) {
  Person person;
  std::array<int, address_count> status = {-1, -1, -1};
  for (const SourceRecord* record : records) {
    if (record->death > 0) person.death = record->death == 1 ? "presumed" : "confirmed";
    person.test_record = person.test_record || record->test_record;
    for (std::size_t i = 0; i < status.size(); ++i) {
      status[i] = std::max(status[i], record->status[i]);
    }
    for (const Said& said : record->statements) {
      std::string contact = said.address < 0 ? std::string() : address_text(said.address);
      if (said.other_case && !contact.empty()) contact.front() -= 'a' - 'A';
      person.consents.push_back({said.status,
                                 said.day == 0 ? "" : format_time(day_of_march(said.day)), contact,
                                 said.purpose, said.channel});
    }
  }
  for (int i = 0; i < address_count; ++i) {
    const int state = status[static_cast<std::size_t>(i)];
    if (state < 0) continue;
    person.emails.push_back(address_text(i));
    person.email_status.push_back(std::array{"active", "bounced", "moved"}[std::size_t(state)]);
  }
  return values_of(person);
}

/// For somebody to look at: refused for good, or tried as often as is allowed with nobody knowing its fate.
bool is_given_up(const Delivery& row) {
  return row.state == DeliveryState::dead ||
         (row.state == DeliveryState::unknown && row.attempts >= attempts_max);
}

RecordId record_of(int person, int source) {
  return 10 * (person + 1) + source;
}

class Play {
 public:
  explicit Play(std::uint32_t seed) : by_key_(seed % 2 == 0) {
    world_.as_of = day_of_march(10);
    if (seed % 3 == 0) world_.batch_records = 1;
    if (seed % 5 == 0) purpose().legal_basis = "contract";
    if (seed % 4 == 0) world_.target().on_withdrawal = config::OnWithdrawal::remove;
  }

  std::string broken_rule(const History& history) {
    for (const Step& step : history) {
      if (step.act == Act::delivers) {
        deliver(step);
      } else {
        sources_.take(step);
        write_down(step.person);
      }
      if (!broken_.empty()) return broken_;
    }
    return {};
  }

 private:
  config::Purpose& purpose() { return world_.project.purposes.front(); }
  std::set<std::string> allowed(int person) {
    return permitted(sources_, person, purpose(), world_.as_of);
  }
  void expect(bool kept, int person, std::string_view rule) {
    if (kept || !broken_.empty()) return;
    broken_ = "person " + std::to_string(person) + " at " + format_time(world_.as_of) + ": " +
              std::string(rule) + "; permitted:";
    for (const std::string& address : allowed(person)) broken_ += ' ' + address;
  }

  void write_down(int person);
  void judge(const plugin::WriteRecord& record);
  void deliver(const Step& step);
  void look_at_everybody();
  std::vector<std::string> held_of(ProfileId id) const;

  World world_;
  Sources sources_;
  std::array<ProfileId, person_count> ids_ = {1, 2, 3};
  ProfileId next_id_ = person_count + 1;
  const bool by_key_;  // the vendor matches on the key; else it can say what it took
  std::set<ProfileId> gone_;
  std::string broken_;
};

/// The profile as merging leaves it: everything that its living records say.
void Play::write_down(int person) {
  const ProfileId id = ids_[static_cast<std::size_t>(person)];
  Profile profile;
  profile.id = id;
  profile.uid = keyed_uid("test", std::to_string(id), 0);
  std::vector<const SourceRecord*> living;
  for (int source = 0; source < source_count; ++source) {
    const SourceRecord& one = sources_.of(person, source);
    StoredRecord& record = world_.store.record_rows[record_of(person, source)];
    record.id = record_of(person, source);
    record.canonical = canonical_of({&one});
    if (one.vanished && record.profile != 0) ++world_.store.parting_rows[id];
    record.live = !one.vanished;
    record.profile = one.vanished ? 0 : id;
    if (one.vanished) continue;
    living.push_back(&one);
    profile.members.push_back(record.id);
  }
  profile.values = canonical_of(living);
  if (living.empty()) {
    if (world_.store.profile_rows.erase(id) == 0) return;
    world_.store.add_event(EventKind::retired, id);
    gone_.insert(id);
    ids_[static_cast<std::size_t>(person)] = next_id_++;  // none is given again
    return;
  }
  const bool is_new = !world_.store.profile_rows.contains(id);
  world_.store.profile_rows[id] = std::move(profile);
  world_.store.add_event(is_new ? EventKind::created : EventKind::changed, id);
}

void Play::judge(const plugin::WriteRecord& record) {
  if (record.operation != plugin::Operation::upsert) return;
  for (int person = 0; person < person_count; ++person) {
    if (record.key != world_.key(ids_[static_cast<std::size_t>(person)])) continue;
    const std::set<std::string> addresses = allowed(person);
    expect(!addresses.empty(), person, "written to without permission");
    const auto fields = flat_fields(record.json);
    const auto email = fields.find("email");
    if (email == fields.end()) return;
    const std::string told = email->second.substr(1, email->second.size() - 2);
    expect(addresses.contains(told), person, "an address was told that is not permitted, " + told);
  }
}

void Play::deliver(const Step& step) {
  world_.as_of += step.seconds * microseconds_per_second;
  VendorDestination vendor(world_.vendor);
  vendor.upserts_by_key = vendor.info_.idempotent_upsert = by_key_;
  vendor.info_.can_look_up = !by_key_;
  const auto fate = static_cast<Fate>(step.number);
  if (fate == Fate::answer_lost) vendor.loses_answer_of_batch = 0;
  if (fate == Fate::down) vendor.fails_batch = 0;
  if (fate == Fate::told_to_retry) {
    for (int person = 0; person < person_count; ++person) {
      vendor.answers[world_.key(ids_[static_cast<std::size_t>(person)])] =
          plugin::WriteOutcome::retry;
    }
  }
  Watched watched(vendor, [this](const plugin::WriteRecord& record) { judge(record); });
  const Cancel cancel;
  world_.counts = {};
  const Status done = activate::run(world_.job(), world_.store, watched, cancel, world_.counts, {});
  if (fate != Fate::well) return;
  expect(done.ok(), -1, "the run failed");
  look_at_everybody();
}

/// The addresses at which the vendor would write to this person. Who came back may be there twice, once as left.
std::vector<std::string> Play::held_of(ProfileId id) const {
  std::vector<std::string> held;
  for (const auto& [remote, contact] : world_.vendor.contacts) {
    if (contact.key != world_.key(id) || !contact.subscribed || !contact.in_segment) continue;
    const std::string& email = contact.fields.at("email");
    held.push_back(email.substr(1, email.size() - 2));
  }
  return held;
}

void Play::look_at_everybody() {
  for (const ProfileId id : gone_) {
    const Delivery* row = world_.row(id);
    const bool open = row != nullptr && (is_given_up(*row) || row->state == DeliveryState::retry);
    expect(open || held_of(id).empty(), -1, "who has gone is still written to");
  }
  for (int person = 0; person < person_count; ++person) {
    const ProfileId id = ids_[static_cast<std::size_t>(person)];
    const std::set<std::string> addresses = allowed(person);
    const bool exists = world_.store.profile_rows.contains(id);
    const bool is_withheld = world_.store.at(world_.name).withheld.contains(id);
    expect(is_withheld == (exists && addresses.empty()), person, "the reason is not on record");
    const Delivery* row = world_.row(id);
    const bool given_up = row != nullptr && is_given_up(*row);
    const bool waits =
        row != nullptr && row->state == DeliveryState::retry && row->next_at > world_.as_of;
    const std::vector<std::string> held = held_of(id);
    const bool removal = waits && row->action != "create" && row->action != "update";
    if (given_up) continue;
    if (addresses.empty()) {
      expect(held.empty() || removal, person, "a withdrawal did not arrive");
      continue;
    }
    if (waits) continue;
    expect(held.size() == 1, person, "may be written to and is not, or twice");
    for (const std::string& address : held) {
      expect(addresses.contains(address), person,
             "the destination holds an address that is not permitted, " + address);
    }
  }
}

}  // namespace

std::string broken_rule(const History& history, std::uint32_t seed) {
  return Play(seed).broken_rule(history);
}

}  // namespace rondom::activate::test::consent_history

namespace {
using namespace rondom::activate::test::consent_history;
}

BOOST_AUTO_TEST_SUITE(activate_consent_histories)

BOOST_AUTO_TEST_CASE(nothing_leaves_without_permission_and_a_no_arrives) {
  constexpr std::uint32_t histories = 1'000;
  for (std::uint32_t seed = 1; seed <= histories; ++seed) {
    const History history = random_history(seed, 6 + seed % 40);
    if (broken_rule(history, seed).empty()) continue;
    const History few = shrunk(history, seed);
    std::ostringstream told;
    for (const Step& step : few) told << "\n  " << step;
    BOOST_FAIL("seed " << seed << ": " << broken_rule(few, seed) << told.str());
  }
}

BOOST_AUTO_TEST_SUITE_END()
