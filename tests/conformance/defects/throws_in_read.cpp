/* Defect: an exception leaves read() when the state is not understood. */
#include <stdexcept>

#define GENERATION(stream) checked(stream)
#include "common.h"

static rondom_str checked(const rondom_read_stream& stream) {
  const json_text state = json_object(stream.state_json.data, stream.state_json.size);
  if (stream.state_json.size > 0 && state.at == nullptr) throw std::runtime_error("no state");
  return stream.generation;
}

#include "source.h"
