// JSON text of a record, and the bytes of a canonical record as they could come from a damaged
// store.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  rondom::JsonReader reader;
  rondom::Arena arena;
  if (const auto value = reader.parse(bytes, arena); value.ok()) {
    std::string json;
    value->append_json(json);
    // What was accepted can be written and read again, and means the same.
    rondom::Arena again_arena;
    const auto again = reader.parse(json, again_arena);
    if (!again.ok() || !rondom::same_value(*value, *again)) __builtin_trap();
  }
  rondom::RecordReader cells(bytes);
  rondom::Cell cell;
  while (cells.next(cell)) {
  }
  std::string json;
  rondom::append_record_json(json, bytes);
  (void)rondom::activity_actor_of(bytes);
  return 0;
}
