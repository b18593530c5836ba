// Source and Destination over a plugin table in this process.
#include <memory>
#include <utility>

#include "plugin/abi.h"
#include "plugin/documents.h"
#include "plugin/instance.h"
#include "plugin/plugin.h"

namespace rondom::plugin {
namespace {

/// An opened instance and the way to stop it.
struct Local {
  std::unique_ptr<Instance> instance;
  LocalServices* services = nullptr;  // owned by the instance
};

Result<Local> open_local(PluginEntry entry, Kind kind, std::string_view connector,
                         std::string_view config_json, const HostServices& services) {
  const auto* plugin = reinterpret_cast<rondom_plugin_entry>(entry)();
  RONDOM_TRY(check_table(plugin, "(in this process)"));
  const rondom_connector* table = find_connector(*plugin, kind, connector);
  if (table == nullptr) {
    return Error{ErrorCode::bad_config, "There is no connector \"" + std::string(connector) +
                                            "\" of that kind in plugin \"" + plugin->name + "\"."};
  }
  ConnectorInfo info;
  for (ConnectorInfo& candidate : describe(*plugin, "")) {
    if (candidate.kind == kind && candidate.id == connector) info = std::move(candidate);
  }
  auto backend = std::make_unique<LocalServices>(services);
  LocalServices* borrowed = backend.get();
  RONDOM_TRY_ASSIGN(auto instance,
                    Instance::open(*table, std::move(info), config_json, std::move(backend)));
  return Local{std::move(instance), borrowed};
}

class LocalSource final : public Source {
 public:
  explicit LocalSource(Local local) : local_(std::move(local)) {}

  const ConnectorInfo& info() const override { return local_.instance->info(); }
  Status check() override { return local_.instance->check(); }
  Result<Catalog> discover(std::string_view options_json) override {
    RONDOM_TRY_ASSIGN(const std::string json, local_.instance->discover(options_json));
    return parse_catalog(json, subject_of(info()));
  }
  Status read(const ReadRequest& request, ReadSink& sink) override {
    return local_.instance->read(request, sink);
  }
  void cancel() override { local_.services->cancel(); }

 private:
  Local local_;
};

class LocalDestination final : public Destination {
 public:
  explicit LocalDestination(Local local) : local_(std::move(local)) {}

  const ConnectorInfo& info() const override { return local_.instance->info(); }
  Status check() override { return local_.instance->check(); }
  Status write(const WriteBatch& batch, std::vector<WriteResult>& results) override {
    return local_.instance->write(batch, results);
  }
  Status flush(std::string_view session) override { return local_.instance->flush(session); }
  Status look_up(const WriteBatch& batch, std::vector<WriteResult>& results) override {
    return local_.instance->look_up(batch, results);
  }
  void cancel() override { local_.services->cancel(); }

 private:
  Local local_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_source_in_process(PluginEntry entry,
                                                       std::string_view connector,
                                                       std::string_view config_json,
                                                       const HostServices& services) {
  RONDOM_TRY_ASSIGN(Local local, open_local(entry, Kind::source, connector, config_json, services));
  return std::unique_ptr<Source>(std::make_unique<LocalSource>(std::move(local)));
}

Result<std::unique_ptr<Destination>> open_destination_in_process(PluginEntry entry,
                                                                 std::string_view connector,
                                                                 std::string_view config_json,
                                                                 const HostServices& services) {
  RONDOM_TRY_ASSIGN(Local local,
                    open_local(entry, Kind::destination, connector, config_json, services));
  return std::unique_ptr<Destination>(std::make_unique<LocalDestination>(std::move(local)));
}

}  // namespace rondom::plugin
