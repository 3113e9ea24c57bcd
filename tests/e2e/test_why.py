"""Why a partner stands where it stands: today, on a day to come, and as it was known on a day gone by."""
import pytest


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
    assert why["so"] == "nobody is told: nothing is due"


def test_why_not(quiet_site):
    site = quiet_site
    site.ctl("snooze", "acme", "2w")
    assert site.ctl("why", "acme")["so"] == "nobody is told: snoozed"
    site.ctl("plan", "elbe", "friday")
    assert site.ctl("why", "elbe")["so"] == "nobody is told: meeting booked"
    site.ctl("decide", "borealis", "end")
    assert "archived since Mon 23 Nov" in site.ctl("why", "borealis")["so"]


def test_why_on_a_day_to_come_is_what_will_be_judged_then(quiet_site):
    site = quiet_site
    coming = site.ctl("why", "fjord")["coming"]
    assert [c["what"] for c in coming] == ["due", "cold", "decide"]
    for c in coming[:2]:
        then = site.ctl("why", "fjord", "--on", c["day"])
        assert then["state"] == c["what"], c
        assert then["today"] == c["day"] and not then["past"]


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
    assert "As known on Mon 30 Nov" in site.ctl_text("why", "acme", "--on", "2026-11-30")


def test_a_day_is_said_with_how_near_it_is(quiet_site):
    text = quiet_site.ctl_text("why", "acme")
    for words in ("Thu 1 Oct (53 days ago)", "due           Thu 29 Oct (25 days ago)", "cold          Thu 5 Nov (18 days ago)"):
        assert words in text, text
    assert "Wed 10 Feb 2027 (in 79 days)" in quiet_site.ctl_text("why", "fjord")


def test_why_fits_a_terminal(quiet_site):
    for partner in ("acme", "elbe", "borealis", "fjord"):
        assert max(map(len, quiet_site.ctl_text("why", partner).splitlines())) <= 80
