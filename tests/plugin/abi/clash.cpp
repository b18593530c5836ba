// Built twice with another WHO and WIDTH: everything else has the same name in both plugins, also
// what the linker would make one of (inline variables, statics of templates and of inline
// functions).
#include <rondom/sdk.hpp>
#include <string>

int clash_counter = WIDTH;  // of the whole library, were it not hidden

namespace clash {

inline std::string shared = WHO;

struct Layout {
  char filler[WIDTH];
  std::string name = WHO;
};

template <typename T>
struct Holder {
  static inline T value{};
};

inline Layout& only() {
  static Layout layout;
  return layout;
}

struct Config {};

class Clash final : public rondom::Source {
 public:
  static constexpr auto spec = rondom::Spec<Config>("clash-" WHO, "Tells what its statics hold.");
  explicit Clash(Config) { ++Holder<Layout>::value.filler[0]; }
  rondom::Status read(const rondom::ReadRequest&, rondom::RecordWriter& out) override {
    RONDOM_TRY(out.stream("s"));
    return out.row()
        .text("shared", shared)
        .text("only", only().name)
        .text("held", Holder<Layout>::value.name)
        .integer("opened", Holder<Layout>::value.filler[0])
        .integer("counter", ++clash_counter)
        .done();
  }
};

}  // namespace clash

RONDOM_PLUGIN("clash-" WHO, "1.0.0", rondom::source<clash::Clash>())
