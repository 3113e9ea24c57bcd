"""The odds of a silence, and the early hint: by mail alone, once, with every number on request."""
import datetime
import math
import re

import pytest

from installation import FJORD, entry_of, text_of, wait_for

LAST = datetime.date(2026, 10, 19)  # 36 days later, on Tue 24 Nov, a weekly partner is hinted at
GOLF = ("golf", "Golf Instruments", "standard", None)
SENTENCE = "You usually talk every 8 days; it has been 36. Chance that it resumes by itself before Fri 18 Dec: 34 %."


@pytest.fixture
def silent(site):
    """Golf was met weekly, ten times, and is not due before January."""
    site.write(partners=[GOLF])
    site.start("2026-11-20T12:00:00Z")
    for week in range(10):  # the newest first, so that it is never due
        site.ctl("log", "golf", "call", str(LAST - datetime.timedelta(weeks=week)))
    return site


def hints(site):
    return [mail for mail in site.mails() if "Early hint" in mail["Subject"]]


def test_a_hint_goes_by_mail_alone_and_once(silent):
    site = silent
    assert site.ctl("why", "golf")["risk"]["hint_day"] == "2026-11-24"
    told = [c for c in site.ctl("why", "golf")["coming"] if c["what"] == "told"]
    assert (told[0]["day"], told[0]["occasion"]) == ("2026-11-24", "hint")
    assert "stands in the next digest" not in site.ctl("why", "golf")["so"]
    site.restart("2026-11-24T08:29:58Z")
    mail, = wait_for(site.mails, what="the hint")
    assert mail["Subject"] == "Early hint: Golf Instruments has been quiet for longer than usual"
    assert "Nothing is due, 1 is an early hint." in text_of(mail)
    entry = entry_of(text_of(mail), "Golf Instruments")
    assert SENTENCE in entry and "not due before Tue 19 Jan 2027" in entry and "no more hints about this silence" in entry
    wait_for(lambda: site.outbox() == [], what="an end of all sends")
    # No chat, no event: nothing is due.
    assert site.slacks() == [] and site.events() == []
    assert site.ctl("show", "golf")["standing"] == "on track" and site.ctl("due")["partners"] == []
    site.kill()
    site.once("2026-11-25T08:30:00Z")
    site.once("2026-12-01T08:30:00Z")
    assert len(hints(site)) == 1
    site.start("2026-12-01T09:00:00Z")
    why = site.ctl("why", "golf")
    assert why["digests"][0]["rule"] == "hint" and why["so"].startswith("nobody is told: nothing is due until")
    assert "maria, as an early hint" in site.ctl_text("why", "golf")
    assert "quiet for longer than usual: an early hint" in site.ctl_text("show", "golf")


def test_a_hint_that_a_contact_overtakes_is_not_told(silent):
    site = silent
    site.ctl("log", "golf", "meeting", "2026-11-20")
    site.stop()
    site.once("2026-11-24T08:30:00Z")
    assert hints(site) == []
    site.start("2026-11-24T09:00:00Z")
    assert site.ctl("why", "golf")["risk"]["hint_day"] > "2026-12-01"


def test_why_shows_what_the_sentence_was_reckoned_from(silent):
    site = silent
    risk = site.ctl("why", "golf", "--on", "2026-11-24")["risk"]
    assert risk["sentence"] == SENTENCE and (risk["contacts"], risk["live"], risk["cold_mark_days"]) == (10, 10, 60)

    def silence(days):
        curve = 1 / (1 + ((days + 0.5) / risk["usual_gap_days"]) ** (1.7 / risk["spread"]))
        return risk["none_follows"] + (1 - risk["none_follows"]) * curve

    assert math.isclose(1 - silence(60) / silence(36), risk["resumes"], abs_tol=1e-9)
    assert math.isclose(silence(126) / silence(36), risk["silent_90_days"], abs_tol=1e-9)
    words = site.ctl_text("why", "golf", "--on", "2026-11-24")
    for line in (f"Risk: {SENTENCE}", "contacts      10 used, from Mon 17 Aug", "; 10 of them live", "usual gap     8.41 days",
                 "spread        1.249; none follows at all: 4.08 %", "own cold mark 60 days after the last: Fri 18 Dec",
                 "early hint    from Tue 24 Nov"):
        assert line in words
    # Past the mark no number is said.
    past = site.ctl("why", "golf", "--on", "2026-12-18")["risk"]
    assert past["resumes"] is None and "%" not in past["sentence"] and "Past its own cold mark (Fri 18 Dec)" in past["sentence"]
    # As it was known on a day gone by: nobody had logged anything.
    site.restart("2026-11-25T12:00:00Z")
    then = site.ctl("why", "golf", "--on", "2026-11-20")["risk"]
    assert then["contacts"] == 10 and "it has been 32" in then["sentence"]


def test_little_history_and_what_was_imported_say_so(site):
    site.write(partners=[FJORD, GOLF])
    site.start("2026-11-20T12:00:00Z")
    assert site.ctl("show", "fjord")["risk"]["sentence"] == "Too little history for odds: 1 contact, 4 are needed."
    assert "Too little history for odds: 1 contact" in site.ctl_text("show", "fjord")
    # No numbers of one that has none; the mark only where it was set.
    words = site.ctl_text("why", "fjord")
    assert "contacts      1 used" in words and not re.search("usual gap|spread|none follows|own cold mark", words), words
    assert site.ctl("show", "golf")["risk"]["hint"] == "no contact"
    table = site.home / "contacts.csv"
    table.write_text("partner,date,kind\n" + "".join(f"golf,{LAST - datetime.timedelta(weeks=week)},call\n" for week in range(30)))
    site.ctl("import", "contacts", table)
    risk = site.ctl("show", "golf")["risk"]
    assert (risk["contacts"], risk["live"], risk["hint"], risk["hint_day"]) == (30, 0, "few live", None)
    assert "You usually talk every 8 days" in risk["sentence"]
    assert "none: 0 of 5 live contacts" in site.ctl_text("why", "golf")


