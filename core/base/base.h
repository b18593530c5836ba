// base: what everything else stands on; knows nothing of customers, stores or plugins.
#pragma once

#include "base/arena.h"          // IWYU pragma: export
#include "base/bounded_queue.h"  // IWYU pragma: export
#include "base/cancel.h"         // IWYU pragma: export
#include "base/clock.h"          // IWYU pragma: export
#include "base/hash.h"           // IWYU pragma: export
#include "base/limits.h"         // IWYU pragma: export
#include "base/random.h"         // IWYU pragma: export
#include "base/result.h"         // IWYU pragma: export
#include "base/text.h"           // IWYU pragma: export
