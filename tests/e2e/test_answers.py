"""Answers: what people decide about a partner, and what is asked of them and of their colleagues."""
import pathlib
import shutil

import pytest

from installation import ACME, BOREALIS, ELBE, FJORD, wait_for

TUESDAY = "2026-11-24T08:30:00Z"


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def mails_of(site, address):
    return [m for m in site.mails() if m["To"].addresses[0].addr_spec == address]


def last_to(site, name):
    return text_of(mails_of(site, f"{name}@example.com")[-1])


def state(site, partner):
    shown = site.ctl("why", partner)
    return shown["held"] or shown["state"]


@pytest.fixture
def quiet_site(site):
    """Running since Monday 08:00, before any digest."""
    site.write(channels='"mail"', events="")
    site.start("2026-11-23T08:00:00Z")
    return site


def test_a_booked_meeting_keeps_quiet_and_is_asked_about_on_the_workday_after(quiet_site):
    site = quiet_site
    said = site.ctl_text("plan", "acme", "2026-11-27", "with their board")
    assert "Fri 27 Nov" in said and "quiet until then" in said
    assert state(site, "acme") == "meeting booked"
    site.stop()
    site.once("2026-11-23T08:30:00Z")
    monday = last_to(site, "maria")
    assert "1. Elbe" in monday and "Not shown: 1 has a meeting booked (Acme GmbH, 27 Nov)" in " ".join(monday.split())
    site.once("2026-11-30T08:30:00Z")
    asked = last_to(site, "maria")
    assert "DID IT HAPPEN?" in asked and "You had a meeting booked for Fri 27 Nov. Did it happen?" in " ".join(asked.split())
    assert "Also: contact every 4 weeks: cold, 32 days overdue" in " ".join(asked.split())
    assert "cadencectl noshow acme" in asked
    site.start("2026-11-30T09:00:00Z")
    assert "1 to confirm" in " ".join(asked.split())
    site.ctl("log", "acme", "meeting", "2026-11-27")
    assert state(site, "acme") == "on track"
    assert len(site.ctl("why", "acme")["rules"]) == 1


def test_a_meeting_that_did_not_happen_lets_the_clock_go_on(quiet_site):
    site = quiet_site
    site.ctl("plan", "acme", "today")
    site.restart("2026-11-24T09:00:00Z")
    assert "the clock goes on" in site.ctl_text("noshow", "acme")
    assert state(site, "acme") == "cold"
    assert "no meeting booked" in site.ctl_text("unplan", "acme", expect=1)


@pytest.mark.parametrize("words,reason", [
    (("plan", "acme", "2026-11-20"), "2026-11-20 lies before today (2026-11-23): plan takes today or a later day"),
    (("plan", "acme", "yesterday"), "told with log"),
    (("plan", "acme", "tomorow"), '"tomorow" is no day; say 2026-12-01, tomorrow'),
    (("snooze", "acme", "yesterday"), "is not after today"),
    (("snooze", "acme", "x" * 200), "longer than 64 characters"),
    (("snooze", "acme", "a\x1bb"), "control character"),
    (("plan", "acme", "2028-11-20"), "more than 366 days ahead"),
    (("snooze", "acme", "2027-11-20"), "more than 90 days ahead"),
    (("off", "acme", "2030-01-01"), "more than 730 days ahead"),
    (("decide", "acme", "fix", "2027-11-20"), "more than 90 days ahead"),
    (("decide", "acme", "fix", "2026-02-30"), '"2026-02-30" is no day'),
    (("noshow", "acme"), "no meeting booked"),
    (("on", "acme"), "neither off nor snoozed"),
    (("ack", "fjord"), "nothing to acknowledge"),
    (("restore", "acme"), "is not archived"),
    (("plan", "acma", "monday"), "did you mean acme?"),
    (("away", "mario", "today", "friday"), "did you mean maria?"),
    (("away", "maria", "friday", "today"), "before the first"),
    (("away", "maria", "today", "2999-12-31"), "longer than a year; the latest last day is 2027-11-24"),
    (("away", "maria", "2028-01-01", "2028-01-02"), "more than a year ahead"),
    (("erase", "acme", "--yes"), "is managed by cadenced.conf"),
    (("partner", "add", "acme", "--owner", "maria"), "already"),
    (("partner", "set", "nobody", "--name", "x"), "no partner"),
    (("partner", "move", "acme", "jon"), "is managed by cadenced.conf"),
    (("partner", "add", "x y", "--owner", "maria"), "not an id"),
    (("off", "acme", "tomorrow", "a\x1bb"), "control character"),
])
def test_an_answer_that_cannot_be_meant_is_refused_with_the_reason(quiet_site, words, reason):
    assert reason in quiet_site.ctl_text(*words, expect=1)
    assert quiet_site.ctl("why", "acme")["state"] == "cold"


