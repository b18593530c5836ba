// record_names: "source.stream/key" of stored records. Loaded once per operation; any thread after.
#pragma once

#include <optional>
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

  std::string of(const store::StoredRecord& record) const { return of(record.stream, record.key); }
  std::string of(store::StreamId stream, std::string_view key) const {
    const Names& names = names_of(stream);
    return record_name(names.source, names.stream, key);
  }
  /// The same, told apart from another record with this name: two source records may make records
  /// with one key. What orders and founds; visible() is what people see.
  std::string unique_of(const store::StoredRecord& record) const {
    return unique_of(record.stream, record.key, record.source_key);
  }
  std::string unique_of(store::StreamId stream, std::string_view key,
                        std::string_view source_key) const {
    std::string name = of(stream, key);
    if (source_key.empty()) return name;
    return name.append(separator).append(source_key);
  }
  static std::string_view visible(std::string_view unique_name) {
    return unique_name.substr(0, unique_name.find(separator));
  }
  const std::string& source_of(const store::StoredRecord& record) const {
    return source_of(record.stream);
  }
  const std::string& source_of(store::StreamId stream) const { return names_of(stream).source; }
  const std::string& stream_of(const store::StoredRecord& record) const {
    return names_of(record.stream).stream;
  }
  /// "crm.Contact", as identity.yaml names streams.
  const std::string& source_and_stream_of(const store::StoredRecord& record) const {
    return source_and_stream_of(record.stream);
  }
  const std::string& source_and_stream_of(store::StreamId stream) const {
    return names_of(stream).both;
  }

 private:
  // In no record name, and not what profile ids put between a name and its entity.
  static constexpr std::string_view separator{"\0\0", 2};
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

/// The live record of that name, source.stream/key.
Result<std::optional<store::StoredRecord>> live_record(store::Store& store, const std::string& name,
                                                       Entity entity);

}  // namespace rondom::engine
