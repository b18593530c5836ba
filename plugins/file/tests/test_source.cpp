#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include "source.h"
#include "support.h"

using namespace rondom;              // NOLINT
using namespace rondom::file;        // NOLINT
using namespace rondom::file::test;  // NOLINT

namespace {

std::vector<std::string> texts(std::initializer_list<const char*> list) {
  return {list.begin(), list.end()};
}

/// Enough rows for several checkpoints.
std::string many_rows(std::size_t count, std::size_t from = 0) {
  std::string text = "id,name\n";
  for (std::size_t i = from; i < from + count; ++i) {
    text += std::to_string(i) + ",\"line one\nof " + std::to_string(i * 31 % 977) + "\"\n";
  }
  return text;
}

std::string message(const Status& status) {
  return status.ok() ? "" : status.error().message;
}

}  // namespace

BOOST_AUTO_TEST_CASE(full_refresh_from_begin_to_done) {
  const Folder folder;
  folder.write("contacts.csv", "id,name\n1,Anna\n2,\"open\n");
  Sink sink;
  Host host;
  BOOST_TEST(message(read_stream(folder, "contacts", "{}", sink, host)) == "");
  BOOST_TEST(sink.events == texts({"begin", R"(record {"id":"1","name":"Anna"})",
                                   "bad a quote is opened and never closed", "checkpoint",
                                   "complete", "checkpoint"}),
             boost::test_tools::per_element());
  BOOST_TEST(sink.records[0] == R"(contacts.csv:2 {"id":"1","name":"Anna"})");
  BOOST_TEST(sink.state.find("\"done\":true") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(each_refresh_has_a_generation_of_its_own) {
  const Folder folder;
  folder.write("a.csv", "id\n1\n");
  Host host;
  std::set<std::string> generations;
  std::string state;
  for (int run = 0; run < 3; ++run) {
    Sink sink;
    std::string begun;
    sink.stop = [&] {
      if (!sink.generation.empty()) begun = sink.generation;
      return false;
    };
    BOOST_TEST(message(read_stream(folder, "a", "{}", sink, host, state)) == "");
    BOOST_TEST(sink.records.size() == 1u);
    generations.insert(begun);
    state = sink.state;
  }
  BOOST_TEST(generations.size() == 3u);
}

BOOST_AUTO_TEST_CASE(an_interrupted_refresh_goes_on_at_every_checkpoint) {
  const Folder folder;
  folder.write("part-1.csv", many_rows(60'000));
  folder.write("part-2.csv", "id,name\n");
  folder.write("part-3.csv", many_rows(1'000, 500'000));
  std::string lines;
  for (int i = 0; i < 60'000; ++i) lines += "{\"id\":" + std::to_string(i) + "}\n";
  folder.write("part-4.jsonl.gz", gzip(lines));
  std::string array = "[";
  for (int i = 0; i < 60'000; ++i)
    array += (i ? ",\n" : "") + ("{\"n\":" + std::to_string(i) + "}");
  folder.write("part-5.json", array + "]");
  const char* options = R"({"path":"part-*"})";
  Host host;
  Sink whole;
  BOOST_TEST(message(read_stream(folder, "p", options, whole, host)) == "");
  BOOST_TEST(whole.records.size() == 181'000u);
  BOOST_TEST(whole.checkpoints.size() == 24u);
  for (std::size_t stop_at = 1; stop_at < whole.checkpoints.size(); ++stop_at) {
    Sink first;
    first.stop = [&] { return first.checkpoints.size() == stop_at; };
    const Status stopped = read_stream(folder, "p", options, first, host);
    BOOST_TEST(!stopped.ok());
    const std::size_t kept = first.checkpoints.back().second;
    first.records.resize(kept);
    Sink second;
    BOOST_TEST(message(read_stream(folder, "p", options, second, host, first.state,
                                   first.generation)) == "");
    std::vector<std::string> both = first.records;
    both.insert(both.end(), second.records.begin(), second.records.end());
    BOOST_TEST_INFO("stopped at checkpoint " << stop_at);
    BOOST_REQUIRE(both == whole.records);
    BOOST_TEST(second.events.front() == "begin");
  }
}

BOOST_AUTO_TEST_CASE(a_refresh_begins_anew_when_a_file_or_an_option_changed) {
  const Folder folder;
  folder.write("p.csv", many_rows(60'000));
  Host host;
  Sink first;
  first.stop = [&] { return first.checkpoints.size() == 1; };
  BOOST_TEST(!read_stream(folder, "p", "{}", first, host).ok());
  Sink other_option;
  BOOST_TEST(message(read_stream(folder, "p", R"({"null_values":["x"]})", other_option, host,
                                 first.state, first.generation)) == "");
  BOOST_TEST(other_option.records.size() == 60'000u);
  folder.append("p.csv", "1,x\n");
  Sink changed;
  BOOST_TEST(
      message(read_stream(folder, "p", "{}", changed, host, first.state, first.generation)) == "");
  BOOST_TEST(changed.records.size() == 60'001u);
}

BOOST_AUTO_TEST_CASE(a_file_that_changes_under_the_read_completes_nothing) {
  const Folder folder;
  folder.write("p.csv", many_rows(60'000));
  Host host;
  Sink sink;
  sink.stop = [&] {
    if (sink.checkpoints.size() == 1) folder.append("p.csv", "7,y\n");
    return false;
  };
  const Status status = read_stream(folder, "p", "{}", sink, host);
  BOOST_TEST(static_cast<int>(status.code()) == static_cast<int>(Code::transient));
  BOOST_TEST(message(status).find("p.csv was changed while it was read") == 0u);
  for (const std::string& event : sink.events) BOOST_TEST(event != "complete");
}

BOOST_AUTO_TEST_CASE(a_cut_packed_file_keeps_what_came_before_and_completes_nothing) {
  const Folder folder;
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += "{\"id\":" + std::to_string(i * 7919 % 100'003) + "}\n";
  const std::string packed = zstd(text);
  folder.write("p.jsonl.zst", packed.substr(0, packed.size() / 2));
  Host host;
  Sink sink;
  const Status status = read_stream(folder, "p", "{}", sink, host);
  BOOST_TEST(static_cast<int>(status.code()) == static_cast<int>(Code::data));
  BOOST_TEST(sink.records.size() > 1'000u);
  BOOST_TEST(sink.checkpoints.back().second == sink.records.size());
  for (const std::string& event : sink.events) BOOST_TEST(event != "complete");
}

BOOST_AUTO_TEST_CASE(files_are_found_and_refused_with_a_sentence) {
  const Folder folder;
  folder.write("b.csv", "id\nb\n");
  folder.write("a.csv", "id\na\n");
  folder.write(".hidden.csv", "id\nhidden\n");
  folder.write("x.jsonl", "{\"id\":1}\n");
  folder.write("x.csv", "id\n1\n");
  folder.write("odd[1].csv", "id\nodd\n");
  std::filesystem::create_directory(folder.path("sub.csv"));
  std::filesystem::create_symlink("loop.txt", folder.path("loop.txt"));
  ::mkfifo(folder.path("pipe").c_str(), 0600);
  Host host;
  const auto read = [&](const char* stream, const char* options) {
    Sink sink;
    const std::string said = message(read_stream(folder, stream, options, sink, host));
    return std::make_pair(sink.records, said);
  };
  BOOST_TEST(read("s", R"({"path":"[ab].csv"})").first ==
                 texts({R"(a.csv:2 {"id":"a"})", R"(b.csv:2 {"id":"b"})"}),
             boost::test_tools::per_element());
  BOOST_TEST(
      read("s", R"({"path":"[ab].csv","take":"newest"})").first == texts({R"(b.csv:2 {"id":"b"})"}),
      boost::test_tools::per_element());
  BOOST_TEST(read("s", R"({"path":"odd[1].csv"})").first.size() == 1u);
  BOOST_TEST(read("s", R"({"path":"*.csv"})").first.size() == 4u);
  BOOST_TEST(read("a", "{}").first.size() == 1u);
  BOOST_TEST(read("x", "{}").second ==
             "Both x.csv and x.jsonl could be the stream x; say path: in its options.");
  BOOST_TEST(read("none", "{}").second.find("No file matches none.*") == 0u);
  BOOST_TEST(read("s", R"({"path":"gone.csv"})").second.ends_with("/gone.csv does not exist."));
  BOOST_TEST(read("s", R"({"path":"sub.csv"})").second.find("sub.csv is a folder") == 0u);
  BOOST_TEST(read("s", R"({"path":"pipe"})").second.find("pipe is not a regular file") == 0u);
  BOOST_TEST(read("s", R"({"path":"loop.txt"})").second ==
             "loop.txt cannot be opened: its symbolic links form a loop.");
  BOOST_TEST(read("s", R"({"path":"loop.*"})").second ==
             "loop.txt cannot be opened: its symbolic links form a loop.");
}

BOOST_AUTO_TEST_CASE(wrong_options_are_refused_by_name) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"delimitr":";"})", "\"delimitr\" is not known here"},
      {R"({"delimiter":"::"})", "\"delimiter\" must be auto, tab or one ASCII character"},
      {R"({"delimiter":"'","quote":"'"})", "are the same character"},
      {R"({"format":"xml"})", "\"format\" must be one of: auto, csv, jsonl, json"},
      {R"({"header":"yes"})", "\"header\" must be true or false"},
      {R"({"mode":"append","take":"newest"})", "take: newest belongs to mode: full"},
      {R"({"mode":"append","format":"json"})", "mode: append needs lines"},
      {R"([])", "must be an object"},
  };
  for (const auto& [options, part] : cases) {
    const auto parsed = parse_read_options("s", options);
    BOOST_TEST_INFO_SCOPE(options);
    BOOST_REQUIRE(!parsed.ok());
    BOOST_TEST_INFO(parsed.error().message);
    BOOST_TEST(parsed.error().message.find(part) != std::string::npos);
    BOOST_TEST(static_cast<int>(parsed.error().code) == static_cast<int>(Code::config));
  }
}

BOOST_AUTO_TEST_CASE(append_reads_only_what_was_added) {
  const Folder folder;
  const char* options = R"({"path":"log-*.csv","mode":"append"})";
  Host host;
  std::string state;
  const auto read = [&] {
    Sink sink;
    BOOST_TEST(message(read_stream(folder, "log", options, sink, host, state)) == "");
    for (const std::string& event : sink.events) {
      BOOST_TEST(event != "begin");
      BOOST_TEST(event != "complete");
    }
    state = sink.state;
    return sink.records;
  };
  BOOST_TEST(read().empty());
  folder.write("log-1.csv", "id;name\n1;Anna\n2;Br");
  BOOST_TEST(read() == texts({R"(log-1.csv:2 {"id":"1","name":"Anna"})"}),
             boost::test_tools::per_element());
  BOOST_TEST(read().empty());
  folder.append("log-1.csv", "am\n3;\"C\n");
  BOOST_TEST(read() == texts({R"(log-1.csv:3 {"id":"2","name":"Bram"})"}),
             boost::test_tools::per_element());
  folder.append("log-1.csv", "D\"\n");
  folder.write("log-2.csv", "id;name\n9;Iris\n");
  BOOST_TEST(read() == texts({R"(log-1.csv:4 {"id":"3","name":"C\nD"})",
                              R"(log-2.csv:2 {"id":"9","name":"Iris"})"}),
             boost::test_tools::per_element());
  // Rotation: the old name gets a new file, the old file a new name.
  std::filesystem::rename(folder.path("log-2.csv"), folder.path("log-3.csv"));
  folder.write("log-2.csv", "id;name\n10;Joris\n");
  folder.append("log-3.csv", "11;Kim\n");
  BOOST_TEST(read() == texts({R"(log-2.csv:2 {"id":"10","name":"Joris"})",
                              R"(log-3.csv:3 {"id":"11","name":"Kim"})"}),
             boost::test_tools::per_element());
  // Rewritten and shorter: from its start.
  folder.write("log-1.csv", "id;name\n5;Eva\n");
  BOOST_TEST(read() == texts({R"(log-1.csv:2 {"id":"5","name":"Eva"})"}),
             boost::test_tools::per_element());
  BOOST_TEST(read().empty());
}

BOOST_AUTO_TEST_CASE(append_goes_on_at_every_checkpoint) {
  const Folder folder;
  folder.write("a.csv", many_rows(52'000));
  folder.write("b.csv", many_rows(52'000));
  const char* options = R"({"path":"*.csv","mode":"append"})";
  Host host;
  Sink whole;
  BOOST_TEST(message(read_stream(folder, "s", options, whole, host)) == "");
  BOOST_TEST(whole.records.size() == 104'000u);
  for (std::size_t stop_at = 1; stop_at < whole.checkpoints.size(); ++stop_at) {
    Sink first;
    first.stop = [&] { return first.checkpoints.size() == stop_at; };
    BOOST_TEST(!read_stream(folder, "s", options, first, host).ok());
    first.records.resize(first.checkpoints.back().second);
    Sink second;
    BOOST_TEST(message(read_stream(folder, "s", options, second, host, first.state)) == "");
    std::vector<std::string> both = first.records;
    both.insert(both.end(), second.records.begin(), second.records.end());
    BOOST_REQUIRE(both == whole.records);
  }
}

BOOST_AUTO_TEST_CASE(append_takes_a_complete_last_line_when_told) {
  const Folder folder;
  folder.write("a.jsonl", "{\"id\":1}\n{\"id\":2}");
  Host host;
  Sink left;
  BOOST_TEST(message(read_stream(folder, "a", R"({"mode":"append"})", left, host)) == "");
  BOOST_TEST(left.records.size() == 1u);
  Sink taken;
  BOOST_TEST(message(read_stream(folder, "a", R"({"mode":"append","complete":true})", taken, host,
                                 left.state)) == "");
  BOOST_TEST(taken.records.size() == 1u);
}

BOOST_AUTO_TEST_CASE(standard_input_is_a_snapshot) {
  const Folder folder;
  int ends[2];
  BOOST_REQUIRE(::pipe(ends) == 0);
  const std::string text = "{\"id\":1}\n{\"id\":2}";
  BOOST_REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  ::close(ends[1]);
  Host host;
  host.streams.input_descriptor = ends[0];
  Sink sink;
  BOOST_TEST(message(read_stream(folder, "in", R"({"path":"-"})", sink, host)) == "");
  ::close(ends[0]);
  BOOST_TEST(sink.events == texts({"begin", R"(record {"id":1})", R"(record {"id":2})",
                                   "checkpoint", "complete", "checkpoint"}),
             boost::test_tools::per_element());
  host.streams.input_descriptor = -1;
  Sink none;
  BOOST_TEST(message(read_stream(folder, "in", R"({"path":"-"})", none, host))
                 .find("Standard input was not given") == 0u);
}

BOOST_AUTO_TEST_CASE(a_preview_stops_early_and_leaves_no_mark) {
  const Folder folder;
  folder.write("a.csv", many_rows(100));
  Host host;
  Sink sink;
  BOOST_TEST(message(read_stream(folder, "a", "{}", sink, host, {}, {}, 3)) == "");
  BOOST_TEST(sink.events.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_read_stops_when_asked) {
  const Folder folder;
  folder.write("a.csv", many_rows(10'000));
  Host host;
  host.cancelled = true;
  Sink sink;
  const Status status = read_stream(folder, "a", "{}", sink, host);
  BOOST_TEST(static_cast<int>(status.code()) == static_cast<int>(Code::cancelled));
  BOOST_TEST(sink.records.size() == 1'000u);
  BOOST_TEST(sink.checkpoints.size() == 1u);
}

BOOST_AUTO_TEST_CASE(discover_lists_files_with_types) {
  const Folder folder;
  folder.write("contacts.csv",
               "customer_id,email,postcode,born,seen,score,vip\n"
               "17,anna@example.com,0031,1980-02-29,2026-03-14T10:00:00Z,1.5,true\n"
               "18,bram@example.com,1234,1981-01-01,2026-03-14 11:00:00,2,false\n");
  folder.write("orders.jsonl", "{\"id\":1,\"lines\":[],\"to\":{}}\n{\"id\":1}\n");
  folder.write("notes.pdf", "%PDF-");
  Host host;
  Context context(host.table());
  FileSource source(Config{folder.path()}, context);
  auto catalog = source.discover();
  BOOST_REQUIRE(catalog.ok());
  const std::string json = catalog->to_json();
  BOOST_TEST(parse_json(json).ok());
  for (const char* part :
       {R"("name":"contacts","key":["customer_id"])", R"({"name":"customer_id","type":"integer")",
        R"({"name":"email","type":"text","example":"a••@example.com"})",
        R"({"name":"postcode","type":"text")", R"({"name":"born","type":"date","example":"1••"})",
        R"({"name":"seen","type":"time")", R"({"name":"score","type":"decimal")",
        R"({"name":"vip","type":"boolean","example":"true"})", R"("name":"orders","key":[])",
        R"({"name":"lines","type":"list"})", R"({"name":"to","type":"object"})"}) {
    BOOST_TEST_INFO(json);
    BOOST_TEST(json.find(part) != std::string::npos);
  }
  BOOST_TEST(json.find("notes") == std::string::npos);
  // The streams of a job, under the job's names; a column without any value is a field too.
  folder.write("e-1.csv", "id,old\n1,\n");
  folder.write("e-2.csv", "id,empty\n1,\n");
  catalog = source.discover_with_options(
      R"({"streams":[{"stream":"e","options":{"path":"e-*.csv"}},{"stream":"contacts"}]})");
  BOOST_REQUIRE(catalog.ok());
  const std::string of_job = catalog->to_json();
  BOOST_TEST(of_job.find(R"({"name":"e","key":["id"])") != std::string::npos);
  BOOST_TEST(of_job.find(R"({"name":"empty","type":"text"})") != std::string::npos);
  BOOST_TEST(of_job.find(R"("name":"contacts","key":["customer_id"])") != std::string::npos);
  FileSource nowhere(Config{folder.path("nowhere")}, context);
  BOOST_TEST(message(nowhere.check()).find("does not exist") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(fixtures_read_as_the_example_says) {
  const Folder folder;
  for (const char* name : {"contacts.csv", "outlook.csv", "members.jsonl"}) {
    std::filesystem::copy(std::filesystem::path(FILE_FIXTURES) / name, folder.path(name));
  }
  Host host;
  Sink contacts;
  BOOST_TEST(message(read_stream(folder, "contacts", R"({"delimiter":";"})", contacts, host)) ==
             "");
  BOOST_TEST(
      contacts.records ==
          texts(
              {R"(contacts.csv:2 {"id":"1","name":"Berg, Anna van der","email":"anna@example.com","joined":"2026-01-05"})",
               R"(contacts.csv:3 {"id":"2","name":"Bram de Wit","email":"bram@example.org","joined":"2026-02-11"})",
               R"(contacts.csv:4 {"id":"3","name":"Iris \"Ies\" Jansen","email":"iris@example.net"})"}),
      boost::test_tools::per_element());
  Sink guessed;
  BOOST_TEST(message(read_stream(folder, "contacts", "{}", guessed, host)) == "");
  BOOST_TEST(guessed.records == contacts.records, boost::test_tools::per_element());
  Sink outlook;
  BOOST_TEST(message(read_stream(folder, "outlook", "{}", outlook, host)) == "");
  BOOST_REQUIRE(outlook.records.size() == 1u);
  BOOST_TEST(outlook.records[0].find(R"("E-mail Address":"anna@example.com")") !=
             std::string::npos);
  Sink members;
  BOOST_TEST(message(read_stream(folder, "members", R"({"mode":"append"})", members, host)) == "");
  BOOST_TEST(members.records.size() == 2u);
}

BOOST_AUTO_TEST_CASE(waiting_for_a_pipe_can_be_stopped) {
  int ends[2];
  BOOST_REQUIRE(::pipe(ends) == 0);
  int waited = 0;
  DescriptorBytes bytes(
      ends[0], true, "Standard input",
      [&]() -> Status {
        ++waited;
        return {Code::cancelled, "Stopped."};
      },
      0);
  char text[8];
  BOOST_TEST(bytes.read(text, sizeof text) == -1);
  BOOST_TEST(static_cast<int>(bytes.failure().code()) == static_cast<int>(Code::cancelled));
  BOOST_TEST(waited == 1);
  ::close(ends[1]);
}
