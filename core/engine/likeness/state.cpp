#include "engine/likeness/state.h"

#include <algorithm>
#include <charconv>

#include "engine/identity.h"

namespace rondom::engine {
namespace {

/// Goes up when keys of blocks, or what is stored of them, come out differently.
constexpr int index_form = 1;

store::Alike pair_of(store::RecordId one, store::RecordId other, probabilistic::Millibits bits,
                     probabilistic::Millibits mean) {
  store::Alike pair;
  pair.a = std::min(one, other);
  pair.b = std::max(one, other);
  pair.bits = bits;
  pair.mean = mean;
  return pair;
}

}  // namespace

Result<LikenessModels> LikenessModels::load(const config::Project& project) {
  LikenessModels models;
  for (const Entity entity : compared_entities) {
    RONDOM_TRY_ASSIGN(probabilistic::Model model, IdentityRecords::load_model(project, entity, ""));
    models.fingerprint += probabilistic::fingerprint(model) + " ";
    models.of_entity.push_back(std::move(model));
  }
  return models;
}

std::int64_t LikenessState::records() const {
  std::int64_t sum = 0;
  for (const OfEntity& one : of_entity) sum += one.records;
  return sum;
}

std::string LikenessState::made_with_of(const UnifyJob& job, const LikenessModels& models) {
  return models.fingerprint + hex64(job.project->identity_fingerprint) + " " +
         std::to_string(index_form) + "." + std::to_string(resolve::rules_version);
}

std::string LikenessState::generic_of(const std::vector<std::uint64_t>& identifiers) {
  Hasher hasher;
  for (const std::uint64_t identifier : identifiers) hasher.add(identifier);
  return hex64(hasher.value());
}

std::string LikenessState::to_text() const {
  std::string text = made_with + "\n" + generic + "\n" + std::to_string(possible) + "\n";
  for (const OfEntity& one : of_entity) {
    text += std::to_string(one.records) + "\n" + one.sizes.to_text() + "\n";
  }
  return text;
}

Result<std::optional<LikenessState>> LikenessState::load(store::Store& store, const UnifyJob& job,
                                                         const LikenessModels& models) {
  RONDOM_TRY_ASSIGN(const auto text, store.likeness_description());
  std::optional<LikenessState> none;
  if (!text.has_value()) return none;
  std::string_view rest = *text;
  const auto line = [&rest] {
    const std::size_t end = rest.find('\n');
    const std::string_view found = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return found;
  };
  bool whole = true;
  const auto number = [&]() {
    std::int64_t value = 0;
    const std::string_view digits = line();
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
    whole = whole && problem == std::errc() && end == digits.data() + digits.size();
    return value;
  };
  LikenessState state;
  state.made_with = line();
  if (state.made_with != made_with_of(job, models)) return none;
  state.generic = line();
  state.possible = number();
  for (const probabilistic::Model& model : models.of_entity) {
    const std::int64_t records = number();
    auto sizes = probabilistic::BlockSizes::parse(model, line());
    if (!whole || !sizes.has_value()) return none;
    state.of_entity.push_back({records, std::move(*sizes)});
  }
  return std::optional<LikenessState>(std::move(state));
}

std::uint64_t stored_key(Entity entity, std::uint64_t key) {
  constexpr std::uint64_t organization = std::uint64_t{1} << 63;
  return entity == Entity::organization ? key | organization : key;
}

std::int64_t members_kept_max(const probabilistic::Model& model) {
  return 2 * std::int64_t{model.block_records_max};
}

std::vector<store::Alike> stored_pairs(const resolve::Likeness& likeness,
                                       const probabilistic::Clusters& clusters) {
  std::vector<store::Alike> pairs;
  const auto id_of = [&](std::uint32_t at) { return likeness.candidates()[at].id; };
  for (const probabilistic::Join& join : clusters.joins) {
    pairs.push_back(pair_of(id_of(join.a), id_of(join.b), join.bits, join.mean));
    pairs.back().joined = true;
  }
  for (const probabilistic::PossibleSame& possible : clusters.possible) {
    if (possible.reason == resolve::said_not_the_same) continue;  // somebody has looked
    pairs.push_back(pair_of(id_of(possible.a), id_of(possible.b), possible.bits, possible.mean));
    pairs.back().reason = possible.reason;
  }
  std::sort(pairs.begin(), pairs.end(), [](const store::Alike& x, const store::Alike& y) {
    return std::pair(x.a, x.b) < std::pair(y.a, y.b);
  });
  return pairs;
}

}  // namespace rondom::engine
