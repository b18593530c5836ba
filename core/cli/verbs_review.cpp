// review, profile link and split: what somebody has to say. Records that became somebody else's,
// whose profiles are held back until somebody looked; pairs of records that may be one.
#include <algorithm>
#include <cstdio>
#include <optional>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "engine/pairs.h"
#include "engine/record_names.h"

namespace rondom::cli {

namespace {

constexpr std::size_t reviews_per_read = 10'000;

struct ToReview {
  store::RecordId id = 0;
  std::string name;
  Uid profile;
};

/// Those that are still live and in a profile, by record.
Result<std::vector<ToReview>> to_review(store::Store& store) {
  engine::RecordNames names;
  RONDOM_TRY(names.load(store));
  std::vector<ToReview> out;
  for (store::RecordId after = 0;;) {
    RONDOM_TRY_ASSIGN(const auto ids, store.owners_to_review(after, reviews_per_read));
    if (ids.empty()) return out;
    after = ids.back();
    RONDOM_TRY_ASSIGN(const auto records, store.records(ids));
    std::vector<store::ProfileId> wanted;
    for (const store::StoredRecord& record : records) {
      if (record.profile != 0) wanted.push_back(record.profile);
    }
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    RONDOM_TRY_ASSIGN(const auto profiles, store.profiles(wanted));
    for (const store::StoredRecord& record : records) {
      const auto found = std::lower_bound(
          profiles.begin(), profiles.end(), record.profile,
          [](const store::Profile& one, store::ProfileId id) { return one.id < id; });
      if (found != profiles.end() && found->id == record.profile)
        out.push_back({record.id, names.of(record), found->uid});
    }
  }
}

void append_pair(std::string& out, const engine::Pair& pair) {
  out += out.empty() ? "{\"pair\":" : ",{\"pair\":";
  append_json_string(out, pair.id);
  out += ",\"record\":";
  append_json_string(out, pair.one);
  out += ",\"other\":";
  append_json_string(out, pair.other);
}

std::string percent(double probability) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * probability);
  return text;
}

const char* why_apart(const engine::PossiblePair& pair) {
  return pair.reason.empty() ? "not enough to join them" : pair.reason.c_str();
}

void print_json(const std::vector<ToReview>& found,
                const std::vector<engine::PossiblePair>& pairs) {
  std::string out;
  for (const ToReview& one : found) {
    out += out.empty() ? "{\"record\":" : ",{\"record\":";
    append_json_string(out, one.name);
    out += ",\"profile\":\"" + to_text(one.profile) + "\",\"why\":\"owner change\"}";
  }
  for (const engine::PossiblePair& pair : pairs) {
    append_pair(out, pair);
    char number[32];
    std::snprintf(number, sizeof number, "%.6f", pair.probability);
    out += std::string(",\"probability\":") + number + ",\"why\":";
    append_json_string(out, why_apart(pair));
    out += '}';
  }
  std::printf("[%s]\n", out.c_str());
}

/// What was named on the command line: owner changes and pairs. An unknown name accepts nothing.
struct Chosen {
  std::vector<store::RecordId> owners;
  std::vector<store::Decision> pairs;
};

Error unknown_item(const std::string& name, const std::vector<std::string>& known,
                   const char* where) {
  const auto near = did_you_mean(name, known);
  return {ErrorCode::usage, name + " is not among them; " +
                                (near ? "did you mean " + *near + "?" : where) +
                                " Nothing was changed"};
}

template <typename SomePair>
Status choose_pairs(const std::vector<SomePair>& pairs, const std::vector<std::string>& names,
                    bool same, Timestamp now, const char* where,
                    std::vector<store::Decision>& out) {
  std::vector<std::string> known;
  for (const engine::Pair& pair : pairs) known.push_back(pair.id);
  for (const std::string& name : names) {
    const auto found = std::find_if(pairs.begin(), pairs.end(),
                                    [&](const engine::Pair& pair) { return pair.id == name; });
    if (found == pairs.end()) return unknown_item(name, known, where);
    out.push_back({found->a, found->b, same, now});
  }
  return {};
}

Result<Chosen> chosen(const std::vector<ToReview>& owners,
                      const std::vector<engine::PossiblePair>& pairs,
                      const std::vector<std::string>& names, Timestamp now) {
  Chosen out;
  std::vector<std::string> known;
  for (const ToReview& one : owners) known.push_back(one.name);
  for (const engine::PossiblePair& pair : pairs) known.push_back(pair.id);
  for (const std::string& name : names) {
    const std::size_t before = out.owners.size() + out.pairs.size();
    for (const ToReview& one : owners) {
      if (one.name == name) out.owners.push_back(one.id);
    }
    for (const engine::PossiblePair& pair : pairs) {
      if (pair.id == name) out.pairs.push_back({pair.a, pair.b, true, now});
    }
    if (out.owners.size() + out.pairs.size() == before) {
      return unknown_item(name, known, "rondom review list shows them.");
    }
  }
  return out;
}

int say_decided(const Options& options, const char* word, std::size_t count) {
  if (options.output == "json") {
    std::printf("{\"%s\":%zu}\n", word, count);
  } else {
    std::printf("%zu %s; the next run follows\n", count, word);
  }
  return 0;
}

}  // namespace