@pytest.mark.parametrize("words,reason", [
    (("off", "acme", "tomorow"), '"tomorow" is no day: write off acme DAY REASON'),
    (("off", "acme", "sometime", "in", "spring"), "off acme forever REASON"),
    (("decide", "acme", "keep", "2026-12-01"), "'decide acme fix 2026-12-01' makes it due"),
    (("decide", "acme", "keep", "monday"), "'decide acme fix monday' makes it due"),
    (("decide", "acme", "end", "2026-12-01"), "end takes no day"),
])
def test_a_word_that_may_be_a_day_is_not_taken_for_a_reason(quiet_site, words, reason):
    assert reason in quiet_site.ctl_text(*words, expect=64)
    assert quiet_site.ctl("why", "acme")["held"] is None


def test_off_is_off_until_contact_or_on(quiet_site):
    site = quiet_site
    assert "asked again in 90 days" in site.ctl_text("off", "acme", "forever", "their", "restructuring")
    assert state(site, "acme") == "off"
    assert site.ctl("why", "acme")["answers"]["off"]["reason"] == "their restructuring"
    assert "1 off" in site.ctl_text("status")
    assert "watched again" in site.ctl_text("on", "acme")
    assert state(site, "acme") == "cold"
    assert "asked again in 90 days" in site.ctl_text("off", "acme")
    assert "off until Tue 24 Nov" in site.ctl_text("off", "acme", "tomorrow")
    site.ctl("off", "acme", "2w")
    contact = site.ctl("log", "acme", "call")["contact"]
    assert state(site, "acme") == "on track"
    site.ctl("unlog", contact)
    assert state(site, "acme") == "off"  # taken back, the call never was


def test_ack_skips_one_review_day(quiet_site):
    site = quiet_site
    site.stop()
    site.once("2026-11-23T08:30:00Z")
    site.start(TUESDAY)
    site.ctl("ack", "acme", "offer on its way")
    site.stop()
    site.once("2026-11-30T08:30:00Z")
    assert "Acme" not in last_to(site, "maria") and "Elbe" in last_to(site, "maria")
    site.once("2026-12-07T08:30:00Z")
    assert "Acme" in last_to(site, "maria")


def test_decisions_start_the_clock_or_end_the_partnership(quiet_site):
    site = quiet_site
    site.ctl("decide", "acme", "keep", "slow", "by", "nature")
    assert site.ctl("why", "acme")["due_day"] == "2026-12-21"
    site.ctl("decide", "acme", "fix", "2026-12-15")
    assert site.ctl("why", "acme")["due_day"] == "2026-12-15"
    assert "restore acme" in site.ctl_text("decide", "acme", "end", "they", "were", "bought")
    site.restart(TUESDAY)
    assert site.ctl("show", "acme")["archived"] == "2026-11-23"  # the file still has it; the decision stands
    site.ctl("restore", "acme")
    assert "cadenced.conf" in site.ctl_text("partner", "set", "acme", "--name", "Mine", expect=1)
    assert site.ctl("show", "acme")["origin"].startswith("cadenced.conf")
    site.restart(TUESDAY)
    shown = site.ctl("show", "acme")
    assert shown["archived"] is None and shown["origin"].startswith("cadenced.conf")


