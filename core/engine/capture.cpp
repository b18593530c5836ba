#include "engine/capture.h"

namespace rondom::engine {
namespace {

plugin::WriteBatch without_options(const plugin::WriteBatch& batch) {
  plugin::WriteBatch copy = batch;
  copy.options_json = "{}";
  return copy;
}

}  // namespace

Status Capture::write(const plugin::WriteBatch& batch, std::vector<plugin::WriteResult>& results) {
  return files_->write(without_options(batch), results);
}

Status Capture::look_up(const plugin::WriteBatch& batch,
                        std::vector<plugin::WriteResult>& results) {
  return files_->look_up(without_options(batch), results);
}

}  // namespace rondom::engine
