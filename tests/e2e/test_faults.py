"""Other sides that stall, hang up, lie and refuse: what is kept of it, when the next try is, and that nobody else waits."""
import base64
import datetime
import email
import email.policy
import hashlib
import hmac
import json
import os
import re
import resource
import signal
import sqlite3
import subprocess

import pytest

import faulty
from faulty import CLOSE, GARBAGE, RESET, SMTP_STAGES, STALL, FaultyHttp, answer, in_turn
from installation import ACME, BOREALIS, BUILD, ELBE, FJORD, MONDAY, SECRET, Installation, in_order, text_of, wait_for
from servers import SmtpServer

HASTE_MS = 700
FLOOD = 16 << 20  # bytes; the kernel's buffers take 4 MB before a sender notices anything
CLEAR = 'tls = "none";'
LOGIN = 'tls = "none"; user = "cadence"; password = "correct horse";'
OURS = {"starttls": "", "auth": LOGIN}  # what leads to a stage, where it is not clear text without a login
SECOND, MINUTE, HOUR = 1, 60, 3600
MAIL_FIRST, MAIL_SECOND, HOOK_FIRST, HOOK_SECOND = MINUTE, 5 * MINUTE, 5 * SECOND, 5 * MINUTE


@pytest.fixture
def mail_site(tmp_path, bad_smtp, http):
    """Mail goes to the faulty server; chat and events to a good one."""
    installation = Installation(tmp_path, bad_smtp, http)
    yield installation
    installation.kill()


@pytest.fixture
def hook_site(site, bad_http):
    """The chat is faulty; mail and events go to good servers."""
    site.write(edit=lambda text: text.replace(f':{site.http.port}/slack";', f':{bad_http.port}/slack"; rate = "9/s";'))
    return site


