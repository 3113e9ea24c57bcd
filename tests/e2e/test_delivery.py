"""What arrives: the digest by mail and in Slack, events at the webhook, and what happens when the other side refuses."""
import base64
import email
import email.policy
import hashlib
import hmac
import json
import re
import ssl
import subprocess
import time

import pytest

from installation import ACME, BOREALIS, ELBE, FJORD, MONDAY, ROOT, SECRET, entry_of, html_of, in_order, rows, said, text_of, wait_for

TUESDAY = "2026-11-24T08:30:00Z"


def test_mail_names_the_right_partners_in_order_with_evidence(site):
    site.once()
    mail, = site.mails()
    text = text_of(mail)
    assert site.smtp.accepted[0].recipients == ["maria@example.com"]
    assert site.smtp.accepted[0].sender == "cadence@example.com"
    assert mail["Subject"] == "Acme GmbH is cold; 2 due"
    assert in_order(text, "Good morning Maria", "COLD", "Acme GmbH", "DUE", "Elbe Systems", "Borealis AS")
    assert "Fjord" not in text.split("------")[0]
    assert "25 days overdue (was due Thu 29 Oct)" in entry_of(text, "Acme")
    assert "Thu 1 Oct" in entry_of(text, "Acme")
    assert "20 days overdue (was due Tue 3 Nov); turns cold tomorrow" in entry_of(text, "Elbe")
    assert "Due today" in entry_of(text, "Borealis")
    assert "1 on track" in text
    assert all(len(line) <= 72 for line in text.splitlines())


def test_mail_says_the_same_in_html_without_remote_content(site):
    site.once()
    html = html_of(site.mails()[0])
    assert in_order(html, "Acme GmbH", "Elbe Systems", "Borealis AS")
    assert not any(word in html for word in ("http://", "https://", "<img", "<script", "url("))


def test_mail_has_no_defect_for_pythons_strict_policy(site):
    site.once()
    raw = site.smtp.accepted[0].raw
    message = email.message_from_bytes(raw, policy=email.policy.strict)  # raises at a defect
    for part in message.walk():
        assert part.defects == []
        for name in part.keys():
            assert part[name].defects == ()
        if not part.is_multipart():
            part.get_content()
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] and message["Message-ID"].endswith("@example.com>")
    assert message["Date"].datetime.isoformat() == "2026-11-23T08:30:00+00:00"
    assert message.get_content_type() == "multipart/alternative"
    assert max(map(len, raw.splitlines())) <= 998
    assert raw.isascii()


def test_slack_message_is_short_and_names_its_owner(site):
    site.once()
    message, = site.slacks()
    text = json.dumps(message, ensure_ascii=False)
    assert message["text"].startswith("Maria: Acme GmbH is cold; 2 due")
    assert in_order(text, "Acme GmbH", "25 days overdue", "Elbe Systems", "Borealis AS")
    assert "Fjord" not in text
    assert {block["type"] for block in message["blocks"]} <= {"header", "section", "divider", "context"}


def test_events_follow_a_nudge_through_its_life(site):
    site.write(partners=[ACME])
    site.once()
    raised, told = site.events()
    assert (raised["type"], told["type"]) == ("nudge.raised", "nudge.told")
    assert "acme" in json.dumps(raised) and "2026-10-29" in json.dumps(raised)
    site.start("2026-11-23T09:00:00Z")
    site.ctl("log", "acme", "call", "today", "numbers Friday")
    resolved, = wait_for(lambda: site.events("nudge.resolved"), what="nudge.resolved")
    assert "contact" in json.dumps(resolved)
    site.stop()
    assert [e["type"] for e in site.events()] == ["nudge.raised", "nudge.told", "nudge.resolved"]


def members(value):
    """The names of all members of a JSON value, at any depth."""
    if isinstance(value, dict):
        return set(value).union(*(members(v) for v in value.values()))
    return set().union(*(members(v) for v in value)) if isinstance(value, list) else set()


