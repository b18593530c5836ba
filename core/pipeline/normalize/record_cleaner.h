// record_cleaner: every cell of one record, then the record as a whole. One thread at a time.
#pragma once

#include <vector>

#include "pipeline/normalize/cleaner.h"
#include "pipeline/normalize/places.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {

class RecordCleaner {
 public:
  explicit RecordCleaner(Cleaner& cleaner) : cleaner_(cleaner) {}
  Status clean(Entity entity, const Context& context, RecordBuilder& record, Arena& arena);

 private:
  struct Invalid {
    AttributeId status;
    std::uint32_t group;
  };

  struct Kind {
    std::string_view word;  // of emails.kind
    std::uint32_t group;
  };

  Status clean_cell(Cell& cell, const Context& context, Arena& arena);
  TidyText read_text(const Cell& cell, Arena& arena);
  void clean_postcodes(const Context& context, std::vector<Cell>& cells, Arena& arena);
  void drop_empty(std::vector<Cell>& cells);
  void write_invalid(std::vector<Cell>& cells);
  void write_kinds(std::vector<Cell>& cells);

  Cleaner& cleaner_;
  Places places_;
  std::vector<Invalid> invalid_;
  std::vector<Kind> kinds_;
  bool has_name_ = false;
  bool has_elements_ = false;
  bool has_postcode_ = false;
  bool has_address_ = false;
};

}  // namespace rondom::normalize
