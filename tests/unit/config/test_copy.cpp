// A copy of a project's files is the project, whatever becomes of the files.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "unit/config/support.h"

namespace rondom::config::test {
namespace {

Files whole_project() {
  return with(minimal(), {{"jobs/crm.yaml", source_job()},
                          {"env/dev.yaml", "deliver: send\n"},
                          {"catalog/crm.json", "{}"},
                          {"models/person-1.yaml", "model: person-1\n"},
                          {"sql/orders.sql", "SELECT 1\n"},
                          {"jobs/.hidden.yaml", "job: hidden\n"}});
}

std::string read_copy(const Folder& folder, const std::string& copy, Project& project) {
  Diagnostics diagnostics;
  project = load_project(folder.path(), "", diagnostics, copy);
  return all_of(diagnostics);
}

BOOST_AUTO_TEST_SUITE(copies)

BOOST_AUTO_TEST_CASE(what_is_edited_later_is_not_in_it) {
  const Folder folder(whole_project());
  const std::string copy = folder.path() + "/var/configuration/1";
  const auto fingerprint = copy_configuration(folder.path(), copy);
  BOOST_TEST_REQUIRE(fingerprint.ok());
  std::ofstream(folder.path() + "/jobs/crm.yaml") << "job: [\n";
  std::ofstream(folder.path() + "/jobs/more.yaml") << "job: more\n";
  Project project;
  BOOST_TEST(read_copy(folder, copy, project) == "");
  BOOST_TEST(project.root == folder.path());
  BOOST_TEST(project.files == copy);
  BOOST_TEST(project.environment == "dev");
  BOOST_TEST((project.deliver == Delivery::send));
  BOOST_TEST(project.jobs.size() == 1U);
  BOOST_TEST(std::filesystem::exists(copy + "/catalog/crm.json"));
  BOOST_TEST(std::filesystem::exists(copy + "/models/person-1.yaml"));
  BOOST_TEST(!std::filesystem::exists(copy + "/sql"));
  BOOST_TEST(!std::filesystem::exists(copy + "/jobs/.hidden.yaml"));
  const auto mode = std::filesystem::status(copy).permissions();
  BOOST_TEST((mode == std::filesystem::perms::owner_all));
}

BOOST_AUTO_TEST_CASE(its_fingerprint_tells_every_byte_and_name) {
  const auto fingerprint = [](const Files& files) {
    const Folder folder(files);
    return copy_configuration(folder.path(), folder.path() + "/var/c").value();
  };
  const Files files = whole_project();
  BOOST_TEST(fingerprint(files) == fingerprint(files));
  Files other = files;
  other["jobs/crm.yaml"] += "# a word\n";
  BOOST_TEST(fingerprint(other) != fingerprint(files));
  other = files;
  other["jobs/crm2.yaml"] = other["jobs/crm.yaml"];
  other.erase("jobs/crm.yaml");
  BOOST_TEST(fingerprint(other) != fingerprint(files));
  other = files;
  other["sql/orders.sql"] = "SELECT 2\n";
  BOOST_TEST(fingerprint(other) == fingerprint(files));
}

BOOST_AUTO_TEST_CASE(mistakes_of_names_and_folders_are_found_in_it_as_in_the_project) {
  const Folder folder(with(whole_project(), {{"identity.yml", "identifiers: []\n"},
                                             {"jobs/old.yml", "job: old\n"},
                                             {"jobs/archive/a.yaml", "job: a\n"}}));
  const std::string copy = folder.path() + "/var/c";
  BOOST_TEST_REQUIRE(copy_configuration(folder.path(), copy).ok());
  Project project;
  const std::string of_copy = read_copy(folder, copy, project);
  BOOST_TEST(of_copy != "");
  BOOST_TEST(of_copy == read_copy(folder, "", project));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_copied_is_an_error) {
  BOOST_TEST(
      (copy_configuration("/nowhere/at/all", "/tmp/x").error().code == ErrorCode::unavailable));
  const Folder folder(whole_project());
  BOOST_TEST(!copy_configuration(folder.path(), "/proc/rondom/c").ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::config::test
