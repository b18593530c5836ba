// descriptor: what the C library leaves to its callers about writing.
#pragma once

#include <string_view>

namespace rondom {

/// All of it, whatever interrupts; false when the descriptor takes no more (errno says why). Any
/// thread.
bool write_all(int descriptor, std::string_view bytes);

}  // namespace rondom
