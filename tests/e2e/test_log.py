"""What the daemon says of itself while it runs: lines on standard error, entries in the journal."""
import os
import re
import signal
import socket
import struct
import subprocess

import pytest

from installation import ACME, BUILD, MONDAY, wait_for


def events():
    """The table of events: MESSAGE_ID -> (level, name, meaning)."""
    done = subprocess.run([str(BUILD / "cadenced"), "--print-log-events"], capture_output=True, text=True, check=True, timeout=10)
    return {id: rest for id, *rest in (line.split("\t") for line in done.stdout.splitlines())}


def test_each_kind_of_event_has_an_id_of_its_own_and_a_sentence():
    table = events()
    assert len(table) > 20 and len({name for _, name, _ in table.values()}) == len(table)
    for id, (level, name, means) in table.items():
        assert re.fullmatch("[0-9a-f]{32}", id) and re.fullmatch("[a-z-]+", name)
        assert level in ("err", "warning", "notice", "info", "debug") and means.endswith(".")


def fields(datagram):
    """What an entry says, as a list of (name, value): a name may come several times."""
    found = []
    while datagram:
        line, _, rest = datagram.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            size, = struct.unpack("<Q", rest[:8])
            value, rest = rest[8:8 + size], rest[9 + size:]
        found.append((name.decode(), value.decode()))
        datagram = rest
    return found


@pytest.fixture
def journal(tmp_path):
    """A socket in the place of the journal's, and the words before a command that finds it there."""
    probe = subprocess.run(["unshare", "--mount", "true"], capture_output=True)
    if probe.returncode:
        pytest.skip("a mount namespace needs root")
    place = tmp_path / "journal"
    place.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(place / "socket"))
        server.settimeout(10)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        # What the namespace hides is not needed: /run is empty but for the journal.
        yield server, ["unshare", "--mount", "sh", "-c",
                       'mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal && mount --bind "$0" /run/systemd/journal'
                       ' && export JOURNAL_STREAM="$(stat -Lc %d:%i /proc/self/fd/2)" && exec "$@"', str(place)]


def entries(server):
    server.setblocking(False)
    found = []
    try:
        while True:
            found.append(fields(server.recv(1 << 16)))
    except BlockingIOError:
        return found


def values(entry, name):
    return [value for key, value in entry if key == name]


def test_the_journal_gets_fields_to_search_by(site, journal):
    server, command = journal
    with site.log.open("a") as log:
        done = subprocess.run([*command, *site.command("--once", "--now", MONDAY)], stderr=log, timeout=60)
    assert done.returncode == 0, site.log.read_text()
    assert site.log.read_text() == ""  # all of it went to the journal
    found, table = entries(server), events()
    assert all(values(e, "SYSLOG_IDENTIFIER") == ["cadenced"] and len(values(e, "MESSAGE")) == 1 for e in found)
    assert "started" in {table[values(e, "MESSAGE_ID")[0]][1] for e in found}
    for e in found:
        level = table[values(e, "MESSAGE_ID")[0]][0]
        assert values(e, "PRIORITY") == [str({"err": 3, "warning": 4, "notice": 5, "info": 6}[level])]
    mail, = [e for e in found if values(e, "CADENCED_CHANNEL") == ["mail"]]
    assert values(mail, "CADENCED_PARTNER") == ["acme", "elbe", "borealis"] and values(mail, "CADENCED_OWNER") == ["maria"]
    assert table[values(mail, "MESSAGE_ID")[0]][1] == "delivered" and int(values(mail, "CADENCED_DELIVERY")[0]) > 0
    hooks = [e for e in found if values(e, "CADENCED_CHANNEL") == ["crm"]]
    assert ["acme"] in [values(e, "CADENCED_PARTNER") for e in hooks]


def test_a_journal_that_is_not_there_is_replaced_by_lines_with_priorities(site, journal, tmp_path):
    server, command = journal
    server.close()
    with site.log.open("a") as log:
        subprocess.run([*command, *site.command("--once", "--now", MONDAY)], stderr=log, check=True, timeout=60)
    lines = site.log.read_text().splitlines()
    assert lines and all(re.match("<[3-6]>", line) for line in lines)


def test_a_pipe_that_nobody_reads_stops_nothing(site):
    site.write(partners=[ACME])
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 4096)
    except BlockingIOError:
        pass
    os.set_blocking(writer, True)
    site.process = subprocess.Popen(site.command("--now", MONDAY), stderr=writer)
    wait_for(lambda: len(site.mails()) == 1, what="the digest")
    wait_for(site.answers, what="the socket")
    site.ctl("log", "acme", "meeting", "today")
    # Room again: what is missing is said before what comes next.
    os.set_blocking(reader, False)
    said = b""
    os.read(reader, 1 << 20)

    def heard():
        nonlocal said
        site.process.send_signal(signal.SIGHUP)
        try:
            said += os.read(reader, 1 << 20)
        except BlockingIOError:
            pass
        return b"reloaded" in said
    wait_for(heard, what="a line")
    lost = re.search(rb"cadenced: (\d+) lines of the log found no room and are lost\n", said)
    assert lost and int(lost[1]) > 0, said
    assert said.index(b"lost\n") < said.index(b"configuration reloaded")
    os.close(reader)
    os.close(writer)
    site.ctl("status")
    site.stop()


def test_a_level_says_what_is_left_out(site):
    assert "delivered" in site.once()
    assert site.run("--log-level", "warning", "--once", "--now", "2026-12-07T08:30:00Z") == ""
    assert len(site.mails()) == 2
    assert "looked at what is due" in site.run("--log-level", "debug", "--once", "--now", "2026-12-21T08:30:00Z")


def test_a_level_that_does_not_exist_is_refused_in_one_line(site):
    said = site.run("--log-level", "loud", "--once", expect=64)
    assert said == "cadenced: --log-level loud: debug, info, notice, warning or err would be right\n"
