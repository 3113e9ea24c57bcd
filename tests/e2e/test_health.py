"""How the daemon is, as it says itself, and to a watcher outside."""
import json

from installation import ACME, MONDAY, wait_for
from test_never_lost import break_digest_of
from test_system import fill as fill_disk, small_disk, use_database  # noqa: F401

PING = "/ping/0b1d6a4e"


def heart(site):
    return f'heartbeat = "http://127.0.0.1:{site.http.port}{PING}";'


def beats(site):
    return len(site.http.to(PING))


def stop_and_start_the_heart(site, edit=lambda text: text):
    for settings in ("", heart(site)):
        site.write(partners=[ACME], settings=settings, edit=edit)
        site.ctl("reload")


def kinds(site, expect=1):
    """Of the faults; expect: None: whether or not there are some."""
    if expect is None:
        return [fault["kind"] for fault in site.ask("/v1/status")[1]["faults"]]
    return [fault["kind"] for fault in site.ctl("status", expect=expect)["faults"]]


def test_a_daemon_that_is_well_says_so_and_what_it_depends_on(site):
    site.write(partners=[ACME, ("nova", "Nova", "standard", "")])
    site.start()
    wait_for(lambda: len(site.mails()) == 1 and site.outbox() == [], what="the digest")
    status = site.ctl("status")
    assert status["faults"] == [] and status["store_failed"] is None and status["undelivered_since"] is None
    assert status["last_look"] >= MONDAY and status["now"] >= status["last_look"]
    assert status["without_history"] == {"count": 1, "first": ["nova"]}
    assert status["zones"]["version"] and status["zones"]["date"]
    text = site.ctl_text("status")
    assert text.endswith("all is well\n") and "1 partner is without any contact: nova" in text
    assert f"time zones {status['zones']['version']} of {status['zones']['date'][:10]}" in text
    site.stop()


def test_what_is_not_delivered_for_hours_is_a_fault(site):
    site.smtp.down()
    site.write(partners=[ACME], channels='"mail"', events="")
    site.start()
    wait_for(lambda: [d for d in site.outbox() if d["state"] == "retry"], what="the first try")
    assert kinds(site, expect=0) == []
    site.restart("2026-11-23T12:29:00Z")
    assert kinds(site, expect=0) == []
    site.restart("2026-11-23T12:30:01Z")
    assert kinds(site) == ["undelivered"]
    assert "FAULT     something has been undelivered since 2026-11-23T08:30:" in site.ctl_text("status", expect=1)
    site.stop()


def test_the_heart_beats_while_all_is_delivered(site):
    site.write(settings=heart(site))
    site.start()
    wait_for(lambda: beats(site) == 1, what="a beat")
    beat, = site.http.to(PING)
    assert beat.method == "GET" and beat.body == b""
    status = wait_for(lambda: site.ctl("status")["heartbeat"]["last"] and site.ctl("status"), what="the answer")
    assert status["heartbeat"]["failing"] is None and PING not in json.dumps(status)
    site.stop()
    printed = site.log.read_text() + site.run("--print-config")
    assert PING not in printed and "0b1d6a4e" not in printed


def test_the_heart_stops_while_something_is_not_delivered_for_hours(site):
    site.smtp.down()
    site.write(partners=[ACME], settings=heart(site), channels='"mail"', events="")
    site.start()
    wait_for(lambda: beats(site) == 1, what="a beat")
    wait_for(lambda: [d for d in site.outbox() if d["state"] == "retry"], what="the first try")
    site.restart("2026-11-23T12:30:01Z")
    wait_for(lambda: "no heartbeat: something has been undelivered for 4 hours" in site.log.read_text(), what="the log")
    assert "undelivered" in site.ctl("status", expect=1)["heartbeat"]["held"]
    assert beats(site) == 1
    site.stop()


def test_the_heart_stops_while_a_channel_is_blocked(site):
    site.http.answers["/crm"] = (401, {}, b"")
    site.write(settings=heart(site))
    site.start()
    wait_for(lambda: "blocked" in kinds(site, None), what="the block")
    site.stop()
    before = beats(site)  # the one of the start came before the block, or was held
    site.log.write_text("")
    site.start("2026-11-23T08:40:00Z")
    wait_for(lambda: "no heartbeat: a channel or an address is blocked" in site.log.read_text(), what="the log")
    assert beats(site) == before and "blocked" in kinds(site)
    site.stop()


def test_the_heart_stops_while_the_database_cannot_be_written(small_disk, site):
    """Then no digest is made, and nothing is ever undelivered."""
    elsewhere = use_database(site, f"sqlite://{small_disk}/cadenced.db")
    site.write(partners=[ACME], settings=heart(site), edit=elsewhere)
    site.start("2026-11-23T08:29:55Z")
    wait_for(lambda: beats(site) == 1, what="a beat")
    fill_disk(small_disk / "ballast")
    wait_for(lambda: "store" in kinds(site, None), seconds=20, what="a digest that cannot be written")
    # Whose heart is set to beating beats at once, as it does each hour.
    stop_and_start_the_heart(site, elsewhere)
    wait_for(lambda: "no heartbeat: the database cannot be used" in site.log.read_text(), what="the log")
    assert site.ask("/v1/status")[1]["heartbeat"]["held"] == "the database cannot be used"
    assert beats(site) == 1 and site.mails() == []
    (small_disk / "ballast").unlink()
    wait_for(site.mails, seconds=20, what="the digest")
    stop_and_start_the_heart(site, elsewhere)
    wait_for(lambda: beats(site) == 2, what="the next beat")
    site.stop()


def test_the_heart_stops_while_a_digest_cannot_be_composed(site):
    site.write(partners=[ACME], settings=heart(site), channels='"mail"', events="")
    site.once("2026-11-22T12:00:00Z")
    break_digest_of(site, "maria")
    # Also at the start: it looks first.
    site.start()
    wait_for(lambda: "no heartbeat: a digest cannot be composed" in site.log.read_text(), what="the log")
    assert kinds(site) == ["broken"] and beats(site) == 0
    site.stop()


def test_a_watcher_that_is_not_reached_is_said_once(site):
    site.write(settings=heart(site).replace(f":{site.http.port}", ":9"))
    site.start()
    wait_for(lambda: "the heartbeat does not reach its watcher: " in site.log.read_text(), what="the log")
    assert kinds(site) == ["heartbeat"]
    text = site.ctl_text("status", expect=1)
    assert PING not in text + site.log.read_text() and "check heartbeat in the configuration" in text
    site.stop()


def test_a_reload_starts_and_stops_the_heart(site):
    site.start()
    assert site.ctl("status")["heartbeat"] is None
    site.write(settings=heart(site))
    site.ctl("reload")
    wait_for(lambda: beats(site) == 1, what="a beat")
    site.write()
    site.ctl("reload")
    assert site.ctl("status")["heartbeat"] is None
    site.stop()
    assert beats(site) == 1
