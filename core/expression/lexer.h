// Lexer: expression text -> tokens. Views into the text; texts with their escapes taken out live in
// the arena.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "expression/expression.h"

namespace rondom::expression {

struct Token {
  enum class Kind : std::uint8_t {
    end,
    dot,         // a `.` that stands alone or before `[`
    field,       // .name or ."odd name"
    root,        // $
    item_index,  // $index
    word,        // function names and keywords
    literal,     // number, duration or text
    symbol,      // ( ) [ ] , | == != < <= > >=
  };
  Kind kind = Kind::end;
  std::string_view text;  // word, symbol: as written; field: the name
  Value literal;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

bool tokenize(std::string_view text, Arena& arena, std::vector<Token>& tokens, Problem& problem);

bool is_word_start(char c);
bool is_word_part(char c);
/// Can the name stand after a dot without quotes?
bool is_plain_name(std::string_view name);

}  // namespace rondom::expression
