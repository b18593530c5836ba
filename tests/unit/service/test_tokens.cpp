#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>
#include <thread>

#include "service/audit.h"
#include "service/forwarded.h"
#include "service/tokens.h"
#include "support/folder.h"

using namespace rondom;
using namespace rondom::service;
using rondom::test::Folder;

namespace {

class CountingRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) byte = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

/// As on a full disk, while it lives: no file grows.
class NoRoom {
 public:
  NoRoom() : before_handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  NoRoom(const NoRoom&) = delete;
  NoRoom& operator=(const NoRoom&) = delete;
  ~NoRoom() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, before_handler_);
  }

 private:
  void (*before_handler_)(int);
  rlimit before_{};
};

std::string text_in(const std::string& file) {
  std::stringstream out;
  out << std::ifstream(file).rdbuf();
  return out.str();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(service_tokens)

BOOST_AUTO_TEST_CASE(a_token_is_known_until_it_ends) {
  const Folder folder("service-tokens");
  const std::string file = folder.file("tokens-api.json");
  CountingRandom random;
  Tokens tokens(file);
  BOOST_TEST(!tokens.allowed("anything", 0)->has_value());
  const auto first =
      tokens.create("reporting", {Scope::read, Scope::personal_data}, 1'000'000, {}, random);
  const auto second = tokens.create("night", {Scope::operate}, 1'000'000, 9'000'000, random);
  BOOST_REQUIRE(first.ok());
  BOOST_REQUIRE(second.ok());
  BOOST_TEST(*first == "rondom_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
  BOOST_TEST(*first != *second);

  const auto known = tokens.allowed(*first, 2'000'000);
  BOOST_REQUIRE(known->has_value());
  BOOST_TEST((*known)->name == "reporting");
  BOOST_TEST(((*known)->scopes == std::vector{Scope::read, Scope::personal_data}));
  BOOST_TEST(tokens.allowed(*second, 8'999'999)->has_value());
  BOOST_TEST(!tokens.allowed(*second, 9'000'000)->has_value());
  BOOST_TEST(!tokens.allowed(first->substr(0, first->size() - 1), 0)->has_value());
  BOOST_TEST(!tokens.allowed("", 0)->has_value());
  // What is in the file opens nothing.
  BOOST_TEST(!tokens.allowed(sha256_hex(*first), 0)->has_value());

  Tokens other(file);  // another process
  BOOST_TEST(other.revoke("reporting").ok());
  BOOST_TEST(!tokens.allowed(*first, 0)->has_value());
  BOOST_TEST((other.revoke("reporting").error().code == ErrorCode::usage));
  BOOST_TEST(other.list()->size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_file_holds_no_token_and_is_nobody_elses) {
  const Folder folder("service-tokens-file");
  const std::string file = folder.file("tokens-api.json");
  CountingRandom random;
  Tokens tokens(file);
  const auto token = tokens.create("one", {Scope::read}, 0, {}, random);
  BOOST_REQUIRE(token.ok());
  BOOST_TEST(text_in(file).find(token->substr(10)) == std::string::npos);
  struct stat there {};
  BOOST_REQUIRE(::stat(file.c_str(), &there) == 0);
  BOOST_TEST((there.st_mode & 0777) == 0600);
}

BOOST_AUTO_TEST_CASE(two_at_once_lose_nothing) {
  const Folder folder("service-tokens-two");
  const std::string file = folder.file("tokens-api.json");
  constexpr int each = 8;
  std::atomic<int> failed{0};
  std::vector<std::thread> threads;
  for (const char* who : {"a", "b", "c"}) {
    threads.emplace_back([&, who] {
      CountingRandom random;
      Tokens tokens(file);
      for (int i = 0; i < each; ++i) {
        failed += !tokens.create(who + std::to_string(i), {Scope::read}, 0, {}, random).ok();
      }
      failed += !tokens.revoke(who + std::string("0")).ok();
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(failed == 0);
  BOOST_TEST(Tokens(file).list()->size() == 3u * (each - 1));
}

BOOST_AUTO_TEST_CASE(names_and_scopes) {
  const Folder folder("service-tokens-names");
  CountingRandom random;
  Tokens tokens(folder.file("tokens-api.json"));
  BOOST_TEST(tokens.create("one", {Scope::read}, 0, {}, random).ok());
  for (const char* name : {"one", "", "a b", "a\"b", "é"}) {
    BOOST_TEST((tokens.create(name, {Scope::read}, 0, {}, random).error().code == ErrorCode::usage),
               name);
  }
  BOOST_TEST((tokens.create("two", {}, 0, {}, random).error().code == ErrorCode::usage));
  BOOST_TEST((scope_of("personal-data") == Scope::personal_data));
  for (const char* word : {"none", "local", "all", ""})
    BOOST_TEST(!scope_of(word).has_value(), word);
}

BOOST_AUTO_TEST_CASE(a_damaged_file_lets_nobody_in) {
  const Folder folder("service-tokens-damaged");
  const std::string file = folder.file("tokens-api.json");
  std::ofstream(file) << "{\"tokens\":[{\"name\":\"x\"}]}";
  BOOST_TEST(!Tokens(file).allowed("x", 0).ok());
  std::ofstream(file, std::ios::trunc) << "{\"tok";
  BOOST_TEST(!Tokens(file).allowed("x", 0).ok());
}

BOOST_AUTO_TEST_CASE(an_audit_follows_from_its_beginning) {
  const Folder folder("service-audit");
  const std::string file = folder.file("audit.jsonl");
  ManualClock clock(1'764'189'282'000'000);
  BOOST_TEST(check_audit(file)->entries == 0);
  {
    Audit audit(file, clock);
    BOOST_TEST(audit.add({"token reporting", "GET /api/v1/profiles/{profile}", "an-id", 200}).ok());
  }
  Audit audit(file, clock);  // after a restart
  BOOST_TEST(audit.add({"user 1000", "command profile show", "", 0}).ok());
  BOOST_TEST(check_audit(file)->entries == 2);
  const std::string whole = text_in(file);
  BOOST_TEST(whole.starts_with(
      "{\"at\":\"2025-11-26T20:34:42Z\",\"who\":\"token reporting\",\"what\":\"GET "
      "/api/v1/profiles/{profile}\",\"profile\":\"an-id\",\"status\":200,\"previous\":\"0000"));
  struct stat there {};
  BOOST_REQUIRE(::stat(file.c_str(), &there) == 0);
  BOOST_TEST((there.st_mode & 0777) == 0600);

  const std::size_t second = whole.find('\n') + 1;
  std::string other_name = whole;
  other_name.replace(whole.find("reporting"), 9, "another01");
  for (const std::string& changed :
       {other_name, whole.substr(second), whole.substr(0, whole.size() - 5),
        whole + whole.substr(second), whole + "\n", "x" + whole}) {
    std::ofstream(file, std::ios::trunc) << changed;
    BOOST_TEST((check_audit(file).error().code == ErrorCode::data), changed);
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_audit_is_kept_and_a_new_one_says_so) {
  const Folder folder("service-audit-damaged");
  const std::string file = folder.file("audit.jsonl");
  ManualClock clock(1'764'189'282'000'000);
  std::ofstream(file) << "{\"at\":\"half a li";
  Audit audit(file, clock);
  BOOST_TEST(audit.add({"user 1", "command run", "", 0}).ok());
  BOOST_TEST(check_audit(file)->entries == 2);
  BOOST_TEST(text_in(file).find("line 1") != std::string::npos);
  BOOST_TEST(text_in(file + ".damaged-20251126T203442Z") == "{\"at\":\"half a li");
  const auto checked = check_audit(file);
  BOOST_TEST(checked->begun_anew == 1);
  BOOST_TEST(checked->damaged == std::vector<std::string>{file + ".damaged-20251126T203442Z"},
             boost::test_tools::per_element());
  std::filesystem::remove(file + ".damaged-20251126T203442Z");
  BOOST_TEST(check_audit(file)->damaged.empty());
}

BOOST_AUTO_TEST_CASE(
    what_has_to_be_said_first_waits_until_it_can_be_and_nothing_kept_is_written_over) {
  const Folder folder("service-audit-pending");
  const std::string file = folder.file("audit.jsonl");
  ManualClock clock(1'764'189'282'000'000);
  std::ofstream(file) << "half a line";
  Audit audit(file, clock);
  {
    const NoRoom full;
    BOOST_TEST(!audit.add({"user 1", "command run", "", 0}).ok());
  }
  BOOST_TEST(audit.add({"user 2", "command run", "", 0}).ok());
  BOOST_TEST(check_audit(file)->entries == 2);
  BOOST_TEST(text_in(file).find("began anew: " + file + ", line 1") != std::string::npos);
  // Damaged again within the same second.
  std::ofstream(file, std::ios::trunc) << "another half";
  BOOST_TEST(Audit(file, clock).add({"user 3", "command run", "", 0}).ok());
  BOOST_TEST(text_in(file + ".damaged-20251126T203442Z") == "half a line");
  BOOST_TEST(text_in(file + ".damaged-20251126T203442Z-2") == "another half");
}

BOOST_AUTO_TEST_CASE(an_audit_that_is_moved_away_begins_anew_and_says_so) {
  const Folder folder("service-audit-moved");
  const std::string file = folder.file("audit.jsonl");
  ManualClock clock(1'764'189'282'000'000);
  Audit audit(file, clock);
  BOOST_TEST(audit.add({"user 1", "command run", "", 0}).ok());
  const std::string last = check_audit(file)->last_hash;
  std::filesystem::rename(file, file + ".1");
  BOOST_TEST(audit.add({"user 2", "command status", "", 0}).ok());
  BOOST_TEST(check_audit(file + ".1")->entries == 1);
  BOOST_TEST(check_audit(file)->entries == 2);
  BOOST_TEST(text_in(file).find("the file with the hash " + last + " is gone") !=
             std::string::npos);
  std::filesystem::remove(file);
  BOOST_TEST(audit.add({"user 3", "command run", "", 0}).ok());
  BOOST_TEST(text_in(file).find("user 3") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(nothing_is_shown_when_the_audit_cannot_be_written) {
  const Folder folder("service-audit-refused");
  ManualClock clock(0);
  std::filesystem::create_directories(folder.file("audit.jsonl"));
  BOOST_TEST(!Audit(folder.file("audit.jsonl"), clock).add({"a", "b", "", 0}).ok());
}

BOOST_AUTO_TEST_CASE(what_the_service_runs_for_others) {
  using Words = std::vector<std::string>;
  BOOST_TEST(forwarded_verb_in(Words{"-o", "json", "profile", "show", "anna@example.com"}) ==
             "profile show");
  BOOST_TEST(forwarded_verb_in(Words{"--output=json", "-q", "profile", "-v", "find", "run"}) ==
             "profile find");
  BOOST_TEST(forwarded_verb_in(Words{"run", "--all"}) == "run");
  for (const Words& none : {Words{"anna@example.com", "run"}, Words{"plugin", "run", "x.so"},
                            Words{"serve"}, Words{"profile"}, Words{"-o", "run"}, Words{}}) {
    BOOST_TEST(forwarded_verb_in(none) == "", join(none, " "));
  }
  BOOST_TEST(may_be_run(Words{"run", "--all"}).ok());
  BOOST_TEST(
      may_be_run(Words{"profile", "find", "-qv", "-ojson", "--color=always", "--", "x"}).ok());
  for (const Words& refused :
       {Words{"-C", "/", "run"}, Words{"run", "-C/"}, Words{"run", "-qC/"}, Words{"run", "--env=x"},
        Words{"run", "--directory", "/"}, Words{"--plugin-host-wrapper=sh", "run"},
        Words{"plugin", "run", "x.so"}, Words{"validate"}, Words{"--configuration=/", "run"},
        Words{"notify", "test", "--configuration", "/"}, Words{"status", "--", "--configuration=/"},
        Words{"status", "--", "-C/"}, Words{"run", "--progress-lines"},
        Words{"run", "--core-dumps"}, Words{"run", "--configurations"}, Words{"run", "-vE"}}) {
    BOOST_TEST((may_be_run(refused).error().code == ErrorCode::usage), join(refused, " "));
  }
}

BOOST_AUTO_TEST_SUITE_END()
