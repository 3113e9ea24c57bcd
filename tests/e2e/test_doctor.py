"""`cadencectl doctor`: looks at everything, with the daemon's own rights, and sends nothing."""
import json
import os
import re
import socket
import subprocess

import pytest

from installation import BUILD, SECRET, wait_for
from test_faults import haste  # noqa: F401
from test_tls import TRUST, Authority

LOGIN = f'{TRUST} user = "cadence"; password_file = "smtp-password";'


@pytest.fixture
def authority(site):
    return Authority(site.home)


def hold(site, **settings):
    """Nothing is sent by itself: whatever arrives was sent by the doctor."""
    site.write(settings='deliver = "hold";', **settings)
    site.start()


def doctor(site, expect=0):
    """check -> [(result, text)]"""
    answer = site.ctl("doctor", expect=expect)
    found = {}
    for check in answer["checks"]:
        found.setdefault(check["check"], []).append((check["result"], check["text"]))
    assert answer["well"] == (expect == 0)
    return found


def doctor_text(site):
    """None while one is at work."""
    text = site.ctl_text("doctor", expect=1)
    return None if "at work already" in text else text


def assert_nothing_was_sent(site):
    assert site.smtp.seen == [] and site.http.requests == []


def test_everything_is_looked_at_and_nothing_is_sent(site, authority):
    site.smtp.secure(authority.context(days=60))
    site.smtp.password = "correct horse"
    secret = site.home / "smtp-password"
    secret.write_text("correct horse\n")
    secret.chmod(0o600)
    hold(site, mail=LOGIN)
    site.ctl("backup")
    found = doctor(site)
    login, (result, days) = found["channel mail"]
    assert login == ("ok", "found, connected, encrypted, logged in")
    assert result == "ok" and days in ("the certificate ends in 59 days", "the certificate ends in 60 days")
    assert found["configuration"] == [("ok", f"{site.conf}: fine")]
    assert found["channel mail: password_file"] == [("ok", f"{secret}: there, and readable")]
    assert found["database"][0][0] == found["disk"][0][0] == found["backup"][0][0] == found["control socket"][0][0] == "ok"
    size = sum(os.stat(f"{site.database}{end}").st_size for end in ("", "-wal"))
    assert found["database"][0][1] == f"{site.database}: {-(-size // 1024)} KiB with its log, for its owner alone"
    assert re.fullmatch(rf"{site.home}: \d{{2,5}} [MG]iB left", found["disk"][0][1])
    assert found["channel sales"] == found["channel crm"] == [("ok", "found, connected")]
    assert f"ok    channel mail          password_file {secret}: there, and readable\n" in site.ctl_text("doctor")
    assert_nothing_was_sent(site)
    site.stop()


def test_a_long_name_does_not_move_the_columns(site):
    hold(site, events="", edit=lambda text: text.replace("crm ", "customer_relations_and_more "))
    assert f"ok    channel customer_relations_and_more\n{'':28}found, connected\n" in site.ctl_text("doctor")
    site.stop()


def test_a_certificate_that_ends_soon_is_said(site, authority):
    for days, expected in ((20, "warn"), (2, "fail")):
        site.smtp.secure(authority.context(days=days))
        hold(site, mail=TRUST)
        (ok, _), (result, text) = doctor(site, expect=int(expected == "fail"))["channel mail"]
        assert ok == "ok" and result == expected and text.endswith("; have it renewed"), text
        site.stop()


def test_a_wrong_password_is_said_in_the_servers_words_and_blocks_nothing(site, authority):
    site.smtp.secure(authority.context())
    site.smtp.password = "another"
    (site.home / "smtp-password").write_text("correct horse\n")
    (site.home / "smtp-password").chmod(0o600)
    hold(site, mail=LOGIN)
    (result, text), *_ = doctor(site, expect=1)["channel mail"]
    assert result == "fail" and text.startswith("refused the login (535 ") and text.endswith("check user and password")
    assert "correct horse" not in site.ctl_text("doctor", expect=1) + site.log.read_text()
    assert site.ctl("status")["blocked"] == []
    site.stop()


def test_a_login_that_the_server_does_not_offer_is_said(site, authority):
    site.smtp.auth_needs_tls = True  # and it has no TLS to offer
    site.smtp.down()
    site.smtp.up()
    hold(site, mail='tls = "none"; user = "cadence"; password = "correct horse";')
    assert doctor(site, expect=1)["channel mail"] == [("fail", "the server offers no login, and user is given: check the port")]
    site.stop()


@pytest.mark.parametrize("edit, words", [
    (lambda text, port: text.replace(f"smtp://127.0.0.1:{port}", "smtp://127.0.0.1:9"), "could not connect"),
    (lambda text, port: text.replace(f"smtp://127.0.0.1:{port}", "smtp://no-such-host.invalid:25"), "could not resolve the host name"),
    (lambda text, port: text.replace(f"smtp://127.0.0.1:{port}", "smtp://169.254.169.254:25"), "refused to connect to a link-local"),
    (lambda text, port: text.replace('tls = "none";', ""), "offers no encryption, which is required"),
])
def test_each_stage_that_fails_has_its_words_and_the_others_go_on(site, edit, words):
    hold(site, edit=lambda text: edit(text, site.smtp.port))
    found = doctor(site, expect=1)
    (result, text), = found["channel mail"]
    assert result == "fail" and text.startswith(words) and ": " in text
    assert "?" not in text  # whole, and nothing behind its end
    assert found["channel crm"][0][0] == "ok"
    assert_nothing_was_sent(site)
    site.stop()


