"""docs/operations.md quotes the programs: each failure is brought about here, and what is said has to be what it says."""
import os
import re
import sqlite3
import subprocess

import pytest

from installation import ACME, BUILD, ROOT, text_of, wait_for
from test_never_lost import break_digest_of
from test_tls import TRUST, Authority

GUIDE = (ROOT / "docs" / "operations.md").read_text()
NEXT = "2026-11-30T08:30:00Z"


# How the programs begin what they say. A display of the guide that begins otherwise is typed.
SAID = r"BLOCKED|FAULT|LOST|RELOAD|WARNING|Subject:|fail  |cadenced: |cadencectl: |…/|cadenced\.conf:"


def quotations():
    """What programs say in the displays of the guide, each from its first word to the next one that begins so."""
    found = []
    for display in re.findall(r"(?:^    .*\n)+", GUIDE, re.M):
        for part in re.split(rf"^    (?={SAID})", display, flags=re.M):
            if re.match(SAID, part):
                found.append(" ".join(part.split()))
    return found


def plain(site, text):
    """With the times, places and numbers of the guide."""
    text = text.replace(f"{site.home}/backups", "/var/lib/cadenced/backups").replace(f"{site.home}/", "…/")
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "TIME", " ".join(text.split()))


def assert_quoted(site, said, start):
    """The quotation of the guide that begins so is said; "…" stands for whatever is said there."""
    quotation, = [q for q in quotations() if q.startswith(start)]
    pattern = ".*?".join(map(re.escape, plain(site, quotation).split("…")))
    assert re.search(pattern, plain(site, said)), f"{quotation}\nis not in\n{said}"


def status(site, expect=1):
    return site.ctl_text("status", expect=expect)


def admins_mail(site):
    """The last mail to the administrators, as the guide shows it."""
    mail = wait_for(lambda: [m for m in site.mails() if m["To"] == "ops@example.com"], what="the admin's mail")[-1]
    return f"Subject: {mail['Subject']}\n{text_of(mail)}"


def doctor(site):
    return site.ctl_text("doctor", expect=1)


def secured(site, authority, **certificate):
    site.smtp.secure(authority.context(**certificate))
    site.write(mail=TRUST, channels='"mail"', events="")
    return site


def states(site):
    return [d["state"] for d in site.outbox()]


def test_each_quotation_of_the_guide_is_tried_here():
    text = (ROOT / "tests" / "e2e" / "test_operations.py").read_text()
    starts = re.findall(r'assert_quoted\(.*, "(.*)"\)', text)
    assert len(quotations()) == len(starts) > 25
    for quotation in quotations():
        assert sum(quotation.startswith(start) for start in starts) == 1, quotation


def test_a_deleted_hook(site):
    site.http.answers["/slack"] = (404, {}, b"no_service")
    site.start()
    wait_for(lambda: states(site) == ["waiting"], what="the block")
    assert_quoted(site, status(site), "BLOCKED sales")
    assert_quoted(site, site.log.read_text(), "cadenced: … waits, because the channel")
    assert_quoted(site, admins_mail(site), "Subject: cadenced: channel sales is blocked")
    site.http.answers.clear()
    site.ctl("outbox", "retry")
    wait_for(lambda: states(site) == [], what="the delivery")
    assert status(site, expect=0).endswith("all is well\n")


def test_a_wrong_password(site):
    site.smtp.password = "another"
    site.write(mail='tls = "none"; user = "cadence"; password = "correct horse";', channels='"mail"')
    site.start()
    wait_for(lambda: "waiting" in states(site), what="the block")
    assert re.search(r"smtp 535 5\.7\.8 .*: user or password is wrong", status(site))
    assert "smtp 535 5.7.8 …: user or password is wrong" in GUIDE
    assert_quoted(site, doctor(site), "fail channel mail refused the login")


def test_a_certificate_for_another_name(site):
    secured(site, Authority(site.home), names="DNS:mail.example.com").start()
    wait_for(lambda: states(site) == ["waiting", "waiting"], what="the block, and the admin's mail behind it")
    assert_quoted(site, status(site), "BLOCKED mail since")


def test_a_certificate_that_ends_soon(site):
    secured(site, Authority(site.home), days=2)
    site.write(settings='deliver = "hold";', mail=TRUST)
    site.start()
    # The guide has another number.
    assert_quoted(site, re.sub(r"ends in \d days?", "ends in 2 days", doctor(site)), "fail channel mail the certificate")


