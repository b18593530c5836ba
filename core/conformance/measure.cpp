#include "conformance/measure.h"

#include <dirent.h>
#include <poll.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <tuple>

namespace rondom::conformance {
namespace {

using Json = nlohmann::json;

std::size_t entries(const char* folder) {
  std::size_t count = 0;
  DIR* open = ::opendir(folder);
  if (open == nullptr) return 0;
  while (::readdir(open) != nullptr) ++count;
  ::closedir(open);
  return count;
}

std::size_t status_kib(const std::string& name) {
  std::ifstream in("/proc/self/status");
  std::string line;
  while (std::getline(in, line)) {
    if (line.rfind(name, 0) != 0) continue;
    std::istringstream rest(line.substr(name.size()));
    std::size_t kib = 0;
    rest >> kib;
    return kib;
  }
  return 0;
}

using Same = std::tuple<std::string, std::uint32_t, std::string>;
Same identity(const Pushed& pushed) {
  return {pushed.stream, pushed.op, pushed.text};
}

}  // namespace

std::size_t open_descriptors() {
  return entries("/proc/self/fd");
}
std::size_t running_threads() {
  return entries("/proc/self/task");
}
std::size_t threads_left(std::size_t before) {
  constexpr int looks_max = 1'000;  // a millisecond apart
  for (int look = 0; look < looks_max && running_threads() > before; ++look) {
    ::poll(nullptr, 0, 1);
  }
  return std::max(running_threads(), before) - before;
}
std::size_t resident_bytes() {
  return status_kib("VmRSS:") * 1'024;
}
std::size_t resident_bytes_peak() {
  return status_kib("VmHWM:") * 1'024;
}

std::set<std::string> fields_of_the_host(const Json& spec) {
  std::set<std::string> fields = {"network"};
  const auto auths = spec.find("x-auth");
  if (auths == spec.end() || !auths->is_array()) return fields;
  for (const Json& auth : *auths) {
    const auto names = auth.find("fields");
    if (names == auth.end() || !names->is_array()) continue;
    for (const Json& name : *names) {
      if (name.is_string()) fields.insert(name.get<std::string>());
    }
  }
  return fields;
}

std::vector<Pushed> records_of(const std::vector<Pushed>& pushed) {
  std::vector<Pushed> records;
  for (const Pushed& one : pushed) {
    if (one.kind == Pushed::Kind::record) records.push_back(one);
  }
  return records;
}

std::vector<const Pushed*> missing(const std::vector<Pushed>& wanted,
                                   const std::vector<Pushed>& got) {
  std::map<Same, std::size_t> there;
  for (const Pushed& one : got) {
    if (one.kind == Pushed::Kind::record) ++there[identity(one)];
  }
  std::vector<const Pushed*> lost;
  for (const Pushed& one : wanted) {
    if (one.kind != Pushed::Kind::record) continue;
    const auto found = there.find(identity(one));
    if (found == there.end() || found->second == 0) {
      lost.push_back(&one);
    } else {
      --found->second;
    }
  }
  return lost;
}

std::vector<std::size_t> spread(std::size_t count, std::size_t most) {
  std::vector<std::size_t> out;
  if (count <= most) {
    for (std::size_t i = 0; i < count; ++i) out.push_back(i);
    return out;
  }
  for (std::size_t i = 0; i < most; ++i) out.push_back(i * (count - 1) / (most - 1));
  return out;
}

std::vector<std::size_t> checkpoints_of(const std::vector<Pushed>& pushed, std::size_t most) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < pushed.size(); ++i) {
    if (pushed[i].kind == Pushed::Kind::checkpoint) all.push_back(i);
  }
  std::vector<std::size_t> some;
  for (const std::size_t i : spread(all.size(), most)) some.push_back(all[i]);
  return some;
}

namespace {

std::map<std::string, StreamFacts> facts_in(const Json& catalog) {
  std::map<std::string, StreamFacts> facts;
  for (const Json& stream : catalog.value("streams", Json::array())) {
    StreamFacts& one = facts[stream.value("name", "")];
    one.key = stream.value("key", std::vector<std::string>());
    one.cursor = stream.value("cursor", "");
    for (const Json& field : stream.value("fields", Json::array())) {
      one.fields.emplace_back(field.value("name", ""), field.value("type", ""));
    }
  }
  return facts;
}

}  // namespace

const StreamFacts* facts_of(const Subject& subject, const StreamFixture& stream) {
  static std::map<std::string, std::map<std::string, StreamFacts>> known;  // by options; one child
  if (subject.table.discover == nullptr) return nullptr;
  auto found = known.find(stream.options_json);
  if (found == known.end()) {
    FakeHost host(subject);
    Opened opened(subject, host);
    std::string text;
    std::map<std::string, StreamFacts> facts;
    if (opened.open().ok() && opened.discover(stream.options_json, text).ok()) {
      try {
        facts = facts_in(Json::parse(text));
      } catch (const Json::exception&) {  // the check of the catalog says so
        facts.clear();
      }
    }
    found = known.emplace(stream.options_json, std::move(facts)).first;
  }
  const auto fact = found->second.find(stream.stream);
  return fact == found->second.end() ? nullptr : &fact->second;
}

std::string joined(const std::vector<std::string>& texts, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < std::min(texts.size(), most); ++i) {
    out += (out.empty() ? "" : "; ") + texts[i];
  }
  if (texts.size() > most) out += "; and " + std::to_string(texts.size() - most) + " more";
  return out;
}

std::string number(std::size_t count, const char* of_what) {
  return std::to_string(count) + " " + of_what + (count == 1 ? "" : "s");
}

}  // namespace rondom::conformance
