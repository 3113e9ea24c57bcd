"""Why a partner stands where it stands: today, on a day to come, and as it was known on a day gone by."""
import os
import pwd

import pytest

from installation import ACME
from terminal import on_a_terminal, plain


@pytest.fixture
def quiet_site(site):
    site.write(channels='"mail"', events="")
    site.start("2026-11-23T08:00:00Z")
    return site


def roles(why):
    return {c["id"]: c["role"] for c in why["contacts"]}


def test_why_names_the_contact_that_counts_and_those_that_do_not(quiet_site):
    site = quiet_site
    first = site.ctl("why", "acme")["contacts"][0]["id"]
    mail = site.ctl("log", "acme", "email", "2026-11-20", "--direction", "out")["contact"]
    why = site.ctl("why", "acme")
    assert roles(why) == {first: "the clock counts from here", mail: "does not count: nobody answered"}
    assert why["state"] == "cold" and why["so"].startswith("stands in the next digest: Mon 23 Nov 08:30")
    call = site.ctl("log", "acme", "call", "2026-11-20")["contact"]
    why = site.ctl("why", "acme")
    assert roles(why)[call] == "the clock counts from here" and roles(why)[first].endswith("a newer one does too")
    assert why["so"].startswith("nobody is told: nothing is due until Fri 18 Dec (in 25 days)")


def test_why_not(quiet_site):
    site = quiet_site
    site.ctl("snooze", "acme", "2w")
    assert site.ctl("why", "acme")["so"].startswith("nobody is told: snoozed until Mon 7 Dec (in 14 days)")
    site.ctl("plan", "elbe", "friday")
    assert site.ctl("why", "elbe")["so"].startswith("nobody is told: meeting booked for Fri 27 Nov (in 4 days)")
    site.ctl("decide", "borealis", "end")
    why = site.ctl("why", "borealis")
    assert "archived since Mon 23 Nov" in why["so"] and why["coming"] == []
    assert "If nothing happens" not in site.ctl_text("why", "borealis")


@pytest.mark.parametrize("setting, says", [
    ('deliver = "hold";', 'Nothing is sent now: deliver = "hold" in the configuration'),
    ('redirect_to = "trial@example.com";',
     "Every mail goes to trial@example.com now, and no hook is called: redirect_to in the configuration"),
])
def test_why_says_when_the_configuration_withholds_what_is_told(quiet_site, setting, says):
    site = quiet_site
    assert site.ctl("why", "acme")["withheld"] is None
    site.write(channels='"mail"', events="", settings=setting)
    site.ctl("reload")
    # Today, and on a day to come: what is foretold of it reaches nobody as things are.
    for words in ((), ("--on", "2026-12-07")):
        assert site.ctl("why", "acme", *words)["withheld"] == says
        assert f"\n{says}.\n" in site.ctl_text("why", "acme", *words)
    assert all(len(line) <= 60 for line in plain(on_a_terminal(site, 60, "why", "acme")).splitlines())


def test_why_on_a_day_to_come_is_what_will_be_judged_then(quiet_site):
    site = quiet_site
    coming = [c for c in site.ctl("why", "fjord")["coming"] if c["what"] != "told"]
    assert [c["what"] for c in coming] == ["due", "cold", "decide"]
    for c in coming[:2]:
        then = site.ctl("why", "fjord", "--on", c["day"])
        assert then["state"] == c["what"], c
        assert then["on"] == c["day"] and then["today"] == "2026-11-23" and not then["past"]
        assert then["so"].startswith("if nothing happens, stands in the digest of")


def test_why_on_a_day_gone_by_is_as_it_was_known_then(quiet_site):
    site = quiet_site
    site.ctl("snooze", "acme", "2026-12-10", "their board meets")
    site.restart("2026-11-30T09:00:00Z")
    call = site.ctl("log", "acme", "call", "2026-11-26")["contact"]
    site.ctl("partner", "add", "gamma", "--owner", "maria")
    site.restart("2026-12-03T09:00:00Z")
    site.ctl("unlog", call)
    site.ctl("decide", "acme", "keep")
    now, then = site.ctl("why", "acme"), site.ctl("why", "acme", "--on", "2026-11-30")
    assert now["due_day"] == "2026-12-31" and now["held"] == "snoozed"
    assert then["past"] and then["due_day"] == "2026-12-24" and then["state"] == "on track"
    assert then["last_contact"]["id"] == call and then["answers"]["snooze"]["over"]
    before = site.ctl("why", "acme", "--on", "2026-11-27")
    assert before["held"] == "snoozed" and before["due_day"] == "2026-10-29"
    assert before["answers"]["snooze"]["reason"] == "their board meets"
    assert "was not known on 2026-11-25" in site.ctl_text("why", "gamma", "--on", "2026-11-25", expect=1)
    assert "is no day" in site.ctl_text("why", "acme", "--on", "2026-02-30", expect=1)
    assert "As known on Mon 30 Nov (3 days ago)" in site.ctl_text("why", "acme", "--on", "2026-11-30")


