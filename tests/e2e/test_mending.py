"""What was refused and then mended: what ends a block, what may not begin one, and that what waited gets its time."""
import socket
import threading

import pytest
from aiosmtpd.smtp import MISSING, AuthResult

from installation import ACME, Installation, wait_for
from servers import SmtpServer

RIGHT, WRONG = "correct horse", "battery staple"
HOOK = '/slack"; rate = "9/s";'


class TokenServer(SmtpServer):
    """Logs in whoever has its token."""

    def __init__(self, token):
        super().__init__()
        self.password, self.token = "none is right", token
        self.shown = []  # the tokens that were tried

    async def auth_XOAUTH2(self, server, arguments):
        said = await server.challenge_auth("")
        if said is MISSING:
            return AuthResult(success=False)
        self.shown.append(said.decode().split("auth=Bearer ")[1].strip("\1"))
        return AuthResult(success=self.shown[-1] == self.token, handled=False, auth_data="cadence")


@pytest.fixture
def token_site(tmp_path, http):
    """Mail goes to a server that wants a token; token: the file that holds it."""
    server = TokenServer("fresh")
    site = Installation(tmp_path, server, http)
    site.token = site.home / "token"
    site.token.write_text("fresh\n")
    site.token.chmod(0o600)
    site.write(partners=[ACME], mail=f'tls = "none"; user = "cadence"; token_file = "{site.token}";', channels='"mail"', events="")
    yield site
    site.kill()
    server.close()


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


# ---- tokens ----

@pytest.mark.parametrize("content, says", [("", "is empty"), ("half a tok", "holds more than a token")])
def test_a_token_file_that_is_half_written_for_a_moment_blocks_nothing(token_site, content, says):
    site = token_site
    site.token.write_text(content)
    site.once()
    site.start("2026-11-23T08:30:05Z")
    assert blocked_of(site) == [] and state_of(site) == [("retry", 1)]
    reason = site.outbox("digest")[0]["reason"]
    assert "smtp found no token to log in with" in reason and says in reason
    site.stop()
    assert site.smtp.connections == 0
    site.token.write_text("fresh\n")
    site.once("2026-11-23T08:35:00Z")
    assert len(site.smtp.accepted) == 1 and site.smtp.shown == ["fresh"]


def test_a_token_that_expired_blocks_until_its_file_holds_another(token_site):
    site = token_site
    site.token.write_text("old\n")
    site.once(expect=1)
    assert site.smtp.shown == ["old"]
    path = str(site.home / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(path)
        heard.settimeout(10)
        site.start("2026-11-23T09:00:00Z", NOTIFY_SOCKET=path)
        # It looks again soon, whatever else there is to do; until then nothing is tried.
        while "next look 09:05" not in heard.recv(4096).decode():
            pass
    assert blocked_of(site) == [("mail", None)]
    assert "the token is refused; it is tried again when token_file holds another" in site.ctl_text("status", expect=1)
    site.ctl("reload")
    assert blocked_of(site) == [("mail", None)] and site.smtp.shown == ["old"]
    site.token.write_text("")  # is no other one
    site.ctl("test", "sales")
    assert blocked_of(site) == [("mail", None)]
    site.token.write_text("fresh\n")
    site.ctl("test", "sales")  # a turn is taken
    wait_for(lambda: len(site.smtp.accepted) >= 1, what="the mail that waited")
    wait_for(lambda: blocked_of(site) == [], what="an open channel")
    assert set(site.smtp.shown) == {"old", "fresh"} and site.smtp.shown.count("old") == 1
