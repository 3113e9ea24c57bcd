"""The manual pages against the programs: whatever they say can be typed is typed."""
import json
import os
import re
import shutil
import subprocess

import pytest

from installation import BUILD

SUNDAY = "2026-11-22T12:00:00Z"
ESCAPES = {r"\-": "-", r"\(aq": "'", r"\(dq": '"', r"\(ga": "`", r"\(ha": "^", r"\(ti": "~", r"\e": "\\", r"\&": ""}


def typed(*command):
    """The displays of a table that is printed for a manual page, as they are read there."""
    page = subprocess.run([str(BUILD / command[0]), *command[1:]], capture_output=True, text=True, check=True).stdout
    displays = re.findall(r"^\.Bd -literal\n(.*?)^\.Ed$", page, re.MULTILINE | re.DOTALL)
    return [re.sub(r"\\(?:\(..|.)", lambda m: ESCAPES[m[0]], display) for display in displays]


@pytest.fixture
def open_site(site):
    site.write(settings='reply_to = "cadence@example.com";')
    (site.home / "mail").write_text("From: somebody@example.org\nTo: cadence@example.com\nMessage-ID: <1@example.org>\n\nacme call today\n")
    site.start(SUNDAY)
    shutil.copy(site.conf, site.home / "new.conf")
    (site.home / "contacts.csv").write_text("partner,date,kind\nacme,2026-11-03,call\n")
    return site


def shell(site, command):
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, errors="replace", timeout=30, cwd=site.home,
                          env={**os.environ, "CADENCED_SOCKET": str(site.socket), "PATH": f"{BUILD}:{os.environ['PATH']}"})


def test_each_example_of_the_api_is_answered(open_site):
    examples = typed("cadenced", "--print-manual", "api")
    assert len(examples) > 30
    refused = {}
    for example in examples:
        command = example.replace("/run/cadenced/control.sock", f"'{open_site.socket}'").replace("/etc/cadenced/cadenced.conf", str(open_site.conf))
        done = shell(open_site, command.rstrip("\n") + " -sS -o answer -w '%{http_code}'")
        assert done.returncode == 0, (command, done.stderr)
        if done.stdout != "200":
            answer = json.loads((open_site.home / "answer").read_text())
            refused[re.search(r"localhost/v1(/[^'?]*)", command)[1]] = answer["error"]["message"]
    # Understood, and nothing here to do it to: acme has just been in contact, and its meeting was called off.
    assert refused == {
        "/partners/acme/ack": "acme is not due: there is nothing to acknowledge",
        "/partners/acme/noshow": "acme has no meeting booked",
        "/contacts/17": "there is no contact 17",
        **{f"/outbox/42{what}": "there is no delivery 42 in the outbox (see: outbox list)" for what in ("", "/retry", "/drop")}}


def test_each_example_of_the_command_line_is_done(open_site):
    examples = [line for display in typed("cadencectl", "--print-manual") for line in display.splitlines()]
    assert len(examples) > 30
    open_site.ctl_text("backup", open_site.home / "cadenced-2026-11-24.db")
    open_site.ctl_text("partner", "add", "delta", "--owner", "maria")
    failed = {}
    for example in examples:
        done = shell(open_site, example.replace("/etc/cadenced/cadenced.conf", str(open_site.conf)))
        if done.returncode != 0:
            failed[example] = (done.returncode, done.stderr)
    assert failed == {
        "cadencectl ack acme offer is out": (1, "cadencectl: acme is not due: there is nothing to acknowledge\n"),
        "cadencectl noshow acme": (1, "cadencectl: acme has no meeting booked\n"),
        "cadencectl unlog 17": (1, "cadencectl: there is no contact 17\n")}
