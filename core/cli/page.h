// page: one customer on one page of HTML, for people who never see a command line.
//
// The file needs nothing else: no script, no font, no picture from elsewhere. gather_page() reads
// what `profile explain`, `profile show` and `attribute why` read; page_html() is a pure function
// of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/activities.h"
#include "engine/engine.h"
#include "engine/explanation.h"
#include "engine/relations.h"
#include "expression/zone.h"

namespace rondom::cli {

/// One moment of the customer's history.
struct PageMoment {
  enum class Kind : std::uint8_t { order, event, consent };  // event: any other activity
  Timestamp at = no_time;
  Kind kind = Kind::event;
  std::string type;  // "order", "mail_opened", "consent": what a row of the picture is named after
  std::string what;  // "Order 2041 · 265.50 EUR · paid"
  std::string detail;  // may be empty
  std::vector<std::string> records;
};

/// What an order brought in, when it was paid.
struct PagePayment {
  Timestamp at = no_time;
  std::int64_t minor_units = 0;
  std::string currency;
};

struct PageAttribute {
  std::string name, label, definition, owner, place, expression;
  std::string value;    // empty: none
  std::string problem;  // why it cannot be computed
  std::string changes;  // "changes on …"; empty = time alone does not change it
  /// Of a table: the rules that were asked, why each would hold; all but the last do not.
  std::vector<std::string> rules;
  std::string decided_by;  // "rule 2 of 5"
  bool decided = false;    // the last of `rules` holds
  std::vector<std::pair<std::string, std::string>> inputs;
  struct Part {
    std::string expression, value;
    bool known = false;    // are `records` all that counted?
    std::size_t list = 0;  // of activity_lists()
    std::vector<std::string> records;
  };
  std::vector<Part> parts;
};

/// One destination job, in the mode that the project uses, or the other one where it holds
/// something.
struct PageDestination {
  std::string name;
  std::string state;
  std::string remote_id, consent;
  std::vector<std::string> fields;
  std::string withheld;  // why the last run held it back
};

struct Page {
  std::string project;
  std::shared_ptr<const expression::Zone> zone;  // never null
  std::string zone_name;
  engine::Explanation explanation;
  std::vector<PageMoment> moments;  // newest first; those without a time last
  bool complete = true;             // false: only the newest activities were looked at
  std::vector<PagePayment> payments;
  std::size_t orders = 0;
  std::vector<PageAttribute> attributes;
  engine::Relations relations;
  std::vector<PageDestination> destinations;
  std::vector<std::pair<std::string, std::string>> purposes;  // name and label

  /// "14 Mar 2026, 11:05" where the project is.
  std::string time(Timestamp at) const;
  std::string date(Timestamp at) const;
};

Result<Page> gather_page(engine::Engine& engine, store::ProfileId profile, Timestamp as_of);

std::string page_html(const Page& page);

}  // namespace rondom::cli
