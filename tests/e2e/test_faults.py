"""Other sides that stall, hang up, lie and refuse: what is kept of it, when the next try is, and that nobody else waits."""
import datetime
import os
import subprocess

import pytest

import faulty
from faulty import CLOSE, GARBAGE, RESET, SMTP_STAGES, STALL, FaultyHttp, FaultySmtp, answer, in_turn
from installation import MONDAY, Installation, wait_for

HASTE_MS = 700
FLOOD = 16 << 20  # bytes; the kernel's buffers take 4 MB before a sender notices anything
CLEAR = 'tls = "none";'
LOGIN = 'tls = "none"; user = "cadence"; password = "correct horse";'
OURS = {"starttls": "", "auth": LOGIN}  # what leads to a stage, where it is not clear text without a login
SECOND, MINUTE, HOUR = 1, 60, 3600
MAIL_FIRST, MAIL_SECOND, HOOK_FIRST, HOOK_SECOND = MINUTE, 5 * MINUTE, 5 * SECOND, 5 * MINUTE


@pytest.fixture
def bad_smtp():
    server = FaultySmtp()
    yield server
    server.close()


@pytest.fixture
def bad_http():
    server = FaultyHttp()
    yield server
    server.close()


@pytest.fixture
def mail_site(tmp_path, bad_smtp, http):
    """Mail goes to the faulty server; chat and events to a good one."""
    installation = Installation(tmp_path, bad_smtp, http)
    yield installation
    installation.kill()


@pytest.fixture
def hook_site(site, bad_http):
    """The chat is faulty; mail and events go to good servers."""
    site.at = lambda text, to=bad_http: text.replace(f":{site.http.port}/slack", f":{to.port}/slack")
    site.write(edit=site.at)
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


def kept(site, channel, **conf):
    """What is stored of the digest on that channel, looked at by a daemon that sends nothing; with `shown`, as a person sees it."""
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
        wait_for(lambda: len(site.smtp.accepted) == 1, what="the mail")
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
    delivery, = site.outbox("digest")
    assert (delivery["channel"], delivery["state"], delivery["attempts"]) == ("mail", "sending", 1)
    wait_for(lambda: site.ask("/v1/status")[1]["outbox"]["sending"] == 1, what="an answer that all else was sent")
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