@pytest.fixture(scope="session")
def haste(tmp_path_factory):
    """What makes the daemon give up soon on one server: its environment."""
    library = tmp_path_factory.mktemp("haste") / "haste.so"
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-o", library, os.path.join(os.path.dirname(__file__), "haste.c")],
                   check=True)

    def environment(server):
        return {**os.environ, "LD_PRELOAD": str(library), "HASTE_URL": f"127.0.0.1:{server.port}", "HASTE_MS": str(HASTE_MS),
                "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
    return environment


def instant(text):
    return datetime.datetime.fromisoformat(text)


def seconds_between(before, after):
    return (instant(after) - instant(before)).total_seconds()


def later(now, seconds):
    return f"{instant(now) + datetime.timedelta(seconds=seconds):%FT%TZ}"


def kept(site, channel):
    """What is stored of the digest on that channel, looked at by a daemon that sends nothing; shown: as a person sees it."""
    text = site.conf.read_text()
    site.conf.write_text('deliver = "hold";\n' + text)
    site.start()
    delivery, = [d for d in site.outbox("digest") if d["channel"] == channel]
    delivery["shown"] = site.ctl_text("outbox", "show", delivery["id"])
    delivery["blocked"] = site.ask("/v1/status")[1]["blocked"]
    site.stop()
    site.conf.write_text(text)
    return delivery


def assert_kept(delivery, state, wait=None, now=MONDAY, attempts=1, ambiguous=0, says=(), blocked=()):
    """wait: seconds until the next try, or the first and last that are right."""
    found = {name: delivery[name] for name in ("state", "attempts", "ambiguous")}
    assert found == {"state": state, "attempts": attempts, "ambiguous": ambiguous}, delivery
    for word in (says,) if isinstance(says, str) else says:
        assert word in delivery["reason"] and word in delivery["shown"], delivery
    assert ("perhaps delivered twice" in delivery["shown"]) == (ambiguous > 0)
    assert [(b["channel"], b["recipient"]) for b in delivery["blocked"]] == list(blocked)
    if wait is not None:
        first, last = wait if isinstance(wait, tuple) else (wait, wait)
        assert first <= seconds_between(now, delivery["next_try"]) <= last, delivery


def about(seconds):
    """The wait of our own schedule: spread a fifth to both sides."""
    return 0.8 * seconds - 1, 1.2 * seconds + 1  # shown to the second


def assert_others_delivered(site, *channels):
    """By now everybody else was served: all three nudges."""
    if "mail" in channels:
        wait_for(lambda: [m.recipients for m in site.smtp.accepted].count(["maria@example.com"]) == 1, what="the mail")
    if "sales" in channels:
        wait_for(lambda: len(site.http.to("/slack")) == 1, what="the chat")
    wait_for(lambda: len(site.events("nudge.raised")) == 3, what="the events")


def head_of(mail):
    return mail.partition(b"\r\n\r\n")[0]


def heal(site, bad_smtp):
    """All is well again; in clear text, because the faulty server knows no TLS."""
    bad_smtp.heal()
    if 'tls = "none"' not in site.conf.read_text():
        site.write(mail=CLEAR)


# ---- mail: silence ----

@pytest.mark.parametrize("stage", [s for s in SMTP_STAGES if s != "quit"])
def test_a_mail_server_that_stalls_holds_up_nobody_and_is_tried_again(mail_site, bad_smtp, haste, stage):
    site = mail_site
    site.write(mail=OURS.get(stage, CLEAR))
    bad_smtp.fail(stage, STALL)
    site.start()
    assert bad_smtp.fired.wait(10)
    assert_others_delivered(site, "sales")
    wait_for(lambda: len(site.outbox()) == 1, what="an answer that all else was sent")
    delivery, = site.outbox()
    assert (delivery["channel"], delivery["state"], delivery["attempts"]) == ("mail", "sending", 1)
    assert site.ask("/v1/status")[1]["outbox"]["sending"] == 1
    assert site.ctl_text("status") and not bad_smtp.ended.is_set()
    site.kill()
    # The next start sends at once, and gives up when the time is over.
    site.once(env=haste(bad_smtp))
    first = bad_smtp.seen[:]
    assert_kept(kept(site, "mail"), "retry", about(MAIL_SECOND), attempts=2, ambiguous=2 if stage == "dot" else 1,
                says=["smtp timed out", "perhaps after it was accepted"] if stage == "dot" else "smtp timed out")
    heal(site, bad_smtp)
    site.once(later(MONDAY, 2 * MAIL_SECOND))
    assert len(bad_smtp.accepted) == 1 and len({head_of(mail) for mail in bad_smtp.seen}) == 1
    assert len(first) == (2 if stage == "dot" else 0)


def test_a_mail_server_that_stalls_at_quit_delays_nothing(mail_site, bad_smtp):
    bad_smtp.fail("quit", STALL)
    mail_site.once()
    assert bad_smtp.fired.wait(10)
    assert len(bad_smtp.accepted) == 1
    assert_others_delivered(mail_site, "sales")


# ---- mail: hanging up, and lies ----

@pytest.mark.parametrize("action", [CLOSE, RESET, GARBAGE])
@pytest.mark.parametrize("stage", SMTP_STAGES)
def test_a_mail_server_that_breaks_off_is_tried_again(mail_site, bad_smtp, haste, stage, action):
    site = mail_site
    site.write(mail=OURS.get(stage, CLEAR))
    bad_smtp.fail(stage, action)
    site.once(env=haste(bad_smtp))
    assert bad_smtp.fired.wait(10)
    assert bad_smtp.poured < FLOOD
    assert_others_delivered(site, "sales")
    if stage != "quit":
        assert_kept(kept(site, "mail"), "retry", about(MAIL_FIRST), ambiguous=int(stage == "dot"),
                    says=["smtp ", "perhaps after it was accepted"] if stage == "dot" else "smtp ")
        heal(site, bad_smtp)
        site.once(later(MONDAY, 2 * MAIL_FIRST))
    assert len(bad_smtp.accepted) == 1
    assert len({head_of(mail) for mail in bad_smtp.seen}) == 1


# Answers of success that belong elsewhere: each could be mistaken for leave to go on, or for success.
@pytest.mark.parametrize("stage, line, state, ambiguous", [
    ("banner", "354 send it", "retry", 0),
    ("ehlo", "354 send it", "delivered", 0),  # then HELO is tried
    ("starttls", "250 ready", "waiting", 0),
    ("auth", "250 welcome", "waiting", 0),
    ("mail", "354 send it", "retry", 0),
    ("rcpt", "354 send it", "retry", 0),
    ("data", "250 queued", "retry", 0),
    ("dot", "354 send it", "retry", 1),
    ("dot", "221 bye", "retry", 1),
    ("quit", "354 send it", "delivered", 0),
])
def test_a_mail_server_that_lies_is_not_believed(mail_site, bad_smtp, haste, stage, line, state, ambiguous):
    site = mail_site
    site.write(mail=OURS.get(stage, CLEAR))
    bad_smtp.fail(stage, line)
    site.once(env=haste(bad_smtp), expect=int(state == "waiting"))
    assert bad_smtp.fired.wait(10)
    assert_others_delivered(site, "sales")
    assert len(bad_smtp.accepted) == (state == "delivered")
    if state == "delivered":
        return
    assert_kept(kept(site, "mail"), state, about(MAIL_FIRST) if state == "retry" else None, ambiguous=ambiguous, says="smtp ",
                blocked=[("mail", None)] if state == "waiting" else [])


# ---- mail: refusals ----

TRANSIENT = [
    ("banner", "421 4.3.2 too many of you", about(MAIL_FIRST)),
    ("ehlo", "421 4.3.2 closing", about(MAIL_FIRST)),
    # For good, but not about the message: it was not spoken of yet.
    ("banner", "554 5.3.2 no service here", about(MAIL_FIRST)),
    ("starttls", "454 4.7.0 no TLS just now", about(MAIL_FIRST)),
    ("auth", "454 4.7.0 no logins just now", about(MAIL_FIRST)),
    ("mail", "421 4.3.2 closing", about(MAIL_FIRST)),
    ("mail", "451 4.3.0 try again later", about(MAIL_FIRST)),
    ("mail", "452 4.3.1 no room", about(MAIL_FIRST)),
    ("rcpt", "421 4.3.2 closing", about(MAIL_FIRST)),
    ("rcpt", "450 4.7.1 greylisted", 5 * MINUTE),
    ("rcpt", "451 4.3.0 try again later", about(MAIL_FIRST)),
    ("rcpt", "452 4.2.2 mailbox full", HOUR),
    ("rcpt", "452 too many recipients", about(MAIL_FIRST)),
    ("data", "421 4.3.2 closing", about(MAIL_FIRST)),
    ("data", "451 4.3.0 try again later", about(MAIL_FIRST)),
    ("data", "452 4.3.1 no room", about(MAIL_FIRST)),
    ("dot", "421 4.3.2 closing", about(MAIL_FIRST)),
    ("dot", "451 4.3.0 try again later", about(MAIL_FIRST)),
    ("dot", "452 4.3.1 no room", about(MAIL_FIRST)),
    # Not transient, but known to pass now and then: once more.
    ("rcpt", "552 5.2.2 mailbox full", HOUR),
    ("dot", "552 too much mail", HOUR),
]
MESSAGE = [
    ("mail", "550 5.7.1 not from you"),
    ("mail", "552 5.3.4 too big"),
    ("rcpt", "550 5.7.1 policy"),
    ("rcpt", "550 no"),
    ("rcpt", "501 what?"),
    ("data", "554 no"),
    ("dot", "550 5.7.1 this looks like spam"),
    ("dot", "552 5.3.4 too big"),
    ("dot", "554 5.6.0 no"),
]
ADDRESS = [
    ("rcpt", "550 5.1.1 no such user"),
    ("rcpt", "550 5.1.2 no such host"),
    ("rcpt", "553 5.1.3 no address"),
    ("rcpt", "550 5.1.10 takes no mail"),
    ("rcpt", "550 5.2.1 switched off"),
    ("dot", "550 5.1.1 no such user"),
]
CONFIG = [
    ("mail", "530 5.7.0 must issue STARTTLS first"),
    ("mail", "530 5.7.57 client was not authenticated"),
    ("mail", "550 5.1.8 bad sender"),
    ("rcpt", "530 5.7.0 authentication required"),
    ("auth", "534 5.7.9 too weak"),
    ("auth", "535 5.7.8 bad credentials"),
    ("auth", "535 5.7.139 basic authentication is disabled"),
    ("auth", "538 5.7.11 encryption required"),
    ("dot", "530 5.7.0 log in first"),
]


def send_to(site, bad_smtp, stage, line, expect, now=MONDAY):
    site.write(mail=OURS.get(stage, CLEAR))
    bad_smtp.fail(stage, line)
    site.once(now, expect=expect)
    assert bad_smtp.fired.is_set() and bad_smtp.accepted == []
    assert_others_delivered(site, "sales")
    return f"smtp {line}"


@pytest.mark.parametrize("stage, line, wait", TRANSIENT)
def test_a_passing_refusal_waits_as_long_as_it_should(mail_site, bad_smtp, stage, line, wait):
    says = send_to(mail_site, bad_smtp, stage, line, expect=0)
    assert_kept(kept(mail_site, "mail"), "retry", wait, says=says)
    heal(mail_site, bad_smtp)
    mail_site.once(later(MONDAY, 2 * HOUR))
    assert len(bad_smtp.accepted) == 1
    assert len({head_of(mail) for mail in bad_smtp.seen}) == 1


@pytest.mark.parametrize("stage, line", MESSAGE)
def test_a_mail_that_is_refused_for_good_is_dead_and_blocks_nobody(mail_site, bad_smtp, stage, line):
    says = send_to(mail_site, bad_smtp, stage, line, expect=1)
    assert_kept(kept(mail_site, "mail"), "dead", says=says)


@pytest.mark.parametrize("line", [l for _, l, w in TRANSIENT if l.startswith("552")])
def test_a_mailbox_that_is_still_full_after_an_hour_is_believed(mail_site, bad_smtp, line):
    send_to(mail_site, bad_smtp, "rcpt", line, expect=0)
    mail_site.once(later(MONDAY, HOUR), expect=1)
    assert_kept(kept(mail_site, "mail"), "dead", attempts=2, says=f"smtp {line}")


@pytest.mark.parametrize("stage, line", ADDRESS)
def test_an_address_that_nobody_has_is_blocked_alone(mail_site, bad_smtp, stage, line):
    says = send_to(mail_site, bad_smtp, stage, line, expect=1)
    # The administrator's address was refused the same way.
    assert_kept(kept(mail_site, "mail"), "waiting", says=[says, "correct the address"],
                blocked=[("mail", "maria@example.com"), ("mail", "ops@example.com")])


@pytest.mark.parametrize("stage, line", CONFIG)
def test_a_refusal_that_needs_the_administrator_blocks_the_channel(mail_site, bad_smtp, stage, line):
    says = send_to(mail_site, bad_smtp, stage, line, expect=1)
    before = len(bad_smtp.said)
    assert_kept(kept(mail_site, "mail"), "waiting", says=says, blocked=[("mail", None)])
    mail_site.once(later(MONDAY, 2 * HOUR), expect=1)
    assert len(bad_smtp.said) == before  # nobody tried again


# ---- hooks: silence, floods and noise ----

def assert_mail_and_events_delivered(site):
    assert_others_delivered(site, "mail")


NOT_SAID = "http 200, but the answer does not say that it was taken"


@pytest.mark.parametrize("behave, says", [
    (faulty.hang, ["http timed out", "perhaps after it was accepted"]),
    (faulty.drip, ["http timed out", "perhaps after it was accepted"]),
    (faulty.drip_body, NOT_SAID),
], ids=lambda value: getattr(value, "__name__", ""))
def test_a_hook_that_stalls_holds_up_nobody_and_is_tried_again(hook_site, bad_http, haste, behave, says):
    site = hook_site
    bad_http.behave = behave
    site.start()
    assert bad_http.fired.wait(10)
    assert_mail_and_events_delivered(site)
    wait_for(lambda: len(site.outbox()) == 1, what="an answer that all else was sent")
    delivery, = site.outbox()
    assert (delivery["channel"], delivery["state"], delivery["attempts"]) == ("sales", "sending", 1)
    assert site.ctl_text("status") and not bad_http.ended.is_set()
    site.kill()
    site.once(env=haste(bad_http))
    assert_kept(kept(site, "sales"), "retry", about(HOOK_SECOND), attempts=2, ambiguous=2, says=says)
    bad_http.behave = answer(200, b"ok")
    site.once(later(MONDAY, 2 * HOOK_SECOND))
    assert len({r.body for r in bad_http.requests}) == 1 and len(bad_http.requests) == 3


@pytest.mark.parametrize("behave, says", [
    (faulty.close, "http broke the connection, perhaps after it was accepted"),
    (faulty.close_in_head, "http broke the connection, perhaps after it was accepted"),
    (faulty.reset, "http broke the connection, perhaps after it was accepted"),
    (faulty.noise, "http broke the connection, perhaps after it was accepted"),
    (faulty.huge_headers, "http "),
    (faulty.endless_heads, "http "),
    (faulty.huge_body, NOT_SAID),
    (faulty.endless_chunks, NOT_SAID),
], ids=lambda value: getattr(value, "__name__", ""))
def test_a_hook_that_breaks_off_or_floods_is_tried_again(hook_site, bad_http, haste, behave, says):
    site = hook_site
    bad_http.behave = behave
    site.once(env=haste(bad_http))
    assert bad_http.fired.is_set() and bad_http.poured < FLOOD
    assert_mail_and_events_delivered(site)
    assert_kept(kept(site, "sales"), "retry", about(HOOK_FIRST), ambiguous=1, says=says)
    bad_http.behave = answer(200, b"ok")
    site.once(later(MONDAY, MINUTE))
    assert len({r.body for r in bad_http.requests}) == 1 and len(bad_http.requests) == 2


@pytest.mark.parametrize("behave", [faulty.huge_body, faulty.endless_chunks], ids=lambda value: value.__name__)
def test_an_event_is_delivered_by_the_status_alone_and_the_flood_is_not_read(site, bad_http, behave):
    bad_http.behave = behave
    site.write(edit=lambda text: text.replace(f":{site.http.port}/crm", f":{bad_http.port}/crm"))
    site.once()
    assert len(bad_http.requests) == 6 and bad_http.poured < 6 * FLOOD
    assert len(site.smtp.accepted) == len(site.slacks()) == 1


# ---- hooks: refusals ----

@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_shows_where_it_leads(hook_site, bad_http, status):
    site = hook_site
    other = FaultyHttp()
    try:
        bad_http.behave = answer(status, Location=f"http://127.0.0.1:{other.port}/elsewhere/SECRET")
        site.once(expect=1)
        assert other.connections == 0
    finally:
        other.close()
    assert_mail_and_events_delivered(site)
    delivery = kept(site, "sales")
    assert_kept(delivery, "waiting", blocked=[("sales", None)],
                says=[f"http {status}", f"moved to http://127.0.0.1:{other.port}: redirects are not followed"])
    assert "SECRET" not in delivery["shown"] + site.log.read_text()


def http_date(seconds):
    return f"{instant(MONDAY) + datetime.timedelta(seconds=seconds):%a, %d %b %Y %H:%M:%S GMT}"


OWN = about(HOOK_FIRST)
CAP = 6 * HOUR


@pytest.mark.parametrize("headers, body, wait", [
    ({"Retry-After": "7200"}, b"rate_limited", 2 * HOUR),
    ({"Retry-After": " 90 "}, b"", 90),
    ({"Retry-After": http_date(HOUR)}, b"", HOUR),
    ({"Retry-After": http_date(-HOUR)}, b"", OWN),
    ({"Retry-After": "Mon, 23 Nov 2026 99:30:00 GMT"}, b"", OWN),
    ({"Retry-After": "0"}, b"", OWN),
    ({"Retry-After": "0.376"}, b"", OWN),
    ({"Retry-After": "90.5"}, b"", (90, 91)),
    ({"Retry-After": "-7200"}, b"", OWN),
    ({"Retry-After": "soon"}, b"", OWN),
    ({"Retry-After": "99999999999999999999999"}, b"", CAP),
    ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, b"", CAP),
    ({}, b'{"ok":false,"error":"rate_limited","retry_after":90}', 90),
    ({}, b'{"ok":false,"error":"rate_limited","retry_after":90.25}', (90, 91)),
    ({}, b'{"ok":false,"error":"rate_limited","retry_after":-5}', OWN),
    ({}, b'{"ok":false,"error":"rate_limited","retry_after":1e300}', CAP),
    ({}, b'{"ok":false,"error":"rate_limited","retry_after":"a while"}', OWN),
    ({"Retry-After": "30"}, b'{"ok":false,"error":"rate_limited","retry_after":90}', 90),  # the longer of both
    ({}, b"", OWN),
])
def test_what_a_hook_asks_for_is_waited_for_within_reason(hook_site, bad_http, headers, body, wait):
    bad_http.behave = answer(429, body, **headers)
    hook_site.once()
    assert_mail_and_events_delivered(hook_site)
    assert_kept(kept(hook_site, "sales"), "retry", wait, says="http 429")
    assert len(bad_http.requests) == 1


