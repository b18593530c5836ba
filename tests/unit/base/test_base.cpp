// Time, hashes, text and the queue between threads.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/base.h"
#include "base/cleanse.h"
#include "base/hex.h"
#include "base/printable.h"
#include "base/scratch_file.h"

namespace rondom {
namespace {

BOOST_AUTO_TEST_SUITE(base)

BOOST_AUTO_TEST_CASE(bytes_come_back_from_their_digits) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  BOOST_TEST(from_hex(to_hex(all)) == all);
  BOOST_TEST(to_hex("\x0f\xa0") == "0fa0");
  for (const char* damaged : {"0fa", "0fA0", "0f a0", "0fg0"}) {
    BOOST_TEST(from_hex(damaged) == "\x0f", damaged);
  }
  BOOST_TEST(from_hex("").empty());
}

BOOST_AUTO_TEST_CASE(nothing_printable_is_an_order_to_a_terminal) {
  BOOST_TEST(printable("Zoë\t\"x\"\n€ 😀") == "Zoë\t\"x\"\n€ 😀");
  BOOST_TEST(printable("a\x1b[2J\r\x07\x7f") == "a\\u001b[2J\\u000d\\u0007\\u007f");
  BOOST_TEST(printable("a\xc2\x9b"
                       "31m\xe2\x80\xae") == "a\\u009b31m\\u202e");
  BOOST_TEST(printable("a\x9b"
                       "31m\xc0\x9b\xed\xa0\x80") ==
             "a\xef\xbf\xbd"
             "31m\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  BOOST_TEST(printable_line("a\nb\tc") == "a\\nb\\tc");
  // However it is cut into pieces.
  const std::string text = "\x1b[1mZoë 😀\x1b[0m\x1b[2J \x1b[\xe2\x80";
  for (std::size_t size = 1; size < 7; ++size) {
    Printable filter({"\x1b[1m", "\x1b[0m"});
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += size)
      out += filter.take(text.substr(at, size));
    out += filter.rest();
    BOOST_TEST(out == "\x1b[1mZoë 😀\x1b[0m\\u001b[2J \\u001b[\xef\xbf\xbd\xef\xbf\xbd", size);
  }
}

BOOST_AUTO_TEST_CASE(a_scratch_file_keeps_what_was_put_there_and_has_no_name) {
  std::string folder = (std::filesystem::temp_directory_path() / "rondom-scratch-XXXXXX").string();
  BOOST_REQUIRE(mkdtemp(folder.data()) != nullptr);
  {
    Result<ScratchFile> file = ScratchFile::make(folder);
    BOOST_REQUIRE(file.ok());
    const std::string large(100'000, 'x');
    BOOST_TEST(file->append("first").value() == 0);
    BOOST_TEST(file->append(large).value() == 5);
    BOOST_TEST(file->append("last").value() == 100'005);
    const ScratchFile moved = std::move(*file);
    std::string read = "> ";
    BOOST_TEST(moved.read(100'003, 6, read).ok());
    BOOST_TEST(read == "> xxlast");
    BOOST_TEST(!moved.read(100'005, 5, read).ok());  // there are four
    BOOST_TEST(std::filesystem::is_empty(folder));
  }
  std::filesystem::remove_all(folder);
  BOOST_TEST((ScratchFile::make(folder).error().code == ErrorCode::unavailable));
}

BOOST_AUTO_TEST_CASE(times_round_trip) {
  for (const char* text : {"1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "1899-12-31T12:00:00.5Z",
                           "2026-03-14T21:04:05.123456Z"}) {
    const auto at = parse_time(text);
    BOOST_REQUIRE(at.ok());
    const auto again = parse_time(format_time(at.value()));
    BOOST_REQUIRE(again.ok());
    BOOST_TEST(again.value() == at.value());
  }
  BOOST_TEST(format_time(parse_time("2026-03-14T23:04:05+02:00").value()) ==
             "2026-03-14T21:04:05Z");
  BOOST_TEST(format_date(parse_time("1969-12-31").value()) == "1969-12-31");
}

BOOST_AUTO_TEST_CASE(what_is_no_time_is_refused) {
  for (const char* text :
       {"", "2026-13-01", "2026-02-29", "2026-02-28T24:00:00Z", "2026-02-28T10:00",
        "2026-02-28T10:00:00", "2026-02-28T10:00:00Zx", "2026-02-28T10:00:00.Z"}) {
    BOOST_TEST(!parse_time(text).ok(), text);
  }
}

BOOST_AUTO_TEST_CASE(uids_are_keyed_versioned_and_round_trip) {
  const Uid one = keyed_uid("secret", "crm.Contact/1", 0);
  BOOST_TEST((one == keyed_uid("secret", "crm.Contact/1", 0)));
  BOOST_TEST((one != keyed_uid("secret", "crm.Contact/1", 1)));
  BOOST_TEST((one != keyed_uid("other", "crm.Contact/1", 0)));
  const std::string text = to_text(one);
  BOOST_TEST(text.size() == 36u);
  BOOST_TEST(text[14] == '8');
  Uid again;
  BOOST_TEST(parse_uid(text, again));
  BOOST_TEST((again == one));
  BOOST_TEST(!parse_uid(text.substr(1), again));
  BOOST_TEST(!parse_uid("zz" + text.substr(2), again));
}

BOOST_AUTO_TEST_CASE(hash_pieces_have_boundaries) {
  BOOST_TEST(Hasher().add("ab").add("c").value() != Hasher().add("a").add("bc").value());
  BOOST_TEST(sha256_hex("abc") ==
             "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_CASE(utf8_is_strict) {
  BOOST_TEST(is_utf8("Zoë € 𝄞 plain ascii text"));
  for (const char* bad : {"\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82", "a\x80"}) {
    BOOST_TEST(!is_utf8(bad));
  }
}

BOOST_AUTO_TEST_CASE(globs_and_suggestions) {
  BOOST_TEST(glob_match("info@*", "INFO@example.com"));
  BOOST_TEST(!glob_match("info@*", "sinfo@example.com"));
  BOOST_TEST(glob_match("*a*b?", "xxaxxbc"));
  BOOST_TEST(!glob_match(std::string(40, '*') + "b", std::string(5'000, 'a')));
  const std::vector<std::string> names = {"name.given", "name.surname", "birth_date"};
  BOOST_TEST(did_you_mean("name.givn", names).value_or("") == "name.given");
  BOOST_TEST(!did_you_mean("postcode", names).has_value());
}

BOOST_AUTO_TEST_CASE(personal_text_is_masked_and_cut_at_characters) {
  BOOST_TEST(mask("jan@example.com") == "j••@example.com");
  BOOST_TEST(excerpt("Zoë", 3) == "Zo…");
  BOOST_TEST(with_thousands(-1234567) == "-1,234,567");
  std::string json;
  append_json_string(json, "a\"\n\xff");
  BOOST_TEST(json == "\"a\\\"\\n\xef\xbf\xbd\"");
}

BOOST_AUTO_TEST_CASE(an_arena_keeps_what_it_gave) {
  Arena arena(64);
  std::vector<std::string_view> kept;
  for (int i = 0; i < 100; ++i)
    kept.push_back(arena.copy(std::string(static_cast<std::size_t>(i), 'x')));
  for (int i = 0; i < 100; ++i) {
    BOOST_TEST(kept[static_cast<std::size_t>(i)].size() == static_cast<std::size_t>(i));
    BOOST_TEST(kept[static_cast<std::size_t>(i)].find_first_not_of('x') == std::string_view::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_bounded_queue_keeps_order_and_ends) {
  BoundedQueue<int> queue(2);
  std::thread producer([&] {
    for (int i = 0; i < 1'000 && queue.put(i); ++i) {
    }
    queue.finish();
  });
  int expected = 0;
  while (const auto value = queue.take()) BOOST_TEST(*value == expected++);
  producer.join();
  BOOST_TEST(expected == 1'000);
}

BOOST_AUTO_TEST_CASE(a_closed_queue_refuses) {
  BoundedQueue<int> queue(1);
  BOOST_TEST(queue.put(1));
  std::thread closer([&] { queue.close(); });
  // Blocks while it is full, until it is closed.
  BOOST_TEST(!queue.put(2));
  closer.join();
}

BOOST_AUTO_TEST_CASE(a_secret_is_overwritten) {
  std::string text = "a secret that is longer than what a text holds without memory of its own";
  const char* const at = text.data();
  const std::size_t size = text.size();
  {
    const CleansedAtEnd cleansed(text);
    text.resize(10);  // what it had room for counts
  }
  BOOST_TEST(text.empty());
  BOOST_REQUIRE(text.data() == at);
  BOOST_TEST(std::all_of(at, at + size, [](char c) { return c == 0; }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom
