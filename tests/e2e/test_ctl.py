"""cadencectl against a running daemon."""
import csv
import io
import json
import sqlite3

import pytest

from rig import Rig, wait_for

SUNDAY = "2026-11-22T12:00:00Z"


@pytest.fixture
def rig(tmp_path):
    rig = Rig(tmp_path)
    rig.write()
    rig.start(SUNDAY)
    yield rig
    rig.close()


def ids_due(rig):
    return [p["id"] for p in json.loads(rig.ctl("--json", "due"))["partners"]]


def test_a_logged_contact_clears_the_nudge_and_unlog_brings_it_back(rig):
    wait_for(lambda: "acme" in ids_due(rig), "the nudge")
    rig.ctl("log", "acme", "call", "today", "talked,", "numbers Friday")
    assert "acme" not in ids_due(rig)
    contact = json.loads(rig.ctl("--json", "show", "acme"))["contacts"][0]
    assert contact["note"] == "talked, numbers Friday" and contact["source"] == "command"
    rig.ctl("unlog", str(contact["id"]))
    assert "acme" in ids_due(rig)
    assert rig.end() == 0
    rig.once("2026-11-23T08:30:00Z")
    assert b"Acme" in rig.mail.mails[0][1]


def test_a_contact_logged_before_the_digest_keeps_the_partner_out_of_it(rig):
    rig.ctl("log", "acme", "meeting", "yesterday")
    assert rig.end() == 0
    rig.once("2026-11-23T08:30:00Z")
    assert b"Acme" not in rig.mail.mails[0][1] and b"Borealis" in rig.mail.mails[0][1]


def test_events_tell_when_a_nudge_is_resolved(rig):
    wait_for(lambda: len(rig.hooks.at("/crm")) >= 1, "the first event")
    rig.ctl("log", "acme", "meeting")
    wait_for(lambda: any(json.loads(b)["type"] == "nudge.resolved" for _, _, b in rig.hooks.at("/crm")), "the event")
    event = [json.loads(b) for _, _, b in rig.hooks.at("/crm") if b"nudge.resolved" in b][0]
    assert event["data"]["cause"] == "contact" and event["data"]["partner"]["id"] == "acme"


@pytest.mark.parametrize("words, says", [
    (["log", "amce", "call"], "did you mean acme"),
    (["log", "acme", "chat"], "meeting call event"),
    (["log", "acme", "call", "2026-12-01"], "after today"),
    (["log", "acme", "call", "today", "a\u202eb"], "bidirectional"),
    (["log", "acme", "call", "today", "a\x1b[31m"], "control character"),
    (["log", "acme", "call", "today", "x" * 3000], "longer than"),
    (["unlog", "999"], "999"),
    (["snooze", "acme", "2026-11-01"], "2026-11-01"),
    (["snooze", "acme", "2027-11-01"], "90 days"),
    (["preview", "nobody"], "nobody"),
    (["test", "nowhere"], "nowhere"),
])
def test_wrong_words_say_what_would_be_right_and_change_nothing(rig, words, says):
    before = rig.ctl("export", "contacts")
    assert says in rig.ctl(*words, expect=1)
    assert rig.ctl("export", "contacts") == before


def test_usage_errors_exit_64_and_no_daemon_69(rig):
    assert "did you mean status" in rig.ctl("stauts", expect=64)
    rig.ctl("log", expect=64)
    assert rig.end() == 0
    assert "Is it running" in rig.ctl("status", expect=69)


def test_import_twice_changes_nothing_and_bad_rows_are_named_while_good_ones_stay(rig, tmp_path):
    partners = tmp_path / "partners.csv"
    partners.write_bytes("\ufeffID;Name;Owner;Cadence;Tags\nnova;\"Nova; Łódź\";maria;standard;emea\n"
                         "bad id;X;maria;standard;\norion;Orion;nobody;standard;\nnova;Again;maria;standard;\n".encode())
    said = rig.ctl("import", "partners", str(partners), expect=1)
    assert "1 new" in said and "3 bad" in said
    assert ":3:" in said and ":4:" in said and ":5:" in said
    contacts = tmp_path / "contacts.csv"
    contacts.write_text("partner,date,kind,note,minutes\nnova,2026-10-01,call,\"two\nlines, \"\"quoted\"\"\",30\n"
                        "nova,2026-02-30,call,,\nnova,2026-12-24,call,,\nghost,2026-10-01,call,,\nnova,2026-10-05,email,ok,\n")
    dry = rig.ctl("import", "contacts", str(contacts), "--dry-run", expect=1)
    assert "2 new" in dry and "3 bad" in dry
    assert "nova" not in rig.ctl("export", "contacts")
    first = rig.ctl("import", "contacts", str(contacts), expect=1)
    assert "2 new" in first and ":4:" in first and ":5:" in first and ":6:" in first
    second = rig.ctl("import", "contacts", str(contacts), expect=1)
    assert "0 new, 0 changed, 2 unchanged, 3 bad" in second
    rows = [r for r in csv.DictReader(io.StringIO(rig.ctl("export", "contacts"))) if r["date"] == "2026-10-01" and r["partner"] == "nova"]
    assert rows[0]["note"] == 'two\nlines, "quoted"' and rows[0]["minutes"] == "30"


def test_export_comes_back_without_a_change(rig, tmp_path):
    rig.ctl("log", "acme", "meeting", "3d", "=cmd, \"x\"; y")
    for kind in ("partners", "contacts"):
        exported = tmp_path / f"{kind}.csv"
        exported.write_text(rig.ctl("export", kind))
        said = rig.ctl("import", kind, str(exported))
        assert "0 new, 0 changed" in said, said


def test_a_partner_of_the_file_is_changed_in_the_file_only(rig, tmp_path):
    partners = tmp_path / "p.csv"
    partners.write_text("id,name\nacme,Other name\n")
    assert "cadenced.conf:" in rig.ctl("import", "partners", str(partners), expect=1)


def test_backup_holds_the_same_partners(rig, tmp_path):
    rig.ctl("backup", str(tmp_path / "copy.db"))
    ids = [row[0] for row in sqlite3.connect(tmp_path / "copy.db").execute("select id from partner order by id")]
    assert ids == ["acme", "borealis", "fjord"]


def test_every_view_speaks_json_and_words(rig):
    for words in (["status"], ["due"], ["list"], ["show", "acme"], ["why", "acme"], ["outbox"], ["preview", "maria"]):
        json.loads(rig.ctl("--json", *words))
        assert rig.ctl(*words).strip()
    why = rig.ctl("why", "acme")
    assert "every        4 weeks" in why and "cadenced.conf:" in why


def test_channel_tests_say_what_the_other_side_answered(rig):
    assert "delivered" in rig.ctl("test", "mail", "--to", "ops@example.com")
    rig.mail.recipient_answer = "550 5.1.1 nobody here"
    assert "550 5.1.1" in rig.ctl("test", "mail", "--to", "ops@example.com", expect=1)
    assert "delivered" in rig.ctl("test", "sales")


def test_reload_reports_and_refuses(rig):
    assert "reloaded" in rig.ctl("reload")
    rig.conf.write_text(rig.conf.read_text().replace("4 weeks", "4 fortnights"))
    assert "every" in rig.ctl("reload", expect=78)
    assert "RELOAD" in rig.ctl("status")
