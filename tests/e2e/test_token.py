"""Logging in with an OAuth 2 token that a file holds, at a real mail server behind STARTTLS: the token of the moment, and never
to a server that would hear it as a password."""
import base64

import pytest

from aiosmtpd.smtp import MISSING, AuthResult

from installation import ACME, MONDAY, text_of, wait_for
from servers import SmtpServer
from test_tls import TRUST, Authority

OLD, NEW = "ya29.token-of-monday", "ya29.token-of-tuesday"
TUESDAY = "2026-11-24T08:30:00Z"
USER = "office@example.com"
MECHANISMS = ("PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER")


def bearer_of(mechanism, said):
    """User and token as each mechanism has them; None when they are not as its specification says."""
    start, end = {"XOAUTH2": (f"user={USER}\1", "\1\1"), "OAUTHBEARER": (f"n,a={USER},\1", "\1\1")}[mechanism]
    text = said.decode()
    if not text.startswith(start) or not text.endswith(end):
        return None
    fields = dict(field.split("=", 1) for field in text[len(start):].strip("\1").split("\1"))
    scheme, _, token = fields["auth"].partition(" ")
    return token if scheme == "Bearer" else None


class TokenServer(SmtpServer):
    """Lets in who has the token; offers only these mechanisms. Remembers every login: encrypted, mechanism, what was said."""

    def __init__(self, port=0):
        self.token, self.logins, self.excluded = OLD, [], ()
        super().__init__(port)

    def offer(self, *mechanisms):
        self.excluded = set(MECHANISMS) - set(mechanisms)
        self.down()
        self.up()

    def protocol(self, **options):
        return super().protocol(auth_exclude_mechanism=self.excluded, **options)

    async def _login(self, server, mechanism, arguments):
        said = base64.b64decode(arguments[1]) if len(arguments) > 1 else await server.challenge_auth("")
        self.logins.append((server._tls_protocol is not None, mechanism, said))
        if said is MISSING or bearer_of(mechanism, said) != self.token:
            return AuthResult(success=False, handled=False)
        return AuthResult(success=True)

    async def auth_XOAUTH2(self, server, arguments):
        return await self._login(server, "XOAUTH2", arguments)

    async def auth_OAUTHBEARER(self, server, arguments):
        return await self._login(server, "OAUTHBEARER", arguments)

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append((server._tls_protocol is not None, mechanism, bytes(data.password)))
        return AuthResult(success=False, handled=False)

    def tokens(self):
        return [bearer_of(mechanism, said) for _, mechanism, said in self.logins]


@pytest.fixture
def smtp():
    server = TokenServer()
    yield server
    server.close()


@pytest.fixture
def office(site):
    """Mail alone, with a token; who is not logged in may not send."""
    site.token = site.home / "token"
    put_token(site, OLD)
    site.smtp.password = "none is right"
    site.smtp.secure(Authority(site.home).context())
    site.write(partners=[ACME], mail=f'{TRUST} user = "{USER}"; token_file = "token";', channels='"mail"', events="")
    return site


def put_token(site, token):
    fresh = site.token.with_suffix(".fresh")
    fresh.write_text(token + "\n")
    fresh.chmod(0o600)
    fresh.replace(site.token)


def assert_kept_from(site, *secrets):
    """None of these is where somebody may read it."""
    shown = site.log.read_text() + "".join(map(str, (d["reason"] for d in site.outbox())))
    assert not [s for s in secrets if s in shown]


@pytest.mark.parametrize("offered, used", [
    (("XOAUTH2",), "XOAUTH2"), (("OAUTHBEARER",), "OAUTHBEARER"), (("PLAIN", "LOGIN", "XOAUTH2"), "XOAUTH2"), (MECHANISMS, "OAUTHBEARER"),
], ids=lambda value: "+".join(value) if isinstance(value, tuple) else value)
def test_a_token_logs_in_by_whatever_takes_tokens(office, offered, used):
    office.smtp.offer(*offered)
    office.once()
    assert [(encrypted, mechanism) for encrypted, mechanism, _ in office.smtp.logins] == [(True, used)]
    assert office.smtp.tokens() == [OLD]
    assert "Acme GmbH" in text_of(office.mails()[0])


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_a_renewed_token_is_used_by_the_next_process(office, mechanism):
    site = office
    site.smtp.offer("PLAIN", mechanism)
    site.once(MONDAY)
    site.smtp.token = NEW
    put_token(site, NEW)
    site.start(TUESDAY)
    assert "mail: delivered" in site.ctl_text("test", "mail")
    assert site.smtp.tokens() == [OLD, NEW]


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_a_renewed_token_is_used_at_once_and_the_session_of_the_old_one_is_left(office, mechanism):
    site = office
    site.smtp.offer("PLAIN", mechanism)
    site.start()
    wait_for(site.mails, what="the digest")
    assert "mail: delivered" in site.ctl_text("test", "mail")
    assert site.smtp.tokens() == [OLD]  # one session
    put_token(site, NEW)
    site.smtp.token = NEW
    assert "mail: delivered" in site.ctl_text("test", "mail")
    assert site.smtp.tokens() == [OLD, NEW]
    assert site.smtp.connections == 2
    site.ctl_text("status")
    assert_kept_from(site, OLD, NEW)


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_a_token_that_ran_out_is_refused_and_its_mail_kept(office, mechanism):
    site = office
    site.smtp.offer("PLAIN", mechanism)
    site.smtp.token = NEW
    site.start()
    wait_for(lambda: site.outbox("digest")[0]["state"] in ("waiting", "retry"), what="the refusal")
    delivery, = site.outbox("digest")
    assert site.mails() == [] and set(site.smtp.tokens()) == {OLD}
    assert "535" in delivery["reason"]
    put_token(site, NEW)
    site.ask(f"/v1/outbox/{delivery['id']}/retry", {})
    wait_for(site.mails, what="the mail, with the token of now")
    assert site.smtp.tokens()[-1] == NEW
    assert_kept_from(site, OLD, NEW)


def said_without_token(site):
    """What a daemon with a token says to a server that takes none; its mail is kept."""
    site.run("--once", "--now", MONDAY, expect=1)
    site.start("2026-11-23T08:31:00Z")
    delivery, = site.outbox("digest")
    assert delivery["state"] == "waiting" and site.mails() == site.smtp.seen == []
    assert_kept_from(site, OLD)
    return delivery["reason"]


@pytest.mark.parametrize("offered", [("PLAIN",), ("LOGIN",), ("PLAIN", "LOGIN")], ids="+".join)
def test_a_server_that_takes_only_passwords_never_sees_the_token(office, offered):
    office.smtp.offer(*offered)
    assert "neither OAUTHBEARER nor XOAUTH2" in said_without_token(office)
    assert office.smtp.connections > 0 and office.smtp.logins == []


def test_no_token_goes_over_a_line_that_is_not_encrypted(office):
    site = office
    site.smtp.tls_context, site.smtp.auth_needs_tls = None, False
    site.smtp.offer(*MECHANISMS)
    assert "encryption" in said_without_token(site)
    assert site.smtp.connections > 0 and site.smtp.logins == []
