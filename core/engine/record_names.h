// record_names: "source.stream/key" of stored records. Loaded once per operation; any thread after.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "store/store.h"

namespace rondom::engine {

class RecordNames {
 public:
  Status load(store::Store& store) {
    RONDOM_TRY_ASSIGN(const auto streams, store.streams());
    for (const store::Stream& stream : streams) {
      by_id_[stream.id] = {stream.source, stream.name, stream.source + "." + stream.name};
    }
    return {};
  }

  std::string of(const store::StoredRecord& record) const {
    const Names& names = names_of(record.stream);
    return record_name(names.source, names.stream, record.key);
  }
  const std::string& source_of(const store::StoredRecord& record) const {
    return names_of(record.stream).source;
  }
  const std::string& stream_of(const store::StoredRecord& record) const {
    return names_of(record.stream).stream;
  }
  /// "crm.Contact", as identity.yaml names streams.
  const std::string& source_and_stream_of(const store::StoredRecord& record) const {
    return names_of(record.stream).both;
  }

 private:
  struct Names {
    std::string source, stream, both;
  };
  const Names& names_of(store::StreamId id) const {
    static const Names unknown{};
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? unknown : found->second;
  }

  std::unordered_map<store::StreamId, Names> by_id_;
};

}  // namespace rondom::engine
