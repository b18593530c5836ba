// remap: kept source records mapped again after their map has changed, without asking the source.
// Private to the engine.
#pragma once

#include <vector>

#include "engine/ingest.h"

namespace rondom::engine {

/// Under which the store keeps the fingerprint that a stream's records were mapped by.
std::string mapped_key(store::StreamId stream);

/// Notes that streams which the store does not know yet have nothing to map again. Before ingest.
Status note_new_streams(const IngestJob& job, store::Store& store);

/// Maps again what an earlier map of the job's streams made and the source did not send since, in
/// transactions of a bounded number of records; goes on where a killed run stopped. Costs nothing
/// when no map has changed. Rows that were filtered or refused have no kept text: they wait for the
/// next read. Appends one report per stream that had something to map.
Status remap(const IngestJob& job, store::Store& store, std::vector<RemapReport>& reports);

}  // namespace rondom::engine
