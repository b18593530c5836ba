// Nothing leaves without permission, and a withdrawal arrives with the next run: generated
// histories, every write at the stand-in held against the rules as consent_oracle.cpp tells them.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <sstream>

#include "config/suppressions.h"
#include "consent_history.h"
#include "pipeline/activate/deliverer.h"
#include "support/seeds.h"

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

std::string time_of(int day) {
  return day == 0 ? std::string() : format_time(day_of_march(day));
}

std::string channel_of(const std::string& said, const std::string& own) {
  return said == "own" ? own : said == "other" ? std::string("post") : std::string();
}

std::string canonical_of(const std::vector<const SourceRecord*>& records,
                         const std::string& channel) {
  Person person;
  person.given.clear();
  std::array<int, address_count> status = {-1, -1, -1};
  const bool by_mail = channel == "email";
  for (const SourceRecord* record : records) {
    if (record->death > 0) person.death = record->death == 1 ? "presumed" : "confirmed";
    person.test_record = person.test_record || record->test_record;
    if (!record->outside) person.tier = "gold";
    if (person.birth_date.empty()) person.birth_date = record->born;
    if (person.given.empty()) person.given = given_names[std::size_t(record->customer)];
    person.countries.push_back(record->country);
    person.customers.push_back("c" + std::to_string(record->customer));
    for (std::size_t i = 0; i < status.size(); ++i) {
      status[i] = std::max(status[i], record->status[i]);
    }
    for (const Said& said : record->statements) {
      std::string contact = said.address < 0 ? std::string() : address_text(said.address, channel);
      if (said.other_case && by_mail && !contact.empty()) contact.front() -= 'a' - 'A';
      person.consents.push_back({said.status, time_of(said.day), contact, said.purpose,
                                 channel_of(said.channel, channel), time_of(said.ends),
                                 time_of(said.confirmed)});
    }
    for (const Shut& shut : record->shut) {
      person.suppressions.push_back(
          {"manual", shut.purpose, channel_of(shut.channel, channel),
           shut.address < 0 ? std::string() : address_text(shut.address, channel), shut.destination,
           time_of(shut.begins), time_of(shut.ends)});
    }
  }
  for (int i = 0; i < address_count; ++i) {
    const int state = status[static_cast<std::size_t>(i)];
    if (state < 0) continue;
    (by_mail ? person.emails : person.phones).push_back(address_text(i, channel));
    (by_mail ? person.email_status : person.phone_status)
        .push_back(std::array{"active", "bounced", "moved"}[std::size_t(state)]);
  }
  return values_of(person);
}

std::shared_ptr<const config::Suppressions> lists_of(const std::vector<Listed>& all,
                                                     const std::string& channel) {
  auto lists = std::make_shared<config::Suppressions>();
  for (const Listed& listed : all) {
    config::Suppression one;
    one.list = "board";
    one.kind = "list";
    one.channel = channel_of(listed.shut.channel, channel);
    one.purpose = listed.shut.purpose;
    one.destination = listed.shut.destination;
    if (listed.shut.begins != 0) one.begins_at = day_of_march(listed.shut.begins);
    if (listed.shut.ends != 0) one.ends_at = day_of_march(listed.shut.ends);
    one.contact_only = listed.contact_only;
    const std::string value = address_text(listed.shut.address, channel);
    const char* space = channel == "email" ? "email" : "phone";
    if (listed.by == Listed::By::customer) {
      lists->add("customer", "c" + std::to_string(listed.shut.address), one);
    } else if (listed.by == Listed::By::address) {
      lists->add(space, value, one);
    } else {
      lists->add_hashed(space, sha256_hex(value), one);
    }
  }
  return lists;
}

