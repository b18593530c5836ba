// Instance: one opened connector of a plugin that is loaded in this process, with every answer of
// it checked. The in-process handles and the plugin host both stand on it.
//
// Owns the plugin's instance (closed by the destructor) and the services given to it. One call at a
// time, any thread.
#pragma once

#include <rondom/plugin.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/plugin.h"
#include "plugin/services.h"

namespace rondom::plugin {

class Instance {
 public:
  /// `table` passed check_table and lives for ever.
  static Result<std::unique_ptr<Instance>> open(const rondom_connector& table, ConnectorInfo info,
                                                std::string_view config_json,
                                                std::unique_ptr<ServiceBackend> services);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const ConnectorInfo& info() const { return info_; }
  ServiceBackend& services() { return *services_; }

  Status check();
  /// The catalog as the plugin wrote it.
  Result<std::string> discover(std::string_view options_json);
  /// The sink's failure when it failed, else the plugin's.
  Status read(const ReadRequest& request, ReadSink& sink);
  Status write(const WriteBatch& batch, std::vector<WriteResult>& results);
  Status flush(std::string_view session);
  Status look_up(const WriteBatch& batch, std::vector<WriteResult>& results);

 private:
  using WriteSlot = rondom_code (*)(rondom_instance*, const rondom_write_batch*, rondom_write_out*,
                                    rondom_error*);

  /// What a clean return says of records without a result.
  enum class Silence { accepts, says_nothing };

  Instance(const rondom_connector& table, ConnectorInfo info,
           std::unique_ptr<ServiceBackend> services);
  Status unsupported(const char* what) const;
  Status send(WriteSlot slot, const char* what, Silence silence, const WriteBatch& batch,
              std::vector<WriteResult>& results);

  rondom_connector table_;
  ConnectorInfo info_;
  std::string subject_;
  std::unique_ptr<ServiceBackend> services_;
  HostTable host_;
  rondom_instance* instance_ = nullptr;
};

}  // namespace rondom::plugin
