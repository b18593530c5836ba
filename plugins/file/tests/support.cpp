#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "source.h"

namespace rondom::file::test {

std::ptrdiff_t MemoryBytes::read(char* into, std::size_t capacity) {
  const std::size_t size = std::min({capacity, block_, text_.size() - at_});
  memcpy(into, text_.data() + at_, size);
  at_ += size;
  return static_cast<std::ptrdiff_t>(size);
}

std::ptrdiff_t EndlessBytes::read(char* into, std::size_t capacity) {
  std::string* text = !head_.empty() ? &head_ : left_ == 0 ? &tail_ : nullptr;
  if (text != nullptr) {
    const std::size_t size = std::min(capacity, text->size());
    memcpy(into, text->data(), size);
    text->erase(0, size);
    return static_cast<std::ptrdiff_t>(size);
  }
  const std::size_t size = std::min<std::uint64_t>(capacity, left_);
  memset(into, fill_, size);
  left_ -= size;
  return static_cast<std::ptrdiff_t>(size);
}

std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  return out << seen.line << ": " << seen.json.substr(0, 200) << " | " << seen.problem;
}

ReadAll read_all(std::unique_ptr<ByteSource> bytes, const ReadOptions& options,
                 const std::string& name, const Position& from) {
  ReadAll all;
  auto input = Input::open(std::move(bytes), name, options);
  if (!input.ok()) {
    all.failure = input.error();
    return all;
  }
  all.warnings = (*input)->warnings();
  if (Status resumed = (*input)->resume(from); !resumed.ok()) {
    all.failure = std::move(resumed);
    return all;
  }
  Record record;
  while (true) {
    const Step step = (*input)->reader().next(record);
    if (step == Step::failed) all.failure = (*input)->reader().failure().error();
    if (step != Step::record) return all;
    all.records.push_back({std::string(record.json), std::string(record.problem), record.line});
    all.positions.push_back((*input)->reader().position());
  }
}

ReadAll read_text(std::string text, const ReadOptions& options, const std::string& name,
                  std::size_t block) {
  return read_all(std::make_unique<MemoryBytes>(std::move(text), block), options, name);
}

ReadOptions options_of(std::string_view json) {
  auto options = parse_read_options("test", json);
  if (!options.ok()) throw std::invalid_argument(options.error().message);
  return *options;
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "rondom-file-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}
Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}
std::string Folder::path(std::string_view name) const {
  return name.empty() ? path_.string() : (path_ / name).string();
}
void Folder::write(std::string_view name, std::string_view text) const {
  std::ofstream(path(name), std::ios::binary) << text;
}
void Folder::append(std::string_view name, std::string_view text) const {
  std::ofstream(path(name), std::ios::binary | std::ios::app) << text;
}
std::string Folder::read(std::string_view name) const {
  std::ifstream in(path(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
std::vector<std::string> Folder::list() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Host::Host() {
  table_.struct_size = sizeof table_;
  table_.ctx = this;
  table_.log = [](void* ctx, std::uint32_t, rondom_str message, const rondom_field*,
                  std::uint32_t) {
    static_cast<Host*>(ctx)->log.emplace_back(detail::from_abi(message));
  };
  table_.cancelled = [](void* ctx) -> std::uint32_t {
    return static_cast<Host*>(ctx)->cancelled ? 1 : 0;
  };
  table_.extension = [](void* ctx, const char* id) -> const void* {
    return strcmp(id, RONDOM_EXT_STREAMS_1) == 0 ? &static_cast<Host*>(ctx)->streams : nullptr;
  };
}

Sink::Sink() {
  table_.struct_size = sizeof table_;
  table_.ctx = this;
  table_.records = [](void* ctx, const rondom_batch* batch) -> rondom_code {
    auto& sink = *static_cast<Sink*>(ctx);
    const auto* record = static_cast<const rondom_record*>(batch->records);
    for (std::uint32_t i = 0; i < batch->count; ++i) {
      const std::string json(detail::from_abi(record[i].json));
      const bool bad = (record[i].flags & RONDOM_RECORD_UNREADABLE) != 0;
      sink.events.push_back(bad ? "bad " + std::string(detail::from_abi(record[i].problem))
                                : "record " + json);
      sink.records.push_back(std::string(detail::from_abi(batch->origin)) + ":" +
                             std::to_string(record[i].position) + " " + json);
    }
    return RONDOM_OK;
  };
  table_.checkpoint = [](void* ctx, rondom_str, rondom_str json) -> rondom_code {
    auto& sink = *static_cast<Sink*>(ctx);
    sink.events.emplace_back("checkpoint");
    sink.state = detail::from_abi(json);
    sink.checkpoints.emplace_back(sink.state, sink.records.size());
    return sink.stop && sink.stop() ? RONDOM_E_CANCELLED : RONDOM_OK;
  };
  table_.refresh_begin = [](void* ctx, rondom_str, rondom_str name) -> rondom_code {
    auto& sink = *static_cast<Sink*>(ctx);
    sink.generation = detail::from_abi(name);
    sink.events.emplace_back("begin");
    return RONDOM_OK;
  };
  table_.refresh_complete = [](void* ctx, rondom_str) -> rondom_code {
    auto& sink = *static_cast<Sink*>(ctx);
    sink.generation.clear();
    sink.events.emplace_back("complete");
    return RONDOM_OK;
  };
}

Status read_stream(const Folder& folder, std::string_view stream, std::string_view options,
                   Sink& sink, Host& host, std::string_view state, std::string_view generation,
                   std::uint64_t records_max) {
  Context context(host.table());
  FileSource source(Config{folder.path()}, context);
  ReadRequest request;
  request.records_max = records_max;
  request.streams.push_back(
      {std::string(stream), std::string(options), std::string(state), std::string(generation)});
  RecordWriter writer(sink.table(), stream);
  Status status = source.read(request, writer);
  return status.ok() ? writer.flush() : std::move(status);
}

}  // namespace rondom::file::test