def test_the_ladder_tells_the_backup_and_the_owner_sees_it(site):
    site.write(channels='"mail"', events="", partners=(ACME, BOREALIS),
               edit=lambda t: t.replace('grace = "1 week";', 'grace = "1 week"; escalate = [ "2 weeks" ];'))
    site.once("2026-11-23T08:30:00Z")
    assert "told again on Mon 30 Nov" in " ".join(last_to(site, "maria").split())
    for day in ("24", "27", "30"):
        site.once(f"2026-11-{day}T08:30:00Z")
    assert len(mails_of(site, "jon@example.com")) == 0  # two delivered digests first
    site.once("2026-12-01T08:30:00Z")
    told = last_to(site, "jon")
    assert "NOT REACHED" in told and "Acme GmbH" in told and "Maria Silva" in told
    assert "Told too: Jon (your backup), on Tue 1 Dec" in " ".join(last_to(site, "maria").split())
    count = len(site.mails())
    site.once("2026-12-02T08:30:00Z")
    assert len(site.mails()) == count


def test_a_step_waits_while_somebody_works_on_it(site):
    site.write(channels='"mail"', events="", partners=(ACME,),
               edit=lambda t: t.replace('grace = "1 week";', 'grace = "1 week"; escalate = [ "2 weeks" ];'))
    site.once("2026-11-23T08:30:00Z")
    site.once("2026-11-30T08:30:00Z")
    site.start("2026-11-30T09:00:00Z")
    site.ctl("ack", "acme")
    site.stop()
    site.once("2026-12-01T08:30:00Z")
    assert len(mails_of(site, "jon@example.com")) == 0
    site.once("2026-12-15T08:30:00Z")
    assert len(mails_of(site, "jon@example.com")) == 1


def test_while_an_owner_is_away_the_backup_hears_what_turns_cold_and_the_rest_waits(site):
    site.write(channels='"mail"', events="", partners=(ELBE, BOREALIS, FJORD))
    site.once("2026-11-23T08:30:00Z")
    site.start("2026-11-23T09:00:00Z")
    said = site.ctl_text("away", "maria", "tomorrow", "2026-12-04")
    assert "Tue 24 Nov" in said and "jon" in said
    assert site.ctl("show", "elbe")["hearer"]["away"] == {
        "from": "2026-11-24", "to": "2026-12-04", "now": False, "by": "command", "stand_in": "jon"}
    site.stop()
    count = len(mails_of(site, "maria@example.com"))
    site.once("2026-11-24T08:30:00Z")
    assert "Elbe Systems" in last_to(site, "jon") and "Maria Silva, who is away" in last_to(site, "jon")
    site.once("2026-11-30T08:30:00Z")
    assert len(mails_of(site, "maria@example.com")) == count
    site.once("2026-12-07T08:30:00Z")
    assert "Elbe" in last_to(site, "maria") and len(mails_of(site, "maria@example.com")) == count + 1


def test_absence_stands_in_the_file_too(site):
    site.write(channels='"mail"', events="",
               edit=lambda t: t.replace('backup = "jon";', 'backup = "jon"; away = [ "2026-11-20/2026-11-27" ];'))
    site.once("2026-11-23T08:30:00Z")
    assert not mails_of(site, "maria@example.com")
    assert "Acme" in last_to(site, "jon")


def test_partners_by_hand_are_added_changed_moved_and_erased(quiet_site):
    site = quiet_site
    site.ctl("partner", "add", "gamma", "--name", "Gamma Ltd", "--owner", "maria", "--since", "2026-01-02", "--tags", "emea")
    site.ctl("log", "gamma", "call", "yesterday", "secret of gamma")
    site.ctl("partner", "set", "gamma", "--name", "Gamma plc")
    assert site.ctl("show", "gamma")["name"] == "Gamma plc"
    assert "gamma: unchanged" in site.ctl_text("partner", "set", "gamma", "--name", "Gamma plc")
    assert "gamma: changed" in site.ctl_text("partner", "set", "gamma", "--tags", "gold")
    assert site.ctl("partner", "move", "gamma", "jon")["result"] == "changed"
    assert site.ctl("partner", "move", "gamma", "jon")["owner"] == "jon"
    assert "--yes" in site.ctl_text("erase", "gamma", expect=1, stdin=open("/dev/null"))
    site.ctl("erase", "gamma", "--yes")
    assert "no partner" in site.ctl_text("show", "gamma", expect=1)
    site.ctl_text("backup", site.home / "copy.db")
    assert b"secret of gamma" not in (site.home / "copy.db").read_bytes()
    assert b"Gamma" not in (site.home / "copy.db").read_bytes()


