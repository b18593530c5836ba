// What a plugin pays to make records, in nanoseconds of one core a record. Best of some rounds,
// each way in turns.
#pragma once

#include <cstddef>

namespace rondom::bench {

struct WriterCost {
  std::size_t record_bytes = 0;
  double encoding = 0;  // the JSON text alone, with the SDK's JsonWriter
  double builder = 0;   // out.row()….done() into a sink that takes the batch and does nothing
  double document = 0;  // a nlohmann document, built and dumped
};

/// Ends the program when the ways do not give the same bytes.
WriterCost measure_writers();

}  // namespace rondom::bench
