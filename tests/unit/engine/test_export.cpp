// export: sorted lines with bounded memory, whatever order the store holds them in.
#include <algorithm>
#include <filesystem>

#include "unit/engine/world.h"

namespace rondom::engine::test {
namespace {

using Lines = std::vector<std::string>;

std::function<Status(std::string_view)> into(Lines& lines) {
  return [&lines](std::string_view line) -> Status {
    lines.emplace_back(line);
    return {};
  };
}

Lines profiles(World& world, std::size_t run_bytes = export_run_bytes) {
  Lines lines;
  require(export_profiles(world.store(), world.folder() + "/var/tmp", into(lines), run_bytes));
  return lines;
}

Lines members(World& world, std::size_t run_bytes = export_run_bytes) {
  Lines lines;
  require(export_members(world.store(), world.folder() + "/var/tmp", into(lines), run_bytes));
  return lines;
}

std::size_t files_in(const std::string& folder) {
  if (!std::filesystem::exists(folder)) return 0;
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                std::filesystem::directory_iterator()));
}

void many_people(World& world, int count) {
  std::vector<Person> people;
  for (int i = 0; i < count; ++i) {
    Person person;
    person.key = std::to_string(i * 7919 % 1000);
    person.given = "Anna";
    person.surname = std::string(static_cast<std::size_t>(i % 90), 'x');
    people.push_back(person);
  }
  world.put(people);
  world.unify();
}

BOOST_AUTO_TEST_SUITE(export_lines)

BOOST_AUTO_TEST_CASE(a_profile_is_one_line_without_ids_and_times) {
  World world;
  Person anna{"a/1", "Anna", "Bos", "1980-05-12", {"anna@example.com"}};
  Person same{"b", "", "", "", {"anna@example.com"}};
  same.stream = "customers";
  world.put({anna, same});
  world.unify();
  const Lines expected = {
      R"({"label":"crm.Contact/a\\/1","entity":"person",)"
      R"("members":["crm.Contact/a\\/1","shop.customers/b"],)"
      R"("values":{"name":{"given":"Anna","surname":"Bos"},"birth_date":"1980-05-12",)"
      R"("emails":[{"value":"anna@example.com"}]}})"};
  BOOST_TEST(profiles(world) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(members_are_quoted_where_csv_needs_it) {
  World world;
  Person anna{"say \"a\", b\nc", "Anna"};
  Person plain{"plain key", "Anna"};
  world.put({anna, plain});
  world.unify();
  std::string uid_anna, uid_plain;
  for (const ProfileView& view : world.profiles()) {
    (view.label == "crm.Contact/plain key" ? uid_plain : uid_anna) = view.uid;
  }
  Lines expected = {uid_anna + ",crm,Contact,\"say \"\"a\"\", b\nc\"",
                    uid_plain + ",crm,Contact,plain key"};
  std::sort(expected.begin(), expected.end());
  BOOST_TEST(members(world) == expected, boost::test_tools::per_element());
  BOOST_TEST(members(world, 1) == expected, boost::test_tools::per_element());  // through files
}

BOOST_AUTO_TEST_CASE(runs_on_disk_give_the_same_order_and_are_removed) {
  World world;
  many_people(world, 300);
  const Lines expected = profiles(world);
  BOOST_TEST(expected.size() == 300);
  BOOST_TEST(std::is_sorted(expected.begin(), expected.end()));
  BOOST_TEST(files_in(world.folder() + "/var/tmp") == 0);
  for (const std::size_t run_bytes : {2'000u, 20'000u}) {
    std::size_t files = 0;
    Lines lines;
    require(export_profiles(
        world.store(), world.folder() + "/var/tmp",
        [&](std::string_view line) -> Status {
          files = files_in(world.folder() + "/var/tmp");
          lines.emplace_back(line);
          return {};
        },
        run_bytes));
    BOOST_TEST(files > 1);
    BOOST_TEST((lines == expected));
    BOOST_TEST(files_in(world.folder() + "/var/tmp") == 0);
  }
  const Lines all_members = members(world);
  BOOST_TEST(all_members.size() == 300);
  BOOST_TEST(std::is_sorted(all_members.begin(), all_members.end()));
  BOOST_TEST((members(world, 3'000) == all_members));
}

BOOST_AUTO_TEST_CASE(a_reader_that_has_enough_ends_the_export) {
  World world;
  many_people(world, 50);
  for (const std::size_t run_bytes : {std::size_t{1'000}, export_run_bytes}) {
    std::size_t lines = 0;
    const Status status = export_profiles(
        world.store(), world.folder() + "/var/tmp",
        [&](std::string_view) -> Status {
          if (++lines == 3) return {ErrorCode::unavailable, "the pipe is closed"};
          return {};
        },
        run_bytes);
    BOOST_REQUIRE(!status.ok());
    BOOST_TEST(status.error().message == "the pipe is closed");
    BOOST_TEST(lines == 3);
    BOOST_TEST(files_in(world.folder() + "/var/tmp") == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_written_is_an_error) {
  World world;
  many_people(world, 50);
  world.change("var/file", "");
  Lines lines;
  const Status status =
      export_profiles(world.store(), world.folder() + "/var/file/tmp", into(lines), 1'000);
  BOOST_REQUIRE(!status.ok());
  BOOST_TEST((status.error().code == ErrorCode::unavailable));
  BOOST_TEST(lines.empty());
}

BOOST_AUTO_TEST_CASE(a_run_that_is_lost_is_an_error_and_no_short_export) {
  World world;
  many_people(world, 300);
  std::size_t lines = 0;
  const std::string folder = world.folder() + "/var/tmp";
  // What is removed after opening is still readable; so a run is made unreadable before it is
  // opened: a folder stands where the second run wants its file.
  std::filesystem::create_directories(folder + "/sort-1.tmp");
  const Status status = export_profiles(
      world.store(), folder,
      [&](std::string_view) -> Status {
        ++lines;
        return {};
      },
      2'000);
  BOOST_REQUIRE(!status.ok());
  BOOST_TEST((status.error().code == ErrorCode::unavailable));
  BOOST_TEST(lines == 0);
}

BOOST_AUTO_TEST_CASE(an_empty_store_exports_nothing) {
  World world;
  BOOST_TEST(profiles(world).empty());
  BOOST_TEST(members(world).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::engine::test