def test_the_members_of_events_stand_in_the_docs(site):
    site.http.answers["/slack"] = (404, {}, b"no_service")
    site.start()
    wait_for(lambda: site.events("channel.blocked") and site.events("nudge.told"), what="the block")
    site.http.answers.clear()
    site.ctl("outbox", "retry")
    site.ctl("log", "acme", "call", "today")
    site.ctl("test", "crm")
    wanted = {"nudge.raised", "nudge.told", "nudge.resolved", "channel.blocked", "channel.unblocked", "test"}
    wait_for(lambda: {e["type"] for e in site.events()} == wanted, what="the events")
    said = set(re.findall(r"`([a-z_.]+)`", (ROOT / "docs" / "api.md").read_text()))
    for event in site.events():
        assert event["type"] in said and members(event["data"]) <= said, event


def signature(request, body, secret=SECRET):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def test_webhook_signature_verifies_and_a_tampered_body_does_not(site):
    site.once()
    requests = site.http.to("/crm")
    assert len(requests) == 6  # three nudges, raised and told
    for request in requests:
        signatures = request.headers["webhook-signature"].split()
        assert signature(request, request.body) in signatures
        assert signature(request, request.body.replace(b"nudge", b"Nudge")) not in signatures
        assert request.headers["Content-Type"].startswith("application/json")
        assert set(json.loads(request.body)) == {"type", "timestamp", "data"}
    assert len({r.headers["webhook-id"] for r in requests}) == 6


def test_an_owner_with_nothing_due_is_sent_one_quiet_line_a_week(site):
    site.write(partners=[FJORD])
    site.once()  # the first review day since the owner was first seen
    site.once("2026-11-24T08:30:00Z")
    site.once("2026-11-30T08:30:00Z")
    site.once("2026-12-01T08:30:00Z")
    quiet = [text_of(m) for m in site.mails() if "othing due" in text_of(m)]
    assert 1 <= len(quiet) <= 2 and len(site.mails()) == len(quiet)
    assert "Fjord" in quiet[-1]


def test_hold_sends_nothing_and_the_first_digest_after_it_tells_everything(site):
    site.write(settings='deliver = "hold";')
    site.once()
    assert site.smtp.connections == 0 and site.http.requests == []
    site.start("2026-11-23T09:00:00Z")
    assert "hold" in json.dumps(site.ctl("status"))
    site.stop()
    site.write()
    site.once(TUESDAY)
    assert len(site.mails()) == 1 and len(site.slacks()) == 1
    assert in_order(text_of(site.mails()[0]), "Acme GmbH", "Elbe Systems", "Borealis AS")


def test_redirect_to_takes_every_mail_and_keeps_chat_quiet(site):
    site.write(settings='redirect_to = "trial@example.com";')
    site.once()
    mail, = site.smtp.accepted
    assert mail.recipients == ["trial@example.com"]
    assert b"maria@example.com" not in mail.raw.split(b"\r\n\r\n")[0] or b"trial@example.com" in mail.raw
    assert site.http.requests == []


@pytest.mark.parametrize("settings, words, says", [
    ('deliver = "hold";', ["mail"], 'deliver = "hold"'),
    ('deliver = "hold";', ["sales"], 'deliver = "hold"'),
    ('redirect_to = "trial@example.com";', ["sales"], "redirect_to in the configuration: no hook is called"),
    ('redirect_to = "trial@example.com";', ["mail"], "--to trial@example.com"),
    ('redirect_to = "trial@example.com";', ["mail", "--to", "jon@example.com"], "none to jon@example.com"),
])
def test_a_test_that_would_not_arrive_is_refused_at_once(site, settings, words, says):
    site.write(settings=settings, events="")
    site.start("2026-11-22T12:00:00Z")
    begun = time.monotonic()
    assert says in site.ctl_text("test", *words, expect=1)
    assert time.monotonic() - begun < 10
    assert site.outbox() == [] and site.smtp.accepted == [] and site.http.requests == []


def test_a_test_may_go_where_every_mail_goes(site):
    site.write(settings='redirect_to = "trial@example.com";')
    site.start("2026-11-22T12:00:00Z")
    assert "delivered" in site.ctl_text("test", "mail", "--to", "trial@example.com")
    mail, = site.smtp.accepted
    assert mail.recipients == ["trial@example.com"]


def test_refused_recipient_is_dead_with_its_reason_and_told_by_the_next_digest(site):
    site.write(channels='"mail"')
    site.smtp.rcpt_reply = "550 5.7.1 refused by policy"
    site.once(expect=1)
    site.start("2026-11-23T09:00:00Z")
    dead, = [d for d in site.outbox("digest") if d["state"] == "dead"]
    assert "550" in dead["reason"] and "refused by policy" in dead["reason"]
    assert "550" in site.ctl_text("outbox", "list")
    site.stop()
    site.smtp.rcpt_reply = None
    site.once(TUESDAY, expect=1)  # the dead one is still there to be looked at
    mail, = site.mails()
    assert in_order(text_of(mail), "Acme GmbH", "Elbe Systems", "Borealis AS")


