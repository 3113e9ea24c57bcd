"""The road of a nudge, from a conf file to a mailbox, with real servers and real crashes."""
import base64
import email
import email.policy
import hashlib
import hmac
import json
import signal
import subprocess

import pytest

from rig import SECRET, MailServer, Rig, wait_for

MONDAY = "2026-11-23T08:30:00Z"
TUESDAY = "2026-11-24T08:30:00Z"


@pytest.fixture
def rig(tmp_path):
    rig = Rig(tmp_path)
    rig.write()
    yield rig
    rig.close()


def parse(raw):
    return email.message_from_bytes(raw, policy=email.policy.strict)


def text_of(raw):
    return parse(raw).get_body(("plain",)).get_content()


def test_mail_and_slack_say_who_is_cold_and_due_in_order_with_evidence(rig):
    rig.once(MONDAY)
    (recipients, raw), = rig.mail.mails
    assert recipients == ["maria@example.com"]
    message = parse(raw)
    assert message["Subject"] == "Acme GmbH is cold; 1 due"
    text = text_of(raw)
    assert text.index("Acme GmbH") < text.index("Borealis AS")
    assert "25 days overdue (was due Thu 29 Oct)" in text
    assert "Due today" in text
    assert "Fjord" not in text
    (_, _, body), = rig.hooks.at("/slack")
    slack = json.loads(body)
    assert "Maria" in slack["text"] and "Acme" in slack["text"]
    assert "pricing" not in body.decode()


def test_the_mail_has_no_defect_and_says_what_it_is(rig):
    rig.once(MONDAY)
    message = parse(rig.mail.mails[0][1])
    parts = list(message.walk())
    assert [p.get_content_type() for p in parts] == ["multipart/alternative", "text/plain", "text/html"]
    assert not any(p.defects for p in parts)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Mon, 23 Nov 2026 08:30:00 +0000"
    assert message["Message-ID"].endswith("@example.com>")
    assert message["List-Id"]
    assert all(len(line) <= 998 for line in rig.mail.mails[0][1].split(b"\r\n"))


def test_events_are_signed_and_a_tampered_body_is_not(rig):
    rig.once(MONDAY)
    events = rig.hooks.at("/crm")
    types = [json.loads(body)["type"] for _, _, body in events]
    assert types.count("nudge.raised") == 2
    rig.once(MONDAY)
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    for _, headers, body in rig.hooks.at("/crm"):
        headers = {name.lower(): value for name, value in headers.items()}

        def signature(content):
            signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + content
            return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()

        assert headers["webhook-signature"] == signature(body)
        assert headers["webhook-signature"] != signature(body + b" ")


def test_the_same_minute_again_sends_nothing_twice(rig):
    rig.once(MONDAY)
    rig.once(MONDAY)
    first = len(rig.mail.mails), len(rig.hooks.requests)
    rig.once(MONDAY)
    assert (len(rig.mail.mails), len(rig.hooks.requests)) == first
    assert first[0] == 1


def test_smtp_down_for_a_day_ends_in_one_digest_with_everything(rig):
    port = rig.mail.port
    rig.mail.stop()
    rig.once(MONDAY)
    rig.mail = MailServer(port)
    rig.once(TUESDAY)
    (_, raw), = rig.mail.mails
    text = text_of(raw)
    assert "Acme GmbH" in text and "Borealis AS" in text


def test_daemon_down_for_a_month_ends_in_one_digest(rig):
    rig.partners = rig.partners.replace("2026-11-20", "2026-09-20")
    rig.write()
    rig.once("2026-10-01T10:00:00Z")
    sent = len(rig.mail.mails)
    rig.once("2026-11-25T10:00:00Z")
    assert len(rig.mail.mails) == sent + 1
    assert "Acme GmbH" in text_of(rig.mail.mails[-1][1])


def test_a_dead_digest_is_told_again_by_the_next(rig):
    rig.mail.recipient_answer = "550 5.1.1 nobody here"
    rig.globals = ""
    rig.write(rig.conf.read_text().replace('channels = [ "mail", "sales" ]', 'channels = [ "mail" ]'))
    log = rig.once(MONDAY, expect=1)
    assert "550 5.1.1" in log and "dead" in log
    rig.mail.recipient_answer = "250 2.1.5 fine"
    rig.once(TUESDAY, expect=1)  # the dead one still lies there, to be looked at
    (_, raw), = rig.mail.mails
    assert "Acme GmbH" in text_of(raw) and "Borealis AS" in text_of(raw)


