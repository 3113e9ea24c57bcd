"""Backups: made by themselves, verified, pruned, and put back."""
import datetime
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess

import pytest

from installation import ACME, BUILD, MONDAY, wait_for

NEXT = "2026-11-30T08:30:00Z"


def backups(site):
    folder = site.home / "backups"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def ctl(site, *words, expect=0):
    """The command line without a daemon's socket."""
    done = subprocess.run([str(BUILD / "cadencectl"), *map(str, words)], capture_output=True, text=True, timeout=30)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_backup_is_made_by_itself_each_day(site):
    site.write(settings='deliver = "hold"; backup = { keep = 3; };')
    site.once()
    folder = site.home / "backups"
    folder.mkdir()
    for day in ("2020-01-01", "2020-01-02", "2020-01-03"):
        (folder / f"cadenced-{day}.db").write_text("old")
    (folder / "notes.txt").write_text("not ours")
    site.process = subprocess.Popen([str(BUILD / "cadenced"), "--config", str(site.conf)], stderr=site.log.open("a"))
    days = {f"cadenced-{datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=n):%Y-%m-%d}.db" for n in (0, 1)}
    wait_for(lambda: days & set(backups(site)), what=f"the backup\n{site.log.read_text()}")
    wait_for(lambda: "made and verified; 4 partners, 4 contacts" in site.log.read_text(), what="the log")
    assert backups(site)[:2] == ["cadenced-2020-01-02.db", "cadenced-2020-01-03.db"] and "notes.txt" in backups(site)
    newest = backups(site)[2]
    assert site.ctl("status")["backup"]["file"] == str(folder / newest)
    assert (folder / newest).stat().st_mode & 0o777 == 0o600
    # One a day, however often it starts.
    inode = (folder / newest).stat().st_ino
    site.stop()
    site.process = subprocess.Popen([str(BUILD / "cadenced"), "--config", str(site.conf)], stderr=site.log.open("a"))
    wait_for(site.answers, what="the socket")
    assert site.ctl("status")["backup"]["file"].endswith(newest) or newest not in days
    site.stop()
    assert (folder / newest).stat().st_ino == inode


def test_no_backup_is_made_where_none_is_wanted(site):
    site.write(settings='deliver = "hold"; backup = { keep = 0; };')
    site.process = subprocess.Popen([str(BUILD / "cadenced"), "--config", str(site.conf)], stderr=site.log.open("a"))
    wait_for(site.answers, what="the socket")
    assert site.ctl("status")["backup"] is None
    site.stop()
    assert not (site.home / "backups").exists()


def test_a_backup_made_by_hand_says_what_it_holds(site):
    site.write(settings="backup = { keep = 2; };")
    for now in (MONDAY, NEXT, "2026-12-07T08:30:00Z"):
        site.start(now)
        answer = site.ctl("backup")
        assert answer["partners"] == 4 and answer["newest_contact"] == "2026-11-10"
        site.stop()
    assert backups(site) == ["cadenced-2026-11-30.db", "cadenced-2026-12-07.db"]
    with sqlite3.connect(f"file:{answer['file']}?immutable=1", uri=True) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    db.close()


def test_a_backup_that_fails_is_said_and_leaves_nothing(site):
    site.start()
    (site.home / "backups").write_text("in the way")
    said = site.ctl_text("backup", expect=1)
    assert f"{site.home}/backups" in said
    status = site.ctl("status", expect=1)
    assert [f["kind"] for f in status["faults"]] == ["backup"]
    assert f"{site.home}/backups" in status["backup"]["failed"]
    assert "no backup: " in site.log.read_text()
    (site.home / "backups").unlink()
    site.ctl("backup")
    assert site.ctl("status")["backup"]["failed"] is None
    assert backups(site) == ["cadenced-2026-11-23.db"]
    site.stop()