def test_the_admin_hears_once_a_day_of_what_is_dead(site):
    site.write(channels='"mail"', events="", edit=lambda t: t.replace('"ops@example.com"', '"ops@example.com", "lead@example.com"'))
    site.smtp.rcpt_replies["maria@example.com"] = "550 5.7.1 refused by policy"
    site.once(expect=1)
    site.once("2026-11-23T12:00:00Z", expect=1)
    assert sorted(m.recipients for m in site.smtp.accepted) == [["lead@example.com"], ["ops@example.com"]]
    mail = site.mails()[0]
    assert mail["Subject"] == "cadenced: a delivery is dead"
    site.start("2026-11-23T13:00:00Z")
    dead, = site.outbox()
    assert dead["next_try"] is None
    site.stop()
    assert in_order(text_of(mail), f"Delivery {dead['id']}: digest of maria, 0 min old",
                    "To: maria@example.com, by channel mail", "Reason: smtp 550 5.7.1 refused by policy", "cadencectl outbox\n", f"cadencectl outbox retry {dead['id']}",
                    f"cadencectl outbox drop {dead['id']}")
    assert f"cadencectl outbox retry {dead['id']}" in html_of(mail)
    site.once(TUESDAY, expect=1)  # the next digest dies too
    assert len(site.mails()) == 4
    assert "a delivery is dead" in site.mails()[-1]["Subject"] and f"Delivery {dead['id']}:" not in text_of(site.mails()[-1])
    site.once("2026-11-24T12:00:00Z", expect=1)  # nothing new
    assert len(site.mails()) == 4


def test_what_dies_after_the_mail_of_the_day_is_told_on_the_next(site):
    site.write(partners=[ACME], channels='"mail", "sales"', events="")
    site.smtp.rcpt_replies["maria@example.com"] = "550 5.7.1 refused by policy"
    site.once("2026-11-23T23:59:50Z", expect=1)
    assert len(site.mails()) == 1
    site.start("2026-11-23T23:59:56Z")
    dead, = site.outbox()
    site.ctl("outbox", "retry", dead["id"])  # dies again
    wait_for(lambda: len(site.mails()) == 2, what="the mail of the next day, a few seconds later")
    assert site.mails()[1]["Date"].datetime.day == 24 and f"Delivery {dead['id']}:" in text_of(site.mails()[1])


def test_a_dead_mail_to_the_admin_raises_no_other(site):
    site.write(channels='"mail"', events="", partners=[ACME])
    site.smtp.rcpt_reply = "550 5.7.1 refused by policy"
    site.once(expect=1)
    site.smtp.rcpt_reply = None
    site.once("2026-11-25T12:00:00Z", expect=1)  # what the digest said is told, and the admin is not
    assert [m.recipients for m in site.smtp.accepted] == [["maria@example.com"]]
    site.start("2026-11-25T13:00:00Z")
    assert sorted(d["kind"] for d in site.outbox()) == ["admin", "digest"]
    digest, = site.outbox("digest")
    assert site.ctl("outbox", "retry")["retrying"] == 1  # a newer digest has said what the dead one was to say
    overtaken = site.ctl("outbox", "show", digest["id"])
    assert overtaken["state"] == "dropped" and "overtaken by a newer digest" in overtaken["reason"]


def test_mail_to_the_admin_respects_hold_and_redirect_to(site):
    site.write(channels='"mail"', events="", partners=[ACME])
    site.smtp.rcpt_replies["maria@example.com"] = "550 5.7.1 refused by policy"
    site.write(channels='"mail"', events="", edit=lambda t: t.replace("admin    =", "#"))
    site.once(expect=1)  # nobody to tell
    site.write(channels='"mail"', events="", settings='deliver = "hold";')
    site.once("2026-11-23T09:00:00Z", expect=1)
    assert site.mails() == []
    site.write(channels='"mail"', events="", settings='redirect_to = "trial@example.com";')
    site.once("2026-11-23T10:00:00Z", expect=1)
    assert [m.recipients for m in site.smtp.accepted] == [["trial@example.com"]]
    assert site.mails()[0]["Subject"] == "cadenced: a delivery is dead"


