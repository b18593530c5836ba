#include <algorithm>
#include <array>

#include "pipeline/map/evaluator.h"
#include "pipeline/map/map.h"
#include "pipeline/map/observed_at.h"
#include "pipeline/map/plan.h"
#include "pipeline/map/salvage.h"

namespace rondom::map {
namespace {

/// Elements looked at per source record, kept or not: bounds for_each inside for_each.
constexpr std::size_t elements_per_source_record_max = 100'000;
/// Up to this many records of one source record, keys are compared pair by pair.
constexpr std::size_t keys_compared_by_pair_max = 16;

bool has_party_or_actor(const std::vector<Cell>& cells) {
  return std::any_of(cells.begin(), cells.end(), [](const Cell& cell) {
    return cell.attribute == attribute::activity_party ||
           cell.attribute == attribute::activity_actor;
  });
}

bool holds_attribute(const std::vector<Cell>& cells, std::size_t begin, AttributeId attribute) {
  for (std::size_t i = begin; i < cells.size(); ++i) {
    if (cells[i].attribute == attribute) return true;
  }
  return false;
}

/// A country's two letters in capitals; anything longer is left to the normaliser.
std::string_view country_code(std::string_view text, Arena& arena) {
  text = trim_ascii(text);
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  if (text.size() != 2 || (!is_lower(text[0]) && !is_lower(text[1]))) return text;
  char* code = arena.array<char>(2);
  for (int i = 0; i < 2; ++i) {
    code[i] = is_lower(text[i]) ? static_cast<char>(text[i] - 'a' + 'A') : text[i];
  }
  return {code, 2};
}

/// "20 EUR" of a source means twenty euros; as canonical text it is twenty cents. With the currency
/// in front it can only mean the first.
bool looks_canonical(std::string_view money) {
  if (money.size() < 5 || money[money.size() - 4] != ' ') return false;
  const std::string_view amount = money.substr(0, money.size() - 4);
  return amount.find_first_not_of("-0123456789") == std::string_view::npos;
}

std::string_view currency_first(std::string_view money, Arena& arena) {
  const std::string_view currency = money.substr(money.size() - 3);
  const std::string_view amount = money.substr(0, money.size() - 4);
  char* const bytes = arena.array<char>(money.size());
  char* end = std::copy(currency.begin(), currency.end(), bytes);
  *end++ = ' ';
  std::copy(amount.begin(), amount.end(), end);
  return {bytes, money.size()};
}

Timestamp place_of(const Value& number) {
  if (number.type() == ValueType::integer) return order_of(number.as_integer());
  __extension__ using Wide = __int128;
  constexpr int digits_max = 18;  // of a coefficient, and of what it is divided by
  Wide millionths = number.coefficient();
  int scale = number.scale() - 6;
  for (; scale < 0; ++scale) millionths *= 10;
  if (scale > digits_max) return order_of(0);
  for (; scale > 0; --scale) millionths /= 10;
  if (millionths < 0) return order_of(-1);
  return order_of(static_cast<std::int64_t>(millionths / 1'000'000),
                  static_cast<std::int64_t>(millionths % 1'000'000));
}

}  // namespace

struct Mapper::Inside {
  Inside(std::shared_ptr<const Plan> compiled, expression::Cleaners* cleaners)
      : plan(std::move(compiled)), evaluator(*plan, cleaners), times(plan->defaults.time_zone) {}
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  Identity identify(std::string_view json, Arena& arena);
  Timestamp removed_at(Timestamp changed_at);
  Mapped map(Timestamp changed_at, Arena& arena);
  std::span<const MappedRecord> refusals(Arena& arena);

