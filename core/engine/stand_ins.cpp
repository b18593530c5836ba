#include "engine/stand_ins.h"

namespace rondom::engine {

Status GivenSource::read(const plugin::ReadRequest& request, plugin::ReadSink& sink) {
  for (const plugin::ReadStream& wanted : request.streams) {
    for (const config::GivenStream& given : given_) {
      if (given.source != connection_ || given.stream != wanted.name) continue;
      std::vector<plugin::SourceRecord> records;
      const auto push = [&]() -> Status {
        if (records.empty()) return {};
        const std::string_view origin = given.at.file ? std::string_view(*given.at.file) : "";
        RONDOM_TRY(sink.records({given.stream, origin, records}));
        records.clear();
        return {};
      };
      for (const config::GivenRecord& one : given.records) {
        plugin::SourceRecord record;
        record.json = one.json;
        record.position = static_cast<std::uint64_t>(one.at.line);
        records.push_back(record);
        if (records.size() == limits::batch_records_max) RONDOM_TRY(push());
      }
      RONDOM_TRY(push());
    }
  }
  return {};
}

Status CapturedDestination::write(const plugin::WriteBatch& batch,
                                  std::vector<plugin::WriteResult>&) {
  for (const plugin::WriteRecord& record : batch.records) {
    writes_.push_back(
        {std::string(record.action), std::string(record.key), std::string(record.json)});
  }
  return {};
}

}  // namespace rondom::engine