/// For somebody to look at: refused for good, or tried as often as is allowed with nobody knowing
/// its fate.
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
    world_.everybody = false;
    if (seed % 9 == 0) world_.target().on_leave = config::OnLeave::leave_segment;
    if (seed % 3 == 0) world_.batch_records = 1;
    if (seed % 5 == 0) purpose().legal_basis = "contract";
    if (seed % 4 == 0) world_.target().on_withdrawal = config::OnWithdrawal::remove;
    if (seed % 4 == 1) purpose().minimum_age = {{"NL", 16}, {"BE", 13}, {"else", 18}};
    if (seed % 12 == 1) purpose().birth_date_required = true;
    if (seed % 6 == 1) purpose().double_opt_in = true;
    if (seed % 7 == 1) purpose().expires_after = 10 * 86'400 * microseconds_per_second;
    purpose().country = "NL";
    if (seed % 3 == 1) {
      purpose().channel = "sms";
      field_ = "phone";
      world_.set_map("{ phone: .permitted.phone, first: .name.given }");
    }
  }

  std::string broken_rule(const History& history) {
    for (const Step& step : history) {
      if (step.act == Act::delivers) {
        deliver(step);
      } else {
        take(step);
      }
      if (!broken_.empty()) return broken_;
    }
    return {};
  }

 private:
  config::Purpose& purpose() { return world_.project.purposes.front(); }
  std::set<std::string> allowed(int person) {
    return permitted(sources_, person, purpose(), "vendor", world_.as_of);
  }
  void expect(bool kept, int person, std::string_view rule) {
    if (kept || !broken_.empty()) return;
    broken_ = "person " + std::to_string(person) + " at " + format_time(world_.as_of) + ": " +
              std::string(rule) + "; permitted:";
    for (const std::string& address : allowed(person)) broken_ += ' ' + address;
  }

  void take(const Step& step);
  void merge(const Step& step);
  void split(const Step& step);
  void write_down(int person);
  void judge(const plugin::WriteRecord& record);
  void deliver(const Step& step);
  void look_at_everybody();
  void look_at_somebody_outside(int person, const std::vector<std::string>& held);
  std::vector<std::string> held_of(ProfileId id);

  World world_;
  Sources sources_;
  std::array<ProfileId, person_count> ids_ = {1, 2, 3};
  ProfileId next_id_ = person_count + 1;
  const bool by_key_;  // the vendor matches on the key; else it can say what it took
  std::set<ProfileId> gone_;
  std::string broken_;
  std::string field_ = "email";

 public:
  std::map<std::string, int> reasons;
};

/// Two are found to be one, under the name of the other.
void Play::merge(const Step& step) {
  if (step.person == step.number) return;
  if (!sources_.holds_any(step.person) || !sources_.holds_any(step.number)) return;
  const ProfileId from = ids_[static_cast<std::size_t>(step.person)];
  sources_.take(step);
  world_.store.profile_rows.erase(from);
  gone_.insert(from);
  ids_[static_cast<std::size_t>(step.person)] = next_id_++;
  write_down(step.number);
  world_.store.add_event(EventKind::merged, from, ids_[static_cast<std::size_t>(step.number)]);
}

/// What the source says are the records of one person were taken for somebody else's.
void Play::split(const Step& step) {
  std::set<int> losers;
  for (const SourceRecord& record : sources_.records[static_cast<std::size_t>(step.person)]) {
    if (record.holder == step.person) continue;
    losers.insert(record.holder);
    if (!record.vanished) {
      ++world_.store.parting_rows[ids_[static_cast<std::size_t>(record.holder)]];
    }
  }
  sources_.take(step);
  for (const int loser : losers) write_down(loser);
  if (losers.empty()) return;
  write_down(step.person);
  for (const int loser : losers) {
    world_.store.add_event(EventKind::split, ids_[static_cast<std::size_t>(loser)],
                           ids_[static_cast<std::size_t>(step.person)]);
  }
}

void Play::take(const Step& step) {
  if (step.act == Act::merges) return merge(step);
  if (step.act == Act::splits) return split(step);
  sources_.take(step);
  purpose().suppressions = lists_of(sources_.listed, purpose().channel);
  if (step.act == Act::lists || step.act == Act::unlists) return;
  write_down(sources_.of(step.person, step.source).holder);
}