def test_a_name_that_dns_does_not_know(site):
    site.write(channels='"mail"', events="", edit=lambda text: text.replace("smtp://127.0.0.1:", "smtp://no-such-host.invalid:"))
    site.start()
    wait_for(lambda: states(site) == ["retry"], seconds=30, what="the first try")
    assert_quoted(site, site.log.read_text(), "cadenced: … smtp could not resolve")
    assert_quoted(site, doctor(site), "fail channel mail could not resolve")


def test_an_address_that_nobody_has(site):
    site.smtp.rcpt_replies["maria@example.com"] = "550 5.1.1 no such user here"
    site.write(channels='"mail"')
    site.start()
    wait_for(lambda: states(site) == ["waiting"], what="the block")
    assert_quoted(site, status(site), "BLOCKED mail to")


def test_a_message_refused_for_good(site):
    site.http.answers["/slack"] = (400, {}, b"invalid_blocks")
    site.start()
    wait_for(lambda: states(site) == ["dead"], what="the refusal")
    assert_quoted(site, status(site), "FAULT 1 delivery")
    assert_quoted(site, admins_mail(site), "Subject: cadenced: a delivery is dead")
    site.http.answers.clear()
    site.ctl("outbox", "retry")
    wait_for(lambda: states(site) == [], what="the delivery")


def test_a_server_that_is_down_for_hours(site):
    site.smtp.down()
    site.write(channels='"mail"', events="")
    site.start()
    wait_for(lambda: states(site) == ["retry"], what="the first try")
    assert re.search(r"smtp could not connect, retrying at ", site.log.read_text()) and "`smtp could not connect, retrying at …`" in GUIDE
    site.restart("2026-11-23T12:30:01Z")
    assert_quoted(site, status(site), "FAULT something")
    site.smtp.up()
    site.ctl("outbox", "retry", site.outbox()[0]["id"])
    wait_for(lambda: site.mails(), what="the mail")


def test_a_channel_that_asks_to_be_left_alone(site):
    site.http.answers["/slack"] = (429, {"Retry-After": "3600"}, b"")
    site.start()
    wait_for(lambda: "retry" in states(site), what="the answer")
    assert "channel sales asked to be left alone: nothing goes there until " in status(site, expect=0)
    assert "`channel sales asked to be left alone: nothing goes there until …`" in GUIDE


def test_a_wrong_configuration(site):
    site.start()
    site.write(partners=[(*ACME[:2], "yearly", ACME[3])])
    assert_quoted(site, site.ctl_text("reload", expect=78), "cadencectl: cadenced.conf:22")
    assert "RELOAD    failed: " in status(site) and "`RELOAD    failed: …`" in GUIDE
    log = "the configuration was not reloaded; the old one stays in force"
    assert log in site.log.read_text() and log in GUIDE
    site.stop()
    site.run("--check", expect=78)
    site.run("--once", expect=78)


def test_a_second_daemon(site):
    site.start()
    assert_quoted(site, site.run(expect=1), "cadenced: …/cadenced.db: already running")


def test_a_secret_that_others_may_read(site):
    secret = site.home / "smtp-password"
    secret.write_text("correct horse\n")
    secret.chmod(0o644)
    site.write(mail='tls = "none"; user = "cadence"; password_file = "smtp-password";')
    assert_quoted(site, site.run("--check", expect=78), "cadenced.conf:7: channel mail: password_file: is a secret")
    secret.unlink()
    assert_quoted(site, site.run("--check", expect=78), "cadenced.conf:7: channel mail: password_file: …/")


def test_a_disk_that_is_full(site, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "cadenced-test", str(small)], capture_output=True).returncode != 0:
        pytest.skip("nothing can be mounted here")
    try:
        site.write(edit=lambda text: text.replace(str(site.database), f"{small}/cadenced.db"))
        site.start()
        wait_for(lambda: states(site) == [], what="the digest")
        # The guide has another number.
        assert_quoted(site, re.sub(r"has \d+ MiB left", "has 12 MiB left", status(site)), "FAULT the disk")
        filler = small / "filler"
        with pytest.raises(OSError), filler.open("wb", buffering=0) as f:
            while f.write(b"\0" * 1024) == 1024:
                pass
            raise OSError
        words = "the disk that holds the database is full"
        said = ""
        for n in range(200):
            done = subprocess.run([str(BUILD / "cadencectl"), "--socket", str(site.socket), "log", "acme", "call", "today", f"{n} " + "x" * 1500],
                                  capture_output=True, text=True, timeout=30)
            said = done.stderr
            if done.returncode:
                break
        assert words in said and f"`{words}`" in GUIDE
        site.ctl_text("backup", expect=1)
        assert_quoted(site, status(site), "FAULT the last backup failed")
        filler.unlink()
        wait_for(lambda: subprocess.run([str(BUILD / "cadencectl"), "--socket", str(site.socket), "log", "acme", "call"],
                                        capture_output=True, timeout=30).returncode == 0, 30, "room to be found")
        site.stop()
    finally:
        site.kill()
        subprocess.run(["umount", str(small)], check=True)


