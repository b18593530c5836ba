// stand_ins: what plays the other systems while a project's tests run. Private to the engine.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/tests.h"
#include "plugin/plugin.h"

namespace rondom::engine {

/// Pushes the given records of one connection, in their order, once.
class GivenSource final : public plugin::Source {
 public:
  GivenSource(const std::vector<config::GivenStream>& given, std::string_view connection)
      : given_(given), connection_(connection) {}

  const plugin::ConnectorInfo& info() const override { return info_; }
  Status check() override { return {}; }
  Result<plugin::Catalog> discover(std::string_view) override { return plugin::Catalog{}; }
  Status read(const plugin::ReadRequest& request, plugin::ReadSink& sink) override;
  void cancel() override {}

 private:
  const std::vector<config::GivenStream>& given_;
  std::string connection_;
  plugin::ConnectorInfo info_;
};

/// What a job would have sent.
struct CapturedWrite {
  std::string action, key, json;
};

/// Accepts everything and keeps it in `writes`, which outlives it.
class CapturedDestination final : public plugin::Destination {
 public:
  explicit CapturedDestination(std::vector<CapturedWrite>& writes) : writes_(writes) {}

  const plugin::ConnectorInfo& info() const override { return info_; }
  Status check() override { return {}; }
  Status write(const plugin::WriteBatch& batch, std::vector<plugin::WriteResult>& results) override;
  Status flush(std::string_view) override { return {}; }
  Status look_up(const plugin::WriteBatch&, std::vector<plugin::WriteResult>&) override {
    return {};
  }
  void cancel() override {}

 private:
  std::vector<CapturedWrite>& writes_;
  plugin::ConnectorInfo info_;
};

}  // namespace rondom::engine
