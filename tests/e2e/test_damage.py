"""A database that is not what it was: refused in words that say what to do, and left as it is."""
import hashlib
import os
import sqlite3

import pytest

from installation import ACME

NEXT = "2026-11-30T08:30:00Z"
PAGE = 4096


def digest(site):
    """Of all that lies beside the database, but the files that are only there to lock."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in site.home.glob("cadenced.db*") if path.stat().st_size}


def fill(site):
    """Makes the file some hundred pages long."""
    site.once()
    with sqlite3.connect(site.database) as db:
        db.execute("INSERT INTO history (at, actor, verb, detail) WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1"
                   " FROM n WHERE i < 5000) SELECT 1795000000000, 'conf', 'x', printf('%064d', i) FROM n")
    db.close()


def crash(site):
    site.start(NEXT)
    site.ctl("log", "acme", "email", "today", "written late")
    site.kill()


def overwrite(site, at, data):
    with site.database.open("r+b") as f:
        f.seek(at)
        f.write(data)


def last_page_of_history(site):
    """A page in the middle of the file that only old history lies on: no start has to read it."""
    with sqlite3.connect(f"file:{site.database}?immutable=1", uri=True) as db:
        root, = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'history'").fetchone()
    db.close()
    data = site.database.read_bytes()
    page = data[(root - 1) * PAGE:root * PAGE]
    assert page[0] == 5, "an inner page"
    cells = int.from_bytes(page[3:5], "big")
    at = int.from_bytes(page[12 + 2 * (cells // 2):14 + 2 * (cells // 2)], "big")
    return int.from_bytes(page[at:at + 4], "big") - 1


def assert_refused(site, *words):
    before = digest(site)
    said = site.once(NEXT, expect=78)
    assert len(said.splitlines()) == 1 and f"{site.database}: " in said, said
    assert all(word in said for word in ("nothing was written to it", "cadencectl restore", f"(here with --conf {site.conf})", *words)), said
    assert digest(site) == before
    return said


@pytest.mark.parametrize("ended", ["well", "badly"])
def test_a_file_that_was_cut_off_is_refused(site, ended):
    fill(site)
    if ended == "badly":
        crash(site)
    os.truncate(site.database, 30 * PAGE)
    assert_refused(site, "is damaged: ")


def test_a_damaged_header_is_refused(site):
    fill(site)
    overwrite(site, 18, b"\x7f\x7f")
    assert_refused(site, "is damaged: ")


@pytest.mark.parametrize("ended", ["well", "badly"])
def test_a_beginning_that_is_none_of_a_database_is_refused(site, ended):
    fill(site)
    if ended == "badly":
        crash(site)
    (site.home / "backups").mkdir()
    (site.home / "backups" / "cadenced-2026-11-22.db").touch()
    overwrite(site, 0, b"\0" * 16)
    assert_refused(site, "does not begin as a database does", "cadenced-2026-11-22.db")


def test_a_damaged_page_is_found_after_a_crash_and_the_backup_is_named(site):
    fill(site)
    page = last_page_of_history(site)
    crash(site)
    overwrite(site, page * PAGE, b"\x5a" * PAGE)
    backups = site.home / "backups"
    backups.mkdir()
    for day in ("2026-11-21", "2026-11-22"):
        (backups / f"cadenced-{day}.db").touch()
    assert_refused(site, "is damaged: ", f"cadencectl restore {backups}/cadenced-2026-11-22.db")


def test_after_a_crash_a_sound_database_is_taken_and_said_to_be_sound(site):
    fill(site)
    crash(site)
    assert "all of it was read, and it is sound" in site.once(NEXT)
    assert "all of it was read" not in site.once("2026-12-07T08:30:00Z")


def test_what_was_lost_is_not_begun_anew(site):
    site.once()
    (site.home / "backups").mkdir()
    (site.home / "backups" / "cadenced-2026-11-22.db").touch()
    site.database.unlink()
    assert "is not there, though" in assert_refused(site, "cadenced-2026-11-22.db")
    assert not site.database.exists()


def test_damage_that_is_met_while_running_ends_the_daemon(site):
    """A start after a good end reads only what it needs; this page is met when old history is forgotten."""
    site.write(partners=[ACME])
    fill(site)
    page = last_page_of_history(site)
    overwrite(site, page * PAGE, b"\x5a" * PAGE)
    said = site.run("--now", "2032-11-29T08:30:00Z", expect=1)
    assert "nothing is written to a damaged database" in said and "trying again" not in said
    assert_refused(site, "is damaged: ")
    site.once(NEXT, expect=78)


def assert_ends_and_says_why(site):
    """Exit 1: it is started again, and that start names the backup."""
    assert site.process.wait(15) == 1
    site.process = None
    said, = [line for line in site.log.read_text().splitlines() if "nothing is written to a damaged database" in line]
    assert f"{site.database}: is damaged: " in said and "the next start reads all of it" in said
    assert_refused(site, "is damaged: ")


def test_damage_that_a_backup_meets_ends_the_daemon(site):
    site.write(partners=[ACME])
    fill(site)
    overwrite(site, last_page_of_history(site) * PAGE, b"\x5a" * PAGE)
    site.start("2026-11-29T10:00:00Z")  # a Sunday: nothing is due until Monday
    said = site.ctl_text("backup", expect=1)
    assert f"{site.database}: is damaged: " in said and "next.part" not in said
    assert_ends_and_says_why(site)


def test_damage_that_a_request_meets_ends_the_daemon(site):
    """The pages that answers are remembered on: read by no start and no turn."""
    site.write(partners=[ACME])
    fill(site)
    with sqlite3.connect(f"file:{site.database}?immutable=1", uri=True) as db:
        roots = [page for page, in db.execute("SELECT rootpage FROM sqlite_schema WHERE tbl_name = 'idempotency'")]
    db.close()
    for page in roots:
        overwrite(site, (page - 1) * PAGE, b"\x5a" * PAGE)
    site.start("2026-11-29T10:00:00Z")
    said = site.refusal("/v1/partners/acme/contacts", {"kind": "email"}, "-H", "Idempotency-Key: k1", expect=500)
    assert said.startswith(f"{site.database}: is damaged: ") and "names the backup" in said
    assert_ends_and_says_why(site)
