// exchange: one HTTP request and its reply, as whoever asks for it sees them. Needs no library, so
// that the plugin boundary can speak of requests without having a client.
//
// Everything is borrowed for the call that takes it; callbacks come from one thread at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace rondom::net {

struct Header {
  std::string name;
  std::string value;
};

/// A body that is read piece by piece.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Bytes put into `into`; 0 = end. A failure ends the exchange and is returned from it.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
  /// Can it start again from the first byte? rewind() does so; only when it can.
  virtual bool can_rewind() const { return false; }
  virtual void rewind() {}
  /// Bytes in all, or -1 when not known.
  virtual std::int64_t size() const { return -1; }
};

/// Bytes that somebody else holds.
class MemoryBody final : public BodySource {
 public:
  explicit MemoryBody(std::string_view bytes) : bytes_(bytes) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t count = std::min(into.size(), bytes_.size() - at_);
    std::memcpy(into.data(), bytes_.data() + at_, count);
    at_ += count;
    return count;
  }
  bool can_rewind() const override { return true; }
  void rewind() override { at_ = 0; }
  std::int64_t size() const override { return static_cast<std::int64_t>(bytes_.size()); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

struct Request {
  std::string method;
  std::string url;  // absolute, or a path at the client's base address
  std::vector<Header> headers;
  std::string body;              // used when `stream` is nullptr
  BodySource* stream = nullptr;  // borrowed
  std::int64_t timeout_ms = 0;   // for everything, waits included; 0 = the client's limits only
  bool idempotent = false;       // may arrive twice, whatever the method says
};

/// Takes a reply as it arrives. A failed Status ends the exchange and is returned from it.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual Status head(std::uint32_t status, std::span<const Header> headers) = 0;
  /// May block: the sender is slowed down.
  virtual Status body(std::string_view bytes) = 0;
};

/// First value of that name, case ignored; empty when there is none.
std::string_view header_value(std::span<const Header> headers, std::string_view name);

}  // namespace rondom::net
