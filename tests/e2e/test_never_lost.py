"""Crashes and outages: nothing is lost, nothing floods, and what comes twice carries the same Message-ID."""
import collections
import datetime
import json
import os
import random
import signal
import sqlite3
import subprocess
import time

import pytest

from installation import ACME, BOREALIS, BUILD, ELBE, FJORD, MONDAY, entry_of, in_order, said, text_of, wait_for


def ids(mails):
    return {m["Message-ID"] for m in mails}


def assert_delivered_with_at_most_one_duplicate(site):
    seen = [m.raw for m in site.smtp.seen]
    assert 1 <= len(site.smtp.accepted) and len(seen) <= 2
    assert len({raw.split(b"\r\n\r\n")[0] for raw in seen}) == 1  # the same Message-ID and Date
    assert in_order(said(site.mails()[-1:]), "Acme GmbH", "Elbe Systems", "Borealis AS")


def test_killed_while_the_server_holds_its_reply_delivers_again_with_the_same_message_id(site):
    site.write(channels='"mail"')
    site.smtp.hold = True
    site.start(wait=False)
    assert site.smtp.arrived.wait(10)
    site.kill()
    site.smtp.hold = False
    site.once("2026-11-23T08:31:00Z")
    assert_delivered_with_at_most_one_duplicate(site)


def test_killed_before_the_banner_delivers_after_the_restart(site):
    site.write(channels='"mail"')
    site.smtp.silent = True
    site.start(wait=False)
    wait_for(lambda: site.smtp.connections, what="a connection")
    site.kill()
    site.smtp.silent = False
    site.once("2026-11-23T08:31:00Z")
    assert len(site.smtp.seen) == 1
    assert_delivered_with_at_most_one_duplicate(site)


@pytest.mark.parametrize("delay_ms", [0, 1, 2, 5, 10, 25])
def test_killed_right_after_the_mail_was_accepted(site, delay_ms):
    site.write(channels='"mail"')
    site.start(wait=False)
    assert site.smtp.arrived.wait(10)
    time.sleep(delay_ms / 1000)
    site.kill()
    site.once("2026-11-23T08:31:00Z")
    assert_delivered_with_at_most_one_duplicate(site)


def test_killed_again_and_again_while_starting_loses_nothing(site):
    kills = 0
    for delay_ms in (2, 4, 6, 8, 11, 15, 20, 30, 45):
        site.start(f"2026-11-23T08:{30 + kills}:00Z", wait=False)
        time.sleep(delay_ms / 1000)
        site.kill()
        kills += 1
    site.once("2026-11-23T08:50:00Z")
    assert 1 <= len(site.smtp.accepted) <= 1 + kills
    assert len(ids(site.mails())) == 1
    assert 1 <= len(site.slacks()) <= 1 + kills
    for type in ("nudge.raised", "nudge.told"):
        assert len({str(e["data"]) for e in site.events(type)}) == 3
    # A repeated event carries the id of the first.
    assert len({r.headers["webhook-id"] for r in site.http.to("/crm")}) == 6


def test_weeks_of_random_crashes_and_refusals_lose_and_flood_nothing(site):
    seed = int(os.environ.get("SEED") or random.randrange(1 << 32))
    print(f"SEED={seed}")
    chance = random.Random(seed)
    site.write(partners=[ACME, ELBE, BOREALIS])
    now, kills = datetime.datetime(2026, 11, 9, 7), 0
    while now < datetime.datetime(2026, 12, 4):
        site.smtp.data_reply = chance.choice([None, None, "451 4.3.0 try again later"])
        site.http.answers = chance.choice([{}, {}, {"/slack": (503, {}, b"")}, {"/crm": (500, {}, b"")}])
        if chance.random() < 0.7:
            site.start(f"{now:%FT%TZ}", wait=False)
            time.sleep(chance.expovariate(1 / 0.03))
            site.kill()
            kills += 1
        else:
            site.once(f"{now:%FT%TZ}")
        now += datetime.timedelta(hours=chance.choice([3, 6, 12, 24]))
    site.smtp.data_reply, site.http.answers = None, {}
    site.once("2026-12-05T12:00:00Z")  # what still waits
    site.once("2026-12-07T12:00:00Z")  # a review day
    mails = site.mails()
    days = collections.Counter(m["Date"].datetime.date() for m in {m["Message-ID"]: m for m in mails}.values())
    assert max(days.values()) == 1, days
    assert len(mails) - len(ids(mails)) <= kills
    assert in_order(text_of(mails[-1]), "Acme GmbH", "Elbe Systems", "Borealis AS")
    events = {r.headers["webhook-id"]: json.loads(r.body) for r in site.http.to("/crm")}.values()
    assert sorted(e["data"]["partner"]["id"] for e in events if e["type"] == "nudge.raised") == ["acme", "borealis", "elbe"]


