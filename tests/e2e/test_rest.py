"""A channel that asked to be left alone: what ends its rest, and what passes."""
import pytest

from installation import ACME, wait_for

MONDAY_LATER = "2026-11-23T08:31:00Z"


@pytest.fixture
def resting(site):
    """The chat asked for five hours and a half, and would take anything now."""
    site.write(partners=[ACME], channels='"sales"', events="")
    site.http.answers["/slack"] = (429, {"Retry-After": "20000"}, b"rate_limited")
    site.once()
    site.http.answers.clear()
    site.start(MONDAY_LATER)
    assert "asked to be left alone" in site.ctl_text("status")
    assert len(site.http.to("/slack")) == 1
    return site


def test_a_retry_by_hand_ends_the_rest(resting):
    site = resting
    delivery, = site.outbox()
    site.ctl("outbox", "retry", delivery["id"])
    assert "left alone" not in site.ctl_text("status")
    wait_for(lambda: len(site.http.to("/slack")) == 2, what="the chat that waited")


def test_a_new_hook_was_not_asked_to_be_left_alone(resting):
    site = resting
    site.conf.write_text(site.conf.read_text().replace('/slack"', '/slack-new"'))
    site.ctl_text("reload")
    assert "left alone" not in site.ctl_text("status")
    wait_for(lambda: site.http.to("/slack-new"), what="the chat that waited, over the new hook")


def test_a_test_passes_and_lets_the_others_rest(resting):
    site = resting
    assert "sales: delivered" in site.ctl_text("test", "sales")
    assert len(site.http.to("/slack")) == 2
    delivery, = site.outbox()
    assert (delivery["state"], delivery["attempts"]) == ("retry", 1)


def test_a_test_says_that_the_channel_is_still_to_be_left_alone(resting):
    site = resting
    site.http.answers["/slack"] = (429, {"Retry-After": "60"}, b"rate_limited")
    assert "sales: not delivered: http 429" in site.ctl_text("test", "sales", expect=1)
    assert "until 2026-11-23T14:0" in site.ctl_text("status")  # as long as it asked for at first