 private:
  // false: refused, the evaluator knows why
  bool read_country(std::string_view& country);
  bool read_observed_at(Timestamp changed_at, Timestamp& at);
  bool make_records(const RecordPlan& record);
  bool make_record(const RecordPlan& record);
  bool fill(const RecordPlan& record, RecordBuilder& out);
  bool fill_list(const ListPlan& list, RecordBuilder& out);
  bool fill_element(const ListPlan& list, const ElementPlan& element, std::uint32_t& group,
                    RecordBuilder& out);
  bool fill_inner(const ListPlan& list, const ElementPlan& element, std::uint32_t& group,
                  RecordBuilder& out);
  bool fill_cell(const CellPlan& cell, std::uint32_t group, RecordBuilder& out, bool& is_data);
  bool produce(const Producer& producer, Cell& cell);
  bool produce_word(const Words& words, Cell& cell);
  bool produce_reference(const Reference& reference, Cell& cell);
  bool keys_differ();
  void add_parties();
  bool fail_at(std::string_view where);
  static bool stands(const ListPlan& list, const ElementPlan& element,
                     const std::vector<Cell>& cells, std::size_t begin, bool has_data);

  std::shared_ptr<const Plan> plan;
  JsonReader reader;
  Evaluator evaluator;
  TimeReader times;
  Value source;
  std::string_view key;
  std::string_view problem;
  std::vector<std::unique_ptr<RecordBuilder>> builders;  // one per record, kept for the next
  std::vector<MappedRecord> records;
  std::vector<std::string_view> sorted_keys;
  std::size_t elements = 0;
  Salvage salvage{*plan, evaluator,
                  [this](const Producer& producer, Cell& cell) { return produce(producer, cell); }};
};

Identity Mapper::Inside::identify(std::string_view json, Arena& arena) {
  key = {};
  problem = {};
  source = Value();
  Identity identity;
  identity.raw_hash = hash64(json);
  Result<Value> parsed = reader.parse(json, arena);
  if (!parsed.ok()) {
    problem = arena.copy(parsed.error().message);
  } else if (!parsed->is_object()) {
    problem = "the record is no JSON object";
  } else {
    source = *parsed;
  }
  evaluator.start(source, plan->defaults.country, arena);
  if (problem.empty()) {
    if (!evaluator.key(plan->key, key)) {
      key = {};
      problem = evaluator.joined("key: ", evaluator.failure());
    } else if (key.empty()) {
      problem = "key is empty";
    } else if (key.size() > limits::key_bytes_max) {
      key = {};
      problem = "key is longer than 1,024 bytes";
    }
  }
  identity.key = key;
  identity.problem = problem;
  return identity;
}

bool Mapper::Inside::fail_at(std::string_view where) {
  const std::string message = std::string(where) + ": " + evaluator.failure();
  return evaluator.fail(message);
}

bool Mapper::Inside::read_country(std::string_view& country) {
  country = plan->defaults.country;
  if (!plan->country.present()) return true;
  std::string_view text;
  if (!evaluator.text(plan->country, text)) return fail_at("country");
  text = country_code(text, evaluator.arena());
  if (!text.empty()) country = text;
  evaluator.set_country(country);
  return true;
}

bool Mapper::Inside::read_observed_at(Timestamp changed_at, Timestamp& at) {
  at = changed_at;
  const bool connector_knows = plan->cursor_is_default && is_time(changed_at);
  if (!plan->cursor.present() || connector_knows) return true;
  Value found;
  if (!evaluator.value(plan->cursor, found)) return fail_at("cursor");
  switch (found.type()) {
    case ValueType::null: return true;
    case ValueType::time: at = found.as_time(); return true;
    case ValueType::date: {
      const PartialDate date = found.as_date();
      if (!date.complete()) return evaluator.fail("cursor is no complete date");
      at = days_from_civil({date.year, date.month, date.day}) * microseconds_per_day;
      return true;
    }
    case ValueType::integer:
    case ValueType::decimal:
      // A catalog's cursor may count versions: it orders them, it tells no time.
      if (plan->cursor_is_default) {
        if (changed_at == no_time) at = place_of(found);
        return true;
      }
      return evaluator.fail("cursor is a number: say what it counts with epoch");
    case ValueType::text: {
      const TimeReader::Outcome outcome = times.read(found.as_text(), at);
      if (outcome == TimeReader::Outcome::unreadable) return evaluator.fail("cursor is no time");
      if (outcome == TimeReader::Outcome::nothing) at = changed_at;
      return true;
    }
    default: return evaluator.fail("cursor is no time");
  }
}

Timestamp Mapper::Inside::removed_at(Timestamp changed_at) {
  Timestamp at = no_time;
  // A deletion may hold its key and nothing else.
  return read_observed_at(changed_at, at) ? at : changed_at;
}

bool Mapper::Inside::produce_word(const Words& words, Cell& cell) {
  std::string_view word;
  if (!evaluator.text(words.from, word)) return false;
  const auto entry =
      std::lower_bound(words.entries.begin(), words.entries.end(), word,
                       [](const auto& a, std::string_view b) { return a.first < b; });
  const bool is_known = entry != words.entries.end() && entry->first == word;
  cell.rule = is_known ? Rule::mapped : Rule::default_value;
  if (!evaluator.text(is_known ? entry->second : words.otherwise, cell.value)) return false;
  if (!word.empty() && word != cell.value) cell.raw = word;
  return true;
}

bool Mapper::Inside::produce_reference(const Reference& reference, Cell& cell) {
  std::string_view referred;
  if (!evaluator.key(reference.key, referred)) return false;
  cell.rule = Rule::mapped;
  if (referred.size() > limits::key_bytes_max) return evaluator.fail("the key is too long");
  if (!referred.empty()) cell.value = evaluator.name_of(reference.prefix, referred);
  return true;
}

bool Mapper::Inside::produce(const Producer& producer, Cell& cell) {
  bool wanted = true;
  if (!evaluator.holds(producer.when, wanted)) return false;
  if (!wanted) return true;
  if (producer.words) return produce_word(*producer.words, cell);
  if (producer.reference) return produce_reference(*producer.reference, cell);
  switch (producer.operand.kind) {
    case Operand::Kind::constant: cell.rule = Rule::default_value; break;
    case Operand::Kind::expression: cell.rule = Rule::mapped; break;
    default: break;
  }
  return evaluator.text(producer.operand, cell.value);
}

bool Mapper::Inside::fill_cell(const CellPlan& plan_of_cell, std::uint32_t group,
                               RecordBuilder& out, bool& is_data) {
  Cell cell;
  cell.attribute = plan_of_cell.attribute;
  cell.group = group;
  cell.name = plan_of_cell.name;
  if (!produce(plan_of_cell.producer, cell)) return fail_at(plan_of_cell.target);
  if (cell.value.empty()) {
    if (!plan_of_cell.producer.required) return true;
    return evaluator.fail(plan_of_cell.target + " is required and empty");
  }
  if (out.cells().size() >= limits::cells_per_record_max) {
    return evaluator.fail("the record has more than 10,000 values");
  }
  if (plan_of_cell.money && evaluator.was_text() && looks_canonical(cell.value)) {
    if (cell.raw.data() == nullptr) cell.raw = cell.value;
    cell.value = currency_first(cell.value, evaluator.arena());
  }
  if (!plan_of_cell.value_prefix.empty()) {
    cell.value = evaluator.joined(plan_of_cell.value_prefix, cell.value);
  }
  is_data = is_data || (cell.rule != Rule::default_value && !plan_of_cell.weak);
  out.add(cell);
  return true;
}

/// Does what was filled in say anything? Constants alone do not, unless all of it is constant.
bool Mapper::Inside::stands(const ListPlan& list, const ElementPlan& element,
                            const std::vector<Cell>& cells, std::size_t begin, bool has_data) {
  for (const AttributeId needed : list.needed) {
    if (element.every_purpose && needed == attribute::consent_purpose) continue;
    if (!holds_attribute(cells, begin, needed)) return false;
  }
  if (list.needed.empty()) {
    if (has_data) return true;
    return std::all_of(element.cells.begin(), element.cells.end(), [](const CellPlan& cell) {
      return cell.producer.operand.kind == Operand::Kind::constant;
    });
  }
  if (list.is_suppressions) {
    // One of an address that this record does not have says nothing; certainly not "everything".
    const auto is_contact = [](const CellPlan& cell) {
      return cell.attribute == attribute::suppression_contact;
    };
    return std::none_of(element.cells.begin(), element.cells.end(), is_contact) ||
           holds_attribute(cells, begin, attribute::suppression_contact);
  }
  if (!list.is_consents) return true;
  // A consent about an address that is missing here must not become one about every address; a
  // refusal may.
  const bool is_about_contact = std::any_of(
      element.cells.begin(), element.cells.end(),
      [](const CellPlan& cell) { return cell.attribute == attribute::consent_contact; });
  if (!is_about_contact || holds_attribute(cells, begin, attribute::consent_contact)) return true;
  return std::any_of(
      cells.begin() + static_cast<std::ptrdiff_t>(begin), cells.end(), [](const Cell& cell) {
        static constexpr std::array<std::string_view, 3> refusals{"denied", "withdrawn", "expired"};
        return cell.attribute == attribute::consent_status &&
               std::find(refusals.begin(), refusals.end(), cell.value) != refusals.end();
      });
}

bool Mapper::Inside::fill_inner(const ListPlan& list, const ElementPlan& element,
                                std::uint32_t& group, RecordBuilder& out) {
  std::span<const Value> items;
  if (!evaluator.items(element.for_each, items)) return fail_at(list.group);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Evaluator::Outer outer = evaluator.enter(items[i], static_cast<std::int64_t>(i));
    for (const ElementPlan& inner : element.inner) {
      if (!fill_element(list, inner, group, out)) return false;
    }
    evaluator.leave(outer);
  }
  return true;
}

