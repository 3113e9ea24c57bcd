"""What protects the way: STARTTLS, implicit TLS, https; whose certificates are trusted, and what is refused."""
import ssl
import subprocess

import pytest


class Authority:
    """A certificate authority of one's own, as companies have them."""

    def __init__(self, folder):
        self.folder, self.key, self.certificate = folder, folder / "ca.key", folder / "company-ca.pem"
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", self.certificate, "-days", "2",
                     "-subj", "/CN=Company CA", "-addext", "basicConstraints=critical,CA:TRUE")

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)

    def context(self, names="IP:127.0.0.1", days=2):
        """A server's side, with a certificate for these names."""
        key, request, certificate = (self.folder / f"server.{end}" for end in ("key", "csr", "pem"))
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", "/CN=server",
                     "-addext", f"subjectAltName={names}")
        self.openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                     "-copy_extensions", "copy", "-days", str(days), "-out", certificate)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        return context


@pytest.fixture
def authority(site):
    return Authority(site.home)


TRUST = 'ca_file = "company-ca.pem";'


def reason_of(site):
    site.start("2026-11-23T09:00:00Z")
    delivery, = site.outbox("digest")
    return delivery["reason"]


def test_mail_goes_through_starttls_with_a_certificate_of_our_own(site, authority):
    site.smtp.secure(authority.context())
    site.smtp.password = "correct horse"
    site.write(mail=f'{TRUST} user = "cadence"; password = "correct horse";', channels='"mail"', events="")
    site.once()
    assert len(site.mails()) == 1


def test_mail_goes_through_implicit_tls(site, authority):
    site.smtp.secure(authority.context(), implicit=True)
    site.write(mail=TRUST, channels='"mail"', events="", edit=lambda text: text.replace("smtp://", "smtps://"))
    site.once()
    assert len(site.mails()) == 1


def test_a_certificate_for_another_name_is_refused(site, authority):
    site.smtp.secure(authority.context("DNS:mail.example.com"))
    site.write(mail=TRUST, channels='"mail"', events="")
    site.once(expect=1)
    assert site.smtp.seen == []
    assert "certificate" in reason_of(site)


def test_clear_text_is_no_fallback(site, authority):
    site.smtp.password = "correct horse"
    site.write(mail=f'{TRUST} user = "cadence"; password = "correct horse";', channels='"mail"', events="")
    site.once(expect=1)
    assert site.smtp.seen == []
    assert "encryption" in reason_of(site)


def test_hooks_go_through_https(site, authority):
    def secured(text):
        return text.replace("http://", "https://").replace("/slack\";", f"/slack\"; {TRUST}").replace("/crm\";", f"/crm\"; {TRUST}")

    site.http.secure(authority.context())
    site.write(channels='"sales"', edit=secured)
    site.once()
    assert len(site.slacks()) == 1 and site.events("nudge.raised")


def test_a_hook_with_a_certificate_for_another_name_hears_nothing(site, authority):
    site.http.secure(authority.context("DNS:hooks.example.com"))
    site.write(channels='"sales"', events="",
               edit=lambda text: text.replace("http://", "https://").replace("/slack\";", f"/slack\"; {TRUST}"))
    site.once(expect=1)
    assert site.slacks() == []
    assert "certificate" in reason_of(site)


def test_a_file_without_certificates_is_refused_with_its_line(site):
    (site.home / "empty.pem").write_text("nothing\n")
    for name, words in (("empty.pem", "holds no certificate"), ("absent.pem", "No such file")):
        site.write(mail=f'ca_file = "{name}";')
        said = site.run("--check", expect=78)
        assert words in said and "ca_file" in said, said


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_tls_1_1_is_too_old(site, authority):
    context = authority.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    site.smtp.secure(context)
    site.write(mail=TRUST, channels='"mail"', events="")
    site.once()
    assert site.smtp.connections > 0 and site.smtp.seen == []