@pytest.mark.parametrize("status, headers, wait", [
    (408, {}, OWN), (425, {}, OWN), (500, {}, OWN), (502, {}, OWN), (503, {}, OWN), (503, {"Retry-After": "120"}, 120), (504, {}, OWN),
    (520, {}, OWN), (524, {}, OWN),
    # Gone, or a server that is down behind its proxy: once more, in ten minutes.
    (404, {}, 10 * MINUTE), (410, {}, 10 * MINUTE),
])
def test_a_hook_that_fails_in_passing_is_tried_again(hook_site, bad_http, status, headers, wait):
    bad_http.behave = answer(status, b"<html>what a stranger's page says</html>", **headers)
    hook_site.once()
    assert_mail_and_events_delivered(hook_site)
    delivery = kept(hook_site, "sales")
    # Of three of them nobody knows whether the hook had it before.
    assert_kept(delivery, "retry", wait, says=f"http {status}", ambiguous=status in (500, 502, 504))
    assert "stranger" not in delivery["reason"]
    bad_http.behave = answer(200, b"ok")
    hook_site.once(later(MONDAY, HOUR))
    assert len({r.body for r in bad_http.requests}) == 1 and len(bad_http.requests) == 2


@pytest.mark.parametrize("status, body, tries, says", [
    (401, b"", 1, "our credentials are refused"),
    (403, b"", 1, "posting there is not permitted"),
    (403, b"action_prohibited", 1, "an administrator of the workspace has restricted posting"),
    (404, b"", 2, "nothing is there; look at url"),
    (404, b"no_service", 1, "the hook was deleted; make a new one and put it in url"),
    (405, b"", 1, "it takes no posts; look at url"),
    (410, b"", 2, "it is gone for good"),
    (410, b"channel_is_archived", 1, "bring the channel back"),
    (400, b"invalid_token", 1, "invalid_token"),
    (200, b"no_service", 1, "the hook was deleted"),
    (200, b'{"ok":false,"error":"team_disabled"}', 1, "the workspace was closed"),
])
def test_a_hook_that_needs_the_administrator_is_blocked(hook_site, bad_http, status, body, tries, says):
    site = hook_site
    bad_http.behave = answer(status, body)
    site.once(expect=2 - tries)
    assert_mail_and_events_delivered(site)
    site.once(later(MONDAY, 10 * MINUTE), expect=1)
    assert_kept(kept(site, "sales"), "waiting", attempts=tries, says=[f"http {status}", says], blocked=[("sales", None)])
    site.once(later(MONDAY, 20 * MINUTE), expect=1)
    assert len(bad_http.requests) == tries


