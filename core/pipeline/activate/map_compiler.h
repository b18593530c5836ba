// MapCompiler: a `map` node of a destination job -> producers, with every problem at its place.
// One use, one thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/activate/field_map.h"

namespace rondom::activate {

class MapCompiler {
 public:
  /// `contact`: the kind of contact point that the purpose is about ("email", "phone"; empty =
  /// none). No other one than the permitted may be given to a field then.
  MapCompiler(const config::ProfileSchema* schema, const expression::Library* library,
              config::Diagnostics& diagnostics, std::string_view contact = {})
      : schema_(schema), library_(library), diagnostics_(diagnostics), contact_(contact) {}

  std::vector<Producer::Member> compile(const config::Node& map);
  bool depends_on_time() const { return depends_on_time_; }
  /// Of everything compiled so far.
  std::uint64_t fingerprint() const { return hasher_.value(); }

 private:
  Producer value(const config::Node& node, std::size_t depth);
  Producer scalar(const config::Node& node);
  Producer special(const config::Node& node, std::size_t depth);
  void words(const config::Node& node, const config::Node& from, std::size_t depth,
             Producer& producer);
  Producer constant(const config::Node& node);
  bool expression(const config::Node& node, expression::Expression& out);
  void check_contact(const expression::Expression& expression, const config::Node& node);
  void check_fields(const config::Node& node);

  const config::ProfileSchema* const schema_;
  const expression::Library* const library_;
  config::Diagnostics& diagnostics_;
  std::string_view contact_;
  Hasher hasher_;
  bool depends_on_time_ = false;
};

}  // namespace rondom::activate
