#include <boost/test/unit_test.hpp>

#include "unit/config/support.h"

namespace rondom::config::test {
namespace {

std::string problems_of(const std::string& job) {
  return load(with(minimal(), {{"jobs/j.yaml", job}})).problems;
}

std::string stream(const std::string& lines) {
  return problems_of("job: crm\nsource: crm\nstreams:\n  - stream: a\n" + lines);
}

std::string destination(const std::string& lines) {
  return problems_of(destination_job() + lines);
}

BOOST_AUTO_TEST_SUITE(jobs)

BOOST_AUTO_TEST_CASE(a_job_reads_or_writes) {
  BOOST_TEST(problems_of("job: x\n") ==
             "jobs/j.yaml:1:6: a job needs exactly one of source and destination\n");
  BOOST_TEST(problems_of("job: x\nsource: crm\ndestination: mail\n") ==
             "jobs/j.yaml:3:1: a job needs exactly one of source and destination\n");
  BOOST_TEST(problems_of("job: x\nsource: crm\n") ==
             "jobs/j.yaml:1:1: a source job needs streams\n");
  BOOST_TEST(problems_of("job: x\nsource: crm\nstreams: []\n") ==
             "jobs/j.yaml:3:10: streams is empty\n");
  BOOST_TEST(problems_of("job: x\nsource: crn\nstreams: [ { stream: a, preset: b } ]\n") ==
             "jobs/j.yaml:2:9: no connection crn (did you mean crm?)\n");
}

BOOST_AUTO_TEST_CASE(keys_of_the_other_kind_are_refused) {
  BOOST_TEST(problems_of(std::string(source_job()) + "purpose: news\nlimits: { removals: 2% }\n") ==
             "jobs/j.yaml:7:1: purpose belongs to a destination job (in a source job it may stand "
             "inside a stream, or not at all)\n"
             "jobs/j.yaml:8:11: removals is a limit of destination jobs\n");
  BOOST_TEST(destination("streams: [ { stream: a, preset: b } ]\nlimits: { tombstones: 1% }\n") ==
             "jobs/j.yaml:5:1: streams belongs to a source job\n"
             "jobs/j.yaml:6:11: tombstones is a limit of source jobs\n");
}

BOOST_AUTO_TEST_CASE(how_fresh_streams_have_to_be) {
  const Loaded loaded =
      load(with(minimal(), {{"jobs/j.yaml",
                             "job: x\nsource: crm\nfresh_within: 1d\nstreams:\n  - { stream: a, "
                             "preset: b }\n  - { stream: c, preset: b, fresh_within: 2h }\n"}}));
  BOOST_TEST(loaded.problems == "");
  const auto& streams = loaded.project.job("x")->source->streams;
  BOOST_TEST(streams[0].fresh_within == microseconds_per_day);
  BOOST_TEST(streams[1].fresh_within == microseconds_per_day / 12);
  BOOST_TEST(stream("    preset: b\n    fresh_within: soon\n") ==
             "jobs/j.yaml:6:19: fresh_within must be a duration such as 15m, 1h or 1d\n");
  BOOST_TEST(destination("fresh_within: 1h\n") ==
             "jobs/j.yaml:5:1: fresh_within belongs to a source job\n");
}

BOOST_AUTO_TEST_CASE(every_destination_names_its_purpose_and_map) {
  BOOST_TEST(problems_of("job: x\ndestination: mail\n") ==
             "jobs/j.yaml:2:1: every destination job names its purpose (add purpose: and declare "
             "it under purposes: in rondom.yaml)\n"
             "jobs/j.yaml:2:1: a destination job needs a map (each line is a field of the target: "
             "expression)\n");
  BOOST_TEST(problems_of("job: x\ndestination: mail\npurpose: nws\nmap: { a: .b }\n") ==
             "jobs/j.yaml:3:10: no purpose nws (did you mean news?)\n");
}

BOOST_AUTO_TEST_CASE(withdrawn_consent_is_never_kept) {
  BOOST_TEST(destination("on_withdrawal: keep\n") ==
             "jobs/j.yaml:5:16: on_withdrawal: keep would mail people who said no (write "
             "unsubscribe or delete)\n");
  const Files files = with(
      minimal(), {{"jobs/j.yaml", std::string(destination_job()) +
                                      "on_withdrawal: delete\non_leave: delete\non_missing: clear\n"
                                      "entity: organization\n"}});
  const Loaded loaded = load(files);
  BOOST_TEST(loaded.problems == "");
  const DestinationJob& job = *loaded.project.jobs[0].destination;
  BOOST_TEST((job.on_withdrawal == OnWithdrawal::remove));
  BOOST_TEST((job.on_leave == OnLeave::remove));
  BOOST_TEST(job.clear_missing);
  BOOST_TEST(job.entity == "organization");
  BOOST_TEST(job.removals_percent_max == 5.0);
  BOOST_TEST(job.changes_percent_max == 100.0);
  BOOST_TEST(loaded.project.jobs[0].tombstones_percent_max == 10.0);
}

BOOST_AUTO_TEST_CASE(a_stream_has_one_form) {
  BOOST_TEST(stream("") ==
             "jobs/j.yaml:4:5: a stream needs entity and map, a preset, or records\n");
  BOOST_TEST(stream("    entity: person\n") == "jobs/j.yaml:4:5: entity needs a map\n");
  BOOST_TEST(stream("    map: { email: .a }\n") ==
             "jobs/j.yaml:4:5: map needs an entity or a preset\n");
  BOOST_TEST(stream("    preset: x\n    entity: person\n") ==
             "jobs/j.yaml:4:5: a preset brings its own entity; remove one of the two\n");
  BOOST_TEST(stream("    preset: x\n    records: [ { entity: person, map: { email: .a } } ]\n") ==
             "jobs/j.yaml:4:5: records stands alone: entity and map go inside it, a preset cannot "
             "be mixed in\n");
  BOOST_TEST(stream("    records: []\n") == "jobs/j.yaml:5:14: records is empty\n");
  BOOST_TEST(stream("    preset: x\n    map: { email: ~ }\n") == "");
}

BOOST_AUTO_TEST_CASE(keep_raw_follows_what_records_become) {
  const auto keeps = [](const std::string& lines) {
    const Loaded loaded = load(with(
        minimal(), {{"jobs/j.yaml", "job: crm\nsource: crm\nstreams:\n  - stream: a\n" + lines}}));
    BOOST_TEST(loaded.problems == "");
    return loaded.project.jobs.at(0).source->streams.at(0).keep_raw;
  };
  BOOST_TEST(keeps("    entity: person\n    map: { email: .a }\n"));
  BOOST_TEST(!keeps("    entity: event\n    map: { type: x }\n"));
  BOOST_TEST(keeps("    entity: event\n    map: { type: x }\n    keep_raw: true\n"));
  BOOST_TEST(!keeps("    entity: person\n    map: { email: .a }\n    keep_raw: false\n"));
  BOOST_TEST(!keeps("    records: [ { entity: order, map: { at: .a } } ]\n"));
  BOOST_TEST(
      keeps("    records:\n      - { entity: order, map: { at: .a } }\n"
            "      - { entity: person, map: { email: .a } }\n"));
  BOOST_TEST(keeps("    preset: x\n"));
}

BOOST_AUTO_TEST_CASE(schedules_have_one_of_four_shapes) {
  const auto schedule = [](const std::string& text) {
    return problems_of(std::string(source_job()) + "schedule: " + text + "\n");
  };
  for (const char* right : {"{ every: 15m }", "{ cron: \"0 6 * * *\" }",
                            "{ cron: \"*/5 8-18 * * 1,2\" }", "{ continuous: true }"}) {
    BOOST_TEST(schedule(right) == "");
  }
  BOOST_TEST(schedule("{ every: 1h, continuous: true }") ==
             "jobs/j.yaml:7:11: schedule needs exactly one of every, cron, after and continuous\n");
  BOOST_TEST(schedule("{}") ==
             "jobs/j.yaml:7:11: schedule needs exactly one of every, cron, after and continuous\n");
  for (const char* wrong : {"15", "m", "0m", "-1m", "1.5h", "15 m", "15minutes"}) {
    BOOST_TEST(schedule(std::string("{ every: ") + wrong + " }") ==
               "jobs/j.yaml:7:20: every must be a duration such as 15m, 1h or 1d\n");
  }
  BOOST_TEST(schedule("{ every: 1h, zone: UTC }") ==
             "jobs/j.yaml:7:30: zone belongs to cron (the other schedules know no clock)\n");
  BOOST_TEST(schedule("{ continuous: false }").find("says nothing") != std::string::npos);
  BOOST_TEST(schedule("{ after: [] }").find("names no job") != std::string::npos);
  BOOST_TEST(schedule("{ after: [cmr] }") == "jobs/j.yaml:7:21: no job cmr (did you mean crm?)\n");
  BOOST_TEST(schedule("{ after: [crm] }").find("job crm waits for itself") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_cron_schedule_is_said_at_its_place) {
  const auto cron = [](const std::string& text) {
    return problems_of(std::string(source_job()) + "schedule: { cron: \"" + text + "\" }\n");
  };
  for (const char* right : {"0 6 * * *", "*/5 8-18 * * 1,2", "0 0 1,15 jan-MAR mon-fri",
                            "0 0 * * 7", "10-50/20 */6 29 2 *", "0  6\t* * *", "0 0 31 2,3 *"}) {
    BOOST_TEST(cron(right) == "");
  }
  BOOST_TEST(
      cron("0 6 * *") ==
      "jobs/j.yaml:7:20: cron must hold five fields, such as \"0 6 * * *\" (minute, hour, day "
      "of the month, month, day of the week)\n");
  BOOST_TEST(cron("0 0 6 * * *").find("no field for seconds") != std::string::npos);
  BOOST_TEST(cron("0 24 * * *") == "jobs/j.yaml:7:22: 24 is no hour (hour goes from 0 to 23)\n");
  BOOST_TEST(
      cron("0 6 * * mno") ==
      "jobs/j.yaml:7:28: mno is no day of the week (day of the week goes from 0 to 7, or a name "
      "such as mon)\n");
  BOOST_TEST(cron("0 6 0 * *").find("7:24: 0 is no day of the month") != std::string::npos);
  BOOST_TEST(cron("0 6 * * fri-mon").find("7:28: fri-mon runs backwards") != std::string::npos);
  BOOST_TEST(cron("0 5/2 * * *") == "jobs/j.yaml:7:22: a step needs a range (5-23/2)\n");
  BOOST_TEST(cron("*/0 6 * * *").find("7:22: a step is a number from 1 to 59") !=
             std::string::npos);
  BOOST_TEST(cron("1,,2 6 * * *").find("7:22: a minute is missing here") != std::string::npos);
  BOOST_TEST(cron("0 6 30 2 *") ==
             "jobs/j.yaml:7:24: no month named here has such a day, so it never runs\n");
  BOOST_TEST(cron("0 6 30 2 1") == "");  // every Monday in February
}

BOOST_AUTO_TEST_CASE(a_cron_schedule_is_read_as_sets_in_a_zone) {
  const auto job = [](const std::string& schedule) {
    Files files =
        with(minimal(), {{"jobs/j.yaml", source_job() + ("schedule: " + schedule) + "\n"}});
    files["rondom.yaml"] += "defaults: { time_zone: Europe/Amsterdam }\n";
    const Loaded loaded = load(files);
    BOOST_TEST(loaded.problems == "");
    return loaded.project.jobs.at(0).starts;
  };
  const Schedule read = job("{ cron: \"5-50/15 6 1 jan,12 7\" }");
  BOOST_TEST((read.kind == Schedule::Kind::cron));
  BOOST_TEST(read.cron.minutes == (1ULL << 5 | 1ULL << 20 | 1ULL << 35 | 1ULL << 50));
  BOOST_TEST(read.cron.hours == 1U << 6);
  BOOST_TEST(read.cron.days == 2U);
  BOOST_TEST(read.cron.months == (1U << 1 | 1U << 12));
  BOOST_TEST(read.cron.weekdays == 1U);  // 7 and 0 are Sunday
  BOOST_TEST(read.cron.either_day);
  BOOST_TEST(read.text == "cron 5-50/15 6 1 jan,12 7 Europe/Amsterdam");
  BOOST_TEST(job("{ cron: \"0 * * * *\", zone: America/New_York }").zone == "America/New_York");
  BOOST_TEST(job("{ cron: \"0 * * * *\" }").cron.hours == all_hours);
  BOOST_TEST(job("{ cron: \"0 0 * * *\" }").cron.days == all_month_days);
  BOOST_TEST(!job("{ cron: \"0 0 */2 * 1\" }").cron.either_day);
  BOOST_TEST(job("{ every: 15m }").every == 900 * microseconds_per_second);
  BOOST_TEST(job("{ continuous: true }").text == "continuous");
  BOOST_TEST(problems_of(std::string(source_job()) +
                         "schedule: { cron: \"0 6 * * *\", zone: Europe/Amsterdma }\n") ==
             "jobs/j.yaml:7:38: no time zone Europe/Amsterdma (an IANA name such as "
             "Europe/Amsterdam, or UTC)\n");
  BOOST_TEST(problems_of(std::string(source_job()) + "timeout: 2\n") ==
             "jobs/j.yaml:7:10: timeout must be a duration such as 15m, 1h or 1d\n");
}

BOOST_AUTO_TEST_CASE(jobs_that_wait_for_one_another_are_refused) {
  Files files = minimal();
  const char* names[] = {"a", "b", "c"};
  const char* after[] = {"b", "c", "a"};
  for (int i = 0; i < 3; ++i) {
    const std::string name = names[i];
    files["jobs/" + name + ".yaml"] = "job: " + name + "\nsource: crm\nschedule: { after: [" +
                                      after[i] + "] }\nstreams: [ { stream: s" + name +
                                      ", preset: p } ]\n";
  }
  BOOST_TEST(load(files).diagnostics.size() == 3);
  files["jobs/c.yaml"] = "job: c\nsource: crm\nstreams: [ { stream: sc, preset: p } ]\n";
  BOOST_TEST(load(files).problems == "");
}

BOOST_AUTO_TEST_CASE(names_and_streams_are_owned_once) {
  const Files files = with(
      minimal(), {{"jobs/a.yaml", "job: x\nsource: crm\nstreams: [ { stream: s, preset: p } ]\n"},
                  {"jobs/b.yaml", "job: x\nsource: mail\nstreams: [ { stream: s, preset: p } ]\n"},
                  {"jobs/c.yaml", "job: z\nsource: crm\nstreams: [ { stream: s, preset: p } ]\n"}});
  BOOST_TEST(load(files).problems ==
             "jobs/b.yaml:1:6: a second job x (the first is in jobs/a.yaml:1)\n"
             "jobs/c.yaml:3:12: stream s of crm is read by job x already (one stream has one "
             "owner; the first is in jobs/a.yaml:3)\n");
}

BOOST_AUTO_TEST_CASE(percentages_carry_their_sign) {
  for (const char* wrong : {"2", "101%", "-1%", "a%", "1.%", "2 %"}) {
    BOOST_TEST(destination(std::string("limits: { removals: ") + wrong + " }\n") ==
                   "jobs/j.yaml:5:21: removals must be a percentage such as 2%\n",
               wrong);
  }
  BOOST_TEST(destination("limits: { removals: 0.5%, changes: 100% }\n") == "");
}

BOOST_AUTO_TEST_CASE(expressions_are_checked_in_place) {
  const std::string problems = stream(
      "    entity: person\n"
      "    map: { email: .a }\n"
      "    key: [guest, \".id |\"]\n"
      "    when: .a ==\n"
      "    cursor: .x | nosuchfunction\n"
      "    country: (.c\n");
  BOOST_TEST_CONTEXT(problems) {
    BOOST_TEST(problems.find("jobs/j.yaml:7:") != std::string::npos);
    BOOST_TEST(problems.find("jobs/j.yaml:8:") != std::string::npos);
    BOOST_TEST(problems.find("jobs/j.yaml:9:18: ") != std::string::npos);
    BOOST_TEST(problems.find("jobs/j.yaml:10:") != std::string::npos);
    BOOST_TEST(problems.find("jobs/j.yaml:5:") == std::string::npos);
  }
  BOOST_TEST(stream("    entity: person\n    map: { email: .a }\n    key: [guest, .id]\n"
                    "    when: .a == 1 and .b != \"x\"\n    cursor: .c\n    country: .d\n") == "");
}

BOOST_AUTO_TEST_CASE(a_cut_expression_is_reported_once) {
  BOOST_TEST(stream("    preset: x\n    when: .a == \"x # y\"\n") ==
             "jobs/j.yaml:6:20: \" #\" starts a comment here and cuts the expression off (quote "
             "the whole expression)\n");
  BOOST_TEST(stream("    preset: x\n    when: .a == \"x\n").starts_with("jobs/j.yaml:6:"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::config::test
