#include "conformance/library_checks.h"

#include <dlfcn.h>

#include <array>

#include "conformance/driver.h"
#include "conformance/measure.h"
#include "conformance/symbols.h"
#include "plugin/abi.h"
#include "plugin/loader.h"

namespace rondom::conformance {
namespace {

constexpr const char* entry_symbol = "rondom_plugin_v1";

Finding check_symbols(const std::string& library) {
  const auto symbols = exported_symbols(library);
  if (!symbols.ok()) return failed("a shared library", symbols.error().message);
  std::vector<std::string> others;
  bool entry = false;
  for (const Exported& symbol : *symbols) {
    if (symbol.name == entry_symbol) {
      entry = true;
    } else {
      others.push_back(symbol.name);
    }
  }
  const std::string expected = "one exported symbol, rondom_plugin_v1";
  if (!others.empty()) return failed(expected, "also " + joined(others));
  return entry ? passed() : failed(expected, "none");
}

Finding check_table(const std::string& library) {
  const std::size_t threads = running_threads();
  const Result<const rondom_plugin*> table = plugin::load_plugin(library);
  if (!table.ok()) return failed("a table that this Rondom can use", table.error().message);
  void* handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
  const auto entry = handle == nullptr
                         ? nullptr
                         : reinterpret_cast<rondom_plugin_entry>(::dlsym(handle, entry_symbol));
  if (entry == nullptr || entry() != *table) {
    return failed("the same table each time", "another one at the second call");
  }
  if (running_threads() > threads) {
    return failed("no thread before open()", number(running_threads() - threads, "thread"));
  }
  const rondom_plugin plugin = plugin::complete(**table);
  for (std::uint32_t i = 0; i < plugin.connector_count; ++i) {
    const rondom_connector connector = plugin::complete(*plugin.connectors[i]);
    const std::string id = connector.id;
    if ((connector.capabilities & RONDOM_CAP_LOOK_UP) != 0 && connector.look_up == nullptr) {
      return failed("look_up() of " + id + ", which declares RONDOM_CAP_LOOK_UP", "no slot");
    }
    if ((connector.capabilities & RONDOM_CAP_PARALLEL_WRITE) != 0 &&
        connector.max_parallel_writes < 2) {
      return failed("max_parallel_writes of " + id + ", which declares RONDOM_CAP_PARALLEL_WRITE",
                    std::to_string(connector.max_parallel_writes));
    }
    if (connector.preferred_batch > RONDOM_BATCH_RECORDS_MAX) {
      return failed("a preferred_batch of " + id + " of at most RONDOM_BATCH_RECORDS_MAX",
                    std::to_string(connector.preferred_batch));
    }
  }
  return passed();
}

const std::array<LibraryCheck, 2>& list() {
  static const std::array<LibraryCheck, 2> checks = {{
      {"one-symbol", "Does the library export rondom_plugin_v1 and nothing else?",
       "Whatever else is exported can be mixed up with what other plugins, or Rondom, export under "
       "the same name. "
       "rondom_add_plugin() sees to it.",
       false, check_symbols},
      {"table", "Is the table well-formed, the same each time, and in itself consistent?",
       "Ids, kinds, slots and sizes are what the header says; the entry starts no thread; declared "
       "capabilities have their slots.",
       true, check_table},
  }};
  return checks;
}

}  // namespace

std::span<const LibraryCheck> library_checks() {
  return list();
}

const char* needs_text(Needs needs) {
  switch (needs) {
    case Needs::table: return "every connector";
    case Needs::fixture: return "every connector with fixtures";
    case Needs::source: return "sources with fixtures";
    case Needs::destination: return "destinations with fixtures";
    case Needs::http_read: return "sources with a cassette";
    case Needs::http_write: return "destinations with a cassette";
    default: return "connectors with a cassette";
  }
}

}  // namespace rondom::conformance