bool Mapper::Inside::fill_element(const ListPlan& list, const ElementPlan& element,
                                  std::uint32_t& group, RecordBuilder& out) {
  if (++elements > elements_per_source_record_max) {
    return evaluator.fail("the record has more than 100,000 list elements");
  }
  bool wanted = true;
  if (!evaluator.holds(element.when, wanted)) return fail_at(list.group);
  if (!wanted) return true;
  if (element.for_each.present()) return fill_inner(list, element, group, out);

  const std::size_t begin = out.cells().size();
  bool has_data = false;
  for (const CellPlan& cell : element.cells) {
    if (!fill_cell(cell, group + 1, out, has_data)) return false;
  }
  if (stands(list, element, out.cells(), begin, has_data)) {
    ++group;
  } else {
    out.cells().resize(begin);
  }
  return true;
}

bool Mapper::Inside::fill_list(const ListPlan& list, RecordBuilder& out) {
  std::uint32_t group = 0;
  for (const ElementPlan& element : list.elements) {
    if (!fill_element(list, element, group, out)) return false;
  }
  return true;
}

bool Mapper::Inside::fill(const RecordPlan& record, RecordBuilder& out) {
  bool is_data = false;
  for (const CellPlan& cell : record.scalars) {
    const bool is_second_actor = cell.attribute == attribute::activity_actor &&
                                 holds_attribute(out.cells(), 0, attribute::activity_actor);
    if (!is_second_actor && !fill_cell(cell, 0, out, is_data)) return false;
  }
  for (const ListPlan& list : record.lists) {
    if (!fill_list(list, out)) return false;
  }
  return true;
}

