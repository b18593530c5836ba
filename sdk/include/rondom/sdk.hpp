// Everything a connector in C++ needs. Header-only, standard library only. See sdk/README.md.
#pragma once

#include "auth.hpp"           // IWYU pragma: export
#include "batches.hpp"        // IWYU pragma: export
#include "catalog.hpp"        // IWYU pragma: export
#include "context.hpp"        // IWYU pragma: export
#include "destination.hpp"    // IWYU pragma: export
#include "facts.hpp"          // IWYU pragma: export
#include "http.hpp"           // IWYU pragma: export
#include "json.hpp"           // IWYU pragma: export
#include "json_pointer.hpp"   // IWYU pragma: export
#include "json_writer.hpp"    // IWYU pragma: export
#include "paging.hpp"         // IWYU pragma: export
#include "plugin.h"           // IWYU pragma: export
#include "plugin.hpp"         // IWYU pragma: export
#include "record_writer.hpp"  // IWYU pragma: export
#include "result.hpp"         // IWYU pragma: export
#include "rfc3339.hpp"        // IWYU pragma: export
#include "source.hpp"         // IWYU pragma: export
#include "spec.hpp"           // IWYU pragma: export
