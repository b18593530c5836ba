#include "net/cassette.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "net/redact.h"

namespace rondom::net {
namespace {

using Json = nlohmann::json;

constexpr int format = 1;
constexpr std::array<std::string_view, 8> outcomes = {"complete",    "not_sent",    "lost",
                                                      "untrusted",   "too_large",   "stopped",
                                                      "interrupted", "unanswerable"};

Json json_of(const std::vector<Header>& headers) {
  Json list = Json::array();
  for (const Header& header : headers) list.push_back({header.name, header.value});
  return list;
}

void put(Json& line, const std::string& name, const std::string& bytes) {
  if (is_utf8(bytes)) {
    line[name] = bytes;
  } else {
    line[name + "_base64"] = base64(bytes);
  }
}

std::optional<std::string> decoded(const std::string& text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(size));
  for (std::size_t at = text.size(); at > 0 && text[at - 1] == '=' && !out.empty(); --at) {
    out.pop_back();  // EVP_DecodeBlock counts what the padding stands for
  }
  return out;
}

bool get(const Json& line, const std::string& name, std::string& bytes) {
  if (const auto plain = line.find(name); plain != line.end()) {
    if (!plain->is_string()) return false;
    bytes = plain->get<std::string>();
    return true;
  }
  const auto coded = line.find(name + "_base64");
  if (coded == line.end() || !coded->is_string()) return false;
  const auto whole = decoded(coded->get<std::string>());
  bytes = whole.value_or("");
  return whole.has_value();
}

bool get_headers(const Json& line, const char* name, std::vector<Header>& headers) {
  const auto list = line.find(name);
  if (list == line.end() || !list->is_array()) return false;
  for (const Json& one : *list) {
    if (!one.is_array() || one.size() != 2 || !one[0].is_string() || !one[1].is_string()) {
      return false;
    }
    headers.push_back({one[0].get<std::string>(), one[1].get<std::string>()});
  }
  return true;
}

bool read_line(const Json& line, Taped& taped) {
  if (!line.is_object()) return false;
  std::string outcome;
  if (!get(line, "connection", taped.connection) || !get(line, "method", taped.method) ||
      !get(line, "url", taped.url) || !get(line, "outcome", outcome) ||
      !get(line, "what", taped.outcome.what) || !get(line, "body", taped.body) ||
      !get(line, "reply", taped.reply) || !get_headers(line, "headers", taped.headers) ||
      !get_headers(line, "reply_headers", taped.reply_headers)) {
    return false;
  }
  const auto status = line.find("status");
  if (status == line.end() || !status->is_number_unsigned()) return false;
  taped.status = status->get<std::uint32_t>();
  const auto left_out = line.find("left_out");
  if (left_out != line.end() && !left_out->is_boolean()) return false;
  taped.body_left_out = left_out != line.end() && left_out->get<bool>();
  for (std::size_t kind = 0; kind < outcomes.size(); ++kind) {
    if (outcomes[kind] != outcome) continue;
    taped.outcome.kind = static_cast<Outcome::Kind>(kind);
    return true;
  }
  return false;
}

std::string_view without_query(std::string_view url) {
  return url.substr(0, url.find('?'));
}

}  // namespace

Result<std::shared_ptr<CassetteWriter>> CassetteWriter::create(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 && errno == EEXIST) {
    return Error{ErrorCode::usage, path + " is there already; a cassette is not recorded over"};
  }
  if (file < 0) return Error{ErrorCode::unavailable, path + " cannot be made"};
  std::shared_ptr<CassetteWriter> writer(new CassetteWriter(path, file));
  const std::string head = Json{{"cassette", format}}.dump() + "\n";
  if (::write(file, head.data(), head.size()) != static_cast<ssize_t>(head.size())) {
    return Error{ErrorCode::unavailable, path + " cannot be written"};
  }
  return writer;
}

CassetteWriter::~CassetteWriter() {
  ::close(file_);
}

Status CassetteWriter::append(const Taped& taped) {
  Json line{{"connection", taped.connection},
            {"method", taped.method},
            {"url", taped.url},
            {"headers", json_of(taped.headers)},
            {"outcome", outcomes.at(static_cast<std::size_t>(taped.outcome.kind))},
            {"what", taped.outcome.what},
            {"status", taped.status},
            {"reply_headers", json_of(taped.reply_headers)}};
  put(line, "body", taped.body);
  put(line, "reply", taped.reply);
  if (taped.body_left_out) line["left_out"] = true;
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  const std::lock_guard lock(mutex_);
  std::string_view rest = text;
  while (!broken_ && !rest.empty()) {
    const ssize_t written = ::write(file_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    broken_ = written <= 0;
    if (!broken_) rest.remove_prefix(static_cast<std::size_t>(written));
  }
  if (broken_) return Error{ErrorCode::unavailable, path_ + " cannot be written"};
  return {};
}

Result<std::shared_ptr<CassetteReader>> CassetteReader::load(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{ErrorCode::usage, "the cassette " + path + " cannot be read"};
  in.seekg(0, std::ios::end);
  if (in.tellg() > static_cast<std::streamoff>(cassette_bytes_max)) {
    return Error{ErrorCode::data, path + " is larger than a cassette may be"};
  }
  in.seekg(0);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return parse(text, path);
}

Result<std::shared_ptr<CassetteReader>> CassetteReader::parse(std::string_view text,
                                                              const std::string& name) {
  auto reader = std::make_shared<CassetteReader>();
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::string_view one = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    const Json line = Json::parse(one, nullptr, false);
    if (number == 1 && line.is_object() && line.contains("cassette") &&
        line["cassette"] == format) {
      continue;
    }
    Taped taped;
    if (number == 1 || !read_line(line, taped)) {
      return Error{ErrorCode::data, name + ":" + std::to_string(number) +
                                        (number == 1 ? ": this is no cassette of this version"
                                                     : ": no exchange can be read here")};
    }
    reader->tape_.push_back(std::move(taped));
  }
  if (number == 0) return Error{ErrorCode::data, name + " is empty"};
  reader->taken_.resize(reader->tape_.size());
  return reader;
}

std::optional<Taped> CassetteReader::take(const Taped& request) {
  const std::lock_guard lock(mutex_);
  while (open_ < tape_.size() && taken_[open_]) ++open_;
  for (const bool exactly : {true, false}) {
    for (std::size_t i = open_; i < tape_.size(); ++i) {
      const Taped& one = tape_[i];
      if (taken_[i] || one.connection != request.connection || one.method != request.method) {
        continue;
      }
      const bool same = exactly ? one.url == request.url && one.body == request.body
                                : without_query(one.url) == without_query(request.url);
      if (!same) continue;
      taken_[i] = true;
      return one;
    }
  }
  return std::nullopt;
}

}  // namespace rondom::net
