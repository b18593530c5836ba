#include "conformance/load.h"

#include <sys/mman.h>
#include <unistd.h>

#include "conformance/child.h"
#include "plugin/abi.h"
#include "plugin/documents.h"
#include "plugin/loader.h"

namespace rondom::conformance {
namespace {

constexpr std::size_t manifest_bytes_max = 64u << 20;

std::string read_all(int file) {
  std::string text;
  std::string piece(64u << 10, '\0');
  while (text.size() < manifest_bytes_max) {
    const ssize_t got = ::pread(file, piece.data(), piece.size(), static_cast<off_t>(text.size()));
    if (got <= 0) break;
    text.append(piece, 0, static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace

Result<std::vector<plugin::ConnectorInfo>> connectors_of(const std::string& library,
                                                         const Options& options) {
  const int file = ::memfd_create("connectors", 0);
  const Finding finding = run_in_child(
      [&]() -> Finding {
        const auto table = plugin::load_plugin(library);
        if (!table.ok()) return {Outcome::failed, "", "", table.error().message};
        plugin::Manifest manifest;
        manifest.connectors = plugin::describe(**table, library);
        const std::string text = plugin::to_json(manifest);
        const bool written =
            ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
        return {written ? Outcome::passed : Outcome::failed, "", "", "no room"};
      },
      "/", options.patience_seconds);
  const std::string text = read_all(file);
  ::close(file);
  if (finding.outcome != Outcome::passed) return Error{ErrorCode::internal, finding.seen};
  RONDOM_TRY_ASSIGN(plugin::Manifest manifest, plugin::parse_manifest(text));
  for (plugin::ConnectorInfo& info : manifest.connectors) info.library = library;
  return std::move(manifest.connectors);
}

Result<Subject> load_subject(const std::string& library, const plugin::ConnectorInfo& info,
                             const Fixture* fixture) {
  RONDOM_TRY_ASSIGN(const rondom_plugin* plugin, plugin::load_plugin(library));
  const rondom_connector* table = plugin::find_connector(*plugin, info.kind, info.id);
  if (table == nullptr) return Error{ErrorCode::internal, "the connector is gone"};
  Subject subject;
  subject.plugin = plugin;
  subject.table = plugin::complete(*table);
  subject.info = info;
  subject.fixture = fixture;
  if (fixture != nullptr) {
    RONDOM_TRY_ASSIGN(subject.declared,
                      net::read_declaration(info.spec_json, fixture->config_json));
  }
  return subject;
}

}  // namespace rondom::conformance
