"""Writes survival.md beside it: survival_page.py. What of a vendor's bad days each connector is tested against.

A cell names tests ("test_x.Class.test" of tests/cli, "folder#case" of a unit test), or says in words why the case cannot
occur. tests/cli/test_survival.py holds the table against the tests and the connectors that there are.
"""
import pathlib

HEAD = "<!-- Written by survival_page.py. Do not edit. -->\n"
SOURCE_CASES = {
    "killed": "killed at every page, and resumed", "ties": "1,000 records of one cursor value at a page's border",
    "changed": "a record changed while paging", "token": "the token ends in the middle", "wait": "429 with Retry-After",
    "limit": "429 without", "cut": "a body that is cut off", "repeat": "a page that repeats", "endless": "an endless next link",
}
DESTINATION_CASES = {
    "bad": "one bad record in a batch", "twice": "the same batch twice", "refused": "the whole batch is refused", "limit": "429",
    "unheard": "a time-out after the vendor accepted",
}

NO_HTTP = "files in a folder: nobody answers with 429"
SQL_NO_HTTP = "no HTTP; a server that breaks off is the case in the column before"
NO_NEXT = "no next link: the next page is asked for by place, so that an endless list is one that repeats"
KEY = "a key does not end by itself"
FEEDBACK = "test_mautic_source.Feedback."
LIMITS = FEEDBACK + "test_429_with_retry_after"

