#include "engine/record_names.h"

namespace rondom::engine {

Result<std::optional<store::StoredRecord>> live_record(store::Store& store, const std::string& name,
                                                       Entity entity) {
  std::string source, stream, key;
  if (!parse_record_name(name, source, stream, key)) return std::optional<store::StoredRecord>();
  RONDOM_TRY_ASSIGN(const auto streams, store.streams());
  for (const store::Stream& one : streams) {
    if (one.source != source || one.name != stream) continue;
    RONDOM_TRY_ASSIGN(const auto id, store.find_record(one.id, entity, key));
    if (!id.has_value()) continue;
    const store::RecordId ids[] = {*id};
    RONDOM_TRY_ASSIGN(auto records, store.records(ids));
    if (!records.empty() && records.front().live) {
      return std::optional<store::StoredRecord>(std::move(records.front()));
    }
  }
  return std::optional<store::StoredRecord>();
}

}  // namespace rondom::engine
