"""More is claimed than may be under way where messages flow; what has not set out was never sent."""
import pytest

from faulty import answer, hang, in_turn
from installation import wait_for

MANY = [(f"p{n:02}", f"Partner {n:02}", "standard", "2026-08-03") for n in range(40)]  # all are cold
SUNDAY = "2026-11-22T10:00:00Z"  # no digest goes, and no event says that it did


@pytest.fixture
def crm(site, bad_http):
    """Forty events, one of each partner, one post at a time."""
    site.write(partners=MANY, channels='"mail"', edit=lambda text: text.replace(
        f':{site.http.port}/crm";', f':{bad_http.port}/crm"; connections = 1;'))
    return bad_http


def posts(crm):
    return [r.headers["webhook-id"] for r in crm.requests]


def waiting(site):
    return [d for d in site.outbox("event") if d["state"] == "queued"]


def test_events_that_flow_arrive_once_each_and_one_at_a_time(site, crm):
    site.start(SUNDAY)
    wait_for(lambda: site.outbox("event") == [], what="an empty outbox")
    assert len(posts(crm)) == len(set(posts(crm))) == 40


def test_what_was_claimed_ahead_is_left_alone_with_the_others(site, crm):
    crm.behave = in_turn(*[answer(200)] * 12, answer(429, b"later", Retry_After="3600"))
    site.start(SUNDAY)
    wait_for(lambda: len(waiting(site)) == 27, what="what was claimed ahead, handed back")
    assert len(posts(crm)) == 13
    assert [d["attempts"] for d in waiting(site)] == [0] * 27
    assert "asked to be left alone" in site.ctl_text("status")
    crm.behave = answer(200)
    refused, = [d["id"] for d in site.outbox("event") if d["state"] == "retry"]
    site.ctl("outbox", "retry", refused)  # ends the rest of all
    wait_for(lambda: site.outbox("event") == [], what="an empty outbox")
    assert len(posts(crm)) == 41 and len(set(posts(crm))) == 40


def test_a_stop_makes_doubtful_what_was_under_way_alone(site, crm):
    crm.behave = in_turn(*[answer(200)] * 12, hang)
    site.start(SUNDAY)
    wait_for(lambda: len(posts(crm)) == 13, what="the post that hangs")
    left = [d["id"] for d in site.outbox("event")]
    site.stop()
    crm.behave = answer(200)
    site.start("2026-11-22T10:01:00Z")
    wait_for(lambda: site.outbox("event") == [], what="an empty outbox")
    assert len(posts(crm)) == 41 and len(set(posts(crm))) == 40
    assert sorted(site.ctl("outbox", "show", id)["ambiguous"] for id in left) == [0] * 27 + [1]
