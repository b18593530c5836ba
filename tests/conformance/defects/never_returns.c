/* Defect: does not return when its state is not understood. */
#include <unistd.h>
#define GENERATION(stream) checked(&(stream))
#include "common.h"

static rondom_str checked(const rondom_read_stream* stream) {
  while (stream->state_json.size > 0 &&
         json_object(stream->state_json.data, stream->state_json.size).at == NULL) {
    pause();
  }
  return stream->generation;
}

#include "source.h"