REFUSED = [(400, b""), (400, b"invalid_blocks"), (413, b""), (415, b""), (422, b""), (200, b"invalid_payload"),
           (200, b'{"ok":false,"error":"msg_blocks_too_long"}')]


@pytest.mark.parametrize("status, body", REFUSED)
def test_a_message_that_is_refused_goes_once_more_as_plain_text(hook_site, bad_http, status, body):
    bad_http.behave = in_turn(answer(status, body), answer(200, b"ok"))
    hook_site.once()
    rich, plain = (json.loads(r.body) for r in bad_http.requests)
    assert "blocks" in rich and set(plain) <= {"text", "unfurl_links", "unfurl_media", "mrkdwn"}
    assert in_order(plain["text"], "Acme GmbH", "Elbe Systems", "Borealis AS")
    assert_mail_and_events_delivered(hook_site)


@pytest.mark.parametrize("status, body", REFUSED)
def test_a_message_that_is_refused_as_plain_text_too_is_dead(hook_site, bad_http, status, body):
    bad_http.behave = answer(status, body)
    hook_site.once(expect=1)
    assert len(bad_http.requests) == 2
    assert_kept(kept(hook_site, "sales"), "dead", attempts=2, says=f"http {status}")
    assert_mail_and_events_delivered_and_the_admin_told(hook_site)