def test_hold_sends_nothing_and_redirect_sends_all_mail_elsewhere(rig):
    rig.globals = 'deliver = "hold";'
    rig.write()
    rig.once(MONDAY)
    assert not rig.mail.mails and not rig.hooks.requests
    rig.globals = 'redirect_to = "ops@example.com";'
    rig.write()
    rig.once(TUESDAY)
    assert [to for to, _ in rig.mail.mails] == [["ops@example.com"]]
    assert not rig.hooks.requests


@pytest.mark.parametrize("moment", ["before the answer", "with the answer"])
def test_kill_while_sending_repeats_at_most_that_mail_with_the_same_id(rig, moment):
    def kill():
        rig.process.send_signal(signal.SIGKILL)
        if moment == "before the answer":
            rig.process.wait()

    rig.mail.before_answer = kill
    rig.start("2026-11-23T08:30:00Z")
    wait_for(lambda: rig.process.poll() is not None, "the crash")
    rig.end(signal.SIGKILL)
    rig.mail.before_answer = None
    rig.once("2026-11-23T08:31:00Z")
    ids = {parse(raw)["Message-ID"] for _, raw in rig.mail.mails}
    assert 1 <= len(rig.mail.mails) <= 2
    assert len(ids) == 1
    rig.once("2026-11-23T08:50:00Z")
    assert len(rig.mail.mails) <= 2


def test_reload_with_a_broken_file_keeps_the_old_one_and_says_why(rig):
    rig.start("2026-11-22T12:00:00Z")
    good = rig.conf.read_text()
    rig.conf.write_text(good.replace('every = "4 weeks"', 'every = "4 fortnights"'))
    rig.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "old one stays in force" in rig.logged(), "the complaint")
    assert "cadenced.conf:" in rig.logged() and "every" in rig.logged()
    rig.conf.write_text(good)
    rig.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "configuration reloaded" in rig.logged(), "the reload")
    assert rig.end() == 0


def test_a_second_daemon_on_the_same_file_is_refused(rig):
    rig.start("2026-11-22T12:00:00Z")
    second = subprocess.run(rig.command("--once"), capture_output=True, text=True, timeout=30)
    assert second.returncode == 1
    assert "already running" in second.stderr
    assert rig.end() == 0


def test_a_broken_configuration_lists_every_error_and_exits_78(rig):
    rig.write(rig.conf.read_text().replace("4 weeks", "4 fortnights").replace("Europe/Lisbon", "Europe/Lisbom"))
    done = subprocess.run(rig.command("--check"), capture_output=True, text=True, timeout=30)
    assert done.returncode == 78
    assert "fortnights" in done.stderr and "did you mean Europe/Lisbon" in done.stderr
    assert subprocess.run(rig.command("--once"), capture_output=True, timeout=30).returncode == 78
    assert not (rig.dir / "cadenced.db").exists()


@pytest.mark.parametrize("name", ["<b>&amp; <!channel> @here *x*", "\\\"quoted\\\", <a@b>", "Łódź 株式会社 👩‍💻"])
def test_hostile_names_stay_names(rig, name):
    rig.partners = rig.partners.replace("Acme GmbH", name)
    rig.write()
    rig.once(MONDAY)
    (recipients, raw), = rig.mail.mails
    assert recipients == ["maria@example.com"]
    message = parse(raw)
    assert not any(p.defects for p in message.walk())
    assert name.replace("\\", "") in message["Subject"]
    slack = json.loads(rig.hooks.at("/slack")[0][2])
    markup = [slack["text"]] + [b["text"]["text"] for b in slack["blocks"] if b.get("text", {}).get("type") == "mrkdwn"]
    assert not any("<" in text or "@here" in text for text in markup)


@pytest.mark.parametrize("name", ["a\\r\\nBcc: x@example.com", "a\\x1b[31m", "a\u202eb", "x" * 300])
def test_names_that_may_not_be_stored_are_refused_with_their_line(rig, name):
    rig.partners = rig.partners.replace("Acme GmbH", name)
    rig.write()
    done = subprocess.run(rig.command("--check"), capture_output=True, text=True, timeout=30)
    assert done.returncode == 78
    assert "cadenced.conf:" in done.stderr and "name" in done.stderr
