// frames: what the engine and a plugin host say to each other over their socketpair.
//
// A frame is: payload length (u32), type (u8), payload. All integers are little-endian; a text is
// its length (u32) and its bytes; lists are their count (u32) and their elements. Both sides come
// from one build, so there is no negotiation: the first frame carries protocol_version and the host
// leaves at once when it is another one.
//
//   engine -> host
//     open      version kind connector library config directory readable[] writable[] raw_network
//               filesystem input output credit alive_ms memory debugged
//     check     -
//     discover  options
//     read      records_max streams[](name options state generation)
//     write     session stream options records[](operation id action key remote_id json)
//     look_up   as write
//     flush     session
//     cancel    call (u64: commands are counted from 1; all ones = every call from now on)
//     credit    bytes (u64)
//     reply     id good code message text
//     close     -
//     http_more id rewind capacity (the host sends the next piece of a request body)
//     http_head id status headers[](name value)
//     http_body id bytes
//     http_end  id good code retry_after_ms message detail
//   host -> engine
//     done              good code retry_after_ms message detail text
//     records           see encode_records
//     checkpoint        stream state
//     refresh_begin     stream generation
//     refresh_complete  stream
//     results           [](index outcome adopted remote_id message)
//     log               level message
//     call              id service name value
//     alive             -
//     http_begin        see encode_http_begin
//     http_data         id good bytes (none = the end of the body)
//     http_taken        id bytes (u64: so much of the reply was taken)
//     http_abort        id
//
// Every command (open … flush) is answered by one `done`, after whatever it pushes. records,
// checkpoint, refresh_begin and refresh_complete cost their size in credit: the host sends them
// only while its credit is above zero, the engine gives it back when they were taken.
//
// An HTTP exchange may run beside a command. It begins with http_begin and ends with http_end; at
// most http_exchanges_max are open, http_data answers one http_more, and at most http_window_bytes
// of a reply are sent before they are taken.
//
// Nothing here reads or writes a descriptor. FrameReader and Decoder take bytes from a process that
// may have gone mad: every length is checked against what is there. One thread at a time.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "net/exchange.h"
#include "plugin/plugin.h"

namespace rondom::plugin {

inline constexpr std::uint32_t protocol_version = 3;
inline constexpr std::size_t frame_header_bytes = 5;
/// A full batch with its descriptors, names and options.
inline constexpr std::size_t frame_bytes_max = limits::batch_bytes_max + (4u << 20);
/// Longest text of a message, checkpoint or name inside other frames.
inline constexpr std::size_t message_bytes_max = 8'192;
inline constexpr std::size_t http_exchanges_max = 16;
inline constexpr std::size_t http_window_bytes = 1u << 20;
/// Largest piece of a body in one frame; a request body of that size travels with http_begin.
inline constexpr std::size_t http_piece_bytes_max = 256u << 10;
inline constexpr std::size_t http_headers_max = 1'000;
inline constexpr std::uint64_t every_call = ~std::uint64_t{0};

enum class FrameType : std::uint8_t {
  open = 1,
  check = 2,
  discover = 3,
  read = 4,
  write = 5,
  look_up = 6,
  flush = 7,
  cancel = 8,
  credit = 9,
  reply = 10,
  close = 11,
  http_more = 12,
  http_head = 13,
  http_body = 14,
  http_end = 15,
  done = 64,
  records = 65,
  checkpoint = 66,
  refresh_begin = 67,
  refresh_complete = 68,
  results = 69,
  log = 70,
  call = 71,
  alive = 72,
  http_begin = 73,
  http_data = 74,
  http_taken = 75,
  http_abort = 76,
};
bool known_frame_type(std::uint8_t type);
/// Frames that cost credit.
bool costs_credit(FrameType type);

/// Services a plugin asks the engine for.
enum class Service : std::uint8_t { secret_get = 1, secret_put = 2, state_get = 3, state_put = 4 };

struct Frame {
  FrameType type = FrameType::alive;
  std::unique_ptr<char[]> bytes;
  std::size_t size = 0;
  std::size_t capacity = 0;
  std::string_view payload() const { return {bytes.get(), size}; }
};

/// Bytes -> frames. Fill want() as far as you can, tell commit(), take() each complete frame.
class FrameReader {
 public:
  explicit FrameReader(std::size_t payload_bytes_max = frame_bytes_max) : max_(payload_bytes_max) {}

