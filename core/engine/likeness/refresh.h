// refresh: the stored pairs of records that likeness finds, kept up to date. Private to the engine.
#pragma once

#include "engine/unify.h"

namespace rondom::engine {

/// Brings the stored pairs up to date, when the project asks for it and anything has changed since
/// the last time; records whose joins differ become dirty. The outcome depends on the live records,
/// the model and the decisions alone; the way there on what changed: a few dirty records are
/// compared with those they share a block with, and where that is not enough, everybody is
/// compared.
Status refresh_alike(const UnifyJob& job, store::Store& store, UnifyReport& report);

}  // namespace rondom::engine