def assert_mail_and_events_delivered_and_the_admin_told(site):
    assert [m.recipients for m in site.smtp.accepted] == [["maria@example.com"], ["ops@example.com"]]


TELEGRAM = 'type = "telegram"; url = "http://127.0.0.1:{port}"; token = "{token}"; room = "-100123"; rate = "9/s";'
BOT = "123456789:AAExyzSECRETtoken"


def with_telegram(text, server):
    return re.sub(r"sales = \{.*\};", f"sales = {{ {TELEGRAM.format(port=server.port, token=BOT)} }};", text)


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("said, state, tries, says", [
    ({"description": "Unauthorized"}, "waiting", 1, "ask @BotFather for a new one"),
    ({"description": "Bad Request: chat not found"}, "waiting", 1, "room names no chat"),
    ({"description": "Bad Request: group chat was upgraded to a supergroup chat", "parameters": {"migrate_to_chat_id": -100987}}, "waiting", 1,
     'put room = "-100987" in its place'),
    ({"description": "Bad Request: can't parse entities: byte 7"}, "dead", 2, "can't parse entities"),
    ({"description": "Too Many Requests: retry after 90", "parameters": {"retry_after": 90}}, "retry", 1, "Too Many Requests"),
])
def test_a_telegram_that_says_no_is_believed_whatever_the_status(site, bad_http, status, said, state, tries, says):
    site.write(edit=lambda text: with_telegram(text, bad_http))
    bad_http.behave = answer(status, json.dumps({"ok": False, **said}).encode())
    site.once(expect=0 if state == "retry" else 1)
    assert {r.path for r in bad_http.requests} == {f"/bot{BOT}/sendMessage"}
    delivery = kept(site, "sales")
    assert_kept(delivery, state, 90 if state == "retry" else None, attempts=tries, says=[f"http {status}", says],
                blocked=[("sales", None)] if state == "waiting" else [])
    assert BOT not in delivery["shown"] + site.log.read_text()
    assert site.smtp.accepted[0].recipients == ["maria@example.com"]
    if state == "dead":
        rich, plain = (json.loads(r.body) for r in bad_http.requests)
        assert "parse_mode" in rich and "parse_mode" not in plain


# ---- pace ----

OWNERS = ("ana", "ben", "cem", "dan", "eva")


def with_owners(site, rate):
    """Five owners with a cold partner each, and one chat for all of them."""
    def edit(text):
        owners = "\n".join(f'  {o} = {{ channels = [ "sales" ]; digest_at = "08:00"; }};' for o in OWNERS)
        partners = "".join(f'  {{ id = "p-{o}"; owner = "{o}"; cadence = "strategic"; last_contact = "2026-09-01"; }},\n' for o in OWNERS)
        text = text.replace(f':{site.http.port}/slack";', f':{site.http.port}/slack"; rate = "{rate}";')
        return text.replace("owners = {", "owners = {\n" + owners).replace("partners = (\n", "partners = (\n" + partners)
    site.write(partners=[FJORD], channels='"mail"', events="", edit=edit)
    return site


def owners_served(site):
    return [slack["text"].split(":")[0] for slack in site.slacks()]


def test_no_more_is_sent_than_the_rate_allows_and_the_rest_is_queued_untried(site):
    with_owners(site, "2/h").start()
    wait_for(lambda: [d["state"] for d in site.outbox()] == ["queued"] * 3, what="two that are sent and three that wait")
    assert owners_served(site) == list(OWNERS[:2])
    assert [(d["owner"], d["attempts"]) for d in site.outbox()] == [(o, 0) for o in OWNERS[2:]]
    site.restart(later(MONDAY, HOUR + 1))  # what was sent an hour ago counts no more
    wait_for(lambda: len(site.outbox()) == 1, what="two more")
    assert owners_served(site) == list(OWNERS[:4])


def test_once_waits_for_the_rate_and_tries_all_in_order(site):
    with_owners(site, "2/s").once()
    assert owners_served(site) == list(OWNERS)


# ---- blocked channels, from end to end ----

RIGHT, WRONG = "correct horse", "battery staple"
WAY = 'tls = "none"; user = "cadence"; password_file = "smtp-password"; fallback = "sales";'


@pytest.fixture
def spare():
    server = SmtpServer()
    yield server
    server.close()


@pytest.fixture
def locked(site, spare):
    """The mail server wants a password, and the file holds another. Owners have mail alone; there is a second mail server."""
    site.smtp.password = RIGHT
    site.spare = spare
    site.password = site.home / "smtp-password"
    site.password.write_text(WRONG + "\n")
    site.password.chmod(0o600)
    second = f'channels = {{\n  spare = {{ type = "smtp"; url = "smtp://127.0.0.1:{spare.port}"; from = "cadence@example.com"; tls = "none"; }};'
    site.write(mail=WAY, channels='"mail"', edit=lambda text: text.replace("channels = {", second, 1).replace("spare = ", "zz-spare = "))
    return site


def mails_of(server):
    return [email.message_from_bytes(m.raw, policy=email.policy.default) for m in server.accepted]


def flat(mail):
    return " ".join(text_of(mail).split())


def blocked_of(site):
    return [(b["channel"], b["recipient"]) for b in site.ask("/v1/status")[1]["blocked"]]


def assert_delivered_and_open(site):
    wait_for(site.mails, what="the mail that waited")
    wait_for(lambda: site.outbox() == [], what="an empty outbox")
    assert blocked_of(site) == []
    assert "BLOCKED" not in site.ctl_text("status")
    wait_for(lambda: site.events("channel.unblocked"), what="the event")
    mail, = site.mails()
    assert in_order(text_of(mail), "Acme GmbH", "Elbe Systems", "Borealis AS")