def test_the_same_minute_again_sends_nothing(site):
    site.once()
    before = len(site.smtp.seen), len(site.http.requests)
    site.once()
    site.once()
    assert (len(site.smtp.seen), len(site.http.requests)) == before


def test_smtp_down_for_a_day_makes_one_digest(site):
    site.write(channels='"mail"')
    site.smtp.down()
    site.once()
    for hour in (9, 10, 13, 18):
        site.once(f"2026-11-23T{hour:02}:00:00Z")
    site.once("2026-11-24T08:30:00Z")
    site.smtp.up()
    site.once("2026-11-24T09:00:00Z")
    site.once("2026-11-24T15:00:00Z")
    mail, = site.mails()
    assert in_order(text_of(mail), "Acme GmbH", "Elbe Systems", "Borealis AS")


def test_daemon_down_for_a_month_makes_one_digest(site):
    site.write(partners=[ACME, ELBE, BOREALIS])
    site.once("2026-10-23T08:30:00Z")
    before = len(site.mails()), len(site.slacks())
    site.once("2026-11-24T15:12:00Z")  # a Tuesday, after the digest time
    site.once("2026-11-24T15:12:00Z")
    site.once("2026-11-24T17:00:00Z")
    assert (len(site.mails()) - before[0], len(site.slacks()) - before[1]) == (1, 1)
    assert in_order(text_of(site.mails()[-1]), "Acme GmbH", "Elbe Systems", "Borealis AS")


def test_nagging_goes_on_every_review_day_until_contact(site):
    site.write(partners=[ACME], channels='"mail"', events="")
    for day in range(9, 31):  # November, from a Monday; acme was due on 29 October and cold on 5 November
        site.once(f"2026-11-{day:02}T08:30:00Z")
    assert [m["Date"].datetime.day for m in site.mails()] == [9, 16, 23, 30]
    assert "reminder 4" in entry_of(text_of(site.mails()[-1]), "Acme")


def test_due_and_cold_are_news_on_the_day_itself(site):
    site.write(partners=[ACME], channels='"mail"', events="")
    for day in [f"10-{d}" for d in (28, 29, 30)] + [f"11-0{d}" for d in (2, 3, 4, 5, 6)]:
        site.once(f"2026-{day}T08:30:00Z")
    assert [m["Date"].datetime.strftime("%m-%d") for m in site.mails()] in (
        ["10-29", "11-02", "11-05"], ["10-29", "11-05"])  # told again on the Monday only after 4 days
    assert "is cold" in site.mails()[-1]["Subject"]


def test_a_contact_clears_the_nudge_before_the_next_digest_and_unlog_brings_it_back(site):
    site.write(partners=[ACME, FJORD])
    site.once()
    assert "Acme" in said(site.mails())
    site.start("2026-11-24T10:00:00Z")
    contact = site.ctl("log", "acme", "call", "today", "talked, numbers Friday")
    site.stop()
    site.once("2026-11-30T08:30:00Z")
    assert len(site.mails()) <= 2 and "overdue" not in said(site.mails()[1:])
    site.start("2026-12-01T10:00:00Z")
    site.ctl("unlog", contact["contact"])
    site.stop()
    site.once("2026-12-07T08:30:00Z")
    assert "39 days overdue" in entry_of(text_of(site.mails()[-1]), "Acme")


def test_a_back_dated_contact_changes_nothing(site):
    site.write(partners=[ACME])
    site.start("2026-11-22T10:00:00Z")
    site.ctl("log", "acme", "meeting", "2026-09-01", "an old one")
    site.stop()
    site.once()
    assert "25 days overdue" in entry_of(text_of(site.mails()[0]), "Acme")


