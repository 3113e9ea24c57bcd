"""The machine around it: disks, files, systemd."""
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

import pytest

from installation import ACME, BUILD, rows, wait_for

SUNDAY = "2026-11-22T12:00:00Z"


def use_database(site, url):
    return lambda text: text.replace(f"sqlite://{site.database}", url)


def test_an_unwritable_directory_is_one_clear_line(site):
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)
        conf = pathlib.Path(home, "cadenced.conf")
        text = site.conf.read_text().replace(f"sqlite://{site.database}", f"sqlite://{home}/sub/cadenced.db")
        text = text[:text.index("  sales = ")] + text[text.index("};\nevents"):]  # no secrets: anybody may read it
        conf.write_text(text.replace('events = [ "crm" ]', "events = [ ]").replace('"mail", "sales"', '"mail"'))
        os.chmod(conf, 0o644)
        os.mkdir(f"{home}/sub")
        os.chmod(f"{home}/sub", 0o555)
        site.conf = conf
        # Where everybody may go: the checkout may lie where only its owner does.
        program = shutil.copy(BUILD / "cadenced", home)
        site.command = lambda *arguments: [program, "--config", str(conf), *arguments]
        who = {"user": 65534} if os.getuid() == 0 else {}
        said = site.once(expect=1, **who)
        assert f"{home}/sub/cadenced.db" in said and len(said.strip().splitlines()) == 1, said
        os.chmod(f"{home}/sub", 0o755)
        assert os.listdir(f"{home}/sub") == []


def test_a_newer_schema_is_refused_and_untouched(site):
    site.once()
    with sqlite3.connect(site.database) as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    before = hashlib.sha256(site.database.read_bytes()).digest()
    said = site.once("2026-11-30T08:30:00Z", expect=1)
    assert "999" in said and "newer" in said
    assert hashlib.sha256(site.database.read_bytes()).digest() == before
    assert len(site.mails()) == 1


def test_a_file_that_is_no_database_is_refused_and_untouched(site):
    site.database.write_text("Dear diary, this is not a database.\n" * 100)
    said = site.once(expect=1)
    assert str(site.database) in said and "database" in said
    assert site.database.read_text().startswith("Dear diary")


def test_a_database_of_something_else_is_refused_and_untouched(site):
    with sqlite3.connect(site.database) as db:
        db.execute("CREATE TABLE song (title TEXT)")
    db.close()
    site.once(expect=1)
    with sqlite3.connect(site.database) as db:
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("song",)]


def test_a_directory_that_does_not_exist_is_one_clear_line(site):
    site.write(edit=use_database(site, "sqlite:///nonexistent/cadenced.db"))
    assert "/nonexistent/cadenced.db" in site.once(expect=1)