def test_a_wrong_password_blocks_its_channel_loudly_and_keeps_the_mail(locked):
    site = locked
    site.once(expect=1)
    assert site.mails() == []
    assert "waits, because the channel is blocked: smtp 535" in site.log.read_text()
    # The admin hears over the other mail server, the owner's team over the fallback, the CRM by an event.
    mail, = mails_of(site.spare)
    assert site.spare.accepted[0].recipients == ["ops@example.com"]
    assert mail["Subject"] == "cadenced: channel mail is blocked"
    assert in_order(flat(mail), "Channel mail: blocked", "535", "user or password is wrong", "cadencectl outbox retry")
    notice, = site.slacks()
    assert "nothing reaches channel mail" in notice["text"] and "cadencectl test mail" in json.dumps(notice)
    event, = site.events("channel.blocked")
    assert (event["data"]["channel"], event["data"]["type"], event["data"]["waiting"]) == ("mail", "smtp", 1)
    assert "535" in event["data"]["reason"]
    # A restart does not try again, and tells nobody twice.
    tried = site.smtp.connections
    site.start()
    status = site.ctl_text("status", expect=1)
    assert in_order(status, "BLOCKED", "mail since 2026-11-23T08:30:00Z, 1 waits: smtp 535", "cadencectl outbox retry")
    delivery, = site.outbox()
    assert (delivery["state"], delivery["attempts"], delivery["kind"]) == ("waiting", 1, "digest")
    site.stop()
    site.once(later(MONDAY, HOUR), expect=1)
    assert site.smtp.connections == tried
    assert (len(site.spare.accepted), len(site.slacks()), len(site.events("channel.blocked"))) == (1, 1, 1)


def test_a_mended_password_file_and_a_reload_deliver_what_waited(locked):
    site = locked
    site.once(expect=1)
    site.start(later(MONDAY, MINUTE))
    site.ctl("reload")  # nothing has changed
    assert blocked_of(site) == [("mail", None)] and site.mails() == []
    site.password.write_text(RIGHT + "\n")
    site.ctl("reload")
    assert_delivered_and_open(site)


def test_a_restart_with_a_mended_password_file_delivers_what_waited(locked):
    site = locked
    site.once(expect=1)
    site.password.write_text(RIGHT + "\n")
    site.start(later(MONDAY, MINUTE))
    assert_delivered_and_open(site)


@pytest.mark.parametrize("by_id", [False, True], ids=["all", "one"])
def test_outbox_retry_delivers_when_the_server_was_mended(locked, by_id):
    site = locked
    site.once(expect=1)
    site.start(later(MONDAY, MINUTE))
    delivery, = site.outbox()
    site.ctl("outbox", "retry", *([delivery["id"]] if by_id else []))  # too early
    wait_for(lambda: site.outbox() and site.outbox()[0]["attempts"] == 2 and site.outbox()[0]["state"] == "waiting", what="another refusal")
    assert blocked_of(site) == [("mail", None)]
    site.smtp.password = WRONG
    site.ctl("outbox", "retry", *([delivery["id"]] if by_id else []))
    assert_delivered_and_open(site)


def test_the_test_verb_says_what_is_wrong_and_blocks_nobody(locked):
    site = locked
    site.start("2026-11-22T12:00:00Z")
    assert in_order(site.ctl_text("test", "mail", expect=1), "mail: not delivered: smtp 535", "user or password is wrong")
    assert blocked_of(site) == [] and site.ctl_text("status")
    assert site.events("channel.blocked") == [] and site.spare.accepted == []


def test_a_test_that_arrives_opens_the_channel_again(locked):
    site = locked
    site.once(expect=1)
    site.start(later(MONDAY, MINUTE))
    site.ctl_text("test", "mail", expect=1)
    assert blocked_of(site) == [("mail", None)]
    site.smtp.password = WRONG
    assert "mail: delivered" in site.ctl_text("test", "mail", "--to", "someone@example.com")
    wait_for(lambda: ["maria@example.com"] in [m.recipients for m in site.smtp.accepted], what="the mail that waited")
    wait_for(lambda: blocked_of(site) == [], what="an open channel")
    site.ctl_text("status")


def test_a_hook_that_was_deleted_is_told_by_mail_to_the_owners_who_use_it(site):
    site.write(edit=lambda text: text.replace('/slack";', '/slack"; fallback = "mail";'))
    site.http.answers["/slack"] = (404, {}, b"no_service")
    site.once(expect=1)
    told = {mail["Subject"]: (m.recipients, flat(mail)) for m, mail in zip(site.smtp.accepted, site.mails())}
    assert told["cadenced: channel sales is blocked"][0] == ["ops@example.com"]
    to, text = told["cadenced: nothing reaches channel sales"]
    assert to == ["maria@example.com"]
    assert in_order(text, "no_service: the hook was deleted; make a new one and put it in url",
                    "One message is kept", "cadencectl test sales", "cadencectl outbox retry")
    assert len(site.mails()) == 3
    site.start(later(MONDAY, MINUTE))
    site.http.answers.clear()
    site.ctl("outbox", "retry")
    wait_for(lambda: len(site.http.to("/slack")) == 2, what="the chat that waited")
    assert len({r.body for r in site.http.to("/slack")}) == 1


def test_a_blocked_channel_holds_the_digests_of_later_days_in_one(locked):
    site = locked
    site.once(expect=1)
    site.once("2026-11-30T08:30:00Z", expect=1)
    site.start("2026-11-30T09:00:00Z")
    delivery, = site.outbox("digest")
    assert (delivery["state"], delivery["attempts"]) == ("waiting", 0) and "2026-11-30" in delivery["key"]
    site.password.write_text(RIGHT + "\n")
    site.ctl("reload")
    assert_delivered_and_open(site)
    assert "reminder" not in site.mails()[0]["Subject"]


def with_zeta(text):
    """Jon hears of a partner of his own."""
    return text.replace("partners = (\n", 'partners = (\n  { id = "zeta"; name = "Zeta"; owner = "jon"; cadence = "strategic"; last_contact = "2026-09-01"; },\n')


