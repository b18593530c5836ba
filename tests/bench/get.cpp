// The reference of the reading bench: bench-get ADDRESS
//
// A plain libcurl loop that follows the "next" of pages over one connection, one after the other,
// and looks at nothing else in them. What it manages is what the endpoint and its wait allow.
#include <curl/curl.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace {

constexpr std::size_t pages_max = 1'000'000;

std::size_t keep(char* data, std::size_t size, std::size_t count, void* user) {
  static_cast<std::string*>(user)->append(data, size * count);
  return size * count;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench-get ADDRESS\n");
    return 2;
  }
  std::string url = argv[1];
  const std::string host = url.substr(0, url.find('/', std::string("http://").size()));
  CURL* handle = curl_easy_init();
  std::string body;
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
  const auto start = std::chrono::steady_clock::now();
  std::size_t pages = 0, bytes = 0;
  while (!url.empty() && pages < pages_max) {
    body.clear();
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    const CURLcode code = curl_easy_perform(handle);
    if (code != CURLE_OK) {
      std::fprintf(stderr, "bench-get: %s\n", curl_easy_strerror(code));
      return 1;
    }
    ++pages;
    bytes += body.size();
    const std::string name = "\"next\":\"";
    const std::size_t at = body.rfind(name);
    url = at == std::string::npos
              ? ""
              : host + body.substr(at + name.size(),
                                   body.find('"', at + name.size()) - at - name.size());
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("bare pages: %zu pages, %zu bytes in %.3f s, %.2f pages/s\n", pages, bytes, seconds,
              static_cast<double>(pages) / seconds);
  curl_easy_cleanup(handle);
  return 0;
}
