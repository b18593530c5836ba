// name_search: who is called that, for somebody at a desk who has nothing but a name.
#pragma once

#include <string_view>
#include <vector>

#include "store/store.h"

namespace rondom::engine {

/// People and organizations in whose names each word of `text` begins a word, whatever the case and
/// the diacritics
/// ("jose garc" finds José García); by id, at most `most`. Reads every profile: seconds where there
/// are millions.
Result<std::vector<store::ProfileId>> profiles_called(store::Store& store, std::string_view text,
                                                      std::size_t most);

}  // namespace rondom::engine