@pytest.fixture
def small_disk(tmp_path):
    if os.getuid() != 0:
        pytest.skip("mounting a small disk needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def fill(path):
    with open(path, "wb", buffering=0) as f:
        try:
            while True:
                f.write(b"x" * 4096)
        except OSError:
            pass


def test_a_full_disk_at_start_is_one_clear_line(small_disk, site):
    site.write(edit=use_database(site, f"sqlite://{small_disk}/cadenced.db"))
    fill(small_disk / "ballast")
    said = site.once(expect=1)
    assert "full" in said or "disk" in said
    assert site.smtp.connections == 0
    (small_disk / "ballast").unlink()
    site.once()
    assert len(site.mails()) == 1


def leave(disk, pages):
    """Fills the disk up to that many pages of 4 KiB."""
    fill(disk / "ballast")
    os.truncate(disk / "ballast", max(0, (disk / "ballast").stat().st_size - 4096 * pages))


def test_once_ends_wherever_the_disk_fills_up(small_disk, site):
    prepared = site.home / "prepared.db"
    partners = [(f"p{n}", f"P{n}", "standard", "2026-08-10") for n in range(30)]
    site.write(partners=partners, settings='deliver = "hold";')
    site.once("2026-10-01T08:30:00Z")
    site.database.rename(prepared)
    site.write(partners=partners, edit=use_database(site, f"sqlite://{small_disk}/cadenced.db"))
    failed = 0
    for pages in range(40, 220, 6):
        for leftover in small_disk.iterdir():
            leftover.unlink()
        (small_disk / "cadenced.db").write_bytes(prepared.read_bytes())
        leave(small_disk, pages)
        done = subprocess.run(site.command("--once", "--now", "2026-11-23T08:30:00Z"), capture_output=True, text=True, timeout=20)
        assert done.returncode in (0, 1), done.stderr
        assert (done.returncode == 1) == ("full" in done.stderr), done.stderr
        assert "trying again in" not in done.stderr, done.stderr
        failed += "the store failed" in done.stderr
    assert failed > 0


def test_a_disk_that_fills_up_loses_nothing_and_recovers(small_disk, site):
    site.write(partners=[ACME], edit=use_database(site, f"sqlite://{small_disk}/cadenced.db"))
    site.start(SUNDAY)
    site.ctl("log", "acme", "email", "2026-10-02", "kept")
    fill(small_disk / "ballast")
    refused = None
    for n in range(300):
        try:
            site.ctl("log", "acme", "email", "2026-09-01", f"{n} " + "x" * 1900)
        except AssertionError as error:
            refused = str(error)
            break
    assert refused and ("full" in refused or "disk" in refused), refused
    faults = {f["kind"]: f["text"] for f in site.ctl("status", expect=1)["faults"]}
    assert "make room" in faults["disk"], faults
    (small_disk / "ballast").unlink()
    site.ctl("log", "acme", "email", "2026-10-03", "after")
    site.stop()
    site.start("2026-11-22T13:00:00Z")
    text = site.ctl_text("export", "contacts")
    assert "kept" in text and "after" in text
    assert text.count("2026-09-01") == n
    site.stop()


def test_a_disk_that_is_full_when_a_digest_is_due_is_said_once_and_mends_itself(small_disk, site):
    """The turn of the morning cannot write: nothing is sent that is not on disk, and all of it once there is room."""
    partners = [(f"p{n}", f"P{n}", "standard", "2026-08-10") for n in range(30)]
    site.write(partners=partners, settings='deliver = "hold";', edit=use_database(site, f"sqlite://{small_disk}/cadenced.db"))
    site.once("2026-10-01T08:30:00Z")
    site.write(partners=partners, edit=use_database(site, f"sqlite://{small_disk}/cadenced.db"))
    site.start("2026-11-23T08:29:50Z")
    fill(small_disk / "ballast")
    wait_for(lambda: "the store failed: the disk that holds the database is full" in site.log.read_text(), 20, "the log")
    status = site.ask("/v1/status")[1]
    faults = {fault["kind"]: fault["text"] for fault in status["faults"]}
    assert "the disk that holds the database is full" in faults["store"] and "make room" in faults["disk"]
    assert status["partners"] == 30 and site.mails() == [] and site.slacks() == []
    (small_disk / "ballast").unlink()
    wait_for(lambda: site.mails() and site.slacks(), 20, "the digest")
    wait_for(lambda: "the store works again" in site.log.read_text(), what="the log")
    assert site.log.read_text().count("the store failed: ") == 1
    assert "store" not in {fault["kind"] for fault in site.ask("/v1/status")[1]["faults"]}
    site.stop()
    assert len(site.mails()) == 1 and len(site.slacks()) == 1


def test_a_backup_that_would_fill_the_disk_is_not_begun(small_disk, site):
    site.write(edit=use_database(site, f"sqlite://{small_disk}/cadenced.db"))
    site.start(SUNDAY)
    leave(small_disk, 30)
    said = site.ctl_text("backup", expect=1)
    assert "the disk has 0 MiB left, and a backup takes up to 1" in said and "make room" in said
    assert os.listdir(small_disk / "backups") == []
    (small_disk / "ballast").unlink()
    site.ctl("backup")
    site.stop()


def test_a_backup_is_a_database_with_the_same_partners(site):
    site.start(SUNDAY)
    target = site.home / "backup.db"
    site.ctl_text("backup", target)
    with sqlite3.connect(target) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert {row[0] for row in db.execute("SELECT id FROM partner")} == {r["id"] for r in rows(site.ctl("list"))}
    db.close()
    assert not [p for p in site.home.iterdir() if "tmp" in p.name]
    site.stop()
    target.rename(site.database)
    for leftover in site.home.glob("cadenced.db-*"):
        leftover.unlink()
    site.once()
    assert len(site.mails()) == 1


def test_a_backup_is_streamed_and_leaves_nothing_behind(site, tmp_path):
    site.start()
    done = subprocess.run([str(BUILD / "cadencectl"), "--socket", str(site.socket), "backup", "-"], capture_output=True, timeout=30)
    assert done.returncode == 0 and done.stdout.startswith(b"SQLite format 3\0")
    site.ctl_text("backup", tmp_path / "nowhere" / "b.db", expect=1)
    site.ctl_text("backup", tmp_path / "b.db")
    assert (tmp_path / "b.db").read_bytes()[:16] == done.stdout[:16]
    assert (tmp_path / "b.db").stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.part")) and not list(site.home.glob("*.backup"))


def test_the_database_is_nobody_elses_to_read(site):
    site.once()
    assert site.database.stat().st_mode & 0o077 == 0


def test_systemd_hears_ready_status_watchdog_and_stopping(site, tmp_path):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(path)
        s.settimeout(10)
        site.start(SUNDAY, NOTIFY_SOCKET=path, WATCHDOG_USEC="300000")
        said = []

        def heard(word):
            end = time.monotonic() + 20
            while not any(word in line for line in said):
                assert time.monotonic() < end, f"{word} was not said, but {said}"
                said.extend(s.recv(4096).decode().splitlines())
            return True
        assert heard("READY=1") and heard("STATUS=4 partners, 2 due, 0 undelivered, next look Mon 00:00")
        assert heard("WATCHDOG=1")
        said.clear()
        assert heard("WATCHDOG=1")  # and again
        site.process.send_signal(signal.SIGHUP)
        said.clear()
        before = time.monotonic_ns() // 1000
        assert heard("RELOADING=1") and heard("READY=1")
        when = next(int(line.partition("=")[2]) for line in said if line.startswith("MONOTONIC_USEC="))
        assert before - 10_000_000 < when <= time.monotonic_ns() // 1000
        site.process.send_signal(signal.SIGTERM)
        assert heard("STOPPING=1")
        assert site.process.wait(10) == 0


ELSE = {"user": 65534} if os.getuid() == 0 else {}


def alone(site, tmp_path):
    """A home of its own where anybody may go, with a program and a configuration without secrets."""
    home = pathlib.Path(tempfile.mkdtemp())
    home.chmod(0o755)
    text = site.conf.read_text().replace(str(site.home), str(home))
    text = text[:text.index("  sales = ")] + text[text.index("};\nevents"):]
    site.conf = home / "cadenced.conf"
    site.conf.write_text(text.replace('events = [ "crm" ]', "events = [ ]").replace('"mail", "sales"', '"mail"'))
    site.conf.chmod(0o644)
    program = shutil.copy(BUILD / "cadenced", home)
    site.command = lambda *arguments: [program, "--config", str(site.conf), *arguments]
    return home


@pytest.mark.skipif(os.getuid() != 0, reason="being two users needs root")
def test_a_state_directory_of_somebody_else_is_one_line_that_says_what_to_do(site, tmp_path):
    home = alone(site, tmp_path)
    try:
        os.chown(home, 65534, 65534)
        said = site.once(expect=1)  # as root, who could write there
        assert f"{home} belongs to nobody, and this is root: run cadenced as nobody, or `chown -R root: {home}`" in said
        assert len(said.strip().splitlines()) == 1 and not (home / "cadenced.db").exists()
        os.chown(home, 1, 1)
        assert f"{home} belongs to daemon, and this is nobody" in site.once(expect=1, **ELSE)
        os.chown(home, 65534, 65534)
        site.once(expect=0, **ELSE)
    finally:
        shutil.rmtree(home)


@pytest.mark.skipif(os.getuid() != 0, reason="being two users needs root")
def test_a_secret_that_may_not_be_read_is_one_line_that_says_what_to_do(site, tmp_path):
    home = alone(site, tmp_path)
    try:
        secret = home / "smtp-password"
        secret.write_text("hunter2\n")
        secret.chmod(0o600)
        site.conf.write_text(site.conf.read_text().replace('tls = "none";', 'tls = "none"; user = "u"; password_file = "smtp-password";'))
        os.chown(home, 65534, 65534)
        said = site.once(expect=78, **ELSE)
        assert len(said.strip().splitlines()) == 1 and f"{secret}: Permission denied; give it to the user" in said
        assert "/etc/cadenced/secrets" in said
        secret.chmod(0o644)
        said = site.once(expect=78, **ELSE)
        assert len(said.strip().splitlines()) == 1 and f"`chmod o-r {secret}`" in said
        assert "hunter2" not in said
    finally:
        shutil.rmtree(home)


def test_a_second_daemon_is_one_line_and_disturbs_nobody(site):
    site.start(SUNDAY)
    said = site.run("--now", SUNDAY, expect=1)
    assert "already running" in said and len(said.strip().splitlines()) == 1
    site.ctl("status")


def test_a_socket_path_that_is_too_long_is_one_line(site):
    site.write(edit=lambda text: text.replace(str(site.socket), "/run/" + "x" * 103))
    said = site.run("--now", SUNDAY, expect=78)
    assert "is longer than the 107 bytes that a socket" in said and len(said.strip().splitlines()) == 1


class Activated:
    """A socket as systemd hands it over: descriptor 3, and variables that name the process."""

    def __init__(self, site, socket_type=socket.SOCK_STREAM):
        self.site = site
        self.socket = socket.socket(socket.AF_UNIX, socket_type)
        self.socket.bind(str(site.socket))
        if socket_type == socket.SOCK_STREAM:
            self.socket.listen()

    def start(self):
        script = 'export LISTEN_PID=$$ LISTEN_FDS=1; exec 3<&"$0"; exec "$@"'
        number = self.socket.fileno()
        self.site.process = subprocess.Popen(["bash", "-c", script, str(number), *self.site.command("--now", SUNDAY)],
                                             pass_fds=[number], stderr=self.site.log.open("a"))
        return self.site.process


def test_a_socket_from_systemd_serves_and_outlives_the_daemon(site):
    given = Activated(site)
    given.start()
    assert site.ctl("status")
    site.stop()
    assert site.socket.is_socket()  # systemd's, not ours to remove
    given.start()
    assert site.ctl("status")


def test_a_socket_from_systemd_of_another_kind_is_one_line(site):
    assert Activated(site, socket.SOCK_DGRAM).start().wait(20) == 1
    said = site.log.read_text().strip().splitlines()
    assert len(said) == 1 and "ListenStream=" in said[0]


def test_without_a_watchdog_an_idle_daemon_sleeps(site):
    site.write(partners=[ACME], events="")
    process = site.start(SUNDAY)

    def switches():
        text = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/status").read_text()
        return sum(int(line.split()[1]) for line in text.splitlines() if "ctxt_switches" in line)
    wait_for(lambda: site.ctl("status"), what="status")
    settled = [switches()]
    # It may still be putting itself to rest; then three looks must find it where it was.
    for _ in range(4):
        time.sleep(0.5)
        settled.append(switches())
    assert settled[-1] == settled[-2] == settled[-3], settled


def test_log_lines_have_priorities_in_the_journal_and_none_elsewhere(site):
    with site.log.open("w") as log:
        stat = os.fstat(log.fileno())
        subprocess.run(site.command("--once", "--now", SUNDAY), stderr=log, check=True,
                       env={**os.environ, "JOURNAL_STREAM": f"{stat.st_dev}:{stat.st_ino}"})
    assert all(line[0] == "<" and line[2] == ">" for line in site.log.read_text().splitlines())
    assert "<" not in site.once()
