#include "engine/purchases.h"

#include "engine/activities.h"

namespace rondom::engine {

Result<Purchases> purchases_of(const config::Project& project, store::Store& store,
                               const store::Profile& profile, Timestamp as_of) {
  ActivityReader reader(project, store, as_of);
  RONDOM_TRY_ASSIGN(auto activities, reader.read({&profile, 1}));
  return Purchases{std::move(activities.front().lists[0]), activities.front().complete};
}

}  // namespace rondom::engine
