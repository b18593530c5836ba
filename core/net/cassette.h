// cassette: the exchanges of a run on a file, one JSON object a line, to be answered from it later.
//
//   {"cassette":1}
//   {"connection":"crm","method":"GET","url":"https://…","headers":[["Accept","…"]],"body":"",
//    "outcome":"complete","what":"","status":200,"reply_headers":[…],"reply":"…"}
//
// What is on it went through a TapeRedactor. Bytes that are no UTF-8 are in base64 ("body_base64",
// "reply_base64"). Both classes may be called from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/pseudonyms.h"
#include "net/transport.h"

namespace rondom::net {

/// A body that is larger is not kept: the exchange is on the tape and cannot be answered from it.
inline constexpr std::size_t taped_body_bytes_max = 16u << 20;
inline constexpr std::size_t cassette_bytes_max = 512u << 20;  // of one that is loaded

/// One exchange as it is on the tape.
struct Taped {
  std::string connection;
  std::string method;
  std::string url;
  std::vector<Header> headers;
  std::string body;
  Outcome outcome;
  std::uint32_t status = 0;  // 0 = there was no head
  std::vector<Header> reply_headers;
  std::string reply;
  bool body_left_out = false;  // request or reply was too large to keep
};

class CassetteWriter {
 public:
  /// A new file that only its owner may read; one that is there is never written over.
  /// USAGE when it is, UNAVAILABLE when it cannot be made.
  static Result<std::shared_ptr<CassetteWriter>> create(const std::string& path);
  ~CassetteWriter();
  CassetteWriter(const CassetteWriter&) = delete;
  CassetteWriter& operator=(const CassetteWriter&) = delete;
  /// UNAVAILABLE when it could not be written; later ones fail as well.
  Status append(const Taped& taped);
  Pseudonyms& people() { return people_; }

 private:
  CassetteWriter(std::string path, int file) : path_(std::move(path)), file_(file) {}
  std::string path_;
  int file_;
  bool broken_ = false;
  std::mutex mutex_;
  Pseudonyms people_;
};

class CassetteReader {
 public:
  /// DATA with line and reason when it is no cassette.
  static Result<std::shared_ptr<CassetteReader>> load(const std::string& path);
  static Result<std::shared_ptr<CassetteReader>> parse(std::string_view text,
                                                       const std::string& name);

  /// The first exchange not taken yet with that method, address and body; else the first with that
  /// method and the address up to its query, as times in queries move on. Nothing when there is
  /// none.
  std::optional<Taped> take(const Taped& request);
  Pseudonyms& people() { return people_; }

 private:
  std::vector<Taped> tape_;
  std::vector<bool> taken_;
  std::size_t open_ = 0;  // every exchange before it was taken
  std::mutex mutex_;
  Pseudonyms people_;
};

}  // namespace rondom::net