def test_a_dead_delivery_can_be_tried_again_or_dropped(site):
    site.write(channels='"mail"', partners=[ACME])
    site.smtp.rcpt_reply = "550 5.7.1 refused by policy"
    site.once(expect=1)
    site.smtp.rcpt_reply = None
    site.start("2026-11-23T09:00:00Z")
    dead, = [d for d in site.outbox("digest") if d["state"] == "dead"]
    site.ctl("outbox", "retry", dead["id"])
    wait_for(site.mails, what="the mail that was dead")
    assert wait_for(lambda: site.outbox("digest") == [], what="an empty outbox")
    site.ctl_text("outbox", "drop", dead["id"], expect=1)


def test_retry_after_is_honoured(site):
    site.write(channels='"sales"', events="")
    site.http.answers["/slack"] = (429, {"Retry-After": "7200"}, b"rate_limited")
    site.once()
    site.http.answers.clear()
    site.once("2026-11-23T10:29:00Z")
    assert len(site.http.to("/slack")) == 1
    site.once("2026-11-23T10:30:01Z")
    assert len(site.http.to("/slack")) == 2
    assert site.http.to("/slack")[0].body == site.http.to("/slack")[1].body


def test_retry_after_holds_for_whoever_else_uses_the_hook(site):
    site.write(partners=[ACME], channels='"sales"', events="",
               edit=lambda t: t.replace('email = "jon@example.com";', 'digest_at = "09:00"; channels = [ "sales" ];')
               .replace("partners = (\n", 'partners = (\n  { id = "zeta"; name = "Zeta"; owner = "jon"; cadence = "strategic"; last_contact = "2026-09-01"; },\n'))
    site.http.answers["/slack"] = (429, {"Retry-After": "3600"}, b"rate_limited")
    site.once()
    site.http.answers.clear()
    site.once("2026-11-23T09:00:00Z")
    site.start("2026-11-23T09:29:30Z")  # its first turn comes before the hour is over
    assert len(site.http.to("/slack")) == 1
    assert "channel sales asked to be left alone: nothing goes there until 2026-11-23T09:30:00Z" in site.ctl_text("status")
    site.stop()
    site.start("2026-11-23T09:29:58Z")
    wait_for(lambda: len(site.http.to("/slack")) == 3, what="both digests, at the end of the hour")
    assert "left alone" not in site.ctl_text("status")


def test_a_passing_refusal_is_tried_again_with_the_same_message_id(site):
    site.write(channels='"mail"', events="")
    site.smtp.data_reply = "451 4.3.0 try again later"
    site.once()
    site.smtp.data_reply = None
    site.once("2026-11-23T08:45:00Z")
    first, second = site.smtp.seen
    assert first.raw == second.raw
    assert len(site.mails()) == 1


def test_without_starttls_no_mail_leaves_and_the_reason_says_so(site):
    site.write(mail="", channels='"mail"', events="")
    site.once(expect=1)
    assert site.smtp.seen == []
    site.start("2026-11-23T09:00:00Z")
    delivery, = site.outbox("digest")
    assert "encryption" in delivery["reason"]