bool Mapper::Inside::make_record(const RecordPlan& record) {
  bool wanted = true;
  if (!evaluator.holds(record.when, wanted)) return fail_at("when");
  if (!wanted) return true;
  if (records.size() >= limits::outputs_per_source_record_max) {
    return evaluator.fail("the record makes more than 1,000 records");
  }
  if (builders.size() <= records.size()) builders.push_back(std::make_unique<RecordBuilder>());
  MappedRecord made;
  made.entity = record.entity;
  made.key = key;
  made.cells = builders[records.size()].get();
  made.cells->clear();
  if (!record.key.empty()) {
    if (!evaluator.key(record.key, made.key)) return fail_at("key");
    if (made.key.empty()) return evaluator.fail("key is empty");
    if (made.key.size() > limits::key_bytes_max) {
      return evaluator.fail("key is longer than 1,024 bytes");
    }
  }
  if (!fill(record, *made.cells)) return false;
  records.push_back(made);
  return true;
}

bool Mapper::Inside::make_records(const RecordPlan& record) {
  if (!record.for_each.present()) return make_record(record);
  std::span<const Value> items;
  if (!evaluator.items(record.for_each, items)) return fail_at("records");
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Evaluator::Outer outer = evaluator.enter(items[i], static_cast<std::int64_t>(i));
    if (!make_record(record)) return false;
    evaluator.leave(outer);
  }
  return true;
}