def test_a_day_is_said_with_how_near_it_is(quiet_site):
    text = quiet_site.ctl_text("why", "acme")
    for words in ("Thu 1 Oct (53 days ago)", "due           Thu 29 Oct (25 days ago)", "cold          Thu 5 Nov (18 days ago)"):
        assert words in text, text
    assert "Wed 10 Feb 2027 (in 79 days)" in quiet_site.ctl_text("why", "fjord")


def told(why):
    return [(c["day"], c["hearer"], c["occasion"]) for c in why["coming"] if c["what"] == "told"]


def changes(why):
    return [(c["day"], c["what"], c["held"]) for c in why["coming"] if c["what"] != "told"]


def one_partner(site, last, edit=lambda text: text):
    """Acme alone: strategic, four weeks and one of grace; mail only."""
    site.write(channels='"mail"', events="", partners=((ACME[0], ACME[1], ACME[2], last),), edit=edit)
    return site


def with_ladder(text):
    return text.replace('grace = "1 week";', 'grace = "1 week"; warn = "5 days"; escalate = [ "2 weeks" ];')


def test_why_and_preview_agree_on_the_day_it_turns_cold(site):
    one_partner(site, "2026-10-23").once("2026-11-20T08:30:00Z")
    site.start("2026-11-27T07:00:00Z")
    assert "Acme GmbH" in site.ctl_text("preview", "maria")
    so = site.ctl("why", "acme")["so"]
    assert so == "stands in the next digest: Fri 27 Nov 08:30 (today), to maria: it has turned cold"


def test_why_knows_that_an_ack_skips_a_review_day(site):
    one_partner(site, "2026-10-01").once()
    site.start("2026-11-24T09:00:00Z")
    assert "next: Mon 30 Nov 08:30 (in 6 days), to maria" in site.ctl("why", "acme")["so"]
    site.ctl("ack", "acme")
    so = site.ctl("why", "acme")["so"]
    assert "next: Mon 7 Dec 08:30 (in 13 days), to maria" in so and "acknowledged on Tue 24 Nov" in so


def test_why_says_who_is_away_and_who_stands_in(quiet_site):
    site = quiet_site
    site.ctl("away", "maria", "today", "2026-12-04")
    why = site.ctl("why", "acme")
    assert told(why)[0] == ("2026-11-23", "jon", "cold")
    assert "maria is away until Fri 4 Dec (in 11 days): jon hears what turns cold" in why["so"]
    assert why["hearer"]["away"] == {"from": "2026-11-23", "to": "2026-12-04", "now": True, "by": "command", "stand_in": "jon"}
    assert told(site.ctl("why", "elbe"))[0] == ("2026-11-24", "jon", "cold")
    assert told(site.ctl("why", "borealis"))[0] == ("2026-12-07", "maria", "new")
    for verb in ("why", "show"):
        assert "maria is away from Mon 23 Nov (today) to Fri 4 Dec (in 11 days), by command" in site.ctl_text(verb, "acme")


def test_why_of_a_day_gone_by_tells_what_was_told(site):
    one_partner(site, "2026-10-23").once("2026-11-20T08:30:00Z")
    site.once("2026-11-27T08:30:00Z")
    site.start("2026-11-30T07:00:00Z")

    def so(day):
        return site.ctl("why", "acme", "--on", day)["so"]

    assert so("2026-11-20") == "told on that day to maria as due"
    assert so("2026-11-24") == "nothing was told on that day; told on Fri 20 Nov (10 days ago) to maria as due"
    assert so("2026-11-27") == "told on that day to maria as newly cold"
    assert so("2026-11-29").endswith("told on Fri 27 Nov (3 days ago) to maria as newly cold")
    assert [d["day"] for d in site.ctl("why", "acme")["digests"]] == ["2026-11-27", "2026-11-20"]


