/* Defect: an exception leaves flush() for a session that it does not know. */
#include <stdexcept>

#define AT_FLUSH \
  if (session.size < 9) throw std::out_of_range("session")
#include "destination.h"