SOURCES = {
    "adobe-audience-manager": {
        "killed": "test_adobe_audience_manager_source.Source.test_killed_at_every_checkpoint",
        "ties": "no cursor: a transfer is read line by line, by its place in the file",
        "changed": "test_adobe_audience_manager_source.Source.test_what_is_not_whole_is_not_read_and_said",
        "token": "files in a folder: no token", "wait": NO_HTTP, "limit": NO_HTTP,
        "cut": "test_adobe_audience_manager_source.Source.test_a_packed_file_that_is_cut",
        "repeat": "test_adobe_audience_manager_source.Source.test_older_transfers_are_passed_over",
        "endless": "a folder has an end",
    },
    "file": {
        "killed": ["plugins/file/tests#append_goes_on_at_every_checkpoint", "test_kill.Kill.test_killed_again_and_again"],
        "ties": "no cursor of the source's own: a file is read by its place in bytes",
        "changed": "plugins/file/tests#a_file_that_changes_under_the_read_completes_nothing",
        "token": "files in a folder: no token", "wait": NO_HTTP, "limit": NO_HTTP,
        "cut": "plugins/file/tests#a_cut_packed_file_keeps_what_came_before_and_completes_nothing",
        "repeat": "a file's bytes stand still", "endless": "test_hostile.Hostile.test_symlink_loop",
    },
    "ga4": {
        "killed": "test_ga4.Reports.test_killed_at_every_page",
        "ties": "test_ga4.Reports.test_a_thousand_rows_of_one_day_at_the_border_of_a_page",
        "changed": "test_ga4.Reports.test_rows_that_move_while_pages_are_read",
        "token": "test_ga4.Reports.test_a_token_that_ends_in_the_middle",
        "wait": "test_ga4.Reports.test_faults", "limit": "test_ga4.Reports.test_faults", "cut": ["test_ga4.Reports.test_faults",
                                                                                              "test_ga4.Reports.test_a_large_page_that_breaks_off"],
        "repeat": "test_ga4.Reports.test_pages_without_end", "endless": "test_ga4.Reports.test_pages_without_end",
    },
    "hubspot": {
        "killed": ["test_hubspot.Source.test_killed_at_every_page", "test_hubspot.Source.test_stopped_and_killed_at_a_page_and_gone_on"],
        "ties": "test_hubspot.Source.test_more_records_of_one_moment_than_a_search_shows",
        "changed": "test_hubspot.Source.test_what_changes_while_it_is_read_is_not_skipped",
        "token": "test_hubspot.SourceWithOauth.test_a_token_that_expires_in_the_middle",
        "wait": "test_hubspot.Source.test_limits_and_faults", "limit": "test_hubspot.Source.test_limits_and_faults",
        "cut": "test_hubspot.Source.test_limits_and_faults",
        "repeat": ["test_hubspot.Source.test_a_list_that_repeats_or_never_ends", "test_hubspot.Source.test_a_search_that_repeats"],
        "endless": "test_hubspot.Source.test_a_list_that_repeats_or_never_ends",
    },
    "klaviyo": {
        "killed": "test_klaviyo_source.Source.test_killed_at_every_page",
        "ties": ["test_klaviyo_source.Source.test_many_of_one_moment", "test_klaviyo_source.Source.test_killed_at_every_page"],
        "changed": "test_klaviyo_source.Source.test_who_changes_while_we_read", "token": KEY,
        "wait": "test_klaviyo_source.Source.test_faults", "limit": "test_klaviyo_source.Source.test_faults",
        "cut": "test_klaviyo_source.Source.test_faults", "repeat": "test_klaviyo_source.Source.test_lists_that_do_not_end",
        "endless": "test_klaviyo_source.Source.test_lists_that_do_not_end",
    },
    "mailchimp": {
        "killed": ["test_mailchimp_source.Source.test_killed_at_every_page",
                   "test_mailchimp_source.Source.test_killed_between_two_pages"],
        "ties": "test_mailchimp_source.Source.test_many_members_of_one_moment",
        "changed": "test_mailchimp_source.Source.test_who_changes_while_we_read",
        "token": "a key does not end by itself, nor does Mailchimp's token of OAuth",
        "wait": "test_mailchimp_source.Source.test_faults", "limit": "test_mailchimp_source.Source.test_faults",
        "cut": "test_mailchimp_source.Source.test_faults", "repeat": "test_mailchimp_source.Source.test_a_page_that_repeats_itself_ends",
        "endless": NO_NEXT,
    },
    "matomo": {
        "killed": ["test_matomo.Matomo.test_killed_at_every_page", "test_matomo.Matomo.test_killed_between_two_pages"],
        "ties": "test_matomo.Matomo.test_many_visits_of_one_second",
        "changed": "test_matomo.Matomo.test_visits_that_go_on_while_we_read", "token": KEY,
        "wait": "test_matomo.Matomo.test_faults", "limit": "test_matomo.Matomo.test_faults", "cut": "test_matomo.Matomo.test_faults",
        "repeat": "test_matomo.Matomo.test_a_page_that_repeats_itself_ends", "endless": NO_NEXT,
    },
    "mautic": {
        "killed": FEEDBACK + "test_killed_at_every_page",
        "ties": FEEDBACK + "test_a_thousand_entries_of_one_moment_at_the_border_of_a_page",
        "changed": FEEDBACK + "test_entries_that_change_while_pages_are_read", "token": FEEDBACK + "test_a_token_that_ends_in_the_middle",
        "wait": LIMITS, "limit": FEEDBACK + "test_429_without_retry_after", "cut": FEEDBACK + "test_a_body_that_is_cut_off",
        "repeat": FEEDBACK + "test_a_page_that_repeats_and_a_list_without_end", "endless": NO_NEXT,
    },
    "salesforce": {
        "killed": "test_salesforce.Reading.test_killed_at_a_page",
        "ties": "test_salesforce.Reading.test_a_thousand_records_of_one_moment_at_the_border_of_a_page",
        "changed": "test_salesforce.Reading.test_a_record_that_changes_while_pages_are_read",
        "token": "test_salesforce.Reading.test_a_token_that_ends_in_the_middle",
        "wait": "test_salesforce.Reading.test_faults", "limit": "test_salesforce.Reading.test_faults",
        "cut": ["test_salesforce.Reading.test_faults", "test_salesforce.Reading.test_a_large_page_that_breaks_off"],
        "repeat": "test_salesforce.Reading.test_pages_without_end", "endless": "test_salesforce.Reading.test_pages_without_end",
    },
    "sql": {
        "killed": "test_sql.SqliteReads.test_killed_at_every_page",
        "ties": "test_sql.SqliteReads.test_first_unchanged_incremental_with_ties_at_every_border",
        "changed": "test_sql.SqliteReads.test_rows_that_change_while_pages_are_read",
        "token": "a password does not end by itself", "wait": SQL_NO_HTTP, "limit": SQL_NO_HTTP,
        "cut": "test_sql.PostgresqlReads.test_lost_connection_is_worth_another_try",
        "repeat": "the database itself answers what lies behind the last key; two rows of one key are refused",
        "endless": "no next link: each page lies behind the one before",
    },
    "tealium": {
        "killed": "test_tealium.Source.test_killed_between_visitors",
        "ties": "no cursor: a request for each visitor that is named", "changed": "a visitor is one answer, whole",
        "token": "test_tealium.Source.test_faults", "wait": "test_tealium.Source.test_faults", "limit": "test_tealium.Source.test_faults",
        "cut": "test_tealium.Source.test_faults", "repeat": "no pages: the names that are asked for are a list with an end",
        "endless": "no pages: the names that are asked for are a list with an end",
    },
}

