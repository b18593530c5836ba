// Throws from every method; the configuration names the one.
#include <rondom/sdk.hpp>
#include <stdexcept>

namespace {

struct Config {
  std::string in;
};

constexpr auto make_spec(std::string_view id) {
  return rondom::Spec<Config>(id, "Throws.").field("in", &Config::in, "Method that throws.");
}

void maybe_throw(const Config& config, std::string_view method) {
  if (config.in == method) throw std::runtime_error("boom in " + std::string(method));
  if (config.in == "int " + std::string(method)) throw 42;
}

class ThrowingSource final : public rondom::Source {
 public:
  static constexpr auto spec = make_spec("throwing");
  explicit ThrowingSource(Config config) : config_(std::move(config)) {
    maybe_throw(config_, "open");
  }
  rondom::Status check() override { return maybe_throw(config_, "check"), rondom::Status(); }
  rondom::Result<rondom::Catalog> discover() override {
    maybe_throw(config_, "discover");
    return rondom::Catalog();
  }
  rondom::Status read(const rondom::ReadRequest&, rondom::RecordWriter&) override {
    maybe_throw(config_, "read");
    return {};
  }

 private:
  Config config_;
};

class ThrowingDestination final : public rondom::Destination {
 public:
  static constexpr std::uint64_t capabilities = RONDOM_CAP_LOOK_UP;
  static constexpr auto spec = make_spec("throwing");
  explicit ThrowingDestination(Config config) : config_(std::move(config)) {}
  rondom::Status write(const rondom::WriteBatch&, rondom::WriteResults&) override {
    return maybe_throw(config_, "write"), rondom::Status();
  }
  rondom::Status flush(std::string_view) override {
    return maybe_throw(config_, "flush"), rondom::Status();
  }
  rondom::Status look_up(const rondom::WriteBatch&, rondom::WriteResults&) override {
    return maybe_throw(config_, "look_up"), rondom::Status();
  }

 private:
  Config config_;
};

}  // namespace

RONDOM_PLUGIN("throwing", "1.0.0", rondom::source<ThrowingSource>(),
              rondom::destination<ThrowingDestination>())
