#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <map>
#include <random>

#include "destination.h"
#include "json_members.h"
#include "sorted_changes.h"
#include "support.h"

using namespace rondom;              // NOLINT
using namespace rondom::file;        // NOLINT
using namespace rondom::file::test;  // NOLINT

namespace {

struct Operation1 {
  std::string id, action, key, json;
};

WriteBatch batch_of(std::string_view session, std::string_view options,
                    const std::vector<Operation1>& operations) {
  WriteBatch batch;
  batch.session = session;
  batch.stream = "newsletter";
  batch.options_json = options;
  for (const Operation1& operation : operations) {
    const bool upsert = operation.action == "create" || operation.action == "update";
    batch.records.push_back({operation.id, upsert ? Operation::upsert : Operation::remove,
                             operation.action, operation.key, "", operation.json});
  }
  return batch;
}

/// Results by index, as the host would keep them.
struct Results {
  std::map<std::uint32_t, std::uint32_t> outcomes;
  rondom_write_out table{sizeof(rondom_write_out), 0, this,
                         [](void* ctx, const rondom_write_result* result) {
                           static_cast<Results*>(ctx)->outcomes[result->index] = result->outcome;
                         }};
};

struct Fixture {
  Folder folder;
  Host host;
  Context context{host.table()};
  std::unique_ptr<FileDestination> destination = make();

