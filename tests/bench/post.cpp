// The reference of the activation bench: bench-post ADDRESS RECORDS
//
// A plain libcurl loop that posts as many records, as large and as many a request as the plugin
// bench_http does, over one connection. What it manages is what the endpoint and the loopback
// allow.
#include <curl/curl.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "batch_http.h"

namespace {

std::size_t forget(char* /*data*/, std::size_t size, std::size_t count, void* /*user*/) {
  return size * count;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: bench-post ADDRESS RECORDS\n");
    return 2;
  }
  const std::string url = std::string(argv[1]) + "/batch";
  const std::size_t records = std::strtoull(argv[2], nullptr, 10);
  CURL* handle = curl_easy_init();
  curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
  headers = curl_slist_append(headers, "Expect:");
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, forget);
  const auto start = std::chrono::steady_clock::now();
  std::size_t sent = 0;
  while (sent < records) {
    std::string list;
    for (std::size_t i = 0; i < bench::records_per_request && sent < records; ++i, ++sent) {
      bench::append_record(list, "0192f3c1-7a10-8d09-9170-7969a72a0a52",
                           R"({"email":"anna.vandenberg12345@example.com","given":"Anna",)"
                           R"("surname":"Berg","city":"Amsterdam"})");
    }
    bench::end_list(list);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(list.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, list.c_str());
    const CURLcode code = curl_easy_perform(handle);
    if (code != CURLE_OK) {
      std::fprintf(stderr, "bench-post: %s\n", curl_easy_strerror(code));
      return 1;
    }
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("bare posts: %zu records in %.2f s, %.0f records/s\n", records, seconds,
              static_cast<double>(records) / seconds);
  curl_slist_free_all(headers);
  curl_easy_cleanup(handle);
  return 0;
}