def test_a_clock_that_goes_back_sends_no_second_digest(site):
    site.once("2026-11-23T12:00:00Z")
    site.once(MONDAY)
    assert len(site.mails()) == 1


def test_a_clock_that_was_years_ahead_does_not_silence_us(site):
    site.write(partners=[ACME])
    site.once("2036-11-24T08:30:00Z")
    site.once(MONDAY)
    site.once("2026-11-30T08:30:00Z")
    assert any(m["Date"].datetime.year == 2026 for m in site.mails())
    assert "overdue" in text_of(site.mails()[-1])


def test_a_start_late_in_the_day_sends_and_one_in_the_night_waits(site):
    site.once("2026-11-23T02:00:00Z")
    assert site.mails() == []
    site.once("2026-11-23T23:50:00Z")
    assert len(site.mails()) == 1
    site.once("2026-11-24T00:10:00Z")
    assert len(site.mails()) == 1


def test_no_digest_on_a_day_off(site):
    site.once("2026-11-22T12:00:00Z")
    assert site.mails() == [] and site.slacks() == []


def break_digest_of(site, owner):
    """A digest of that Monday, of which the owner's row knows nothing: another one cannot be written."""
    with sqlite3.connect(site.database) as db:
        db.execute("INSERT INTO digest (owner, day, kind, state) VALUES (?, 20780, 'nudges', 'lost')", (owner,))
    db.close()


def test_a_broken_owner_delays_nobody_and_everybody_hears_who_it_is(site):
    site.write(channels='"mail"', events="", edit=lambda t: t.replace('email = "jon@example.com";', 'email = "jon@example.com"; digest_at = "08:31";')
               .replace("partners = (\n", 'partners = (\n  { id = "zeta"; name = "Zeta"; owner = "jon"; last_contact = "2026-07-01"; },\n'))
    site.once("2026-11-22T12:00:00Z")
    break_digest_of(site, "maria")
    site.start("2026-11-23T08:30:57Z")
    wait_for(lambda: "owner=maria the digest could not be composed: " in site.log.read_text(), what="the log")
    wait_for(site.mails, what="the other owner's digest")  # a few seconds later
    assert site.smtp.accepted[0].recipients == ["jon@example.com"]
    assert "owner maria: since 2026-11-23T08:3" in site.ctl_text("status", expect=1)
    assert site.log.read_text().count("owner=maria") == 1
    site.stop()
    assert "owner=maria" in site.once("2026-11-23T09:00:00Z", expect=1)


def test_a_second_daemon_is_told_that_one_is_running(site):
    site.start("2026-11-22T10:00:00Z")
    assert "already running" in site.once(expect=1)
    done = subprocess.run([str(BUILD / "cadenced"), "--config", str(site.conf)], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "already running" in done.stderr
    site.ctl("status")
    site.stop()


def test_sigterm_ends_within_ten_seconds_while_the_mail_server_stalls(site):
    site.write(channels='"mail"')
    site.smtp.hold = True
    site.start(wait=False)
    assert site.smtp.arrived.wait(10)
    began = time.monotonic()
    site.process.send_signal(signal.SIGTERM)
    assert site.process.wait(15) == 0
    assert time.monotonic() - began < 10
    site.process = None
    site.smtp.hold = False
    site.once("2026-11-23T08:31:00Z")
    assert_delivered_with_at_most_one_duplicate(site)


def test_once_that_is_stopped_before_everything_was_tried_says_so(site):
    site.write(channels='"mail"')
    site.smtp.hold = True
    process = subprocess.Popen(site.command("--once", "--now", MONDAY), stderr=site.log.open("a"))
    assert site.smtp.arrived.wait(10)
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 1, site.log.read_text()
    site.smtp.hold = False
    site.once("2026-11-23T08:31:00Z")
    assert_delivered_with_at_most_one_duplicate(site)


def test_sigterm_when_idle_ends_at_once(site):
    site.start("2026-11-22T10:00:00Z")
    began = time.monotonic()
    site.stop()
    assert time.monotonic() - began < 3
    assert not site.socket.exists()
