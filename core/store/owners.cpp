#include "store/bitmap.h"
#include "store/table_store.h"

namespace rondom::store {

Result<std::vector<RecordId>> TableStore::new_owners(std::span<const RecordId> ids, Since since) {
  Bitmap owners(*database_, since == Since::ever ? bitmap_set::had_owner : bitmap_set::new_owner);
  RONDOM_TRY(owners.load(ids));
  std::vector<RecordId> found;
  for (const RecordId id : ids) {
    if (owners.test(id)) found.push_back(id);
  }
  return found;
}

Result<std::vector<RecordId>> TableStore::owners_to_review(RecordId after, std::size_t count_max) {
  return Bitmap(*database_, bitmap_set::to_review).members(after, count_max);
}

Status TableStore::accept_owners(std::span<const RecordId> ids) {
  return transact(Durability::power, [&]() -> Status {
    Bitmap owners(*database_, bitmap_set::to_review);
    RONDOM_TRY(owners.load(ids));
    for (const RecordId id : ids) owners.clear(id);
    return owners.flush();
  });
}

}  // namespace rondom::store
