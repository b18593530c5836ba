/* Defect: an exception leaves open() when the configuration is no object. */
#include <stdexcept>

#define UNKNOWN_FIELD                                                               \
  free(nullptr);                                                                    \
  if (json_is(name, "conformance_strange")) throw std::invalid_argument("strange"); \
  return refuse(error, "There is no field ", name)
#include "source.h"
