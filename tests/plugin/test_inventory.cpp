// Manifests and the inventory made of them.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fixture.h"
#include "plugin/documents.h"

using namespace rondom;
using namespace rondom::plugin;
using namespace rondom::plugin::test;

namespace {

namespace fs = std::filesystem;

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A folder with the echo plugin and its manifest.
void install_echo(const Folder& folder) {
  fs::copy_file(good_library("echo"), folder.path() + "/echo.so");
  folder.write(
      "echo.plugin.json",
      read_file(fs::path(good_library("echo")).replace_extension(".plugin.json").string()));
}

Inventory inventory_of(const Folder& folder) {
  const std::string directories[] = {folder.path()};
  return take_inventory(directories);
}

void has_problem(const Folder& folder, const std::string& part) {
  const Inventory inventory = inventory_of(folder);
  BOOST_TEST(inventory.connectors.empty());
  BOOST_REQUIRE(inventory.problems.size() == 1u);
  BOOST_TEST(inventory.problems[0].find(part) != std::string::npos, inventory.problems[0]);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plugin_inventory)

BOOST_AUTO_TEST_CASE(the_build_writes_a_manifest_that_says_everything) {
  const std::string directories[] = {fs::path(good_library("echo")).parent_path().string()};
  const Inventory inventory = take_inventory(directories);
  BOOST_TEST(inventory.problems.empty());
  BOOST_REQUIRE(inventory.connectors.size() == 2u);
  const ConnectorInfo* source = inventory.find("echo", Kind::source);
  BOOST_REQUIRE(source != nullptr);
  BOOST_TEST(source->title == "Echo");
  BOOST_TEST(source->version == "1.2.3");
  BOOST_TEST(source->plugin_name == "echo");
  BOOST_TEST(source->plugin_version == "1.2.3");
  BOOST_TEST(source->standard_streams);
  BOOST_TEST(!source->raw_network);
  BOOST_TEST(!source->filesystem);
  BOOST_TEST(source->library == good_library("echo"));
  BOOST_TEST(source->spec_json.starts_with(
      R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Echo")"));
  const ConnectorInfo* target = inventory.find("echo", Kind::destination);
  BOOST_REQUIRE(target != nullptr);
  BOOST_TEST(target->idempotent_upsert);
  BOOST_TEST(target->can_look_up);
  BOOST_TEST(target->can_adopt);
  BOOST_TEST(target->preferred_batch == 50u);
  BOOST_TEST(inventory.find("nobody", Kind::source) == nullptr);
}

BOOST_AUTO_TEST_CASE(a_connector_from_the_inventory_can_be_opened) {
  const std::string directories[] = {fs::path(good_library("echo")).parent_path().string()};
  const Inventory inventory = take_inventory(directories);
  Services services;
  Transcript got;
  const Status status =
      read_hosted(*inventory.find("echo", Kind::source), "{}", got, services, host_options());
  BOOST_TEST(status.ok());
  BOOST_TEST(got.count == 10u);
}

BOOST_AUTO_TEST_CASE(presets_beside_the_library_are_found) {
  Folder folder("presets");
  install_echo(folder);
  BOOST_TEST(inventory_of(folder).connectors.at(0).preset_directory.empty());
  fs::create_directory(folder.path() + "/echo.presets");
  BOOST_TEST(inventory_of(folder).connectors.at(0).preset_directory ==
             folder.path() + "/echo.presets");
}

BOOST_AUTO_TEST_CASE(a_changed_library_is_not_used) {
  Folder folder("changed");
  install_echo(folder);
  std::ofstream(folder.path() + "/echo.so", std::ios::app) << "x";
  has_problem(folder, "does not belong to this build of echo.so");
}

BOOST_AUTO_TEST_CASE(files_that_everybody_can_change_are_not_used) {
  Folder folder("modes");
  install_echo(folder);
  fs::permissions(folder.path() + "/echo.so", fs::perms::others_write, fs::perm_options::add);
  has_problem(folder, "can be changed by everybody");
  fs::permissions(folder.path() + "/echo.so", fs::perms::others_write, fs::perm_options::remove);
  BOOST_TEST(inventory_of(folder).problems.empty());
  fs::permissions(folder.path(), fs::perms::others_write, fs::perm_options::add);
  has_problem(folder, "can be changed by everybody");
}

BOOST_AUTO_TEST_CASE(a_broken_manifest_harms_nobody_else) {
  Folder folder("broken");
  install_echo(folder);
  folder.write("aaa.plugin.json", "{");
  folder.write("bbb.plugin.json", R"({"manifest":99})");
  folder.write("ccc.plugin.json", R"({"manifest":1,"library":5})");
  const Inventory inventory = inventory_of(folder);
  BOOST_TEST(inventory.connectors.size() == 2u);
  BOOST_REQUIRE(inventory.problems.size() == 3u);
  BOOST_TEST(inventory.problems[0].ends_with("aaa.plugin.json is not used: it is no JSON object."));
  BOOST_TEST(inventory.problems[1].ends_with("it was written by another version of Rondom."));
  BOOST_TEST(inventory.problems[2].ends_with("a member is missing or has the wrong type."));
}

BOOST_AUTO_TEST_CASE(a_manifest_cannot_point_outside_its_folder) {
  Folder folder("outside");
  folder.write("x.plugin.json",
               R"({"manifest":1,"library":"../../good/echo.so","sha256":"","min_host_minor":0,)"
               R"("plugin":"x","version":"1","connectors":[]})");
  has_problem(folder, "x.plugin.json is not used: its library echo.so cannot be looked at");
}

BOOST_AUTO_TEST_CASE(the_first_directory_wins) {
  Folder first("first");
  Folder second("second");
  install_echo(first);
  install_echo(second);
  const std::string directories[] = {first.path(), second.path()};
  const Inventory inventory = take_inventory(directories);
  BOOST_TEST(inventory.connectors.size() == 2u);
  BOOST_TEST(inventory.connectors[0].library == first.path() + "/echo.so");
  BOOST_TEST(inventory.problems.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_missing_directory_is_a_problem) {
  const std::string directories[] = {"/nowhere/plugins"};
  BOOST_TEST(take_inventory(directories).problems.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_library_that_is_described_is_confined_already) {
  Folder folder("described");
  fs::copy_file(hostile_library("loading"), folder.path() + "/x.so");
  const std::string out =
      output_of(std::string(RONDOM_HOST_PROGRAM) + " --manifest " + folder.path() + "/x.so 2>&1");
  BOOST_TEST(out.find("refused open a socket (socket)") != std::string::npos, out);
  BOOST_TEST(out.find("refused start a process") != std::string::npos, out);
  BOOST_TEST(out.find("escaped") == std::string::npos, out);
  BOOST_TEST(fs::exists(folder.path() + "/x.plugin.json"));
}

BOOST_AUTO_TEST_CASE(the_host_refuses_to_describe_what_is_no_plugin) {
  const std::string out = output_of(std::string(RONDOM_HOST_PROGRAM) + " --manifest " +
                                    hostile_library("table_no_symbol") + " 2>&1");
  BOOST_TEST(out.find("is no Rondom plugin") != std::string::npos);
  BOOST_TEST(
      !fs::exists(fs::path(hostile_library("table_no_symbol")).replace_extension(".plugin.json")));
}

BOOST_AUTO_TEST_SUITE_END()