bool Mapper::Inside::keys_differ() {
  static constexpr std::string_view message = "two records made of it have the same key";
  if (records.size() < 2) return true;
  if (records.size() <= keys_compared_by_pair_max) {
    for (std::size_t i = 1; i < records.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (records[i].key == records[j].key) return evaluator.fail(message);
      }
    }
    return true;
  }
  sorted_keys.clear();
  for (const MappedRecord& record : records) sorted_keys.push_back(record.key);
  std::sort(sorted_keys.begin(), sorted_keys.end());
  const bool same = std::adjacent_find(sorted_keys.begin(), sorted_keys.end()) != sorted_keys.end();
  return same ? evaluator.fail(message) : true;
}

/// An activity of nobody in particular belongs to the person made from the same source record.
void Mapper::Inside::add_parties() {
  if (records.size() < 2) return;
  const auto person = std::find_if(records.begin(), records.end(), [](const MappedRecord& record) {
    return record.entity == Entity::person;
  });
  if (person == records.end()) return;
  Cell party;
  party.attribute = attribute::activity_party;
  party.value = evaluator.name_of(plan->name_prefix, person->key);
  party.rule = Rule::mapped;
  for (const MappedRecord& record : records) {
    if (!is_party(record.entity) && !has_party_or_actor(record.cells->cells()))
      record.cells->add(party);
  }
}

Mapped Mapper::Inside::map(Timestamp changed_at, Arena& arena) {
  Mapped mapped;
  mapped.key = key;
  mapped.country = plan->defaults.country;
  evaluator.start(source, plan->defaults.country, arena);
  records.clear();
  elements = 0;
  bool wanted = true;
  bool good = problem.empty() || evaluator.fail(problem);
  good = good && read_country(mapped.country);
  if (good && !evaluator.holds(plan->when, wanted)) good = fail_at("when");
  if (good && !wanted) {
    // Its time decides whether it is newer than what is wanted no more; one that cannot be read
    // does no harm.
    if (!read_observed_at(changed_at, mapped.observed_at)) mapped.observed_at = changed_at;
    mapped.kind = Mapped::Kind::filtered;
    return mapped;
  }
  if (good) {
    good = read_observed_at(changed_at, mapped.observed_at);
    for (const RecordPlan& record : plan->records) good = good && make_records(record);
    good = good && keys_differ();
  }
  if (!good) {
    mapped.kind = Mapped::Kind::refused;
    mapped.reason = arena.copy(evaluator.failure());
    evaluator.start(source, plan->defaults.country, arena);
    mapped.time_read = read_observed_at(changed_at, mapped.observed_at);
    return mapped;
  }
  if (records.empty()) {
    mapped.kind = Mapped::Kind::filtered;
    return mapped;
  }
  add_parties();
  mapped.records = records;
  return mapped;
}

std::span<const MappedRecord> Mapper::Inside::refusals(Arena& arena) {
  if (!problem.empty()) return {};
  evaluator.start(source, plan->defaults.country, arena);
  return salvage.read(key);
}

Mapper::Mapper(std::shared_ptr<const Plan> plan, expression::Cleaners* cleaners)
    : inside_(std::make_unique<Inside>(std::move(plan), cleaners)) {}
Mapper::~Mapper() = default;
Mapper::Mapper(Mapper&&) noexcept = default;

Identity Mapper::identify(std::string_view json, Arena& arena) {
  return inside_->identify(json, arena);
}

Timestamp Mapper::removed_at(Timestamp changed_at) {
  return inside_->removed_at(changed_at);
}

Mapped Mapper::map(Timestamp changed_at, Arena& arena) {
  return inside_->map(changed_at, arena);
}

std::span<const MappedRecord> Mapper::refusals(Arena& arena) {
  return inside_->refusals(arena);
}

}  // namespace rondom::map
