"""What is written while a reload is under way is judged by the new configuration."""
import json
import signal
import socket

import pytest

from installation import ACME, rows, wait_for

SUNDAY = "2026-11-22T12:00:00Z"

MANY = 3000  # so many partners are brought in line by the store while the loop goes on
HEAD = "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"


class Reloading:
    """A daemon that tells when it begins to reload. The loop reads the file first, and looks at its socket only when the
    store has been asked to bring the database in line: what is said in between stands behind that."""

    def __init__(self, site, path):
        self.site = site
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(path)
        self.notify.settimeout(20)
        self.write("Before")
        site.start(SUNDAY, NOTIFY_SOCKET=path)
        self.hear("READY=1")

    def write(self, name, edit=lambda text: text):
        self.site.write(partners=[(f"p{n}", f"{name} {n}", "standard", "2026-11-01") for n in range(MANY)],
                        edit=lambda text: edit(text.replace(', backup = "jon"', "").replace('; backup = "jon"', "")))

    def hear(self, word):
        while word not in self.notify.recv(4096).decode():
            pass

    def say(self, path, body):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(30)
        s.connect(str(self.site.socket))
        s.sendall((HEAD.format(path=path, length=len(body)) + body).encode())
        return s

    def say_within(self, *sayings):
        """Says these while the reload is under way; the connections, when it is over."""
        self.site.process.send_signal(signal.SIGHUP)
        self.hear("RELOADING=1")
        said = [self.say(path, json.dumps(body)) for path, body in sayings]
        self.hear("READY=1")
        return said


def answer(s):
    with s:
        text = b""
        while more := s.recv(65536):
            text += more
    return int(text.split()[1]), json.loads(text.partition(b"\r\n\r\n")[2])


@pytest.fixture
def reloading(site, tmp_path):
    reloading = Reloading(site, str(tmp_path / "notify"))
    yield reloading
    reloading.notify.close()


def test_a_partner_that_is_written_during_a_reload_is_judged_by_the_new_cadence(reloading):
    site = reloading.site
    site.ctl("partner", "add", "q", "--owner", "maria", "--cadence", "standard")
    site.ctl("log", "q", "call", "2026-10-01")
    reloading.write("After", lambda text: text.replace('every = "3 months"', 'every = "4 weeks"; grace = "1 week"'))
    # It counts for nothing, and the partner is judged all the same: due on Thursday 29 October, cold a week later.
    said, = reloading.say_within(("/v1/partners/q/contacts", {"kind": "email", "direction": "out", "day": "2026-11-20"}))
    assert answer(said)[0] == 200
    wait_for(lambda: [e for e in site.events("nudge.raised") if e["data"]["partner"]["id"] == "q"], what="the nudge of q")


def test_an_owner_that_a_reload_removes_gets_no_partner_meanwhile(reloading):
    reloading.write("After", lambda text: "".join(line for line in text.splitlines(True) if not line.startswith("  jon ")))
    said, = reloading.say_within(("/v1/partners", {"id": "nova", "owner": "jon"}))
    status, refusal = answer(said)
    assert status == 400 and "jon" in refusal["error"]["message"]
    assert "nova" not in [r["id"] for r in rows(reloading.site.ctl("list", "--owner", "maria"))]


def test_what_is_written_during_a_reload_that_is_refused_is_written(reloading):
    site = reloading.site
    site.ctl("partner", "add", "q", "--owner", "jon")
    reloading.write("After", lambda text: "".join(line for line in text.splitlines(True) if not line.startswith("  jon ")))
    said, = reloading.say_within(("/v1/partners", {"id": "nova", "owner": "jon"}))
    assert answer(said)[0] == 200 and "jon" in site.ctl("status", expect=1)["last_reload_error"]
    assert {r["id"] for r in rows(site.ctl("list", "--owner", "jon"))} == {"q", "nova"}


def test_what_is_written_during_a_reload_keeps_its_order(reloading):
    reloading.write("After")
    path = "/v1/partners/p7/contacts"
    said = reloading.say_within(*((path, {"kind": "call", "day": "2026-11-20", "ext_id": "one", "note": f"note {n}"}) for n in range(5)))
    assert [answer(s)[1]["result"] for s in said] == ["new"] + ["changed"] * 4
    assert "note 4" in reloading.site.ctl_text("export", "contacts")


def test_who_leaves_during_a_reload_has_written_nothing(reloading):
    site = reloading.site
    reloading.write("After")
    path = "/v1/partners/p7/contacts"
    site.process.send_signal(signal.SIGHUP)
    reloading.hear("RELOADING=1")
    reloading.say(path, json.dumps({"kind": "call", "day": "2026-11-20", "note": "left"})).close()
    half = reloading.say(path, json.dumps({"kind": "call", "day": "2026-11-20", "note": "listens"}))
    half.shutdown(socket.SHUT_WR)  # has said everything, and waits for the answer
    reloading.hear("READY=1")
    assert answer(half)[0] == 200
    notes = site.ctl_text("export", "contacts")
    assert "listens" in notes and "left" not in notes


def test_a_stop_during_a_reload_leaves_nobody_waiting(reloading):
    reloading.write("After")
    site = reloading.site
    site.process.send_signal(signal.SIGHUP)
    reloading.hear("RELOADING=1")
    said = reloading.say("/v1/partners/p7/contacts", json.dumps({"kind": "call", "day": "2026-11-20", "note": "late"}))
    site.stop()
    try:
        with said:
            heard = said.recv(65536)
    except ConnectionError:
        heard = b""
    site.start(SUNDAY)
    # No answer, or one that is true.
    assert heard == b"" or (b" 200 " in heard and "late" in site.ctl_text("export", "contacts"))


def test_a_long_error_of_a_reload_stands_in_the_status(site):
    """Cut in the middle of a character it was no text, and left out: all seemed well."""
    site.write(partners=[ACME])
    site.start()
    for more in range(5, 12):
        name = "strategic" + "x" * more
        site.write(partners=[(*ACME[:2], name, ACME[3])], edit=lambda text: text.replace("  strategic =", f"  {name} =")
                   .replace("4 weeks", "often" * 60).replace("3 months", "never"))
        site.ctl_text("reload", expect=78)
        error = site.ctl("status", expect=1)["last_reload_error"]
        assert "often…" in error and error.endswith(" (and 1 more: see the log)"), error
    site.write(partners=[ACME])
    site.ctl("reload")
    assert "last_reload_error" not in site.ctl("status")


def test_a_channel_that_is_mended_is_tried_at_once(site):
    site.write(edit=lambda text: text.replace("/crm", "/crmm"), channels='"mail"')
    site.http.answers["/crmm"] = (404, {}, b"no such place")
    site.start("2026-11-22T10:00:00Z")
    wait_for(lambda: [d for d in site.outbox("event") if d["state"] == "retry"], what="events that are refused")
    site.write(channels='"mail"')
    site.ctl_text("reload")
    wait_for(lambda: site.outbox("event") == [], what="an empty outbox")
    assert site.events("nudge.raised")
