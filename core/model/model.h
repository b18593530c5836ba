// model: the canonical customer schema and the types that carry it through the pipeline.
#pragma once

#include "model/attribute.h"  // IWYU pragma: export
#include "model/json.h"       // IWYU pragma: export
#include "model/names.h"      // IWYU pragma: export
#include "model/record.h"     // IWYU pragma: export
#include "model/validity.h"   // IWYU pragma: export
#include "model/value.h"      // IWYU pragma: export