  /// Where the next bytes belong; never empty while no frame is ready.
  std::span<char> want();
  /// `count` bytes of want() were filled. ErrorCode::internal when they are no frame; then the
  /// reader is of no further use.
  Status commit(std::size_t count);
  bool ready() const { return ready_; }
  /// The complete frame. Only when ready().
  Frame take();
  /// Bytes of an unfinished frame were seen: the other side went away in the middle.
  bool inside_frame() const { return header_filled_ > 0; }

  /// A frame that is done with: its memory serves a later frame that fits.
  void reuse(Frame spent) {
    if (spent.capacity > 0 && spent.capacity <= reused_bytes_max) spare_ = std::move(spent);
  }
  bool has_spare() const { return spare_.bytes != nullptr; }

  /// All frames in `bytes`, for tests and fuzzing.
  Status feed(std::string_view bytes, std::vector<Frame>& frames);

 private:
  static constexpr std::size_t reused_bytes_max = 1u << 20;
  void allocate(std::size_t size);

  std::size_t max_;
  Frame spare_;
  char header_[frame_header_bytes] = {};
  std::size_t header_filled_ = 0;
  Frame frame_;
  std::size_t filled_ = 0;
  bool ready_ = false;
};

/// Builds one frame in a buffer that is kept from frame to frame.
class Encoder {
 public:
  Encoder& begin(FrameType type) {
    out_.assign(frame_header_bytes, '\0');
    out_[4] = static_cast<char>(type);
    return *this;
  }
  Encoder& u8(std::uint8_t v) {
    out_.push_back(static_cast<char>(v));
    return *this;
  }
  Encoder& u32(std::uint32_t v) { return number(v); }
  Encoder& u64(std::uint64_t v) { return number(v); }
  Encoder& text(std::string_view v) {
    u32(static_cast<std::uint32_t>(v.size()));
    out_.append(v);
    return *this;
  }
  Encoder& raw(const void* bytes, std::size_t size) {
    out_.append(static_cast<const char*>(bytes), size);
    return *this;
  }
  /// Where the next `size` bytes go; to be written before anything else is.
  char* room(std::size_t size) {
    out_.resize(out_.size() + size);
    return out_.data() + (out_.size() - size);
  }
  std::size_t size() const { return out_.size(); }
  void patch_u32(std::size_t at, std::uint32_t v) {
    for (std::size_t i = 0; i < 4; ++i) out_[at + i] = static_cast<char>(v >> (8 * i));
  }
  /// The whole frame, length filled in; valid until the next begin().
  std::string_view frame();
  /// Fits frame_bytes_max?
  bool fits() const { return out_.size() <= frame_header_bytes + frame_bytes_max; }

 private:
  template <typename T>
  Encoder& number(T v) {
    char bytes[sizeof(T)];
    for (std::size_t i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<char>(v >> (8 * i));
    out_.append(bytes, sizeof(T));
    return *this;
  }
  std::string out_;
};

/// Reads a payload front to back. After the first read past the end everything is empty or zero and
/// ok() is false.
class Decoder {
 public:
  explicit Decoder(std::string_view payload) : rest_(payload) {}

  std::uint8_t u8() { return number<std::uint8_t>(); }
  std::uint32_t u32() { return number<std::uint32_t>(); }
  std::uint64_t u64() { return number<std::uint64_t>(); }
  std::string_view text() { return bytes(u32()); }
  std::string_view bytes(std::size_t count) {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view out = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return out;
  }
  /// Count of a list whose elements take at least `element_bytes_min` each.
  std::uint32_t count(std::size_t element_bytes_min) {
    const std::uint32_t n = u32();
    if (n > rest_.size() / element_bytes_min) ok_ = false;
    return ok_ ? n : 0;
  }
  std::size_t left() const { return rest_.size(); }
  bool ok() const { return ok_; }
  /// Everything read, nothing missing.
  bool finished() const { return ok_ && rest_.empty(); }