def test_a_certificate_that_nobody_vouches_for_is_no_encryption(site, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    site.smtp.tls_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    site.smtp.tls_context.load_cert_chain(certificate, key)
    site.write(mail="", channels='"mail"', events="")
    site.once(expect=1)
    assert site.smtp.seen == []
    site.start("2026-11-23T09:00:00Z")
    delivery, = site.outbox("digest")
    assert "certificate" in delivery["reason"]


def test_a_password_opens_the_mail_server_and_a_wrong_one_is_told(site):
    site.smtp.password = "correct horse"
    site.write(mail='tls = "none"; user = "cadence"; password = "correct horse";', channels='"mail"', events="")
    site.once()
    assert len(site.mails()) == 1
    site.smtp.password = "battery staple"
    site.once("2026-11-30T08:30:00Z", expect=1)
    assert len(site.mails()) == 1
    assert "correct horse" not in site.log.read_text()
    site.start("2026-11-30T09:00:00Z")
    delivery, = site.outbox("digest")
    assert "535" in delivery["reason"]


def test_one_broken_channel_delays_no_other(site):
    site.http.answers["/slack"] = (500, {}, b"broken")
    site.http.answers["/crm"] = (404, {}, b"gone")
    site.once()
    assert len(site.mails()) == 1


def test_a_snoozed_partner_stays_away_and_comes_back_with_its_reason(site):
    site.write(partners=[ACME, ELBE])
    site.start("2026-11-22T12:00:00Z")
    site.ctl("snooze", "acme", "2026-12-02", "their CFO is on leave")
    site.stop()
    site.once()
    assert "Acme" not in text_of(site.mails()[0]).split("-----")[0]
    assert "1 snoozed" in text_of(site.mails()[0])
    site.once("2026-12-02T08:30:00Z")
    back = entry_of(text_of(site.mails()[-1]), "Acme")
    assert "snooze" in back and "their CFO is on leave" in back


def test_the_test_verb_reaches_each_channel(site):
    site.write(partners=[FJORD])
    site.start("2026-11-22T12:00:00Z")
    for channel in ("mail", "sales", "crm"):
        site.ctl_text("test", channel)
    wait_for(lambda: site.smtp.accepted and site.slacks() and site.events(), what="three test messages")
    assert site.smtp.accepted[0].recipients == ["ops@example.com"]
    assert rows(site.ctl("list"))[0]["id"] == "fjord"


def test_the_test_verb_says_what_the_other_side_answered(site):
    site.start("2026-11-22T12:00:00Z")
    assert "delivered" in site.ctl_text("test", "mail", "--to", "someone@example.com")
    assert site.smtp.accepted[-1].recipients == ["someone@example.com"]
    site.smtp.rcpt_reply = "550 5.1.1 nobody here"
    assert "550 5.1.1" in site.ctl_text("test", "mail", "--to", "someone@example.com", expect=1)
    site.http.answers["/slack"] = (404, {}, b"no_service")
    assert "no_service" in site.ctl_text("test", "sales", expect=1)
    # None of them is tried again, and the log promises nothing else.
    log = site.log.read_text()
    assert "dead: http 404 no_service" in log and "retrying at" not in log


@pytest.mark.parametrize("name", ["<b>&amp; <!channel> @here *x*", '"quoted", <a@b>', "Łódź 株式会社 👩‍💻 " + "é" * 100, "=?utf-8?q?x?="])
def test_any_name_stays_a_name(site, name):
    site.write(partners=[("acme", name.replace('"', '\\"'), "strategic", "2026-10-01")])
    site.once()
    mail, = site.mails()
    assert site.smtp.accepted[0].recipients == ["maria@example.com"]
    assert not any(part.defects for part in mail.walk())
    assert mail["Subject"].startswith(name[:20])
    slack, = site.slacks()
    markup = [slack["text"]] + [b["text"]["text"] for b in slack["blocks"] if b.get("text", {}).get("type") == "mrkdwn"]
    assert not any("<" in text for text in markup)


def test_two_owners_get_a_digest_each_in_their_own_zone(site):
    site.write(partners=[ACME], channels='"mail"', events="",
               edit=lambda t: t.replace('email = "jon@example.com";', 'email = "jon@example.com"; timezone = "America/New_York";')
               .replace("partners = (\n", 'partners = (\n  { id = "zeta"; name = "Zeta"; owner = "jon"; cadence = "strategic"; last_contact = "2026-09-01"; },\n'))
    site.once(MONDAY)
    assert [m.recipients for m in site.smtp.accepted] == [["maria@example.com"]]
    site.once("2026-11-23T13:29:00Z")
    assert len(site.smtp.accepted) == 1
    site.once("2026-11-23T13:30:00Z")
    assert [m.recipients for m in site.smtp.accepted[1:]] == [["jon@example.com"]]
    assert "Acme" not in said(site.mails()[1:])
    assert BOREALIS[1] not in said(site.mails())


def test_what_waits_for_a_channel_that_is_gone_is_said(site):
    site.http.answers["/slack"] = (503, {}, b"later")
    site.once()
    site.write(channels='"mail"', edit=lambda text: "\n".join(line for line in text.splitlines() if "type = \"slack\"" not in line))
    site.start("2026-11-23T09:00:00Z")
    assert "channel sales is not configured any more" in site.ctl_text("status")
    delivery, = site.outbox()
    site.ctl_text("outbox", "drop", delivery["id"])
    assert "not configured any more" not in site.ctl_text("status")
