// Subject: one connector of the loaded plugin and what is known of it. Made in the child process.
#pragma once

#include <rondom/plugin.h>

#include <string>
#include <vector>

#include "conformance/fixtures.h"
#include "net/net.h"
#include "plugin/plugin.h"

namespace rondom::conformance {

struct Subject {
  const rondom_plugin* plugin = nullptr;
  rondom_connector table{};  // with zeroes where theirs is shorter than ours
  plugin::ConnectorInfo info;
  const Fixture* fixture = nullptr;  // nullptr = none
  net::Declared declared;            // of the fixture's configuration
  std::string host_program;
  std::string folder;  // a copy of the fixtures, the working directory
  net::Tapes tapes;    // record only
};

/// The streams of the fixture, from nothing.
std::vector<plugin::ReadStream> streams_of(const Fixture& fixture);

}  // namespace rondom::conformance
