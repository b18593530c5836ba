// A plugin with an fmt and an spdlog of its own inside, of another version than the program has: a
// formatter and a log sink leave their marks in its records, which would be somebody else's if the
// libraries were mixed up.
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <rondom/sdk.hpp>
#include <sstream>
#include <string>
#include <typeinfo>

namespace {

struct Config {};
struct Mark {};

}  // namespace

template <>
struct fmt::formatter<Mark> {
  constexpr auto parse(format_parse_context& context) { return context.begin(); }
  template <typename Context>
  auto format(const Mark&, Context& context) const {
    return fmt::format_to(context.out(), "ours");
  }
};

namespace {

class Marks final : public rondom::Source {
 public:
  static constexpr auto spec = rondom::Spec<Config>("other-fmt", "Marks of an fmt and an spdlog.");

  rondom::Status read(const rondom::ReadRequest& request, rondom::RecordWriter& out) override {
    std::ostringstream logged;
    spdlog::logger logger("plugin", std::make_shared<spdlog::sinks::ostream_sink_mt>(logged));
    logger.set_pattern("%l:%v");
    logger.warn("{}", Mark());
    std::string line = logged.str();
    line.erase(line.find_last_not_of('\n') + 1);
    RONDOM_TRY(out.row()
                   .text("id", fmt::format("{:05d}", 7))
                   .text("logged", line)
                   .text("fmt", typeid(fmt::format_error).name())
                   .done());
    return out.checkpoint(request.streams.front().name, "{}");
  }
};

}  // namespace

RONDOM_PLUGIN("other-fmt", "1.0.0", rondom::source<Marks>())