def test_a_step_that_waits_says_for_what(site):
    one_partner(site, "2026-10-01", with_ladder).once()
    site.start("2026-11-24T09:00:00Z")
    why = site.ctl("why", "acme")
    step = why["rules"][0]["ladder"][0]
    assert (step["day"], step["hearer"], step["taken"]) == ("2026-11-19", "jon", False)
    assert step["waits"] == "waits for 2 delivered digests that told maria, 1 so far"
    assert ("2026-12-01", "jon", "step") in told(why)
    assert "waits for 2 delivered digests" in site.ctl_text("why", "acme")
    site.stop()
    for day in ("2026-11-30", "2026-12-01"):
        site.once(f"{day}T08:30:00Z")
    assert [m for m in site.mails() if m["To"].addresses[0].addr_spec == "jon@example.com"]
    site.start("2026-12-01T09:00:00Z")
    step = site.ctl("why", "acme")["rules"][0]["ladder"][0]
    assert (step["taken"], step["taken_day"], step["waits"]) == (True, "2026-12-01", None)


def test_a_step_waits_for_digests_since_it_is_due_and_why_says_so(site):
    def every(weeks):
        return lambda text: text.replace('every = "4 weeks"; grace = "1 week";',
                                         f'every = "{weeks} weeks"; grace = "1 week"; escalate = [ "1 week" ];')
    one_partner(site, "2026-10-01", every(4))
    for day in ("2026-10-29", "2026-11-05"):
        site.once(f"{day}T08:30:00Z")
    assert len(site.mails()) == 2
    one_partner(site, "2026-10-01", every(6)).start("2026-11-27T07:00:00Z")
    why = site.ctl("why", "acme")
    step = why["rules"][0]["ladder"][0]
    assert (why["due_day"], step["day"], step["taken"]) == ("2026-11-12", "2026-11-26", False)
    assert step["waits"] == "waits for 2 delivered digests that told maria, 0 so far"
    assert ("2026-12-08", "jon", "step") in told(why)


def test_what_comes_while_it_is_quiet_is_said_to_be_quiet(quiet_site):
    site = quiet_site
    site.ctl("off", "elbe", "2027-02-01")
    site.ctl("snooze", "elbe", "2026-12-01")
    why = site.ctl("why", "elbe")
    assert changes(why)[:2] == [("2026-11-24", "cold", "off"), ("2027-02-01", "back", None)]
    assert told(why)[0] == ("2027-02-01", "maria", "back")
    assert "turns cold, but quiet: off" in site.ctl_text("why", "elbe")


def test_why_shows_every_input(site):
    site.write(channels='"mail"', events="", edit=lambda t: with_ladder(t).replace(
        'backup = "jon";', 'backup = "jon"; holidays = [ "2026-11-23" ];'))
    site.start("2026-11-23T08:00:00Z")
    text = site.ctl_text("why", "acme")
    for words in ("warn 5 days", "escalate 2 weeks", "decide after 12 weeks", "(cadenced.conf:22)", "backup jon", "step 1"):
        assert words in text, text
    moved = site.ctl("why", "borealis")["rules"][0]["moved"]
    assert moved == [{"first": "2026-11-21", "last": "2026-11-22", "why": "no workday"},
                     {"first": "2026-11-23", "last": "2026-11-23", "why": "holiday"}]
    text = " ".join(site.ctl_text("why", "borealis").split())
    assert "moved: Sat 21 Nov to Sun 22 Nov are no workdays of maria; Mon 23 Nov is a holiday of maria" in text
    site.ctl("snooze", "borealis", "2w")
    assert "quiet: snoozed until Mon 7 Dec (in 14 days)" in site.ctl_text("why", "borealis")


def test_days_are_near_or_far_from_today_whatever_day_is_asked_about(quiet_site):
    text = quiet_site.ctl_text("why", "fjord", "--on", "2027-02-10")
    for words in ("due on Wed 10 Feb 2027 (in 79 days)", "On Wed 10 Feb 2027 (in 79 days)", "cold          Wed 3 Mar 2027 (in 100 days)"):
        assert words in text, text
    assert "today" not in text


@pytest.mark.parametrize("words,day", [
    ("7dec", "2026-12-07"), ("monday", "2026-11-30"), ("3d", "2026-11-26"), ("tomorrow", "2026-11-24"), ("today", "2026-11-23"),
    ("yesterday", "2026-11-22"), ("2026-11-22", "2026-11-22"), ("2027-01-04", "2027-01-04"),
])
def test_words_for_a_day_lean_ahead(site, words, day):
    site.write(channels='"mail"', events="")
    site.start("2026-11-22T08:00:00Z")
    site.restart("2026-11-23T08:00:00Z")
    assert site.ctl("why", "acme", "--on", words)["on"] == day
    assert "lean ahead" in site.ctl_text("why", "--help")


