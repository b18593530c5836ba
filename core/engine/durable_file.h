// durable_file: small files that are there whole or not at all. Of the engine and the service; any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace rondom::engine {

/// Replaces the file (mode 0600), making its folder where there is none. True: it is on the disk.
bool replace_durably(const std::string& path, std::string_view bytes);

}  // namespace rondom::engine