def test_an_address_that_nobody_has_waits_alone_until_it_is_corrected(site):
    site.write(channels='"mail"', events='"crm"', edit=with_zeta)
    site.smtp.rcpt_replies["maria@example.com"] = "550 5.1.1 no such user here"
    site.once(expect=1)
    assert [m.recipients for m in site.smtp.accepted] == [["jon@example.com"], ["ops@example.com"]]
    admin = flat(site.mails()[1])
    assert in_order(admin, "maria@example.com", "mail", "blocked", "550 5.1.1 no such user here", "cadencectl outbox retry")
    event, = site.events("address.blocked")
    assert (event["data"]["channel"], event["data"]["recipient"]) == ("mail", "maria@example.com")
    site.start(later(MONDAY, MINUTE))
    assert in_order(site.ctl_text("status", expect=1), "BLOCKED", "mail to maria@example.com since", "1 waits", "correct the address")
    delivery, = site.outbox()
    assert (delivery["owner"], delivery["state"], delivery["attempts"]) == ("maria", "waiting", 1)
    # The address is corrected: nothing goes to the old one any more, and nobody needs to say so.
    site.write(channels='"mail"', events='"crm"', edit=lambda text: with_zeta(text).replace("maria@example.com", "maria.silva@example.com"))
    site.ctl("reload")
    assert blocked_of(site) == [] and "BLOCKED" not in site.ctl_text("status")
    dropped = site.ctl("outbox", "show", delivery["id"])
    assert dropped["state"] == "dropped" and "not in the configuration any more" in dropped["reason"]
    site.stop()
    # The next digest says everything that she has not heard.
    site.once("2026-11-24T08:30:00Z")
    assert site.smtp.accepted[-1].recipients == ["maria.silva@example.com"]
    assert in_order(text_of(site.mails()[-1]), "Acme GmbH", "Elbe Systems", "Borealis AS")


def test_the_owner_of_a_mailbox_that_was_made_in_the_meantime_gets_what_waited(site):
    site.write(channels='"mail"', partners=[ACME])
    site.smtp.rcpt_replies["maria@example.com"] = "550 5.1.1 no such user here"
    site.once(expect=1)
    site.smtp.rcpt_replies.clear()
    site.start(later(MONDAY, MINUTE))
    site.ctl("outbox", "retry")
    wait_for(lambda: ["maria@example.com"] in [m.recipients for m in site.smtp.accepted], what="the mail that waited")
    wait_for(lambda: blocked_of(site) == [], what="an open address")


def test_two_silent_mail_servers_delay_no_third_channel(site, spare, bad_smtp):
    bad_smtp.fail("banner", STALL)
    spare.silent = True

    def edit(text):
        more = "".join(f'  {name} = {{ type = "smtp"; url = "smtp://127.0.0.1:{server.port}"; from = "cadence@example.com"; tls = "none"; }};\n'
                       for name, server in (("one", bad_smtp), ("two", spare)))
        return text.replace("channels = {\n", "channels = {\n" + more, 1)
    site.write(channels='"one", "two", "mail", "sales"', edit=edit)
    site.start()
    wait_for(lambda: bad_smtp.connections and spare.connections, what="both silent servers")
    assert_others_delivered(site, "mail", "sales")
    wait_for(lambda: len(site.outbox()) == 2, what="all else delivered")
    assert {(d["channel"], d["state"]) for d in site.outbox()} == {("one", "sending"), ("two", "sending")}
    site.ctl_text("test", "mail")
    site.kill()
    spare.silent = False
    bad_smtp.heal()
    site.once()
    assert len(bad_smtp.accepted) == len(spare.accepted) == 1 and len(site.slacks()) == 1


# ---- whom it reaches, and when ----

def with_quiet(site):
    site.write(channels='"mail"', edit=lambda text: text.replace('channels = [ "mail" ]; backup', 'channels = [ "mail" ]; quiet = "09:00-10:00"; backup'))
    return site


def test_quiet_hours_hold_a_retry(site):
    with_quiet(site).smtp.data_reply = "451 4.3.0 try again later"
    site.once()
    site.once("2026-11-23T09:15:00Z")  # long due
    assert len(site.smtp.seen) == 1
    site.start("2026-11-23T09:16:00Z")
    delivery, = site.outbox("digest")
    assert (delivery["state"], delivery["attempts"], delivery["next_try"]) == ("retry", 1, "2026-11-23T10:00:00Z")
    site.ctl_text("test", "mail", expect=1)  # whoever tests is awake
    site.smtp.data_reply = None
    site.restart("2026-11-23T09:59:59Z")
    wait_for(site.mails, what="the mail, when the quiet hours are over")
    assert site.mails()[0]["Message-ID"] == email.message_from_bytes(site.smtp.seen[0].raw)["Message-ID"]


def test_quiet_hours_hold_a_late_digest_and_no_event(site):
    with_quiet(site).once("2026-11-23T09:15:00Z")
    assert site.smtp.connections == 0 and len(site.events("nudge.raised")) == 3
    site.once("2026-11-23T10:00:00Z")
    mail, = site.mails()
    assert in_order(text_of(mail), "Acme GmbH", "Elbe Systems", "Borealis AS")


def test_a_channel_for_what_is_cold_gets_nothing_else(site):
    site.write(channels="", edit=lambda text: text.replace("channels = [  ]", 'channels = ( "mail", { channel = "sales"; only = "cold"; } )'))
    site.once()
    assert in_order(text_of(site.mails()[0]), "Acme GmbH", "Elbe Systems", "Borealis AS")
    slack, = site.slacks()
    assert "Acme GmbH" in json.dumps(slack) and "Elbe" not in json.dumps(slack) and "Borealis" not in json.dumps(slack)


def test_a_channel_for_what_is_cold_is_silent_when_nothing_is(site):
    site.write(partners=[ELBE, BOREALIS], channels="",
               edit=lambda text: text.replace("channels = [  ]", 'channels = ( "mail", { channel = "sales"; only = "cold"; } )'))
    site.once()
    assert len(site.mails()) == 1 and site.slacks() == []


# ---- secrets ----

NEW = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def signature(secret, request):
    text = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    return "v1," + base64.b64encode(hmac.new(base64.b64decode(secret.removeprefix("whsec_")), text, hashlib.sha256).digest()).decode()


