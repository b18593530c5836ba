// Plugins that misbehave: each costs one failed call and one sentence, nothing else.
#include <sys/wait.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <filesystem>

#include "fixture.h"
#include "plugin/confinement.h"

using namespace rondom;
using namespace rondom::plugin;
using namespace rondom::plugin::test;

namespace {

constexpr std::int64_t short_hang_limit_ms = 300;

ConnectorInfo hostile(const std::string& name, Kind kind = Kind::source) {
  return connector(kind, name, hostile_library(name), "hostile");
}

Status read_crashing(const std::string& deed, std::int64_t hang_limit_ms, Services& services) {
  HostOptions options = host_options();
  options.hang_limit_ms = hang_limit_ms;
  Transcript got;
  return read_hosted(hostile("crashing"), deed, got, services, options);
}

void crashes_with(const std::string& deed, const std::string& ending,
                  std::int64_t hang_limit_ms = 60'000) {
  Services services;
  const Status status = read_crashing(deed, hang_limit_ms, services);
  BOOST_REQUIRE(!status.ok());
  BOOST_TEST((status.error().code == ErrorCode::internal));
  BOOST_TEST(status.error().message == "Connector \"crashing\" of plugin \"hostile\" " + ending);
  // Nothing is left behind, not even a zombie.
  BOOST_TEST(::waitpid(-1, nullptr, WNOHANG) == -1);
  BOOST_TEST(errno == ECHILD);
}

void lies_with(const std::string& deed, ErrorCode code, const std::string& ending) {
  Services services;
  Transcript got;
  const Status status = read_hosted(hostile("lying"), deed, got, services, host_options());
  BOOST_REQUIRE(!status.ok());
  BOOST_TEST((status.error().code == code));
  BOOST_TEST(status.error().message == "Connector \"lying\" of plugin \"hostile\" " + ending);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plugin_hostile)

BOOST_AUTO_TEST_CASE(death_is_told_with_its_reason) {
#if !defined(RONDOM_SANITIZER)  // sanitizers have handlers of their own for it
  crashes_with("segfault", "was killed by signal 11 (SEGV) in read().");
#endif
  crashes_with("abort", "was killed by signal 6 (ABRT) in read().");
  crashes_with("exit", "ended itself with exit code 0 in read().");
}

BOOST_AUTO_TEST_CASE(a_call_after_death_fails_with_the_same_sentence) {
  Services services;
  auto source = open_source(hostile("crashing"), "exit", services.callbacks(), host_options());
  BOOST_REQUIRE(source.ok());
  Transcript got;
  const Status first = (*source)->read(request_for({"s"}), got);
  const Status second = (*source)->check();
  BOOST_REQUIRE(!second.ok());
  BOOST_TEST(first.error().message == second.error().message);
}

BOOST_AUTO_TEST_CASE(silence_is_taken_for_a_hang) {
  crashes_with("hang", "gave no sign of life in read() for 300 ms and was ended.",
               short_hang_limit_ms);
}

BOOST_AUTO_TEST_CASE(sleep_is_life_but_no_progress) {
  Services services;
  HostOptions options = host_options();
  options.idle_limit_ms = 500;
  Transcript got;
  const Status status =
      read_hosted(echo(Kind::source), R"({"sleep_first":true})", got, services, options);
  BOOST_REQUIRE(!status.ok());
  BOOST_TEST(status.error().message ==
             "Connector \"echo\" of plugin \"echo\" made no progress in "
             "read() for 500 ms and was ended.");
}

BOOST_AUTO_TEST_CASE(records_without_a_checkpoint_are_counted_from_the_last_one) {
  for (const auto& [each, good] : {std::pair("true", true), std::pair("false", false)}) {
    Services services;
    HostOptions options = host_options();
    options.records_without_checkpoint_max = 50;
    Transcript got;
    const std::string config = std::string(R"({"records":200,"checkpoint_each":)") + each + "}";
    const Status status = read_hosted(echo(Kind::source), config, got, services, options);
    BOOST_TEST(status.ok() == good);
  }
}

BOOST_AUTO_TEST_CASE(a_plugin_that_is_deaf_to_cancel_is_ended) {
  Services services;
  HostOptions options = host_options();
  options.hang_limit_ms = short_hang_limit_ms;
  auto source = open_source(hostile("crashing"), "deaf", services.callbacks(), options);
  BOOST_REQUIRE(source.ok());
  Transcript got;
  got.on_push = [&] { (*source)->cancel(); };
  const Status status = (*source)->read(request_for({"s"}), got);
  BOOST_REQUIRE(!status.ok());
  BOOST_TEST((status.error().code == ErrorCode::cancelled));
}

BOOST_AUTO_TEST_CASE(exceptions_that_cross_end_at_the_border) {
  crashes_with("throw", "failed in read(): an exception came through the plugin interface.");
}

BOOST_AUTO_TEST_CASE(bytes_on_the_socket_that_are_no_frames_end_the_host) {
  crashes_with("garbage", "sent bytes that are no frames in read() and was ended.");
  crashes_with("huge frame", "sent bytes that are no frames in read() and was ended.");
}

BOOST_AUTO_TEST_CASE(a_closed_socket_ends_the_host) {
  Services services;
  const Status status = read_crashing("close the socket", short_hang_limit_ms, services);
  BOOST_REQUIRE(!status.ok());
  BOOST_TEST((status.error().code == ErrorCode::internal));
}

BOOST_AUTO_TEST_CASE(what_a_plugin_prints_goes_to_the_log) {
  Services services;
  const Status status = read_crashing("print, then die with exit", 60'000, services);
  BOOST_TEST(!status.ok());
  BOOST_TEST(services.logged("warning: plugin hostile: hello from the plugin"));
  BOOST_TEST(services.logged("warning: plugin hostile: and from its error stream"));
}

BOOST_AUTO_TEST_CASE(nonsense_is_refused_with_a_sentence) {
  const auto bad = ErrorCode::internal;
  lies_with("code", bad, "returned the unknown code 4711 from read().");
  lies_with("count", bad, "pushed a batch of 4000000000 records, above the limit of 10000.");
  lies_with("stride", bad, "pushed a batch whose records cannot be found.");
  lies_with("operation", bad, "pushed a record with an unknown operation.");
  lies_with("huge record", bad, "pushed a record above the limit of 8 MiB.");
  lies_with("huge state", bad, "pushed a checkpoint above the limit of 1 MiB.");
  lies_with("nameless", bad, "pushed records without naming their stream.");
  lies_with("format", bad, "pushed a batch in an unknown format.");
  lies_with("silent failure", ErrorCode::transient, "failed in read() without giving a reason.");
}

BOOST_AUTO_TEST_CASE(long_messages_are_cut) {
  Services services;
  Transcript got;
  const Status status =
      read_hosted(hostile("lying"), "long message", got, services, host_options());
  BOOST_TEST((status.error().code == ErrorCode::data));
  BOOST_TEST(status.error().message.size() < 10'000u);
}

BOOST_AUTO_TEST_CASE(a_catalog_that_is_none_is_refused) {
  for (const char* deed : {"half a catalog", "a list"}) {
    Services services;
    auto source = open_source(hostile("lying"), deed, services.callbacks(), host_options());
    BOOST_REQUIRE(source.ok());
    const auto catalog = (*source)->discover("{}");
    BOOST_REQUIRE(!catalog.ok());
    BOOST_TEST(catalog.error().message ==
               "Connector \"lying\" of plugin \"hostile\" gave a catalog that cannot be read.");
  }
}

BOOST_AUTO_TEST_CASE(results_that_make_no_sense_leave_the_records_unknown) {
  const WriteRecord record{"op", Operation::upsert, "create", "k", "", "{}"};
  for (const char* deed : {"index", "outcome"}) {
    Services services;
    auto target = open_destination(hostile("lying", Kind::destination), deed, services.callbacks(),
                                   host_options());
    BOOST_REQUIRE(target.ok());
    std::vector<WriteResult> results;
    const Status status = (*target)->write({"s", "", "{}", {&record, 1}}, results);
    BOOST_REQUIRE(!status.ok());
    BOOST_TEST((status.error().code == ErrorCode::internal));
    BOOST_TEST((results.at(0).outcome == WriteOutcome::unknown));
  }
}

BOOST_AUTO_TEST_CASE(an_open_without_an_instance_is_refused) {
  Services services;
  ConnectorInfo info = hostile("lying");
  info.id = "empty";
  const auto source = open_source(info, "{}", services.callbacks(), host_options());
  BOOST_REQUIRE(!source.ok());
  BOOST_TEST(source.error().message ==
             "Connector \"empty\" of plugin \"hostile\" opened without giving an instance.");
}

BOOST_AUTO_TEST_CASE(what_an_exception_says_goes_to_the_log) {
  Services services;
  auto source =
      open_source(connector(Kind::source, "throwing", hostile_library("throwing"), "throwing"),
                  R"({"in":"check"})", services.callbacks(), host_options());
  BOOST_REQUIRE(source.ok());
  BOOST_TEST(!services.logged("boom in check"));
  BOOST_TEST(!(*source)->check().ok());
  BOOST_TEST(services.logged("boom in check"));
}

BOOST_AUTO_TEST_CASE(throwing_from_any_method_is_a_defect_and_no_more) {
  const auto throws_in = [](const std::string& method, const auto& run) {
    for (const std::string kind : {"", "int "}) {
      const Status status = run(R"({"in":")" + kind + method + R"("})");
      BOOST_REQUIRE_MESSAGE(!status.ok(), method);
      BOOST_TEST((status.error().code == ErrorCode::internal));
      BOOST_TEST(status.error().message ==
                 "Connector \"throwing\" of plugin \"throwing\" failed in " + method +
                     "(): The plugin threw an exception.");
      BOOST_TEST(status.error().detail ==
                 (kind.empty() ? "boom in " + method : "not derived from std::exception"));
    }
  };
  const ConnectorInfo source_info =
      connector(Kind::source, "throwing", hostile_library("throwing"), "throwing");
  const auto with_source = [&](const auto& use) {
    return [&](const std::string& config) -> Status {
      Services services;
      auto source = open_source(source_info, config, services.callbacks(), host_options());
      return source.ok() ? use(**source) : source.status();
    };
  };
  throws_in("open", with_source([](Source& source) { return source.check(); }));
  throws_in("check", with_source([](Source& source) { return source.check(); }));
  throws_in("discover", with_source([](Source& source) { return source.discover("{}").status(); }));
  throws_in("read", with_source([](Source& source) {
              Transcript got;
              return source.read(request_for({"s"}), got);
            }));
  const ConnectorInfo target_info =
      connector(Kind::destination, "throwing", hostile_library("throwing"), "throwing");
  const auto with_target = [&](const auto& use) {
    return [&](const std::string& config) -> Status {
      Services services;
      auto target = open_destination(target_info, config, services.callbacks(), host_options());
      return target.ok() ? use(**target) : target.status();
    };
  };
  std::vector<WriteResult> results;
  throws_in("write", with_target([&](Destination& d) { return d.write({}, results); }));
  throws_in("look_up", with_target([&](Destination& d) { return d.look_up({}, results); }));
  throws_in("flush", with_target([](Destination& d) { return d.flush("s"); }));
}

BOOST_AUTO_TEST_CASE(a_table_that_is_refused_is_refused_by_the_host_too) {
  Services services;
  const auto source =
      open_source(hostile("table_too_new"), "{}", services.callbacks(), host_options());
  BOOST_REQUIRE(!source.ok());
  BOOST_TEST(source.error().message.find("update Rondom") != std::string::npos);
}

// ---- confinement --------------------------------------------------------------------------------

std::string escapes(const std::string& id, const std::string& config,
                    HostOptions options = host_options()) {
  ConnectorInfo info = connector(Kind::source, id, hostile_library("escaping"), "hostile");
  info.raw_network = id == "network";
  info.filesystem = id == "files";
  Services services;
  Transcript got;
  const Status status = read_hosted(info, config, got, services, options);
  BOOST_REQUIRE(!status.ok());
  return status.error().message;
}

BOOST_AUTO_TEST_CASE(a_plugin_without_rights_can_run_threads_and_nothing_else) {
  Folder folder("plain");
  folder.write("readable.txt", "x");
  BOOST_TEST(escapes("plain", folder.path() + " exec") == "did: thread survived-exec");
}

BOOST_AUTO_TEST_CASE(a_network_plugin_gets_sockets_and_the_systems_files) {
  Folder folder("network");
  folder.write("readable.txt", "x");
  const std::string did = escapes("network", folder.path() + " exec");
  BOOST_TEST(did.find(" socket") != std::string::npos);
  BOOST_TEST(did.find(" read-etc") != std::string::npos);
  for (const char* denied :
       {"write-file", "make-folder", "fork", "kill", "ptrace", "raw-socket", "packets",
        "kernel-ciphers", "shared-memory", "memory-file", "deaf-witness"}) {
    BOOST_TEST(did.find(denied) == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_file_plugin_gets_files_and_no_sockets) {
  Folder folder("files");
  folder.write("readable.txt", "x");
  BOOST_TEST(escapes("files", folder.path() + " exec") ==
             "did: read-file write-file read-etc make-folder thread survived-exec");
}

BOOST_AUTO_TEST_CASE(named_paths_are_all_that_a_file_plugin_reaches) {
  Folder granted("granted");
  Folder other("other");
  granted.write("readable.txt", "x");
  other.write("readable.txt", "x");
  HostOptions options = host_options();
  options.readable_paths = {granted.path()};
  const std::string inside = escapes("files", granted.path() + " ", options);
  BOOST_TEST(inside.find("read-file") != std::string::npos);
  const std::string outside = escapes("files", other.path() + " ", options);
  if (outside.find("read-file") != std::string::npos) {
    BOOST_TEST_MESSAGE("this kernel has no Landlock: paths are not restricted");
    return;
  }
  BOOST_TEST(inside.find("write-file") == std::string::npos);
  options.writable_paths = {granted.path()};
  BOOST_TEST(escapes("files", granted.path() + " ", options).find("write-file") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_path_that_is_not_there_grants_nothing_above_it) {
  Folder folder("missing");
  folder.write("readable.txt", "x");
  HostOptions options = host_options();
  options.writable_paths = {folder.path() + "/missing"};
  const std::string did = escapes("files", folder.path() + " ", options);
  if (kernel_confinement().landlock == 0) {
    BOOST_TEST_MESSAGE("this kernel has no Landlock: paths are not restricted");
    return;
  }
  for (const char* denied : {"read-file", "write-file", "make-folder"}) {
    BOOST_TEST(did.find(denied) == std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