def test_list_by_risk_begins_with_who_is_least_likely_to_resume(silent):
    site = silent
    site.ctl("partner", "add", "hotel", "--owner", "maria", "--name", "Hotel Systems")
    site.ctl("partner", "add", "alpha", "--owner", "maria")
    for week in range(8):
        site.ctl("log", "hotel", "call", str(datetime.date(2026, 11, 18) - datetime.timedelta(weeks=week)))
    by_risk = site.ctl("list", "--by", "risk")
    assert [p["id"] for p in by_risk] == ["golf", "hotel", "alpha"]
    assert by_risk[0]["risk"]["silent_90_days"] > by_risk[1]["risk"]["silent_90_days"]
    assert by_risk[2]["risk"]["silent_90_days"] is None
    assert [p["id"] for p in site.ctl("list")] == ["alpha", "golf", "hotel"]
    words = site.ctl_text("list", "--by", "risk").splitlines()
    assert words[0].startswith("90 DAYS MORE") and words[1].split()[1] == "%" and words[3].startswith("-")
    assert "--by takes risk" in site.ctl_text("list", "--by", "name", expect=64)


def test_a_cold_mark_is_set_by_hand_and_never_before_the_due_day(silent):
    site = silent
    site.ctl("partner", "add", "hotel", "--owner", "maria", "--cold-mark", "6 months")
    assert site.ctl("show", "hotel")["cold_mark"] == "183 days"
    refused = site.ctl_text("partner", "set", "hotel", "--cold-mark", "60 days", expect=1)
    assert "cold_mark: 60 days lie before the due day of cadence standard, which is every 3 months" in refused
    assert "\"soon\" is no duration" in site.ctl_text("partner", "set", "hotel", "--cold-mark", "soon", expect=1)
    table = site.ctl_text("export", "partners")
    assert "cold_mark" in table.splitlines()[0] and "183 days" in table
    site.ctl("partner", "set", "hotel", "--cold-mark", "none")
    assert site.ctl("show", "hotel")["cold_mark"] is None
    site.write(partners=[GOLF], edit=lambda text: text.replace('id = "golf";', 'id = "golf"; cold_mark = "120 days";'))
    site.ctl("reload")
    risk = site.ctl("why", "golf")["risk"]
    assert (risk["cold_mark_days"], risk["cold_mark_day"]) == (120, "2027-02-16") and risk["hint_day"] > "2026-11-24"
    assert "set by hand" in site.ctl_text("why", "golf")


@pytest.mark.parametrize("from_, to, says", [
    ('grace = "1 week";', 'grace = "1 week"; risk = { threshold = 1.5; };',
     "cadence strategic: risk: threshold 1.5 is out of range; it should lie between 0 and 1"),
    ('id = "golf";', 'id = "golf"; cold_mark = "30 days";',
     "partner golf: cold_mark: 30 days lies before the due day of cadence standard, which is every 3 months"),
    ('id = "golf";', 'id = "golf"; last_contact = "1950-01-01";', "partner golf: last_contact: 1950-01-01 lies before 1970"),
    ('id = "golf";', 'id = "golf"; last_contact = "2031-01-01";', "partner golf: last_contact: 2031-01-01 is after today"),
])
def test_what_makes_no_sense_in_the_file_is_refused_with_its_line(site, from_, to, says):
    site.write(partners=[GOLF], edit=lambda text: text.replace(from_, to))
    line = next(n for n, text in enumerate(site.conf.read_text().splitlines(), 1) if to in text)
    assert f"cadenced.conf:{line}: {says}" in site.run("--check", "--now", "2026-11-23T08:30:00Z", expect=78)


def test_contacts_that_cannot_have_been_are_refused(silent):
    site = silent
    assert "1969-12-31, lies before 1970" in site.ctl_text("log", "golf", "call", "1969-12-31", expect=1)
    assert "is after today" in site.ctl_text("log", "golf", "call", "2027-01-01", expect=1)
    assert site.ctl("show", "golf")["risk"]["contacts"] == 10


def test_simulate_gives_hints_for_contacts_that_come_while_it_plays(site):
    site.write(partners=[GOLF])
    table = site.home / "contacts.csv"
    table.write_text("partner,date,kind\n" + "".join(f"golf,{LAST - datetime.timedelta(weeks=week)},call\n" for week in range(10)))
    command = ("simulate", "--conf", site.conf, "--contacts", table, "--to", "2027-01-15", "--summary")
    summary = site.ctl(*command, "--from", "2026-08-01")["summary"]
    assert (summary["hints"], summary["nudges"]) == (1, 0)
    assert "Early hints               1, before anything was due" in site.ctl_text(*command, "--from", "2026-08-01")
    # What was there before the first day is a list that was imported.
    assert site.ctl(*command, "--from", "2026-11-01")["summary"]["hints"] == 0


def test_off_gives_no_hint(silent):
    site = silent
    site.write(partners=[GOLF], edit=lambda text: text.replace('every = "3 months";', 'every = "3 months"; risk = "off";'))
    site.ctl("reload")
    assert site.ctl("why", "golf")["risk"]["hint"] == "off"
    site.stop()
    site.once("2026-11-24T08:30:00Z")
    assert hints(site) == []