DESTINATIONS = {
    "adobe-audience-manager": {
        "bad": "test_adobe_audience_manager.Destination.test_bad_records_are_refused_alone",
        "twice": "test_adobe_audience_manager.Destination.test_killed_anywhere",
        "refused": "a file is taken by the folder; what Audience Manager thinks of it comes hours later by mail", "limit": NO_HTTP,
        "unheard": "test_adobe_audience_manager.Destination.test_killed_anywhere",
    },
    "file": {
        "bad": "a file takes every record", "twice": "test_kill.Kill.test_file_destination",
        "refused": "a file is written or the run fails", "limit": NO_HTTP, "unheard": "test_kill.Kill.test_file_destination",
    },
    "hubspot": {
        "bad": ["test_hubspot.Destination.test_one_bad_contact_in_a_batch_that_is_refused_whole",
                "test_hubspot.Destination.test_a_partial_failure_by_another_unique_property"],
        "twice": "test_hubspot.Destination.test_the_same_batch_twice",
        "refused": "test_hubspot.Destination.test_one_bad_contact_in_a_batch_that_is_refused_whole",
        "limit": "test_hubspot.Destination.test_faults_and_answers_that_nobody_heard",
        "unheard": "test_hubspot.Destination.test_faults_and_answers_that_nobody_heard",
    },
    "klaviyo": {
        "bad": ["test_klaviyo.Destination.test_one_bad_profile_in_a_batch", "test_klaviyo.Destination.test_profiles_that_fail_in_the_job"],
        "twice": "test_klaviyo.Destination.test_the_same_batch_twice",
        "refused": "test_klaviyo.Destination.test_a_batch_that_is_refused_whole_is_halved",
        "limit": ["test_klaviyo.Destination.test_faults", "test_klaviyo.Destination.test_429_without_retry_after"],
        "unheard": ["test_klaviyo.Destination.test_faults", "test_klaviyo.Destination.test_an_answer_that_is_lost_is_said_to_be_unknown"],
    },
    "mailchimp": {
        "bad": "test_mailchimp.Destination.test_one_bad_member_in_a_batch", "twice": "test_mailchimp.Destination.test_the_same_batch_twice",
        "refused": "test_mailchimp.Destination.test_a_batch_that_is_refused_whole_is_halved",
        "limit": "test_mailchimp.Destination.test_faults", "unheard": "test_mailchimp.Destination.test_faults",
    },
    "mautic": {
        "bad": "test_mautic.Mautic.test_one_bad_contact_in_a_batch", "twice": "test_mautic.Mautic.test_the_same_batch_twice",
        "refused": "test_mautic.Mautic.test_a_batch_that_is_refused_whole", "limit": "test_mautic.Mautic.test_faults",
        "unheard": "test_mautic.Mautic.test_applied_but_unheard_makes_no_double",
    },
    "salesforce": {
        "bad": ["test_salesforce.Writing.test_one_bad_record_in_a_batch", "test_salesforce_bulk.Bulk.test_one_bad_record_in_a_job"],
        "twice": ["test_salesforce.Writing.test_the_same_batch_twice", "test_salesforce_bulk.Bulk.test_the_same_batch_twice"],
        "refused": ["test_salesforce.Writing.test_a_batch_that_is_refused_whole_is_halved",
                    "test_salesforce_bulk.Bulk.test_a_job_that_fails_in_the_middle"],
        "limit": ["test_salesforce.Writing.test_faults", "test_salesforce_bulk.Bulk.test_limits_of_the_vendor"],
        "unheard": ["test_salesforce.Writing.test_done_but_unheard_makes_no_double",
                    "test_salesforce_bulk.Bulk.test_an_answer_is_lost_at_any_step",
                    "test_salesforce_bulk.Bulk.test_a_job_that_began_and_is_not_heard_of_is_unknown_and_makes_no_double"],
    },
    "tealium": {
        "bad": "test_tealium.Destination.test_one_bad_event_in_a_request",
        "twice": "test_tealium.Destination.test_what_may_have_arrived_is_not_sent_again",
        "refused": "test_tealium.Destination.test_one_bad_event_in_a_request",
        "limit": "test_tealium.Destination.test_what_surely_did_not_arrive_is_sent_again",
        "unheard": ["test_tealium.Destination.test_what_may_have_arrived_is_not_sent_again",
                    "test_tealium.Destination.test_a_look_up_settles_what_arrived"],
    },
}


def named(cell):
    """The tests that a cell names; none when it is words."""
    cells = cell if isinstance(cell, list) else [cell]
    return [] if any(" " in one for one in cells) else cells


def shown(cell):
    tests = named(cell)
    return "<br>".join(f"`{one}`" for one in tests) if tests else cell


def table(title, cases, connectors):
    """A table for each case: as columns of one table they would be too many."""
    out = [f"\n## {title}\n"]
    for case, words in cases.items():
        out.append(f"\n### {words[0].upper()}{words[1:]}\n\n| connector | test, or why not |\n| --- | --- |\n")
        out += [f"| {name} | {shown(cells[case])} |\n" for name, cells in connectors.items()]
    return "".join(out)


def page():
    return HEAD + """
# What connectors survive

Each case that a vendor makes now and then, and for each connector the test that shows what becomes of it: of `tests/cli`
(run one with `python3 tests/cli/FILE.py CLASS.TEST`, see [the tests](../../tests/README.md)) or a unit test of a folder.
""" + table("Sources", SOURCE_CASES, SOURCES) + table("Destinations", DESTINATION_CASES, DESTINATIONS) + """
HTTP itself (retries, patience, lost connections, redirects, proxy, limits of size and time) is the engine's and is tested
once, in `tests/unit/net` and `tests/cli/test_http.py`.
"""


if __name__ == "__main__":
    pathlib.Path(__file__).with_name("survival.md").write_text(page(), encoding="utf-8")