def test_files_that_are_gone_or_open_to_all_are_said(site):
    (site.home / "smtp-password").write_text("correct horse\n")
    (site.home / "crm-secret").write_text(SECRET)
    for name in ("smtp-password", "crm-secret"):
        (site.home / name).chmod(0o600)
    hold(site, mail='tls = "none"; user = "cadence"; password_file = "smtp-password";',
         edit=lambda text: text.replace(f'secret = "{SECRET}"', 'secret_file = "crm-secret"'))
    (site.home / "smtp-password").unlink()
    (site.home / "crm-secret").chmod(0o644)
    site.database.chmod(0o644)
    site.conf.chmod(0o622)
    found = doctor(site, expect=1)
    assert found["channel mail: password_file"][0][0] == "fail" and "No such file" in found["channel mail: password_file"][0][1]
    assert found["channel crm: secret_file"] == [("fail", f"{site.home}/crm-secret: everybody may read it: chmod o-r {site.home}/crm-secret")]
    assert found["database"][0][0] == "warn" and f"chmod 600 {site.database}" in found["database"][0][1]
    assert found["configuration"][0][0] == "fail"  # it names a file that is gone
    site.stop()


def test_a_chat_server_is_asked_who_we_are(site):
    path = "/bot1:x/getMe"
    site.http.answers[path] = (401, {}, b"{}")
    hold(site, edit=lambda text: text.replace("crm   =", f'phone = {{ type = "telegram"; url = "http://127.0.0.1:{site.http.port}"; '
                                              'token = "1:x"; room = "-100"; };\n  crm   ='))
    (result, text), = doctor(site, expect=1)["channel phone"]
    assert (result, text) == ("fail", "http 401: the credentials are refused; check them")
    site.http.answers[path] = (200, {}, b"{}")
    assert doctor(site)["channel phone"] == [("ok", "found, connected, logged in")]
    assert {(r.method, r.path) for r in site.http.requests} == {("GET", path)}
    assert "1:x" not in site.ctl_text("doctor")
    site.stop()


def test_lines_come_as_the_checks_end_and_the_daemon_goes_on(site):
    site.smtp.silent = True
    hold(site)
    process = subprocess.Popen([str(BUILD / "cadencectl"), "--socket", str(site.socket), "doctor"], stdout=subprocess.PIPE, text=True)
    try:
        first = process.stdout.readline()
        assert first.startswith("ok    configuration")
        wait_for(lambda: site.smtp.open == 1, what="the connection")
        site.ctl("status")
        assert "at work already" in site.ctl_text("doctor", expect=1)
        # It stops with the daemon, in the middle of a conversation.
        site.stop()
        process.wait(10)
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def test_without_a_daemon_it_says_so_and_looks_at_what_it_can(site):
    site.once()
    done = subprocess.run([str(BUILD / "cadencectl"), "--json", "--socket", str(site.socket), "doctor", "--conf", str(site.conf)],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 1
    checks = {c["check"]: (c["result"], c["text"]) for c in json.loads(done.stdout)["checks"]}
    assert checks["cadenced"][0] == "fail" and "systemctl start cadenced" in checks["cadenced"][1]
    assert f"does not answer on {site.socket}: " in checks["cadenced"][1] and done.stderr == ""  # once
    assert checks["configuration"][0] == "ok"
    assert checks["database"] == ("ok", f"{site.database}: sound; 4 partners, 4 contacts")
    os.truncate(site.database, 20000)
    done = subprocess.run([str(BUILD / "cadencectl"), "--socket", str(site.socket), "doctor", "--conf", str(site.conf)],
                          capture_output=True, text=True, timeout=20)
    assert "is damaged: it is cut off" in done.stdout and done.returncode == 1


def test_a_server_that_says_nothing_is_a_line_of_the_answer(site):
    site.smtp.silent = True
    hold(site)
    found = doctor(site, expect=1)
    assert found["channel mail"][0][0] == "fail" and "timed out" in found["channel mail"][0][1]
    assert found["channel sales"] == [("ok", "found, connected")]
    site.stop()


def test_servers_that_say_nothing_are_lines_of_the_answer(site, haste):
    """However long all of them take together: each line gives the next one time."""
    site.smtp.silent = True
    silent = "".join(f'  mail{n} = {{ type = "smtp"; url = "smtp://127.0.0.1:{site.smtp.port}"; from = "cadence{n}@example.com"; }};\n' for n in range(3))
    site.write(settings='deliver = "hold";', edit=lambda text: text.replace("  sales =", silent + "  sales ="))
    site.start(**{**haste(site.smtp), "HASTE_MS": "2000", "HASTE_LINE_S": "6"})
    found = doctor(site, expect=1)
    for channel in ("mail", "mail0", "mail1", "mail2"):
        (result, text), = found[f"channel {channel}"]
        assert result == "fail" and "timed out" in text and text.endswith("check the firewall, and whether the server is up")
    assert found["channel sales"] == [("ok", "found, connected")]
    site.stop()


def test_it_ends_when_whoever_asked_has_gone(site):
    with socket.create_server(("127.0.0.1", 0)) as server:  # takes connections and says nothing
        server.settimeout(10)
        hold(site, edit=lambda text: text.replace(f"smtp://127.0.0.1:{site.smtp.port}", f"smtp://127.0.0.1:{server.getsockname()[1]}"))
        process = subprocess.Popen([str(BUILD / "cadencectl"), "--socket", str(site.socket), "doctor"], stdout=subprocess.DEVNULL)
        connection, _ = server.accept()
        process.kill()
        process.wait()
        with connection:
            connection.settimeout(10)  # a probe goes on for longer
            assert connection.recv(1) == b""
    assert "channel mail" in wait_for(lambda: doctor_text(site), what="another doctor")
    site.stop()
