// Session: the life of a plugin host: open one connector, do what the engine asks, leave.
#pragma once

namespace rondom::plugin::host {

/// Serves the socket until the engine closes it. Returns the exit code.
int serve(int socket);

}  // namespace rondom::plugin::host
