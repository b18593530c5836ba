#include "source.h"

#include <utility>

#include "read_stream.h"

namespace rondom::file {

Status FileSource::check() {
  return check_folder(config_.path);
}

Result<Catalog> FileSource::discover() {
  return discover_with_options("{}");
}

Result<Catalog> FileSource::discover_with_options(std::string_view options_json) {
  RONDOM_TRY(check());
  return discover_files(config_.path, options_json, context_);
}

Status FileSource::read(const ReadRequest& request, RecordWriter& out) {
  for (const ReadStream& stream : request.streams) {
    Result<ReadOptions> options = parse_read_options(stream.name, stream.options_json);
    if (!options.ok()) return options.error();
    StreamRead read(config_.path, stream, std::move(*options), request.records_max, context_, out);
    RONDOM_TRY(read.run());
  }
  return {};
}

}  // namespace rondom::file
