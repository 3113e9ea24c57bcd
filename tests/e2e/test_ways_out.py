"""Ways out that misbehave while others go on: what is sent twice is counted, and who should hear of it hears in time."""
import json
import threading
import time

import pytest

from faulty import STALL, answer, close, in_turn
from installation import ACME, ELBE, FJORD, wait_for


@pytest.fixture
def hanging(site):
    """The CRM answers nobody before this is set."""
    end = threading.Event()
    site.http.at_stage = lambda stage: end.wait(60) if stage == "http /crm: before the reply" else None
    yield end
    end.set()


def subjects(site):
    return {mail["Subject"]: mail["To"] for mail in site.mails()}


def posted(site):
    return [request.headers["webhook-id"] for request in site.http.to("/crm")]


def test_a_post_that_a_kept_connection_swallowed_goes_again_only_when_that_is_counted(site, bad_http):
    ok = answer(200, b"ok")
    bad_http.behave = in_turn(ok, close, ok)
    site.write(partners=[ACME, ELBE], channels='"mail"',
               edit=lambda text: text.replace(f':{site.http.port}/crm"', f':{bad_http.port}/crm"; connections = 1'))
    site.once()
    ids = [request.headers["webhook-id"] for request in bad_http.requests]
    assert len(ids) > 2 and len(set(ids)) == len(ids)
    site.start("2026-11-23T08:30:02Z")
    swallowed, = [d for d in site.outbox("event") if d["ambiguous"]]
    assert (swallowed["state"], swallowed["attempts"], swallowed["ambiguous"]) == ("retry", 1, 1)
    assert "broke the connection, perhaps after it was accepted" in swallowed["reason"]
    wait_for(lambda: site.outbox() == [], what="the second try")
    assert [request.headers["webhook-id"] for request in bad_http.requests].count(ids[1]) == 2
    assert "perhaps delivered twice" in site.ctl_text("outbox", "show", swallowed["id"])


def test_the_admin_hears_of_a_block_while_something_else_is_being_sent(site, hanging):
    site.write(partners=[ACME], channels='"mail", "sales"')
    site.http.answers["/slack"] = (403, {}, b"invalid_token")
    site.start()
    wait_for(lambda: site.ask("/v1/status")[1]["blocked"] and site.http.to("/crm"), what="a block, and a hook that hangs")
    time.sleep(0.5)
    assert "cadenced: channel sales is blocked" not in subjects(site)  # more may be to tell in a moment
    site.kill()
    waiting = set(posted(site))
    site.start("2026-11-23T08:36:00Z")
    wait_for(lambda: "cadenced: channel sales is blocked" in subjects(site), what="the mail to the admin")
    # What was claimed in the same moment set out all the same.
    wait_for(lambda: set(posted(site)) == waiting and len(posted(site)) == 2 * len(waiting), what="the hook's second tries")
    hanging.set()
    wait_for(lambda: site.ask("/v1/status")[1]["outbox"]["sending"] == 0, what="an end of all sends")
    assert len([1 for mail in site.mails() if "blocked" in mail["Subject"]]) == 1


def test_a_block_of_a_channel_of_events_is_told_to_the_admins_by_its_fallback(site):
    site.write(partners=[ACME], channels='"mail"', edit=lambda text: text.replace('/crm"; ', '/crm"; fallback = "mail"; '))
    site.http.answers["/crm"] = (401, {}, b"no")
    site.once(expect=1)
    assert subjects(site)["cadenced: nothing reaches channel crm"] == "ops@example.com"


def test_a_mail_server_that_stalls_with_all_it_may_have_starves_no_other(site, bad_smtp):
    bad_smtp.fail("banner", STALL)
    owners = range(70)

    def edit(text):
        text = text.replace("channels = {", "channels = {\n  slow = { type = \"smtp\"; "
                            f'url = "smtp://127.0.0.1:{bad_smtp.port}"; from = "cadence@example.com"; tls = "none"; connections = 62; }};', 1)
        text = text.replace("owners = {", "owners = {\n" + "\n".join(
            f'  o{n} = {{ email = "o{n}@example.com"; channels = [ "slow" ]; digest_at = "08:00"; }};' for n in owners))
        return text.replace("partners = (", "partners = (\n" + "\n".join(
            f'  {{ id = "q{n}"; owner = "o{n}"; cadence = "strategic"; last_contact = "2026-09-01"; }},' for n in owners))
    site.write(partners=[FJORD], channels='"mail"', events="", edit=edit)
    site.start()
    wait_for(lambda: bad_smtp.connections == 62, what="62 sessions that hang")
    begin = time.monotonic()
    assert "delivered" in site.ctl_text("test", "mail")
    assert time.monotonic() - begin < 5
    site.kill()


def test_a_test_goes_without_markup_where_a_digest_would(site, bad_http):
    site.write(partners=[FJORD], edit=lambda text: text.replace(f":{site.http.port}/slack", f":{bad_http.port}/slack"))
    bad_http.behave = in_turn(answer(400, b"invalid_blocks"), answer(200, b"ok"))
    site.start("2026-11-22T12:00:00Z")
    assert "sales: delivered" in site.ctl_text("test", "sales")
    marked, plain = [json.loads(request.body) for request in bad_http.requests]
    assert "blocks" in marked and "blocks" not in plain
    bad_http.behave = answer(400, b"invalid_blocks")
    assert "sales: not delivered: http 400 invalid_blocks" in site.ctl_text("test", "sales", expect=1)
    assert len(bad_http.requests) == 4
    bad_http.behave = answer(503)
    assert "http 503" in site.ctl_text("test", "sales", expect=1)
    assert len(bad_http.requests) == 5
