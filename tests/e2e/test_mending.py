"""What was refused and then mended: what ends a block, what may not begin one, and that what waited gets its time."""
import threading

from installation import ACME, wait_for

RIGHT, WRONG = "correct horse", "battery staple"
HOOK = '/slack"; rate = "9/s";'


def blocked_of(site):
    return [(b["channel"], b["recipient"]) for b in site.ask("/v1/status")[1]["blocked"]]


def state_of(site):
    return [(d["state"], d["attempts"]) for d in site.outbox("digest")]


def with_hook(site):
    site.write(partners=[ACME], channels='"sales"', events="", edit=lambda text: text.replace('/slack";', HOOK))
    return site


# ---- what waited gets its time ----

def test_what_waited_for_days_survives_the_first_passing_failure(site):
    site.smtp.password = RIGHT
    password = site.home / "smtp-password"
    password.write_text(WRONG + "\n")
    password.chmod(0o600)
    site.write(partners=[ACME], mail='tls = "none"; user = "cadence"; password_file = "smtp-password";', channels='"mail"', events="")
    site.once(expect=1)
    password.write_text(RIGHT + "\n")
    site.smtp.rcpt_replies["maria@example.com"] = "451 4.7.1 greylisted, come back in five minutes"
    site.start("2026-11-28T09:00:00Z")  # five days later: longer than a mail is tried
    wait_for(lambda: state_of(site) == [("retry", 2)], what="a greylisting")
    site.stop()
    site.smtp.rcpt_replies.clear()
    site.once("2026-11-28T09:10:00Z")
    assert ["maria@example.com"] in [m.recipients for m in site.smtp.accepted]


def test_a_retry_by_hand_survives_the_first_passing_failure(site):
    with_hook(site)
    site.http.answers["/slack"] = (422, {}, b"")  # refused twice, as plain text too: dead
    site.once(expect=1)
    site.http.answers["/slack"] = (429, {"Retry-After": "1"}, b"")
    site.start("2026-12-20T08:30:00Z")  # a Sunday without a digest
    site.ctl("outbox", "retry")
    wait_for(lambda: len(site.http.to("/slack")) >= 3, what="the try")
    wait_for(lambda: state_of(site) and state_of(site)[0][0] == "retry", what="another try ahead")
    site.http.answers.clear()
    wait_for(lambda: site.outbox("digest") == [], seconds=20, what="the chat")


# ---- what may pass is not believed at once ----

def test_a_page_of_a_proxy_is_not_believed_at_once_whatever_came_before(site):
    with_hook(site)
    site.http.answers["/slack"] = (503, {}, b"<html>starting</html>")
    site.once()
    site.http.answers["/slack"] = (404, {}, b"<html>no upstream</html>")
    site.once("2026-11-23T08:30:10Z")
    site.http.answers.clear()
    site.once("2026-11-23T08:45:00Z")
    assert [r.status for r in site.http.to("/slack")] == [503, 404, 200]


def test_a_hook_that_is_gone_a_second_time_is_believed_whatever_came_between(site):
    with_hook(site)
    site.http.answers["/slack"] = (404, {}, b"")
    site.once()
    site.http.answers["/slack"] = (503, {}, b"")
    site.once("2026-11-23T08:45:00Z")
    site.http.answers["/slack"] = (404, {}, b"")
    site.once("2026-11-23T08:55:00Z", expect=1)
    site.start("2026-11-23T09:00:00Z")
    assert blocked_of(site) == [("sales", None)] and state_of(site) == [("waiting", 3)]


# ---- what ends a block, and what may not begin one ----

def test_a_redirect_that_leads_nowhere_blocks_no_owner_and_ends_with_it(site):
    site.write(partners=[ACME], settings='redirect_to = "trial@example.com";', channels='"mail"', events="")
    site.smtp.rcpt_replies["trial@example.com"] = "550 5.1.1 no such user"
    site.once(expect=1)
    site.start("2026-11-23T09:00:00Z")
    assert blocked_of(site) == [("mail", None)]
    assert "redirect_to leads nowhere: smtp 550 5.1.1 no such user" in site.ctl_text("status", expect=1)
    site.stop()
    site.write(partners=[ACME], channels='"mail"', events="")
    site.start("2026-11-23T09:10:00Z")
    wait_for(lambda: ["maria@example.com"] in [m.recipients for m in site.smtp.accepted], what="the mail to its owner")
    assert blocked_of(site) == []


def test_a_refusal_of_old_settings_blocks_not_the_channel_that_was_mended_meanwhile(site):
    gate = threading.Event()
    site.http.at_stage = lambda name: name == "http /slack: before the reply" and gate.wait(20)
    site.http.answers["/slack"] = (403, {}, b"invalid_token")
    with_hook(site)
    site.start()
    wait_for(lambda: site.http.to("/slack"), what="a chat by the old settings")
    site.conf.write_text(site.conf.read_text().replace('/slack"', '/slack-new"'))
    site.ctl("reload")
    gate.set()
    wait_for(lambda: site.http.to("/slack-new"), what="the same by the new settings")
    wait_for(lambda: site.outbox() == [], what="an empty outbox")
    assert blocked_of(site) == [] and "is blocked" not in site.log.read_text()