int review_list(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const auto found = to_review(engine->store());
  if (!found.ok()) return fail(found.error());
  const auto pairs = engine::possible_pairs(engine->store());
  if (!pairs.ok()) return fail(pairs.error());
  if (options.output == "json") {
    print_json(*found, *pairs);
    return 0;
  }
  if (found->empty() && pairs->empty()) {
    std::puts("nothing is to review");
    return 0;
  }
  if (!found->empty()) {
    Table table({"RECORD", "profile", "why"});
    for (const ToReview& one : *found) {
      table.add({one.name, to_text(one.profile), "became somebody else's"});
    }
    std::fputs(table.render().c_str(), stdout);
    std::puts(
        "held back until: rondom review accept RECORD … (rondom profile explain RECORD says more)");
  }
  if (pairs->empty()) return 0;
  Table table({"PAIR", "record", "other", "alike", "not joined because"});
  for (const engine::PossiblePair& pair : *pairs) {
    table.add({pair.id, pair.one, pair.other, percent(pair.probability), why_apart(pair)});
  }
  std::fputs(table.render().c_str(), stdout);
  std::puts("one person, or not: rondom review accept PAIR …, rondom review reject PAIR …");
  std::puts("field by field: rondom identity compare RECORD OTHER");
  return 0;
}

int review_accept(const Options& options) {
  if (options.words.empty() == !options.all) {
    return fail({ErrorCode::usage, "which ones? rondom review accept RECORD|PAIR …, or --all"});
  }
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, false, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const auto found = to_review(engine->store());
  if (!found.ok()) return fail(found.error());
  Chosen items;
  if (options.all) {
    for (const ToReview& one : *found) items.owners.push_back(one.id);
  } else {
    const auto pairs = engine::possible_pairs(engine->store());
    if (!pairs.ok()) return fail(pairs.error());
    auto named = chosen(*found, *pairs, options.words, workspace->surroundings.clock->now());
    if (!named.ok()) return fail(named.error());
    items = std::move(*named);
  }
  std::sort(items.owners.begin(), items.owners.end());
  Status done = engine->store().accept_owners(items.owners);
  if (done.ok() && !items.pairs.empty()) done = engine->store().decide(items.pairs, {});
  if (!done.ok()) return fail(done.error());
  return say_decided(options, "accepted", items.owners.size() + items.pairs.size());
}

int review_reject(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, false, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const auto pairs = engine::possible_pairs(engine->store());
  if (!pairs.ok()) return fail(pairs.error());
  std::vector<store::Decision> said;
  Status done = choose_pairs(*pairs, options.words, false, workspace->surroundings.clock->now(),
                             "rondom review list shows the pairs.", said);
  if (done.ok()) done = engine->store().decide(said, {});
  if (!done.ok()) return fail(done.error());
  return say_decided(options, "rejected", said.size());
}

int review_decided(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const auto pairs = engine::decided_pairs(engine->store());
  if (!pairs.ok()) return fail(pairs.error());
  if (options.output == "json") {
    std::string out;
    for (const engine::DecidedPair& pair : *pairs) {
      append_pair(out, pair);
      out += std::string(",\"said\":\"") + (pair.same ? "same" : "not the same") + "\",\"at\":\"" +
             format_time(pair.at) + "\"}";
    }
    std::printf("[%s]\n", out.c_str());
    return 0;
  }
  if (pairs->empty()) {
    std::puts("nothing was said of any pair");
    return 0;
  }
  Table table({"PAIR", "record", "other", "said", "at"});
  for (const engine::DecidedPair& pair : *pairs) {
    table.add({pair.id, pair.one, pair.other, pair.same ? "the same" : "not the same",
               format_time(pair.at)});
  }
  std::fputs(table.render().c_str(), stdout);
  return 0;
}

int review_undo(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, false, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const auto pairs = engine::decided_pairs(engine->store());
  if (!pairs.ok()) return fail(pairs.error());
  std::vector<store::Decision> forgotten;
  Status done = choose_pairs(*pairs, options.words, false, no_time,
                             "rondom review decided shows the pairs.", forgotten);
  if (done.ok()) done = engine->store().decide({}, forgotten);
  if (!done.ok()) return fail(done.error());
  return say_decided(options, "forgotten", forgotten.size());
}

int profile_link(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, false, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const auto no_longer = engine::link_records(engine->store(), options.words[0], options.words[1],
                                              workspace->surroundings.clock->now());
  if (!no_longer.ok()) return fail(no_longer.error());
  if (options.output != "json") {
    for (const std::string& name : *no_longer) {
      std::printf("forgotten: not the same as %s, which is in that profile\n", name.c_str());
    }
  }
  return say_decided(options, "linked", 2);
}

int profile_split(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, false, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const auto others = engine::split_record(engine->store(), options.words.front(),
                                           workspace->surroundings.clock->now());
  if (!others.ok()) return fail(others.error());
  if (others->empty()) {
    return fail({ErrorCode::usage, options.words.front() + " is the only record of its profile"});
  }
  if (options.output == "json") {
    std::printf("{\"split_from\":%zu}\n", others->size());
    return 0;
  }
  std::printf("%s is none of %zu other%s; the next run follows\n", options.words.front().c_str(),
              others->size(), others->size() == 1 ? "" : "s");
  return 0;
}

}  // namespace rondom::cli
