"""A partner with two clocks: every answer speaks of the one that gives its state."""
import pytest

from installation import entry_of, text_of, wait_for

ERIDANUS = ("eridanus", "Eridanus Ltd", "strategic", "2026-11-20")


def with_meetings(text):
    return text.replace('grace = "1 week";', 'grace = "1 week"; meeting_every = "1 quarter";')


@pytest.fixture
def missed_meeting(site):
    """In contact three days ago; the last meeting was a year ago."""
    site.write(channels='"mail"', events="", partners=(ERIDANUS,), edit=with_meetings)
    site.start("2026-11-23T08:00:00Z")
    site.logged = site.ctl_text("log", "eridanus", "meeting", "2025-12-07")
    return site


def test_the_day_is_that_of_the_rule_that_gives_the_state(missed_meeting):
    site = missed_meeting
    said = "cold, due Mon 9 Mar (259 days overdue), rule meeting"
    assert f"Now {said}." in site.logged
    for words in (("why", "eridanus"), ("show", "eridanus")):
        assert site.ctl_text(*words).splitlines()[0] == f"Eridanus Ltd [eridanus]: {said}"
    for words in (("due",), ("list",)):
        assert "cold   Mon 9 Mar (259 days overdue), rule meeting" in site.ctl_text(*words)
    partner = site.ctl("show", "eridanus")
    assert (partner["rule"], partner["state"], partner["due_day"]) == ("meeting", "cold", "2026-03-09")
    assert [rule["rule"] for rule in partner["rules"]] == ["contact", "meeting"]


def test_a_digest_that_told_of_both_clocks_names_the_rules(site):
    partner = ("eridanus", "Eridanus Ltd", "strategic", "2026-10-01")
    site.write(channels='"mail"', events="", partners=(partner,), edit=with_meetings)
    site.start("2026-11-09T07:00:00Z")
    site.ctl("log", "eridanus", "meeting", "2026-07-01")
    for n, now in enumerate(("2026-11-09T08:31:00Z", "2026-11-16T08:31:00Z"), 1):
        site.restart(now)
        wait_for(lambda: len(site.smtp.accepted) == n and site.outbox() == [], what=f"digest {n}")
    site.restart("2026-11-17T08:00:00Z")
    told = site.ctl_text("why", "eridanus").split("Told:\n")[1].split("If nothing")[0].splitlines()
    assert len(told) == len(set(told)) == 4 and sum("(rule meeting)" in line for line in told) == 2, told
    so = site.ctl("why", "eridanus", "--on", "2026-11-16")["so"]
    assert so == "told on that day to maria again, as cold and to maria again, as cold (rule meeting)"
