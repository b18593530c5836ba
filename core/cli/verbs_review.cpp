// review list|accept: records that became somebody else's, whose profiles are held back until somebody looked
#include <algorithm>
#include <cstdio>
#include <optional>

#include "cli/cli.h"
#include "cli/terminal.h"
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

void print_json(const std::vector<ToReview>& found) {
  std::string out;
  for (const ToReview& one : found) {
    out += out.empty() ? "{\"record\":" : ",{\"record\":";
    append_json_string(out, one.name);
    out += ",\"profile\":\"" + to_text(one.profile) + "\",\"why\":\"owner change\"}";
  }
  std::printf("[%s]\n", out.c_str());
}

/// The ones named on the command line; an unknown name accepts nothing.
Result<std::vector<store::RecordId>> chosen(const std::vector<ToReview>& found,
                                            const std::vector<std::string>& names) {
  std::vector<store::RecordId> ids;
  std::vector<std::string> known;
  for (const ToReview& one : found) known.push_back(one.name);
  for (const std::string& name : names) {
    const std::size_t before = ids.size();
    for (const ToReview& one : found) {
      if (one.name == name) ids.push_back(one.id);
    }
    if (ids.size() != before) continue;
    const auto near = did_you_mean(name, known);
    return Error{ErrorCode::usage,
                 "no record " + name + " is to review; " +
                     (near ? "did you mean " + *near + "?" : "rondom review list shows them.") +
                     " Nothing was accepted"};
  }
  return ids;
}

}  // namespace

int review_list(const Options& options) {
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, true, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const auto found = to_review(engine->store());
  if (!found.ok()) return fail(found.error());
  if (options.output == "json") {
    print_json(*found);
    return 0;
  }
  if (found->empty()) {
    std::puts("nothing is to review");
    return 0;
  }
  Table table({"RECORD", "profile", "why"});
  for (const ToReview& one : *found) {
    table.add({one.name, to_text(one.profile), "became somebody else's"});
  }
  std::fputs(table.render().c_str(), stdout);
  std::puts(
      "held back until: rondom review accept RECORD … (rondom profile explain RECORD says more)");
  return 0;
}

int review_accept(const Options& options) {
  if (options.words.empty() == !options.all) {
    return fail({ErrorCode::usage, "which records? rondom review accept RECORD …, or --all"});
  }
  int exit_code = 0;
  std::optional<Workspace> workspace;
  const auto engine = open_engine(options, false, workspace, exit_code);
  if (engine == nullptr) return exit_code;
  const auto found = to_review(engine->store());
  if (!found.ok()) return fail(found.error());
  std::vector<store::RecordId> ids;
  if (options.all) {
    for (const ToReview& one : *found) ids.push_back(one.id);
  } else {
    auto named = chosen(*found, options.words);
    if (!named.ok()) return fail(named.error());
    ids = std::move(*named);
  }
  std::sort(ids.begin(), ids.end());
  const Status done = engine->store().accept_owners(ids);
  if (!done.ok()) return fail(done.error());
  if (options.output == "json") {
    std::printf("{\"accepted\":%zu}\n", ids.size());
  } else {
    std::printf("%zu accepted; their profiles are sent at the next run\n", ids.size());
  }
  return 0;
}

}  // namespace rondom::cli