def test_verifying_says_what_a_backup_holds_and_refuses_what_is_none(site):
    site.start()
    file = site.ctl("backup")["file"]
    site.stop()
    said = ctl(site, "restore", "--verify", file)
    assert "sound" in said and "4 partners, 4 contacts, newest contact 2026-11-10" in said
    with open(file, "r+b") as f:
        f.truncate(50000)
    assert "is damaged: it is cut off after 50000 of " in ctl(site, "restore", "--verify", file, expect=1)
    assert "is not a database of cadenced" in ctl(site, "restore", "--verify", site.conf, expect=1)
    assert "No such file" in ctl(site, "restore", "--verify", site.home / "none.db", expect=1)


def test_a_backup_is_put_in_the_place_of_a_damaged_database(site):
    site.start()
    wait_for(lambda: site.mails(), what="the digest")
    wait_for(lambda: site.outbox() == [], what="the outbox to be empty")
    file = site.ctl("backup")["file"]
    assert "stop it first" in ctl(site, "restore", file, "--conf", site.conf, expect=1)
    site.ctl("log", "acme", "email", "today", "after the backup")
    site.stop()
    os.truncate(site.database, 20000)
    site.database.with_name("cadenced.db-wal").write_text("what a crash left of a log")
    advice = site.once(NEXT, expect=78)
    assert f"cadencectl restore {file}" in advice
    said = ctl(site, "restore", file, "--conf", site.conf)
    assert "sound" in said and "systemctl start cadenced" in said
    aside, = [p for p in site.home.glob("cadenced.db.replaced-*") if not p.name.endswith(("-wal", "-shm"))]
    assert aside.stat().st_size == 20000 and str(aside) in said
    assert (site.home / (aside.name + "-wal")).exists() and not (site.home / "cadenced.db-wal").exists()
    assert site.database.stat().st_mode & 0o777 == 0o600
    assert "it is sound" in site.once(NEXT)  # of a copy nobody knows who closed it: all of it is read
    assert len(site.mails()) == 2
    site.start("2026-11-30T09:00:00Z")
    assert "after the backup" not in site.ctl_text("export", "contacts")
    site.stop()


def test_restoring_keeps_what_it_cannot_replace(site):
    site.start()
    file = site.ctl("backup")["file"]
    site.stop()
    before = site.database.read_bytes()
    broken = site.home / "broken.db"
    shutil.copy(file, broken)
    with broken.open("r+b") as f:
        f.seek(4096 * 5)
        f.write(b"\x5a" * 4096)
    ctl(site, "restore", broken, "--conf", site.conf, expect=1)
    assert site.database.read_bytes() == before and not list(site.home.glob("cadenced.db.re*"))


def test_a_partner_is_still_restored_by_its_name(site):
    site.write(partners=[ACME])
    site.start()
    assert "no partner" in site.ctl_text("restore", "nobody", expect=1)
    site.stop()


# ---- what happens once in a thousand times ----

