"""A digest out through Postfix, the answer back in through it: by an alias that pipes, and by a Maildir."""
import email
import email.message
import email.policy
import email.utils
import shutil
import subprocess

import mailhost
import pytest
from installation import BUILD, text_of
from test_mail import sends

pytestmark = pytest.mark.skipif(bool(mailhost.missing()), reason=f"SKIPPED: {mailhost.missing()}")

SETTINGS = 'reply_to = "cadence@in.example.com";'
BEFORE = "2026-11-23T08:29:58Z"


def digest(host):
    return email.message_from_bytes(host.wait_for_mails(1)[0], policy=email.policy.default)


def address_of(mail):
    return mail["Reply-To"].addresses[0].addr_spec


def answer(mail, words, sender="maria@example.com"):
    reply = email.message.EmailMessage()
    reply["From"], reply["To"] = f"Maria Silva <{sender}>", address_of(mail)
    reply["Subject"] = f"Re: {mail['Subject']}"
    reply["Message-ID"] = email.utils.make_msgid(domain="client.example.com")
    reply["In-Reply-To"] = reply["References"] = mail["Message-ID"]
    quoted = "".join(f"> {line}\n" for line in text_of(mail).splitlines())
    reply.set_content(f"{words}\n\nOn Mon, 23 Nov 2026 at 08:30, Cadence <cadence@example.com> wrote:\n\n{quoted}")
    return reply.as_bytes(policy=email.policy.SMTP)


def contacts(site, partner):
    return [c for c in site.ctl("show", partner)["contacts"] if c["source"] == "reply"]


def start_with_pipe(site, host, now=BEFORE):
    """As an administrator sets it up: the user of the alias is of the group that may use the socket."""
    command = host.home / "cadencectl"
    if not command.exists():
        shutil.copy(BUILD / "cadencectl", command)
        command.chmod(0o755)
    run = host.home / "run-cadenced"
    run.mkdir(exist_ok=True)
    run.chmod(0o755)
    site.socket = run / "control.sock"
    sends(site, host, settings=SETTINGS, edit=lambda text: text.replace(f"{site.home}/control.sock", str(site.socket)))
    site.start(now)
    shutil.chown(site.socket, group=mailhost.ALIAS_USER)
    host.alias(f'"|{command} --socket {site.socket} receive"')


def until(site, host, condition, what):
    return mailhost.wait_for(condition, lambda: f"{what}\n{site.log.read_text()}\n{host.log()}")


def test_an_alias_pipes_the_answer_to_the_daemon(site, mail_host):
    start_with_pipe(site, mail_host)
    mail = digest(mail_host)
    assert address_of(mail).startswith("cadence+r.") and address_of(mail).endswith("@in.example.com")
    mail_host.send(answer(mail, "1 call today talked, numbers Friday"), address_of(mail))
    contact, = until(site, mail_host, lambda: contacts(site, "acme"), "the contact")
    assert contact["actor"] == "maria@example.com" and contact["note"] == "talked, numbers Friday"
    # What cannot be done comes back the same way.
    mail_host.send(answer(mail, "9 call today"), address_of(mail))
    back = email.message_from_bytes(mail_host.wait_for_mails(2)[1], policy=email.policy.default)
    assert "no number 9" in " ".join(text_of(back).split()) and back["Auto-Submitted"] == "auto-replied"
    # Whoever has the token and another address.
    mail_host.send(answer(mail, "2 off", sender="eve@example.com"), address_of(mail))
    until(site, mail_host, lambda: site.ctl("status")["replies"]["refused"], "the refusal")
    assert site.ctl("status")["replies"]["refused"][0]["why"] == "stranger" and site.ctl("why", "elbe")["state"] == "due"
    # The digest that follows has nothing more of it.
    site.stop()
    site.once("2026-11-30T08:30:00Z")
    last = email.message_from_bytes(mail_host.wait_for_mails(3)[2], policy=email.policy.default)
    assert "Acme" not in text_of(last) and "Elbe" in text_of(last)


def test_postfix_keeps_the_answer_while_the_daemon_is_away(site, mail_host):
    start_with_pipe(site, mail_host)
    mail = digest(mail_host)
    site.stop()
    mail_host.send(answer(mail, "1 call today"), address_of(mail))
    until(site, mail_host, lambda: "status=deferred" in mail_host.log() and "temporary failure" in mail_host.log(), "the deferral")
    start_with_pipe(site, mail_host, "2026-11-23T09:00:00Z")
    until(site, mail_host, lambda: contacts(site, "acme"), "the contact")
    assert "status=bounced" not in mail_host.log()


def test_postfix_delivers_into_a_maildir(site, mail_host):
    inbox = mail_host.home / "inbox"
    for folder in (inbox, inbox / "tmp", inbox / "new", inbox / "cur"):
        folder.mkdir()
        shutil.chown(folder, mailhost.ALIAS_USER)
    mail_host.alias(f"{inbox}/")
    sends(site, mail_host, settings=SETTINGS + f' inbox = {{ maildir = "{inbox}"; }};')
    site.start(BEFORE)
    mail = digest(mail_host)
    mail_host.send(answer(mail, "1 meeting yesterday\n2 snooze 7 dec"), address_of(mail))
    contact, = until(site, mail_host, lambda: contacts(site, "acme"), "the contact")
    assert contact["day"] == "2026-11-22" and site.ctl("why", "elbe")["held"] == "snoozed"
    until(site, mail_host, lambda: list((inbox / "cur").iterdir()), "the mail in cur")
    mail_host.send(answer(mail, "2 off", sender="eve@example.com"), address_of(mail))
    kept = until(site, mail_host, lambda: list((inbox / ".failed").glob("*.why")), "the mail in .failed")
    assert kept[0].read_text() == "stranger\n" and not list((inbox / "new").iterdir())