  std::unique_ptr<FileDestination> make() {
    return std::make_unique<FileDestination>(Config{folder.path()}, context);
  }
  std::string write(std::string_view session, std::string_view options,
                    const std::vector<Operation1>& operations) {
    Results results;
    WriteResults out(results.table);
    const Status status = destination->write(batch_of(session, options, operations), out);
    return status.ok() ? "" : status.error().message;
  }
  std::string flush(std::string_view session) {
    const Status status = destination->flush(session);
    return status.ok() ? "" : status.error().message;
  }
  std::string look_up(std::string_view session, std::string_view options,
                      const std::vector<Operation1>& operations) {
    Results results;
    WriteResults out(results.table);
    const Status status = destination->look_up(batch_of(session, options, operations), out);
    if (!status.ok()) return status.error().message;
    std::string said;
    for (const auto& [index, outcome] : results.outcomes)
      said += "ARTU"[outcome == 2 ? 2 : outcome == 3 ? 3 : outcome];
    return said;
  }
};

std::vector<std::string> names(std::initializer_list<const char*> list) {
  return {list.begin(), list.end()};
}

const std::vector<Operation1> two = {
    {"op-1", "create", "p1", R"({"email":"anna@example.com","points":3,"tags":["a","b"]})"},
    {"op-2", "unsubscribe", "p2", "{}"},
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_session_is_one_file_that_appears_whole, Fixture) {
  BOOST_TEST(write("s1", "{}", two) == "");
  BOOST_TEST(folder.list() == names({".newsletter-s1.tmp"}), boost::test_tools::per_element());
  BOOST_TEST(flush("s1") == "");
  BOOST_TEST(folder.list() == names({"newsletter-s1.jsonl"}), boost::test_tools::per_element());
  BOOST_TEST(folder.read("newsletter-s1.jsonl") ==
             "{\"operation_id\":\"op-1\",\"operation\":\"create\",\"key\":\"p1\","
             "\"email\":\"anna@example.com\",\"points\":3,\"tags\":[\"a\",\"b\"]}\n"
             "{\"operation_id\":\"op-2\",\"operation\":\"unsubscribe\",\"key\":\"p2\"}\n");
  BOOST_TEST(flush("s1") == "");
}

BOOST_FIXTURE_TEST_CASE(a_killed_session_is_begun_anew_and_nothing_is_doubled, Fixture) {
  for (const char* options : {"{}", R"({"format":"csv"})", R"({"compression":"zstd"})",
                              R"({"format":"csv","compression":"gzip"})"}) {
    const Folder fresh;
    Fixture killed;
    BOOST_TEST(killed.write("s1", options, two) == "");
    // The process goes before flush(): what it left is not there for the next one.
    const std::string left = killed.folder.list().at(0);
    const std::string content = killed.folder.read(left);
    killed.destination.reset();
    killed.folder.write(left, content);
    killed.destination = killed.make();
    BOOST_TEST(killed.look_up("s1", options, two) == "TT");
    BOOST_TEST(killed.folder.list().empty());
    BOOST_TEST(killed.write("s1", options, two) == "");
    BOOST_TEST(killed.flush("s1") == "");
    // The process goes behind flush(), before the engine knows.
    killed.destination = killed.make();
    BOOST_TEST(killed.look_up("s1", options, {two[0], {"op-9", "create", "p9", "{}"}, two[1]}) ==
               "ATA");
    BOOST_TEST(killed.folder.list().size() == 1u);
  }
}

BOOST_FIXTURE_TEST_CASE(a_session_that_goes_on_gets_another_part, Fixture) {
  BOOST_TEST(write("s1", "{}", {two[0]}) == "");
  BOOST_TEST(flush("s1") == "");
  BOOST_TEST(write("s1", "{}", {two[1]}) == "");
  BOOST_TEST(look_up("s1", "{}", two) == "AA");  // publishes what is open
  BOOST_TEST(folder.list() == names({"newsletter-s1-2.jsonl", "newsletter-s1.jsonl"}),
             boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(csv_has_the_columns_of_all_its_lines, Fixture) {
  const std::vector<Operation1> operations = {
      {"op-1", "create", "p1", R"({"email":"anna@example.com","note":"say \"hi\",\nplease"})"},
      {"op-2", "update", "p2",
       R"({"phone":"+31 6 12345678","email":null,"formula":"=1+1","empty":""})"},
      {"op-3", "delete", "p3", "{}"},
  };
  BOOST_TEST(write("s1", R"({"format":"csv","delimiter":";"})", operations) == "");
  BOOST_TEST(flush("s1") == "");
  BOOST_TEST(folder.read("newsletter-s1.csv") ==
             "operation_id;operation;key;email;note;phone;formula;empty\n"
             "op-1;create;p1;anna@example.com;\"say \"\"hi\"\",\nplease\";;;\n"
             "op-2;update;p2;;;+31 6 12345678;\"'=1+1\";\"\"\n"
             "op-3;delete;p3;;;;;\n");
  BOOST_TEST(write("s2", R"({"format":"csv","columns":["email"]})", {two[1]}) == "");
  BOOST_TEST(flush("s2") == "");
  BOOST_TEST(folder.read("newsletter-s2.csv") ==
             "operation_id,operation,key,email\nop-2,unsubscribe,p2,\n");
  BOOST_TEST(write("s3", R"({"format":"csv","columns":["x"]})", {two[0]}) ==
             "The map gives a field email that columns: does not list.");
}

BOOST_FIXTURE_TEST_CASE(packed_output_reads_back, Fixture) {
  for (const auto& [options, name] :
       {std::pair(R"({"compression":"gzip"})", "newsletter-s1.jsonl.gz"),
        std::pair(R"({"compression":"zstd"})", "newsletter-s1.jsonl.zst")}) {
    BOOST_TEST(write("s1", options, two) == "");
    BOOST_TEST(flush("s1") == "");
    const ReadAll all = read_text(folder.read(name), options_of("{}"), name);
    BOOST_TEST(all.failure.ok());
    BOOST_TEST(all.records.size() == 2u);
  }
}

BOOST_FIXTURE_TEST_CASE(own_names_in_the_map_are_refused, Fixture) {
  BOOST_TEST(write("s1", "{}", {{"op-1", "create", "p1", R"({"key":"x"})"}}) ==
             "The map has a field named key, which the file destination writes itself; rename it.");
  // What failed is not there, and the session says so until it is flushed.
  BOOST_TEST(flush("s1") != "");
  BOOST_TEST(folder.list().empty());
  BOOST_TEST(write("s2", "{}", {{"op-1", "create", "p1", R"({"note":"\"key\""})"}}) == "");
}

BOOST_FIXTURE_TEST_CASE(a_snapshot_holds_the_current_set, Fixture) {
  const char* options = R"({"snapshot":true})";
  BOOST_TEST(write("s1", options,
                   {{"1", "create", "b", R"({"email":"b@example.com","points":1})"},
                    {"2", "create", "a", R"({"email":"a@example.com","points":2})"},
                    {"3", "create", "c", R"({"email":"c@example.com"})"}}) == "");
  BOOST_TEST(flush("s1") == "");
  BOOST_TEST(folder.read("newsletter.jsonl") ==
             "{\"key\":\"a\",\"email\":\"a@example.com\",\"points\":2}\n"
             "{\"key\":\"b\",\"email\":\"b@example.com\",\"points\":1}\n"
             "{\"key\":\"c\",\"email\":\"c@example.com\"}\n");
  const std::vector<Operation1> second = {{"4", "update", "b", R"({"points":null,"name":"B"})"},
                                          {"5", "leave_segment", "a", "{}"},
                                          {"6", "create", "d", R"({"x":[1, 2]})"},
                                          {"7", "update", "c", R"({"email":"c2@example.com"})"}};
  const std::string expected =
      "{\"key\":\"b\",\"email\":\"b@example.com\",\"name\":\"B\"}\n"
      "{\"key\":\"c\",\"email\":\"c2@example.com\"}\n"
      "{\"key\":\"d\",\"x\":[1, 2]}\n";
  BOOST_TEST(write("s2", options, second) == "");
  BOOST_TEST(flush("s2") == "");
  BOOST_TEST(folder.read("newsletter.jsonl") == expected);
  // Applying a session again changes nothing, so that retry is always right.
  BOOST_TEST(look_up("s2", options, second) == "TTTT");
  BOOST_TEST(write("s2", options, second) == "");
  BOOST_TEST(flush("s2") == "");
  BOOST_TEST(folder.read("newsletter.jsonl") == expected);
  BOOST_TEST(folder.list() == names({"newsletter.jsonl"}), boost::test_tools::per_element());
  // Somebody else's file is not overwritten.
  folder.write("newsletter.jsonl", "{\"id\":1}\n");
  BOOST_TEST(write("s3", options, second) == "");
  BOOST_TEST(flush("s3").find("was not written by this connector") != std::string::npos);
  BOOST_TEST(folder.read("newsletter.jsonl") == "{\"id\":1}\n");
}

BOOST_FIXTURE_TEST_CASE(standard_output_gets_lines_at_once, Fixture) {
  int ends[2];
  BOOST_REQUIRE(::pipe(ends) == 0);
  host.streams.output_descriptor = ends[1];
  const char* options = R"({"path":"-","format":"csv","columns":["email","points","tags"]})";
  BOOST_TEST(write("s1", options, {two[0]}) == "");
  BOOST_TEST(flush("s1") == "");
  BOOST_TEST(write("s1", options, {two[1]}) == "");
  char text[1000];
  const ssize_t got = ::read(ends[0], text, sizeof text);
  BOOST_TEST(std::string(text, static_cast<std::size_t>(got)) ==
             "operation_id,operation,key,email,points,tags\n"
             "op-1,create,p1,anna@example.com,3,\"[\"\"a\"\",\"\"b\"\"]\"\n"
             "op-2,unsubscribe,p2,,,\n");
  BOOST_TEST(look_up("s1", options, two) == "UU");
  ::close(ends[0]);
  BOOST_TEST(write("s1", options, {two[1]}).find("Standard output cannot be written") == 0u);
  ::close(ends[1]);
}

BOOST_FIXTURE_TEST_CASE(folders_and_names, Fixture) {
  BOOST_TEST(destination->check().ok());
  BOOST_TEST(write("../x/y", R"({"path":"deep/out","name":"mail list"})", two) == "");
  BOOST_TEST(flush("../x/y") == "");
  BOOST_TEST(std::filesystem::exists(folder.path("deep/out/mail_list-_.._x_y.jsonl")));
  BOOST_TEST(write("s", R"({"name":"a/b"})", two).find("without a slash") != std::string::npos);
  folder.write("taken", "");
  BOOST_TEST(write("t", R"({"path":"taken"})", two) != "");
}

BOOST_AUTO_TEST_CASE(changes_are_sorted_with_little_memory) {
  const Folder folder;
  const std::uint32_t seed = 99;
  BOOST_TEST_INFO("seed " << seed);
  std::mt19937 random(seed);
  SortedChanges changes(folder.path(".sort"), 4'000);
  std::map<std::string, std::vector<std::string>> expected;
  for (int i = 0; i < 5'000; ++i) {
    Change change;
    change.key = "k" + std::to_string(random() % 500);
    change.fields = "{\"n\":" + std::to_string(i) + "}";
    expected[change.key].push_back(change.fields);
    BOOST_REQUIRE(changes.add(std::move(change)).ok());
  }
  BOOST_REQUIRE(changes.finish().ok());
  BOOST_TEST(folder.list().empty());
  Change change;
  for (const auto& [key, fields] : expected) {
    for (const std::string& text : fields) {
      BOOST_REQUIRE(changes.next(change));
      BOOST_REQUIRE_EQUAL(change.key, key);
      BOOST_REQUIRE_EQUAL(change.fields, text);
    }
  }
  BOOST_TEST(!changes.next(change));
  BOOST_TEST(changes.failure().ok());
}

BOOST_AUTO_TEST_CASE(members_of_an_object) {
  JsonMembers members(R"( { "a" : "x\"," , "b":[1,{"c":"]"}],"d":-1.5e3,"e":null } )");
  std::string seen;
  while (members.next())
    seen += std::string(members.name()) + "=" + std::string(members.value()) + ";";
  BOOST_TEST(members.valid());
  BOOST_TEST(seen == R"("a"="x\",";"b"=[1,{"c":"]"}];"d"=-1.5e3;"e"=null;)");
  for (const char* bad :
       {"", "[]", "{\"a\"", "{\"a\":", "{\"a\":1 \"b\":2}", "{a:1}", "{\"a\":\"x", "{\"a\":]}"}) {
    JsonMembers broken(bad);
    while (broken.next()) continue;
    BOOST_TEST_INFO(bad);
    BOOST_TEST(!broken.valid());
  }
}
