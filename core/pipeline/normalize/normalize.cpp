#include "pipeline/normalize/normalize.h"

#include <algorithm>
#include <string>

#include "pipeline/normalize/cleaner.h"
#include "pipeline/normalize/record_cleaner.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {

struct Normalizer::Inside {
  Cleaner cleaner;
  RecordCleaner record{cleaner};
};

Normalizer::Normalizer() : inside_(std::make_unique<Inside>()) {}
Normalizer::~Normalizer() = default;
Normalizer::Normalizer(Normalizer&&) noexcept = default;
Normalizer& Normalizer::operator=(Normalizer&&) noexcept = default;

Result<Cleaned> Normalizer::clean(const AttributeInfo& attribute, std::string_view raw,
                                  const Context& context, Arena& arena) {
  const TidyText tidied = tidy_text(raw, arena);
  const std::string_view text = tidied.text;
  const Outcome outcome = inside_->cleaner.clean(attribute, {}, text, context, arena);
  if (outcome.problem != nullptr) return refusal(attribute, {}, outcome);
  if (outcome.rule == Rule::none && outcome.value != raw) {
    const bool repaired = tidied.encoding == Encoding::repaired;
    return Cleaned{outcome.value, repaired ? Rule::encoding_repaired : Rule::trimmed};
  }
  return Cleaned{outcome.value, outcome.rule};
}

Status Normalizer::normalize(Entity entity, const Context& context, RecordBuilder& record,
                             Arena& arena) {
  return inside_->record.clean(entity, context, record, arena);
}

}  // namespace rondom::normalize