def test_new_time_zone_files_are_noticed_and_everybody_is_judged_again(site, tmp_path):
    zones = tmp_path / "zoneinfo"
    (zones / "Europe").mkdir(parents=True)
    system = pathlib.Path("/usr/share/zoneinfo")
    for name in ("UTC", "Europe/Lisbon"):
        shutil.copy(system / name, zones / name)
    site.start("2026-11-23T23:30:00Z", TZDIR=str(zones))
    assert site.ctl("why", "acme")["today"] == "2026-11-23"
    shutil.copy(system / "Asia/Tokyo", zones / "Europe/Lisbon.new")
    (zones / "Europe/Lisbon.new").rename(zones / "Europe/Lisbon")
    wait_for(lambda: "configuration reloaded" in site.log.read_text(), what="the reload")
    wait_for(lambda: site.ctl("why", "acme")["today"] == "2026-11-24", what="another day in the new zone")


def test_new_time_zones_wait_for_a_file_that_is_right(site, tmp_path):
    zones = tmp_path / "zoneinfo"
    (zones / "Europe").mkdir(parents=True)
    system = pathlib.Path("/usr/share/zoneinfo")
    for name in ("UTC", "Europe/Lisbon"):
        shutil.copy(system / name, zones / name)
    site.start("2026-11-23T23:30:00Z", TZDIR=str(zones))
    good = site.conf.read_text()
    site.conf.write_text("owners = {")
    shutil.copy(system / "Asia/Tokyo", zones / "Europe/Lisbon.new")
    (zones / "Europe/Lisbon.new").rename(zones / "Europe/Lisbon")
    wait_for(lambda: "new time zones are not in force; trying again" in site.log.read_text(), what="the log")
    assert "time zones have changed" in site.ctl_text("status", expect=1)
    site.conf.write_text(good)
    site.ctl("reload")
    wait_for(lambda: site.ctl("why", "acme")["today"] == "2026-11-24", what="another day in the new zone")
    assert "time zones have changed" not in site.ctl_text("status")


def test_a_calendar_that_has_ended_is_said_by_status_and_log(site):
    site.write(edit=lambda t: t.replace('backup = "jon";', 'backup = "jon"; holidays = [ "2026-01-01" ];'))
    site.start()
    assert "owner maria: holidays: none lies ahead" in site.ctl_text("status")
    assert "none lies ahead" in site.log.read_text()


def test_a_set_of_holidays_that_has_ended_is_named_while_others_lie_ahead(site):
    site.write(settings='holidays = { pt = [ "2026-06-10", "2026-11-22" ]; us = [ "2026-11-23" ]; };',
               edit=lambda t: t.replace('backup = "jon";', 'backup = "jon"; holidays = [ "pt", "us", "2027-08-01/2027-08-15" ];'))
    site.start()
    status = site.ctl_text("status")
    assert "owner maria: holidays: none of set pt lies ahead" in status and "none of set pt lies ahead" in site.log.read_text()
    assert "set us" not in status and "none lies ahead" not in status