@pytest.fixture(scope="module")
def misfortune(tmp_path_factory):
    library = tmp_path_factory.mktemp("misfortune") / "misfortune.so"
    source = pathlib.Path(__file__).with_name("misfortune.c")
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
    common = {"LD_PRELOAD": str(library), "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
    return lambda **what: {**common, **{name: str(value) for name, value in what.items()}}


def test_a_backup_that_fails_at_once_is_not_said_to_be_made(site, misfortune):
    site.write(settings='deliver = "hold";')
    site.once()
    folder = site.home / "backups"
    (folder / "cadenced-2026-11-23.db").mkdir(parents=True)  # its name is taken
    site.start(**misfortune(SLOW_PARENT=folder / "next.part"))
    said = site.ctl_text("backup", expect=1)
    assert "cadenced-2026-11-23.db: Is a directory" in said
    assert "made and verified" not in site.log.read_text()
    assert "Is a directory" in site.ctl("status", expect=1)["backup"]["failed"]
    site.stop()


@pytest.fixture
def elsewhere(site):
    """A site that crashed: what was logged last is in the log of its database alone. Its backup lies elsewhere."""
    site.write(events="", channels='"mail"')
    site.start()
    file = site.home / "elsewhere.db"
    shutil.move(site.ctl("backup")["file"], file)
    wait_for(lambda: site.outbox() == [], what="the outbox to be empty")
    site.stop()
    site.start("2026-11-23T09:00:00Z")
    site.ctl("log", "acme", "call", "today", "after the backup")
    site.kill()
    assert (site.home / "cadenced.db-wal").stat().st_size > 0
    return file


def stopped_restore(site, file, misfortune):
    """A restore that has copied, and halts."""
    process = subprocess.Popen([str(BUILD / "cadencectl"), "restore", str(file), "--conf", str(site.conf)], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, **misfortune(STOP_AT_FSYNC=1)})
    wait_for(lambda: pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T", what="the copy")
    return process


def go_on(process):
    process.send_signal(signal.SIGCONT)
    said = process.communicate(timeout=20)[0]
    assert process.returncode == 0, said


@pytest.mark.parametrize("there", [True, False], ids=["beside a database", "where there is none"])
def test_no_daemon_starts_while_a_backup_is_put_in_place(site, elsewhere, misfortune, there):
    if not there:
        for path in site.home.glob("cadenced.db*"):
            path.unlink()
    process = stopped_restore(site, elsewhere, misfortune)
    try:
        said = site.once("2026-11-23T09:05:00Z", expect=1 if there else 78)
        assert ("already running" if there else "is being restored") in said
        assert "another restore is under way" in ctl(site, "restore", elsewhere, "--conf", site.conf, expect=1)
        go_on(process)
    finally:
        process.kill()
        process.wait()
    site.start("2026-11-23T09:10:00Z")
    assert "after the backup" not in site.ctl_text("export", "contacts")
    site.stop()


@pytest.mark.parametrize("number", range(1, 6))
def test_a_restore_that_is_broken_off_loses_nothing_without_a_word(site, elsewhere, misfortune, number):
    command = [str(BUILD / "cadencectl"), "restore", str(elsewhere), "--conf", str(site.conf)]
    done = subprocess.run(command, capture_output=True, timeout=30, env={**os.environ, **misfortune(KILL_AT_RENAME=number)})
    assert done.returncode == -signal.SIGKILL
    if site.database.exists():
        site.start("2026-11-23T09:10:00Z")
        assert "after the backup" in site.ctl_text("export", "contacts")
        site.stop()
    else:
        said = site.once("2026-11-23T09:10:00Z", expect=78)
        assert "is being restored, or was when something broke that off" in said and "cadencectl restore" in said
        assert not site.database.exists()
        part = site.home / "cadenced.db.restored"
        assert "name the backup itself" in ctl(site, "restore", part, "--conf", site.conf, expect=1)
    # Once more, and it is done.
    ctl(site, "restore", elsewhere, "--conf", site.conf)
    assert not list(site.home.glob("cadenced.db.restored"))
    asides = [path for path in site.home.glob("cadenced.db.replaced-*") if not path.name.endswith(("-wal", "-shm"))]
    assert len(asides) == 1
    site.start("2026-11-23T09:20:00Z")
    site.stop()


# ---- a small disk ----

@pytest.fixture
def disk(site):
    mount = site.home / "disk"
    mount.mkdir()
    if os.getuid() != 0:
        pytest.skip("mounting a small disk needs root")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(mount)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    yield mount
    site.kill()
    subprocess.run(["umount", str(mount)], check=True)


def live_on(site, disk, keep):
    site.write(events="", settings=f'deliver = "hold"; backup = {{ keep = {keep}; }};',
               edit=lambda text: text.replace(f"sqlite://{site.home}/", f"sqlite://{disk}/"))


def grow(path, mib):
    """History, for a database of some size."""
    db = sqlite3.connect(path)
    db.executemany("INSERT INTO history (at, actor, verb, detail) VALUES (1795000000000, 'conf', 'x', ?)",
                   [('"' + "x" * 3500 + '"',)] * (mib * 256))
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def fill(disk, leave):
    left = os.statvfs(disk)
    (disk / "junk").write_bytes(b"x" * (left.f_bavail * left.f_frsize - leave))


def test_a_backup_leaves_room_to_go_on(site, disk):
    live_on(site, disk, 14)
    site.once()
    grow(disk / "cadenced.db", 8)
    site.start()
    fill(disk, (disk / "cadenced.db").stat().st_size + 8192)
    said = site.ctl_text("backup", expect=1)
    assert "make room, or keep fewer backups" in said
    assert not list((disk / "backups").iterdir())
    for _ in range(3):
        site.ctl("log", "acme", "call", "today", "note " * 300)
    site.stop()


def test_to_keep_fewer_backups_makes_room(site, disk):
    live_on(site, disk, 14)
    site.once()
    grow(disk / "cadenced.db", 8)
    for day in (20, 21, 22):
        site.start(f"2026-11-{day}T10:00:00Z")
        site.ctl("backup")
        site.stop()
    site.start("2026-11-23T10:00:00Z")
    fill(disk, 1 << 20)
    site.ctl_text("backup", expect=1)
    assert len(list((disk / "backups").iterdir())) == 3
    live_on(site, disk, 1)
    site.ctl_text("reload")
    site.ctl("backup")
    assert [path.name for path in (disk / "backups").iterdir()] == ["cadenced-2026-11-23.db"]
    site.stop()


# ---- a wrong clock ----

@pytest.mark.parametrize("days", [("2027-01-01", "2026-11-23"), ("2026-11-23", "2025-01-01")], ids=["once ahead", "dead"])
def test_a_wrong_clock_costs_no_backup_of_its_day(site, days):
    site.write(partners=[("acme", "Acme GmbH", "strategic", None)], settings='deliver = "hold"; backup = { keep = 1; };')
    for day in days:
        site.start(f"{day}T10:00:00Z")
        file = site.ctl("backup")["file"]
        assert backups(site) == [os.path.basename(file)] == [f"cadenced-{day}.db"]
        assert site.ctl("status")["backup"]["file"] == file
        site.stop()


def test_the_last_backup_is_one_of_a_day_that_has_come(site):
    site.write(settings='deliver = "hold"; backup = { keep = 3; };')
    for now in ("2027-01-01", "2026-11-22", "2026-11-23"):
        site.start(f"{now}T10:00:00Z")
        site.ctl("backup")
        site.stop()
    site.start("2026-11-23T11:00:00Z")
    assert site.ctl("status")["backup"]["last"] == "2026-11-23"
    # What somebody has taken away is not there.
    (site.home / "backups" / "cadenced-2026-11-23.db").unlink()
    assert site.ctl("status")["backup"]["last"] == "2026-11-22"
    site.stop()


def test_a_backup_replaces_a_backup_and_nothing_else(site, tmp_path):
    site.start("2026-11-23T10:00:00Z")
    tmp_path = tmp_path / "copies"
    tmp_path.mkdir()
    notes, copy, database = tmp_path / "notes.txt", tmp_path / "copy.db", site.home / "cadenced.db"
    notes.write_text("mine")
    assert "notes.txt: is no backup, and stays as it is; name another file" in site.ctl_text("backup", notes, expect=1)
    assert notes.read_text() == "mine"
    for _ in range(2):
        site.ctl_text("backup", copy)
    assert copy.read_bytes().startswith(b"SQLite format 3")
    # What cannot be read any more may be all that somebody has.
    for name, content in (("cut.db", copy.read_bytes()[:3000]), ("zeros.db", copy.read_bytes()[:100] + bytes(8000)), ("other.txt", b"mine")):
        file = tmp_path / name
        file.write_bytes(content)
        (tmp_path / f"{name}-journal").write_text("no journal")
        assert "as it is" in site.ctl_text("backup", file, expect=1)
        assert file.read_bytes() == content
        file.unlink()
        (tmp_path / f"{name}-journal").unlink()
    before = database.stat().st_ino
    for words in (("backup",), ("export", "contacts", "-o")):
        assert "is a database in use" in site.ctl_text(*words, database, expect=1)
        assert "cannot be replaced" in site.ctl_text(*words, tmp_path, expect=1)
    assert database.stat().st_ino == before
    site.ctl_text("log", "acme", "call")  # it still writes where it reads
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy.db", "notes.txt"]
