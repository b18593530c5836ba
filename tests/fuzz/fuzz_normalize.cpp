// Normalisers on arbitrary bytes. The first byte picks a country, each following line a cell: its
// first byte the attribute, the rest the text.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "pipeline/normalize/normalize.h"

namespace {

using namespace rondom;

constexpr normalize::Context contexts[] = {
    {"NL", "nl", "EUR", "Europe/Amsterdam"}, {"BE", "fr", "EUR", "Europe/Brussels"},
    {"DE", "de", "EUR", "Europe/Berlin"},    {"FR", "fr", "EUR", "Europe/Paris"},
    {"GB", "en", "GBP", "Europe/London"},    {"ES", "es", "EUR", "Europe/Madrid"},
    {"US", "en", "USD", "America/New_York"}, {"", "", "", ""}};
constexpr std::size_t cells_max = 32;

void add_cells(std::string_view bytes, RecordBuilder& record) {
  const auto all = attributes();
  while (!bytes.empty() && record.cells().size() < cells_max) {
    const auto end = bytes.find('\n');
    const std::string_view line = bytes.substr(0, end);
    bytes = end == std::string_view::npos ? std::string_view() : bytes.substr(end + 1);
    if (line.empty()) continue;
    const AttributeInfo& info = all[static_cast<std::uint8_t>(line.front()) % all.size()];
    if (!applies_to(info, Entity::person)) continue;
    const bool named = info.id == attribute::identifier || info.id == attribute::custom;
    record.add({info.id,
                info.group.empty() ? 0u : 1u,
                line.substr(1),
                {},
                Rule::none,
                named ? std::string_view("email") : std::string_view()});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static normalize::Normalizer normalizer;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const normalize::Context& context = contexts[data[0] % std::size(contexts)];
  RecordBuilder record;
  add_cells(bytes.substr(1), record);
  Arena arena;
  if (!normalizer.normalize(Entity::person, context, record, arena).ok()) return 0;
  const std::string once(record.bytes());
  // What was normalised is normal: the same again, and never refused.
  RecordBuilder again;
  for (const Cell& cell : read_cells(once)) again.add(cell);
  Arena other;
  if (!normalizer.normalize(Entity::person, context, again, other).ok()) __builtin_trap();
  std::string json_once;
  std::string json_twice;
  append_record_json(json_once, once);
  append_record_json(json_twice, again.bytes());
  if (json_once == json_twice) return 0;
  std::fprintf(stderr, "in %.*s once:  %s\nthen twice: %s\n",
               static_cast<int>(context.country.size()), context.country.data(), json_once.c_str(),
               json_twice.c_str());
  __builtin_trap();
}