def test_a_damaged_database(site):
    site.start()
    file = site.ctl("backup")["file"]
    words = "cadenced has it; stop it first"
    refused = subprocess.run([str(BUILD / "cadencectl"), "restore", file, "--conf", str(site.conf)], capture_output=True, text=True, timeout=30)
    assert refused.returncode == 1 and words in refused.stderr and f"`{words}`" in GUIDE
    site.stop()
    os.truncate(site.database, 20000)
    assert_quoted(site, site.once(NEXT, expect=78), "…/cadenced.db: is damaged")
    site.database.unlink()
    assert_quoted(site, site.once(NEXT, expect=78), "…/cadenced.db: is not there")


def test_a_partner_that_nobody_hears_of(site):
    site.start()
    site.ctl("partner", "add", "nova", "--owner", "jon")
    site.stop()
    site.write(partners=[ACME], edit=lambda text: text.replace("  jon   = {", "  jan   = {").replace('backup = "jon"', 'backup = "jan"'))
    site.start(NEXT)
    wait_for(lambda: any("nobody hears of nova" in mail["Subject"] for mail in site.mails()), what="the admin's mail")
    assert_quoted(site, status(site), "LOST nova")
    assert_quoted(site, admins_mail(site), "Subject: cadenced: nobody hears of nova")


def test_an_owner_whose_digest_cannot_be_composed(site):
    site.write(partners=[ACME], channels='"mail"', events="")
    site.once("2026-11-22T12:00:00Z")
    break_digest_of(site, "maria")
    site.start()
    wait_for(lambda: "could not be composed" in site.log.read_text(), what="the log")
    assert_quoted(site, site.log.read_text(), "cadenced: owner=maria")
    assert_quoted(site, status(site), "WARNING owner maria")


def test_a_heart_that_is_held_back(site):
    site.http.answers["/crm"] = (401, {}, b"")
    site.write(settings=f'heartbeat = "http://127.0.0.1:{site.http.port}/ping";')
    site.start()
    wait_for(lambda: site.ask("/v1/status")[1]["blocked"], what="the block")
    site.restart("2026-11-23T08:40:00Z")  # it looks at its heart at once
    wait_for(lambda: "no heartbeat" in site.log.read_text(), what="the log")
    assert_quoted(site, site.log.read_text(), "cadenced: no heartbeat")


def test_a_watcher_that_is_not_reached(site):
    site.write(settings='heartbeat = "http://127.0.0.1:9/ping";')
    site.start()
    wait_for(lambda: "does not reach its watcher" in site.log.read_text(), what="the log")
    assert_quoted(site, status(site), "FAULT the heartbeat")


def test_a_daemon_that_does_not_answer(site):
    assert_quoted(site, site.ctl_text("status", expect=69), "cadencectl: cadenced does not answer")


def test_a_database_that_is_newer(site):
    site.once()
    with sqlite3.connect(site.database) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    assert_quoted(site, site.once(NEXT, expect=1), "cadenced: …/cadenced.db: was written by a newer")


def test_the_words_about_a_clock_that_was_set():
    """Nobody sets the clock of the machine for a test; the program has the words."""
    words = "the clock was set; looking at everything again"
    assert f"`{words}`" in GUIDE and words.encode() in (BUILD / "cadenced").read_bytes()


def test_each_verb_of_the_guide_exists(site):
    typed = "\n".join(d for d in re.findall(r"(?:^    .*\n)+", GUIDE, re.M) if not re.match(rf"    (?:{SAID})", d))
    verbs = set(re.findall(r"cadencectl ([a-z]+)", typed + " ".join(re.findall(r"`([^`\n]*)`", GUIDE))))
    assert len(verbs) > 5
    for verb in verbs:
        assert f"cadencectl {verb}" in site.ctl_text(verb, "--help"), verb
