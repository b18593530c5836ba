// ViewsFile: the file that views are written into, beside the one that is read, whose name it takes
// when it is whole.
//
// Nothing is replaced but a file that was made here for the same owner, known by its
// application_id: never the store, nor what somebody else keeps under that name. Several may be
// written at a time; the last one stays.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/base.h"

namespace rondom::store {

inline constexpr std::uint32_t views_application_id = 0x526f6e56;  // "RonV"
/// What the file has as its user_version: whose views these are. Never 0.
std::uint32_t views_mark_of(std::string_view owner);

class ViewsFile {
 public:
  /// `store_file`: the store's, empty when it is no file. ErrorCode::bad_config where the name is
  /// not for views.
  static Result<std::unique_ptr<ViewsFile>> make(const std::string& file,
                                                 const std::string& store_file,
                                                 const std::string& owner);
  /// What was not published is gone.
  ~ViewsFile();
  ViewsFile(const ViewsFile&) = delete;
  ViewsFile& operator=(const ViewsFile&) = delete;

  /// The database to write, and to close before publish(). What a crash leaves of it goes with the
  /// next one.
  const std::string& building() const { return building_; }
  Status publish();
  Status cannot_be_written() const;

 private:
  ViewsFile(const std::string& file, const std::string& store_file, const std::string& owner)
      : file_(file), store_file_(store_file), owner_(owner) {}
  Status may_be_replaced() const;
  Status make_building();
  void remove_abandoned() const;
  Status keep_rights() const;
  bool move_sides(const std::string& from, const std::string& to) const;

  const std::string file_, store_file_, owner_;
  std::string building_;
  int descriptor_ = -1;  // locked as long as somebody writes
};

}  // namespace rondom::store
