"""More is claimed than may be under way where messages flow; what has not set out was never sent."""
import asyncio
import threading

import pytest

from faulty import answer, hang, in_turn
from installation import partner_entry, wait_for

MANY = [(f"p{n:02}", f"Partner {n:02}", "standard", "2026-08-03") for n in range(40)]  # all are cold
SUNDAY = "2026-11-22T10:00:00Z"  # no digest goes, and no event says that it did


@pytest.fixture
def crm(site, bad_http):
    """Forty events, one of each partner, one post at a time."""
    site.write(partners=MANY, channels='"mail"', edit=lambda text: text.replace(
        f':{site.http.port}/crm";', f':{bad_http.port}/crm"; connections = 1;'))
    return bad_http


def gated():
    """Answers once the event is set."""
    gate = threading.Event()

    async def behave(server, reader, writer):
        while not gate.is_set():
            await asyncio.sleep(0.01)
        return await answer(200)(server, reader, writer)
    return gate, behave


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


def test_a_channel_that_turns_slow_keeps_no_more_than_it_sends(site, crm):
    crm.behave = in_turn(*[answer(200)] * 12, hang)
    site.start(SUNDAY)
    wait_for(lambda: len(posts(crm)) == 13, what="the post that hangs")
    wait_for(lambda: len(waiting(site)) == 27, seconds=5, what="what was claimed ahead, handed back while it hangs")
    assert len(posts(crm)) == 13 and [d["attempts"] for d in waiting(site)] == [0] * 27


@pytest.mark.parametrize("settings, path", [('deliver = "hold";', "/crm"), ("", "/crm-new")])
def test_what_has_not_set_out_goes_by_the_settings_of_a_reload(site, crm, settings, path):
    gate, behave = gated()
    crm.behave = in_turn(*[answer(200)] * 12, behave)
    site.start(SUNDAY)
    wait_for(lambda: len(posts(crm)) == 13, what="the post that waits")
    site.write(partners=MANY, channels='"mail"', settings=settings, edit=lambda text: text.replace(
        f':{site.http.port}/crm";', f':{crm.port}{path}"; connections = 1;'))
    site.ctl_text("reload")
    gate.set()
    if settings:
        wait_for(lambda: len(waiting(site)) == 27, what="what is held")
        assert len(posts(crm)) == 13
    else:
        wait_for(lambda: site.outbox("event") == [], what="an empty outbox")
        assert (len(crm.to("/crm")), len(crm.to(path))) == (13, 27)


def test_what_is_given_back_has_used_nothing_of_the_rate(site, crm):
    site.write(partners=MANY, channels='"mail"', edit=lambda text: text.replace(
        f':{site.http.port}/crm";', f':{crm.port}/crm"; connections = 1; rate = "20/h";'))
    crm.behave = in_turn(*[answer(200)] * 9, answer(503, b"later"), answer(200))
    site.start(SUNDAY)
    wait_for(lambda: len(posts(crm)) == 20, what="as many as may go in an hour")


class AfterFour:
    """True once four mails were taken."""

    def __init__(self, smtp):
        self.smtp = smtp

    def __bool__(self):
        return len(self.smtp.accepted) >= 4


def test_a_stop_makes_no_mail_doubtful_that_no_session_had_begun(site):
    owners = [f"o{n:02}" for n in range(12)]
    lines = "".join(f'  {o} = {{ email = "{o}@example.com"; channels = [ "mail" ]; }};\n' for o in owners)
    partners = ",\n".join(partner_entry((f"p-{o}", o, "standard", "2026-08-03"), o) for o in owners)
    site.write(mail='tls = "none"; connections = 1;', events="", partners=[],
               edit=lambda text: text.replace("owners = {\n", "owners = {\n" + lines).replace("partners = (\n", "partners = (\n" + partners))
    site.smtp.hold = AfterFour(site.smtp)
    site.start()
    wait_for(lambda: len(site.smtp.seen) == 5 and len(site.outbox("digest")) == 8, what="the mail whose answer is held back")
    left = [d["id"] for d in site.outbox("digest")]
    site.stop()
    site.smtp.hold = False
    site.start("2026-11-23T08:31:00Z")
    wait_for(lambda: site.outbox("digest") == [], what="an empty outbox")
    assert sorted(site.ctl("outbox", "show", id)["ambiguous"] for id in left) == [0] * 7 + [1]
