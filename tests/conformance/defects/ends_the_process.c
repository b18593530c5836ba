/* Defect: ends the process when its state is not understood. */
#include <stdlib.h>
#define GENERATION(stream) checked(&(stream))
#include "common.h"

static rondom_str checked(const rondom_read_stream* stream) {
  if (stream->state_json.size > 0 &&
      json_object(stream->state_json.data, stream->state_json.size).at == NULL) {
    exit(3);
  }
  return stream->generation;
}

#include "source.h"