def test_show_prints_everything_that_was_answered(quiet_site):
    site = quiet_site
    site.ctl("plan", "acme", "2026-12-04", "in", "Berlin")
    site.ctl("ack", "acme", "offer", "on", "its", "way")
    site.ctl("off", "elbe", "2026-12-15")
    site.ctl("off", "borealis")
    site.ctl("decide", "fjord", "fix", "2026-12-18", "they promised")
    site.ctl("log", "elbe", "email", "yesterday", "no answer", "--direction", "out")
    us = pwd.getpwuid(os.getuid()).pw_name
    acme = site.ctl_text("show", "acme")
    for words in ("meeting booked for Fri 4 Dec (in 11 days), by " + us + " on", "on Mon 23 Nov (today): in Berlin", "acknowledged: skips one review day",
                  "offer on its way", "Thu 1 Oct (53 days ago)"):
        assert words in acme, acme
    elbe = site.ctl_text("show", "elbe")
    assert "off until Tue 15 Dec (in 22 days), by " + us in elbe and "logged the contact of Sun 22 Nov, email out: no answer" in elbe
    assert "off for good, asked again after 90 days" in site.ctl_text("show", "borealis")
    assert "decided to have it fixed by Fri 18 Dec (in 25 days)" in site.ctl_text("show", "fjord")
    for text in (acme, elbe):
        assert "2026-" not in text and "contact.logged" not in text and "answer." not in text, text


@pytest.mark.parametrize("verb", ["why", "show"])
def test_long_lines_wrap_on_a_terminal_and_nowhere_else(quiet_site, verb):
    site = quiet_site
    site.ctl("log", "acme", "call", "today", "a long talk about their numbers and ours, and what shall become of both")
    wide = on_a_terminal(site, 60, verb, "acme")
    assert max(len(line.rstrip()) for line in plain(wide).splitlines()) <= 60
    lines = site.ctl_text(verb, "acme").splitlines()
    assert max(map(len, lines)) > 80
    assert " ".join(plain(wide).split()) == " ".join(" ".join(lines).split())


def test_foretelling_writes_nothing_to_the_disk(quiet_site):
    site = quiet_site
    site.ctl("why", "acme")
    wal = site.home / "cadenced.db-wal"
    before = wal.read_bytes()
    for partner in ("acme", "elbe", "fjord"):
        assert told(site.ctl("why", partner))
    assert wal.read_bytes() == before


def test_why_says_no_ladder_where_there_is_none(quiet_site):
    site = one_partner(quiet_site, "2026-10-01", with_ladder)
    site.ctl("reload")
    site.ctl("off", "acme", "forever", "no money")
    rule = [r for r in site.ctl("why", "acme")["rules"] if r["rule"] == "off"]
    assert len(rule) == 1 and rule[0]["ladder"] == []
    said = site.ctl_text("why", "acme")
    assert "Rule off" in said and "nobody else to tell" not in said and said.count("step 1") == 1


def test_why_says_how_far_it_is_foretold(quiet_site):
    so = quiet_site.ctl("why", "borealis", "--on", "2030-01-07")["so"]
    assert "nobody is told" not in so and so.startswith("cold by then; who is told is foretold only until"), so
    assert quiet_site.ctl("why", "borealis", "--on", "2027-01-11")["so"].startswith("if nothing happens, stands in the digest")


def test_why_says_what_ends(quiet_site):
    site = quiet_site
    site.ctl("snooze", "acme", "2w")
    site.ctl("off", "elbe", "2w")
    assert "its snooze ends; it is cold then" in site.ctl_text("why", "acme")
    assert "off ends; it is" in site.ctl_text("why", "elbe")
    assert [c["ended"] for c in site.ctl("why", "acme")["coming"] if c["what"] == "back"] == ["snoozed"]


def test_why_does_not_call_cold_what_it_calls_due(quiet_site):
    quiet_site.restart("2026-11-24T07:00:00Z")
    assert quiet_site.ctl("why", "acme", "--on", "2026-11-23")["so"] == "cold, and nobody was told"


def test_a_day_of_another_year_does_not_run_into_the_words(quiet_site):
    quiet_site.ctl("log", "acme", "meeting", "2025-12-10")
    for verb in ("why", "show"):
        assert "Wed 10 Dec 2025 (348 days ago)  meeting" in quiet_site.ctl_text(verb, "acme")