def test_monday_on_a_monday_is_the_same_day_for_every_verb_that_looks_ahead(quiet_site):
    site = quiet_site
    assert site.ctl("plan", "acme", "monday")["answers"]["plan"]["until"] == "2026-11-30"
    assert site.ctl("snooze", "elbe", "monday")["answers"]["snooze"]["until"] == "2026-11-30"
    assert site.ctl("away", "maria", "monday", "2w")["from"] == "2026-11-30"
    assert site.ctl("why", "fjord", "--on", "monday")["on"] == "2026-11-30"
    assert site.ctl("plan", "acme", "today")["answers"]["plan"]["until"] == "2026-11-23"
    assert site.ctl("log", "fjord", "call", "monday")["contact_day"] == "2026-11-23"
    for words in (("--help",), ("snooze", "--help"), ("log", "--help"), ("away", "--help")):
        said = " ".join(site.ctl_text(*words).split())
        assert "tomorrow, monday, 3d, 2w or 7dec" in said and "lean ahead, on a Monday to the next one" in said
    assert "2w or 7dec" not in site.ctl_text("ack", "--help")


def test_archived_partners_are_listed_alone(quiet_site):
    quiet_site.ctl("decide", "acme", "end")
    assert [p["id"] for p in quiet_site.ctl("list", "--archived")] == ["acme"]
    assert "acme" not in [p["id"] for p in quiet_site.ctl("list")]


def test_a_preview_for_who_is_away_shows_no_mail_that_is_never_sent(quiet_site):
    site = quiet_site
    assert "Acme GmbH" in site.ctl_text("preview", "maria")
    site.ctl("away", "maria", "today", "2d")
    shown = " ".join(site.ctl_text("preview", "maria").split())
    assert shown.endswith("Nothing to say: maria is away until Wed 25 Nov; jon hears what turns cold.")
    site.ctl("away", "maria", "off")
    assert "Acme GmbH" in site.ctl_text("preview", "maria")


def test_owners_are_listed_with_who_is_away(site):
    site.start("2026-11-23T10:00:00Z")
    assert "maria: not away" in site.ctl_text("away", "maria")
    site.ctl("away", "maria", "2026-11-30", "2026-12-09")
    said = site.ctl_text("away", "maria")
    assert said == "maria: away from Mon 30 Nov to Wed 9 Dec; what turns cold goes to jon, the rest waits\n"
    owners = {owner["id"]: owner for owner in site.ctl("owners")["owners"]}
    assert owners["maria"]["away"]["from"] == "2026-11-30" and owners["jon"]["away"] is None
    assert owners["maria"]["channels"] and owners["maria"]["email"] == "maria@example.com"
    line, = [line for line in site.ctl_text("owners").splitlines() if line.startswith("maria")]
    assert "jon" in line and line.endswith("Mon 30 Nov to Wed 9 Dec")
    assert "there again" in site.ctl_text("away", "maria", "off")
    assert site.ctl("away", "maria")["away"] is None
    assert "nobody" in site.ctl_text("away", "nobody", expect=1)


def test_the_next_look_is_the_next_digest_too(site):
    site.start("2026-11-23T10:00:00Z")  # told: the next digest may come before the next change of a state
    wait_for(lambda: site.outbox("digest") == [], what="an empty outbox")
    status, owner = site.ctl("status"), site.ctl("owners")["owners"][0]
    assert status["next_look"] <= owner["next_digest"]


def test_a_promise_after_which_it_is_due_anyway_says_so(site):
    site.start("2026-11-23T10:00:00Z")
    site.ctl("log", "acme", "call")
    said = site.ctl_text("decide", "acme", "fix", "3d")
    assert "decided to fix it by Thu 26 Nov; on track" in said
    assert "It is due after the promised day anyway, and that stays so." in said


@pytest.mark.parametrize("words, until, reason", [
    (("snooze", "acme", "2", "weeks"), "2026-12-07", None), (("snooze", "acme", "in", "10", "days", "they", "move"), "2026-12-03", "they move"),
    (("plan", "acme", "1", "month"), "2026-12-23", None), (("off", "acme", "3", "weeks", "between", "contracts"), "2026-12-14", "between contracts"),
    (("decide", "acme", "fix", "2", "weeks", "n"), "2026-12-07", "n"),
])
def test_a_day_may_be_a_number_and_a_unit(site, words, until, reason):
    site.start("2026-11-23T10:00:00Z")
    given = site.ctl(*words)["answers"]["fix" if words[0] == "decide" else words[0]]
    assert (given["until"], given["reason"]) == (until, reason)