def test_while_a_secret_is_replaced_both_sign(site):
    site.write(edit=lambda text: text.replace(f'"{SECRET}"', f'"{NEW} {SECRET}"'))
    site.once()
    requests = site.http.to("/crm")
    assert len(requests) == 6
    for request in requests:
        assert request.headers["webhook-signature"].split() == [signature(NEW, request), signature(SECRET, request)]


SECRETS = {
    "password": "pw-XyZZy-1", "slack": "hook-B0aT-2", "crm": "hook-C4aR-3", "query": "sig-D5eP-4", "bot": "555000111:tok-E6fQ-5",
    "room-token": "tok-F7gR-6", "api-key": "key-G8hS-7", "oauth": "oauth-H9iT-8", "whsec": SECRET.removeprefix("whsec_"),
}

SECRETIVE = """
  chat1 = {{ type = "telegram"; url = "http://127.0.0.1:{port}/tg"; token = "{bot}"; room = "-1"; rate = "9/s"; }};
  chat2 = {{ type = "matrix"; url = "http://127.0.0.1:{port}/mx"; token = "{room-token}"; room = "!abc:example.com"; rate = "9/s"; }};
  chat3 = {{ type = "zulip"; url = "http://127.0.0.1:{port}/zu"; user = "bot@example.com"; password = "{api-key}"; room = "partners"; rate = "9/s"; }};
  chat4 = {{ type = "teams"; url = "http://127.0.0.1:{port}/teams?sig={query}"; rate = "9/s"; }};
  mail2 = {{ type = "smtp"; url = "smtp://127.0.0.1:{smtp}"; from = "c@example.com"; tls = "none"; user = "office"; token_file = "oauth"; }};
"""


@pytest.mark.parametrize("behave", [
    answer(200, b"ok"), answer(404, b"no_service"), answer(503, b"later"), faulty.noise,
    answer(302, Location="http://127.0.0.1:1/hook-B0aT-2/sig-D5eP-4"), "echo",
], ids=["200", "404", "503", "noise", "302", "echo"])
def test_no_secret_and_no_hook_is_ever_shown(site, bad_http, behave):
    """Whatever comes back, and where the other side repeats all it was sent."""
    async def echo(server, reader, writer):
        request = server.requests[-1]
        body = f"{request.path}\n{request.headers}\n".encode() + request.body
        return await answer(400, body)(server, reader, writer)
    bad_http.behave = echo if behave == "echo" else behave
    site.smtp.password = "another"
    (site.home / "oauth").write_text(SECRETS["oauth"])
    (site.home / "oauth").chmod(0o600)

    def edit(text):
        text = text.replace(f":{site.http.port}/slack", f":{bad_http.port}/services/{SECRETS['slack']}").replace('type = "slack";', 'type = "slack"; rate = "9/s";')
        text = text.replace(f":{site.http.port}/crm", f":{bad_http.port}/{SECRETS['crm']}")
        return text.replace("channels = {", "channels = {" + SECRETIVE.format(port=bad_http.port, smtp=site.smtp.port, **SECRETS), 1)
    names = ("mail", "sales", "chat1", "chat2", "chat3", "chat4", "mail2")
    site.write(mail=f'tls = "none"; user = "cadence"; password = "{SECRETS["password"]}"; fallback = "sales";',
               channels=", ".join(f'"{name}"' for name in names), edit=edit)
    # The configuration as it is in force says where a webhook leads: it has a secret beside its url.
    printed = [site.run("--print-config").replace(SECRETS["crm"], ""), site.run("--check"), site.once(expect=1)]
    site.start(later(MONDAY, SECOND))
    for name in (*names, "crm"):
        printed.append(on_any_exit(site, "test", name))
    printed.append(on_any_exit(site, "outbox", "retry"))
    wait_for(lambda: site.ask("/v1/status")[1]["outbox"]["sending"] == 0, what="an end of all sends")
    for words in (("status",), ("--json", "status"), ("outbox", "list"), ("--json", "outbox", "list"), ("why", "acme"), ("show", "acme"),
                  ("reload",), ("check", str(site.conf)), *(("outbox", "show", n) for n in range(1, 20)),
                  *(("preview", "maria", "--channel", name, "--format", "raw") for name in names)):
        printed.append(on_any_exit(site, *words))
    site.stop()
    site.conf.write_text(site.conf.read_text().replace("rate =", "nonsense =").replace('url = "http', 'url = "htp'))  # every url is wrong
    printed.append(site.run("--check", expect=78))
    printed.append(site.log.read_text())
    sent = "".join(r.path for r in bad_http.requests)
    assert SECRETS["slack"] in sent and SECRETS["crm"] in sent and SECRETS["bot"] in sent and SECRETS["query"] in sent
    everything = "\n".join(printed)
    shown = {name for name, secret in SECRETS.items() if secret in everything}
    assert not shown, [line for line in everything.splitlines() if any(s in line for s in SECRETS.values())][:5]
    with sqlite3.connect(site.database) as db:
        stored = "\n".join(db.iterdump())
    assert not {name for name, secret in SECRETS.items() if secret in stored}


def on_any_exit(site, *words):
    done = subprocess.run([str(BUILD / "cadencectl"), "--socket", str(site.socket), *map(str, words)], capture_output=True, text=True, timeout=30)
    return done.stdout + done.stderr


def leaves_core(command, folder, until=lambda process: True):
    """Whether a program that is allowed to dumps core when it crashes."""
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (most, most)))
    wait_for(lambda: until(process), what="its start")
    process.send_signal(signal.SIGSEGV)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = -os.WTERMSIG(status)
    assert process.returncode == -signal.SIGSEGV
    return os.WCOREDUMP(status)


def test_a_crash_leaves_no_core_with_the_secrets(site):
    if b"__asan_init" in (BUILD / "cadenced").read_bytes():
        pytest.skip("the sanitizer has its own way with crashes")
    folder = site.home / "cwd"
    folder.mkdir()
    if not leaves_core(["/bin/sleep", "60"], folder):
        pytest.skip("here nobody leaves a core")

    def answers(process):
        site.process = process
        return site.answers()
    assert not leaves_core(site.command("--now", "2026-11-22T12:00:00Z"), folder, answers)
    assert len(list(folder.iterdir())) <= 1
