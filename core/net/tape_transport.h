// tape_transport: a Transport that records what another one does, and one that plays it back.
//
// What the connector gets while recording is the real reply; the redacted one goes on the tape. Any
// thread, as with every Transport.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/cassette.h"
#include "net/credentials.h"
#include "net/tape_redactor.h"
#include "net/tapes.h"
#include "net/transport.h"

namespace rondom::net {

using TapeLog = std::function<void(std::string_view level, std::string_view message)>;

class RecordingTransport final : public Transport {
 public:
  RecordingTransport(Transport& inner, std::shared_ptr<CassetteWriter> cassette,
                     std::string connection, const Credentials& credentials, TapeLog log);
  Outcome exchange(const WireRequest& request, WireSink& sink, Interrupt& interrupt) override;

 private:
  void learn(const WireRequest& request, const Taped& taped);

  Transport& inner_;
  const std::string token_url_;
  const std::string token_member_;
  std::shared_ptr<CassetteWriter> cassette_;
  std::string connection_;
  TapeRedactor redactor_;
  TapeLog log_;
};

class PlayingTransport final : public Transport {
 public:
  PlayingTransport(std::shared_ptr<CassetteReader> cassette, std::string connection,
                   const std::vector<std::string>& secrets);
  Outcome exchange(const WireRequest& request, WireSink& sink, Interrupt& interrupt) override;

 private:
  std::shared_ptr<CassetteReader> cassette_;
  std::string connection_;
  TapeRedactor redactor_;
};

}  // namespace rondom::net
