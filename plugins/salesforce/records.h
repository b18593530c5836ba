// Records as they are handed over: typed by the object's description, the same whether they came as
// JSON or as the CSV of a bulk job. What is empty is left out: Salesforce keeps no empty text.
#pragma once

#include <rondom/sdk.hpp>
#include <string>
#include <vector>

#include "soql.h"

namespace rondom::salesforce {

/// Writes one record, or the removal of one that is marked as deleted. A record without an Id is
/// reported as unreadable.
Status write_record(const Selection& selection, const Json& record, RecordWriter& out);
/// `cells` in the order of selection.fields.
Status write_record(const Selection& selection, const std::vector<std::string>& cells,
                    RecordWriter& out);
/// Where it stands in the order of select_after().
Place place_of(const Selection& selection, const Json& record);

}  // namespace rondom::salesforce
