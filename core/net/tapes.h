// Tapes: which cassette a program records on or plays from (cassette.h, tape_transport.h).
#pragma once

#include <memory>

namespace rondom::net {

class CassetteReader;
class CassetteWriter;

/// At most one of the two. Shared by everything that speaks HTTP; any thread.
struct Tapes {
  std::shared_ptr<CassetteWriter> record;
  std::shared_ptr<CassetteReader> play;
};

}  // namespace rondom::net