 private:
  template <typename T>
  T number() {
    const std::string_view from = bytes(sizeof(T));
    T v = 0;
    for (std::size_t i = 0; i < from.size(); ++i) {
      v = static_cast<T>(v | (static_cast<T>(static_cast<unsigned char>(from[i])) << (8 * i)));
    }
    return v;
  }
  std::string_view rest_;
  bool ok_ = true;
};

// Messages with a structure of their own. Every decode_* returns false on anything but a complete,
// sane payload. Views point into the payload.

/// stream origin count, count fixed descriptors (json_size u32, problem_size u32, position u64,
/// changed_at u64, operation u8), then the texts one after another.
void encode_records(Encoder& out, const SourceBatch& batch);
bool decode_records(std::string_view payload, SourceBatch& batch,
                    std::vector<SourceRecord>& records);

void encode_write(Encoder& out, FrameType type, const WriteBatch& batch);
bool decode_write(std::string_view payload, WriteBatch& batch, std::vector<WriteRecord>& records);

/// Results in frames of bounded size: encodes from `from` on, returns the index after the last.
std::size_t encode_results(Encoder& out, std::span<const WriteResult> results, std::size_t from);
/// Appends; `count` is the size of the batch that indices must lie in.
bool decode_results(std::string_view payload, std::size_t count, std::vector<WriteResult>& results);

void encode_read(Encoder& out, const ReadRequest& request);
bool decode_read(std::string_view payload, ReadRequest& request);

struct OpenRequest {
  std::uint32_t version = protocol_version;
  Kind kind = Kind::source;
  std::string connector;
  std::string library;
  std::string config_json;
  std::string working_directory;
  std::vector<std::string> readable_paths;
  std::vector<std::string> writable_paths;
  bool raw_network = false;
  bool filesystem = false;
  bool has_input = false;
  bool has_output = false;
  std::uint64_t credit_bytes = 0;
  std::uint64_t alive_ms = 1'000;  // a sleeping plugin is reported alive this often
  std::uint64_t memory_bytes = 0;  // 0 = no limit
  bool debugged = false;           // a debugger and core dumps stay possible
};
void encode_open(Encoder& out, const OpenRequest& request);
bool decode_open(std::string_view payload, OpenRequest& request);

/// How a command ended; text is the catalog after `discover`.
struct Done {
  Status status;
  std::string text;
};
void encode_done(Encoder& out, const Status& status, std::string_view text);
bool decode_done(std::string_view payload, Done& done);

struct Call {
  std::uint64_t id = 0;
  Service service = Service::secret_get;
  std::string_view name;
  std::string_view value;
};
void encode_call(Encoder& out, const Call& call);
bool decode_call(std::string_view payload, Call& call);

struct HttpBegin {
  std::uint64_t id = 0;
  net::Request request;  // without its stream
  bool streams = false;  // the body is asked for piece by piece
  bool can_rewind = false;
  std::int64_t body_size = -1;  // of a streamed one; -1 = not known
};
void encode_http_begin(Encoder& out, const HttpBegin& begin);
bool decode_http_begin(std::string_view payload, HttpBegin& begin);

void encode_http_head(Encoder& out, std::uint64_t id, std::uint32_t status,
                      std::span<const net::Header> headers);
bool decode_http_head(Decoder& in, std::uint32_t& status, std::vector<net::Header>& headers);

void encode_http_end(Encoder& out, std::uint64_t id, const Status& status);
bool decode_http_end(Decoder& in, Status& status);

void encode_reply(Encoder& out, std::uint64_t id, const Result<std::string>& answer);
bool decode_reply(std::string_view payload, std::uint64_t& id, Result<std::string>& answer);

}  // namespace rondom::plugin