/// The profile as merging leaves it: everything that its living records say.
void Play::write_down(int person) {
  const ProfileId id = ids_[static_cast<std::size_t>(person)];
  Profile profile;
  profile.id = id;
  profile.uid = keyed_uid("test", std::to_string(id), 0);
  std::vector<const SourceRecord*> living;
  for (int customer = 0; customer < person_count; ++customer) {
    for (int source = 0; source < source_count; ++source) {
      const SourceRecord& one = sources_.of(customer, source);
      if (one.holder != person) continue;
      StoredRecord& record = world_.store.record_rows[record_of(customer, source)];
      record.id = record_of(customer, source);
      record.canonical = canonical_of({&one}, purpose().channel);
      if (one.vanished && record.profile != 0) ++world_.store.parting_rows[id];
      record.live = !one.vanished;
      record.profile = one.vanished ? 0 : id;
      if (one.vanished) continue;
      living.push_back(&one);
      profile.members.push_back(record.id);
    }
  }
  profile.values = canonical_of(living, purpose().channel);
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
    expect(sources_.is_inside(person), person, "written to outside of the audience");
    const auto fields = flat_fields(record.json);
    const auto email = fields.find(field_);
    if (email == fields.end()) return;
    ++reasons["written to"];
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

/// The addresses at which the vendor would write to this person. Who came back may be there twice,
/// once as left.
std::vector<std::string> Play::held_of(ProfileId id) {
  std::vector<std::string> held;
  for (const auto& [remote, contact] : world_.vendor.contacts) {
    if (!contact.subscribed || !contact.in_segment) continue;
    // Whoever took it over knows it by the vendor's name of it.
    ProfileId owner = 0;
    for (const auto& [profile, row] : world_.store.at(world_.name).deliveries) {
      if (row.remote_id == remote) owner = profile;
    }
    if (owner == 0 ? contact.key != world_.key(id) : owner != id) continue;
    const std::string& told = contact.fields.at(field_);
    held.push_back(told.substr(1, told.size() - 2));
  }
  return held;
}

/// Who may be reached and left: what is kept there is what they had, but for an address that they
/// said no about.
void Play::look_at_somebody_outside(int person, const std::vector<std::string>& held) {
  const bool is_kept = world_.target().on_leave == config::OnLeave::keep;
  expect(is_kept || held.empty(), person, "who left the audience is still in it there");
  ++reasons[held.empty() ? "left" : "left and kept"];
  const std::set<std::string> addresses = allowed(person);
  for (const std::string& address : held) {
    expect(addresses.contains(address) || !sources_.carries(person, address, purpose().channel),
           person, "an address is kept that is not permitted, " + address);
  }
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
    const bool is_inside = sources_.is_inside(person);
    expect(is_withheld == (exists && is_inside && addresses.empty()), person,
           "the reason is not on record");
    if (is_withheld) ++reasons[world_.store.at(world_.name).withheld[id]];
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
    if (!is_inside) {
      look_at_somebody_outside(person, held);
      continue;
    }
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
std::string broken_rule(const History& history, std::uint32_t seed,
                        std::map<std::string, int>& reasons) {
  Play play(seed);
  std::string broken = play.broken_rule(history);
  for (const auto& [reason, count] : play.reasons) reasons[reason] += count;
  return broken;
}

}  // namespace rondom::activate::test::consent_history

namespace {
using namespace rondom::activate::test::consent_history;
}

BOOST_AUTO_TEST_SUITE(activate_consent_histories)

BOOST_AUTO_TEST_CASE(nothing_leaves_without_permission_and_a_no_arrives) {
  // More of them in a campaign: RONDOM_CONSENT_HISTORIES=200000 unit_activate -t
  // activate_consent_histories
  const char* wanted = std::getenv("RONDOM_CONSENT_HISTORIES");
  const std::uint32_t histories =
      wanted == nullptr ? rondom::support::seeds(1'200) : std::strtoul(wanted, nullptr, 10);
  std::map<std::string, int> reasons;
  for (std::uint32_t seed = 1; seed <= histories; ++seed) {
    const History history = random_history(seed, 6 + seed % 40);
    if (broken_rule(history, seed, reasons).empty()) continue;
    const History few = shrunk(history, seed);
    std::ostringstream told;
    for (const Step& step : few) told << "\n  " << step;
    BOOST_FAIL("seed " << seed << ": " << broken_rule(few, seed) << told.str());
  }
  // What never happened was not tried.
  for (const char* reason : {"written to",
                             "no consent",
                             "not confirmed",
                             "withdrawn",
                             "withdrawn elsewhere",
                             "denied",
                             "expired",
                             "deceased",
                             "deceased elsewhere",
                             "test record",
                             "too young",
                             "age not known",
                             "suppressed: manual",
                             "suppressed: manual elsewhere",
                             "suppressed: list",
                             "bounced",
                             "moved",
                             "consent cannot be read",
                             "left",
                             "left and kept"}) {
    BOOST_TEST(reasons[reason] > int(rondom::support::often(3)), reason << ": " << reasons[reason]);
  }
}

BOOST_AUTO_TEST_SUITE_END()
