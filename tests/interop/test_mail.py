"""A digest from the daemon through Postfix (STARTTLS, SASL) into a mailbox of Dovecot."""
import re
import subprocess

import mailhost
import pytest
from installation import BUILD

pytestmark = pytest.mark.skipif(bool(mailhost.missing()), reason=f"SKIPPED: {mailhost.missing()}")

# What a mail host writes above a message: how it came.
TRACE = re.compile(rb"(?:(?:Return-Path|Delivered-To|Received):[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*)+")
DATE = re.compile(rb"^Date: [^\r\n]*\r\n", re.M)


def sends(site, host, password=mailhost.PASSWORD, **settings):
    return site.write(mail=f'ca_file = "{host.certificate}"; user = "{mailhost.USER}"; password = "{password}";',
                      channels='"mail"', events="", **settings)


def as_sent(raw):
    """Without what the hosts on its way wrote above it."""
    trace = TRACE.match(raw)
    assert trace and trace.group().count(b"Received:") == 2, raw
    return raw[trace.end():]


def test_a_digest_arrives_as_it_was_previewed(site, mail_host):
    sends(site, mail_host)
    site.start("2026-11-23T08:29:50Z")
    preview = subprocess.check_output([BUILD / "cadencectl", "--socket", site.socket, "preview", "maria", "--format", "raw"])
    mail, = mail_host.wait_for_mails(1)
    site.stop()
    arrived = as_sent(mail)
    # Its date is that of the hour at which it was composed.
    assert DATE.search(arrived).group() == b"Date: Mon, 23 Nov 2026 08:30:00 +0000\r\n"
    assert DATE.sub(b"", arrived) == DATE.sub(b"", preview)


def test_a_relay_that_is_down_gets_the_digest_once_when_it_is_back(site, mail_host):
    sends(site, mail_host)
    mail_host.down("postfix")
    site.once()
    mail_host.up_postfix()
    site.once("2026-11-23T08:40:00Z")
    mail, = mail_host.wait_for_mails(1)
    # The date is that of the digest, not of the attempt.
    assert DATE.search(as_sent(mail)).group() == b"Date: Mon, 23 Nov 2026 08:30:00 +0000\r\n"
    site.once("2026-11-23T09:40:00Z")
    assert len(mail_host.mails()) == 1


def test_a_wrong_password_blocks_the_channel_and_keeps_the_digest(site, mail_host):
    sends(site, mail_host, password="wrong")
    site.once(expect=1)
    site.start("2026-11-23T09:00:00Z")
    delivery, = site.outbox("digest")
    assert delivery["state"] == "waiting" and "535" in delivery["reason"], delivery
    site.stop()
    sends(site, mail_host)
    site.once("2026-11-23T09:10:00Z")
    assert len(mail_host.wait_for_mails(1)) == 1


def test_an_address_that_postfix_does_not_know_is_said_to_be_wrong(site, mail_host):
    sends(site, mail_host, edit=lambda text: text.replace('email = "maria@', 'email = "mara@'))
    site.once(expect=1)
    site.start("2026-11-23T09:00:00Z")
    delivery, = site.outbox("digest")
    assert "550 5.1.1" in delivery["reason"], delivery
    assert mail_host.mails() == []
