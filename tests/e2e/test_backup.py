"""Backups: made by themselves, verified, pruned, and put back."""
import datetime
import os
import shutil
import sqlite3
import subprocess

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
