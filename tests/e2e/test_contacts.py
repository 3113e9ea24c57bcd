"""Ways in: logging, importing, exporting; and whatever a stranger writes into them."""
import csv
import http.server
import io
import json
import os
import pwd
import re
import socketserver
import subprocess
import threading

import pytest

from installation import BUILD, ACME, ELBE, FJORD, entry_of, html_of, text_of

SUNDAY = "2026-11-22T12:00:00Z"


@pytest.fixture
def open_site(site):
    site.write(partners=[ACME, ELBE, FJORD])
    site.start(SUNDAY)
    return site


def contacts(site):
    return list(csv.DictReader(io.StringIO(site.ctl_text("export", "contacts"))))


def partners(site):
    return list(csv.DictReader(io.StringIO(site.ctl_text("export", "partners"))))


def import_csv(site, what, content, *arguments, **kwargs):
    path = site.home / "import.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return site.ctl_text("import", what, path, *arguments, **kwargs)


CONTACTS = """\
partner,date,kind,direction,by,person,minutes,note,ext_id
acme,2026-11-02,meeting,both,maria,Jana Vogt,45,"pricing for 2027,
she sends numbers",m-1
elbe,2026-11-03,email,in,,,,joint webinar?,
fjord,2026-11-04,call,,,,,,
"""


def test_the_same_contacts_twice_change_nothing(open_site):
    import_csv(open_site, "contacts", CONTACTS)
    before = contacts(open_site)
    assert len(before) == 6  # three of the file's own
    import_csv(open_site, "contacts", CONTACTS)
    assert contacts(open_site) == before
    row, = [c for c in before if c["ext_id"] == "m-1"]
    assert row["note"] == "pricing for 2027,\nshe sends numbers" and row["minutes"] == "45"


def test_an_export_imported_again_changes_nothing(open_site):
    import_csv(open_site, "contacts", CONTACTS)
    open_site.ctl("log", "acme", "meeting", "3d", '=cmd, "x"; y')
    for what in ("partners", "contacts"):
        text = open_site.ctl_text("export", what)
        import_csv(open_site, what, text)
        assert open_site.ctl_text("export", what) == text


@pytest.mark.parametrize("change", [
    lambda t: "\ufeff" + t,
    lambda t: t.replace('"pricing for 2027,\nshe sends numbers"', "pricing").replace(",", ";"),
    lambda t: t.replace('"pricing for 2027,\nshe sends numbers"', "pricing").replace(",", "\t"),
    lambda t: t.replace("\n", "\r\n"),
], ids=["bom", "semicolon", "tab", "crlf"])
def test_what_spreadsheets_write_is_read(open_site, change):
    import_csv(open_site, "contacts", change(CONTACTS))
    assert len(contacts(open_site)) == 6


def test_bad_rows_are_listed_with_their_line_and_good_ones_kept(open_site):
    text = ("partner,date,kind,note\n"
            "acme,2026-11-02,meeting,\"two\nlines\"\n"
            "acne,2026-11-03,call,\n"        # line 4
            "elbe,2026-02-30,call,\n"        # line 5
            "elbe,2026-11-03,shout,\n"       # line 6
            "fjord,2026-11-23,call,\n"       # line 7: tomorrow
            "fjord,2026-11-20,call,fine\n")
    said = import_csv(open_site, "contacts", text, expect=1)
    for words in (":4", ":5", ":6", ":7", "did you mean", "acme", "2026-02-30", "shout"):
        assert words in said, f"{words!r} is missing in:\n{said}"
    assert len(contacts(open_site)) == 3 + 2


def test_a_dry_run_changes_nothing_and_says_what_would(open_site):
    before = contacts(open_site)
    said = import_csv(open_site, "contacts", CONTACTS, "--dry-run")
    assert "3" in said and contacts(open_site) == before
    import_csv(open_site, "partners", "id,name,owner\nnova,Nova,jon\n", "--dry-run")
    assert "nova" not in open_site.ctl_text("export", "partners")


def test_partners_come_from_csv_and_a_blank_cell_keeps_what_is_there(open_site):
    import_csv(open_site, "partners", "id,name,owner,cadence,since,tags\nnova,Nova Ltd,jon,strategic,2025-01-02,\"emea, gold\"\n")
    import_csv(open_site, "partners", "id,name,owner,cadence,since,tags\nnova,Nova Limited,,,,\n")
    row, = [p for p in partners(open_site) if p["id"] == "nova"]
    assert (row["name"], row["owner"], row["cadence"], row["since"]) == ("Nova Limited", "jon", "strategic", "2025-01-02")
    assert "gold" in row["tags"]


def test_a_partner_that_stands_twice_in_one_file_is_a_bad_row(open_site):
    said = import_csv(open_site, "partners", "\ufeffID;Name;Owner;Tags\nnova;\"Nova; Łódź\";jon;emea\nbad id;X;jon;\n"
                      "orion;Orion;nobody;\nnova;Again;jon;\n", expect=1)
    assert "1 new" in said and "3 bad" in said
    assert ":3" in said and ":4" in said and ":5" in said
    row, = [p for p in partners(open_site) if p["id"] == "nova"]
    assert row["name"] == "Nova; Łódź"


def test_a_partnership_begins_within_a_year(open_site):
    said = import_csv(open_site, "partners", "id,owner,since\nnova,jon,2090-01-01\norion,jon,2027-11-23\nvega,jon,2027-11-24\n", expect=1)
    assert ":2: since: 2090-01-01 is more than a year ahead" in said and "the latest is 2027-11-23" in said and ":4:" in said
    assert "1 new" in said
    assert "more than a year" in open_site.ctl_text("partner", "add", "vega", "--owner", "jon", "--since", "2090-01-01", expect=1)
    assert "more than a year" in open_site.ctl_text("partner", "set", "orion", "--since", "2090-01-01", expect=1)


def test_a_contact_that_stands_twice_in_one_file_is_a_bad_row(open_site):
    text = ("partner,date,kind,note,ext_id\nacme,2026-11-02,call,first,E9\nelbe,2026-11-03,call,other,E9\n"
            "acme,2026-11-04,call,,\nacme,2026-11-05,meeting,again,E9\n")
    for counts in ("3 new, 0 changed, 0 unchanged, 1 bad", "0 new, 0 changed, 3 unchanged, 1 bad"):
        said = import_csv(open_site, "contacts", text, expect=1)
        assert ":5: ext_id E9 of acme stands in line 2 already" in said and counts in said
    assert [c["date"] for c in contacts(open_site) if c["ext_id"] == "E9" and c["partner"] == "acme"] == ["2026-11-02"]


def test_cells_that_are_too_long_are_bad_rows_and_take_no_other_with_them(open_site):
    long = "".join(f'acme,{day},call,"{"é" * 2000}",x{n}\n' for n, day in enumerate(["2026-11-02", "2026-11-03"] * 600))
    said = import_csv(open_site, "contacts", "partner,date,kind,note,ext_id\n" + long
                      + f"acme,2026-11-04,call,{'x' * 2001},\nacme,2026-11-04,call,{'x' * 16384},\n{'a' * 65},2026-11-04,call,,\n", expect=1)
    assert "1200 new, 0 changed, 0 unchanged, 3 bad" in said
    assert ":1202: note is longer than 2000 characters" in said and ":1203: note is longer" in said
    assert ":1204: partner is longer than 64 characters" in said


class Daemon(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """In place of cadenced: takes one batch of an import, and no more."""
    daemon_threads = True

    def __init__(self, path):
        self.sizes = []
        daemon = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                daemon.sizes.append(len(body))
                good = len(daemon.sizes) == 1
                count = len(json.loads(body)["rows"])
                answer = ({"new": count, "changed": 0, "same": 0, "errors": [], "changes": []} if good
                          else {"error": {"status": "no_space", "message": "the disk is full"}})
                self.send_response(200 if good else 507)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def address_string(self):
                return "client"

            def log_message(self, *arguments):
                pass

        super().__init__(str(path), Handler)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


@pytest.mark.parametrize("as_json", [False, True], ids=["words", "json"])
@pytest.mark.parametrize("rows, note, stored", [(2500, 0, 1000), (900, 2000, 500)], ids=["many", "long"])
def test_what_was_stored_is_told_when_a_later_batch_fails(site, as_json, rows, note, stored):
    table = site.home / "many.csv"
    table.write_text("partner,date,kind,note\n" + f"acme,2026-11-02,call,{'x' * note}\n" * rows)
    with Daemon(site.socket) as daemon:
        done = subprocess.run([BUILD / "cadencectl", *(["--json"] if as_json else []), "--socket", site.socket,
                               "import", "contacts", table], capture_output=True, text=True)
        daemon.shutdown()
    assert done.returncode == 1 and "the disk is full" in done.stderr
    assert len(daemon.sizes) == 2 and max(daemon.sizes) < 2 << 20
    if as_json:
        answer = json.loads(done.stdout)
        assert answer["error"]["message"] == "the disk is full" and stored <= answer["new"] < rows
    else:
        count, _, rest = done.stdout.partition(" new, ")
        assert stored <= int(count) < rows and rest == "0 changed, 0 unchanged, 0 bad\n"
        assert "The rest of the file was not looked at" in done.stderr


def test_a_file_of_bad_rows_bothers_nobody(site):
    site.socket.unlink(missing_ok=True)
    assert "2 bad" in import_csv(site, "contacts", "partner,date,kind,note\n" + f"acme,2026-11-02,call,{'x' * 16000}\n" * 2, expect=1)


def test_the_files_partners_are_not_changed_by_an_import(open_site):
    said = import_csv(open_site, "partners", "id,name,owner\nacme,Another Name,jon\n", expect=1)
    assert "cadenced.conf" in said
    row, = [p for p in partners(open_site) if p["id"] == "acme"]
    assert row["name"] == "Acme GmbH"


@pytest.mark.parametrize("name", [
    "Evil\r\nBcc: all@example.com", "Evil\x00", "Evil\x1b[31m", "Evil \u202egpj.exe", "Evil \u2066x",
    "x" * 201, "x" * (10 << 20), b"Evil \xff\xfe", b"Evil \xc0\xaf", b"Evil \xed\xa0\x80",
], ids=["crlf", "nul", "escape", "bidi", "isolate", "201", "10MB", "bytes", "overlong", "surrogate"])
def test_a_hostile_name_is_refused_and_its_neighbours_kept(open_site, name):
    name = name if isinstance(name, bytes) else name.encode()
    content = b'id,name,owner\nbefore,Before,jon\nevil,"' + name + b'",jon\nlater,Later,jon\n'
    said = import_csv(open_site, "partners", content, expect=1)
    assert ":3" in said
    assert {"before", "later"} <= {p["id"] for p in partners(open_site)}
    assert "evil" not in {p["id"] for p in partners(open_site)}
    open_site.ctl("status")


def test_markup_in_names_and_notes_stays_text_everywhere(open_site):
    name = '<b>&amp;</b> <!channel> *x* <@U1> `y` ~z~ _q_ "Qu\'ote", <https://e.example|click>'
    out = io.StringIO()
    csv.writer(out).writerows([["id", "name", "owner", "cadence"], ["evil", name, "maria", "strategic"]])
    import_csv(open_site, "partners", out.getvalue())
    open_site.ctl("log", "evil", "meeting", "2026-10-01", "<script>alert(1)</script> <!here>")
    open_site.stop()
    open_site.once()
    mail, = open_site.mails()
    assert name in " ".join(text_of(mail).split()) or "<!channel>" in text_of(mail)
    html = html_of(mail)
    assert "<b>&amp;</b>" not in html and "<script" not in html and "&lt;script&gt;" in html
    slack = json.dumps(open_site.slacks()[0])
    for forged in ("<!channel>", "<@U1>", "<https://e.example", "<!here>"):
        assert forged not in slack, slack
    for event in open_site.http.to("/crm"):
        json.loads(event.body)


def test_two_years_of_history_raise_no_nudge_of_the_past(open_site):
    rows = "".join(f"nova,2025-{month:02}-03,call\n" for month in range(1, 13))
    import_csv(open_site, "partners", "id,name,owner,cadence\nnova,Nova,maria,strategic\n")
    import_csv(open_site, "contacts", "partner,date,kind\n" + rows + "nova,2026-11-20,call\n")
    history = [row["verb"] for row in open_site.ctl("show", "nova")["history"]]
    assert "contact.logged" in history and "nudge.raised" not in history
    open_site.stop()
    open_site.once()
    assert "nova" not in json.dumps(open_site.events())


def test_a_contact_after_today_in_the_owners_zone_is_refused(open_site):
    said = open_site.ctl_text("log", "acme", "call", "2026-11-23", expect=1)
    assert "2026-11-23" in said or "after today" in said
    assert len(contacts(open_site)) == 3


@pytest.mark.parametrize("day", ["2026-11-31", "2026-02-29", "2026-13-01", "31nov"])
def test_a_day_that_does_not_exist_is_not_taken_for_a_note(open_site, day):
    said = open_site.ctl_text("log", "acme", "call", day, expect=1)
    assert day in said
    assert len(contacts(open_site)) == 3


@pytest.mark.parametrize("words, says", [
    (["log", "acme", "chat"], "meeting"),
    (["log", "acme", "call", "today", "a\u202eb"], "bidirectional"),
    (["log", "acme", "call", "today", "a\x1b[31m"], "control character"),
    (["log", "acme", "call", "today", "x" * 3000], "longer than"),
    (["log", "acme", "call", "--minutes", "-1"], "minutes"),
    (["log", "acme", "call", "--by", "nobody"], "nobody"),
    (["log", "acme", "call", "--direction", "up"], "up"),
    (["unlog", "999"], "999"),
    (["snooze", "acme", "2026-11-01"], "2026-11-01"),
    (["snooze", "acme", "2027-11-01"], "90 days"),
])
def test_wrong_words_say_what_is_wrong_and_change_nothing(open_site, words, says):
    before = open_site.ctl_text("export", "contacts"), open_site.ctl("show", "acme")
    assert says in open_site.ctl_text(*words, expect=1)
    assert (open_site.ctl_text("export", "contacts"), open_site.ctl("show", "acme")) == before


def test_an_unknown_partner_gets_a_suggestion(open_site):
    for arguments in (("log", "acne", "call"), ("show", "acne"), ("why", "acne"), ("snooze", "acne", "2026-12-01")):
        assert "did you mean acme?" in open_site.ctl_text(*arguments, expect=1).lower()


@pytest.mark.parametrize("words, says", [
    (("log", "Acme GmbH", "call"), 'there is no partner "Acme GmbH"; did you mean acme?'),
    (("show", "Acme"), "did you mean acme?"), (("snooze", "elbe systems", "2026-12-01"), "did you mean elbe?"),
    (("why", "Nobody at all"), "'cadencectl list' shows the ids"), (("show", "a\x1b[31mb"), "neither an id nor a name"),
])
def test_a_name_instead_of_an_id_gets_the_id(open_site, words, says):
    said = open_site.ctl_text(*words, expect=1)
    assert says in said and "\x1b" not in said


@pytest.mark.parametrize("words, day", [
    ((), "2026-11-22"), (("today",), "2026-11-22"), (("yesterday",), "2026-11-21"), (("monday",), "2026-11-16"),
    (("3d",), "2026-11-19"), (("2026-11-03",), "2026-11-03"), (("3", "days", "ago"), "2026-11-19"), (("2", "weeks", "ago", "a", "note"), "2026-11-08"),
])
def test_days_are_understood_as_people_write_them(open_site, words, day):
    open_site.ctl("log", "acme", "call", *words)
    assert day in {c["date"] for c in contacts(open_site) if c["partner"] == "acme"}


@pytest.mark.parametrize("words", [
    "03.11.2026", "3/11/2026", "-3d", "mond", "7december", "7 december", "tomorow", "yesterdy", "last", "last friday", "friday,",
    "3 days", "3days", "next week", "Thurs", "two days ago", "a week ago", "a few days ago", "Nov 20", "Dec 7", "nextweek",
    "day before yesterday", "20.11.",
])
def test_a_mistyped_day_is_not_the_note_of_a_contact_today(open_site, words):
    before = contacts(open_site)
    said = open_site.ctl_text("log", "acme", "call", *words.split(), "--direction", "out", expect=64)
    assert f'"{words.split()[0]}" is no day' in said and "write today" in said
    assert contacts(open_site) == before
    open_site.ctl("log", "acme", "call", "today", *words.split())
    assert words in {c["note"] for c in contacts(open_site)}


def test_a_day_in_quotes_is_no_note_either(open_site):
    before = contacts(open_site)
    assert '"last week" is no day' in open_site.ctl_text("log", "acme", "call", "last week", expect=64)
    assert contacts(open_site) == before
    open_site.ctl("log", "acme", "call", "last week they were away")
    assert "last week they were away" in {c["note"] for c in contacts(open_site)}


def test_what_is_said_of_a_contact_later_is_added(open_site):
    def acme():
        return [(c["date"], c["kind"], c["minutes"], c["by"], c["person"]) for c in contacts(open_site)
                if c["partner"] == "acme" and c["date"] == "2026-11-22"]
    open_site.ctl("log", "acme", "call")
    said = open_site.ctl_text("log", "acme", "call", "--minutes", "30", "--by", "jon", "--person", "Bo")
    assert "was logged already, and what is new is added" in said
    assert acme() == [("2026-11-22", "call", "30", "jon", "Bo")]
    for words in ((), ("--minutes", "45"), ("--person", "Bo")):
        assert "was logged already, and stays as it was" in open_site.ctl_text("log", "acme", "call", *words)
    assert acme() == [("2026-11-22", "call", "30", "jon", "Bo")]
    for result in ("new", "same"):  # with somebody else it is another one, once
        assert open_site.ctl("log", "acme", "call", "--person", "Liv")["result"] == result
    assert len(acme()) == 2


def test_what_is_taken_back_is_said_in_full(open_site):
    number = open_site.ctl("log", "acme", "meeting", "yesterday", "their plans", "--person", "Liv")["contact"]
    said = open_site.ctl_text("unlog", number)
    assert said.startswith("acme: meeting on Sat 21 Nov with Liv is taken back: their plans. Now ")


@pytest.mark.parametrize("kind, near", [
    ("mail", "email"), ("e-mail", "email"), ("called", "call"), ("called them", "call"), ("phone", "call"), ("meting", "meeting"), ("lunch", "meeting"),
])
def test_a_kind_that_is_none_gets_the_nearest(open_site, kind, near):
    assert f'kind: "{kind}" is none of meeting call event email message other; did you mean {near}?' in \
        open_site.ctl_text("log", "acme", kind, expect=1)


@pytest.mark.parametrize("note", [
    "good talk", "talked, numbers friday", "Sunny mood", "money is short", "12 people came", "50k deal", "3rd call", "lasting peace",
    "the last friday meeting", "toast", "march of progress", "x-ray", "50% off", "this deal works", "a few people left",
    "marketing 20 people", "3. offer", "two offers", "the day went well", "one hour", "nextcloud demo",
    "a week in Rome", "one month trial agreed", "two days of talks",
])
def test_a_note_needs_no_day_before_it(open_site, note):
    open_site.ctl("log", "acme", "call", *note.split())
    assert ("2026-11-22", note) in {(c["date"], c["note"]) for c in contacts(open_site)}


def test_a_day_without_a_year_is_none_of_long_ago(open_site):
    before = contacts(open_site)
    said = open_site.ctl_text("log", "acme", "call", "24nov", expect=1)
    assert "2025-11-24" in said and "2026-11-24" in said
    assert contacts(open_site) == before
    for word, day in (("24nov2025", "2025-11-24"), ("7jan", "2026-01-07"), ("22nov", "2026-11-22"), ("12m", "2025-11-22")):
        open_site.ctl("log", "acme", "call", word, word)
        assert (day, word) in {(c["date"], c["note"]) for c in contacts(open_site)}


def test_a_contact_of_an_archived_partner_is_logged_and_says_so(open_site):
    open_site.ctl("decide", "acme", "end")
    said = open_site.ctl_text("log", "acme", "call", "today")
    assert "logged" in said and "archived" in said and "restore acme" in said and "due" not in said
    assert open_site.ask("/v1/partners/acme/contacts", {"kind": "call"})[1]["archived"] == "2026-11-22"


def test_words_that_are_no_text_are_refused_and_not_dropped(open_site):
    before = open_site.ctl_text("export", "contacts"), open_site.ctl("show", "acme")
    for words in (["log", "acme", "call", "today", b"caf\xe9"], ["snooze", "acme", "2026-12-01", b"\xff"],
                  ["partner", "add", "nova", "--owner", "maria", "--name", b"\xc3"]):
        done = subprocess.run([str(BUILD / "cadencectl"), "--socket", str(open_site.socket), *words], capture_output=True, timeout=30)
        assert done.returncode == 64 and b"is not valid UTF-8" in done.stderr
    assert (open_site.ctl_text("export", "contacts"), open_site.ctl("show", "acme")) == before


def test_log_takes_every_detail(open_site):
    open_site.ctl("log", "acme", "call", "today", "talked,", "numbers", "Friday", "--direction", "in", "--by", "jon",
                  "--person", "Jana Vogt", "--minutes", "15")
    row, = [c for c in contacts(open_site) if c["note"]]
    assert (row["note"], row["direction"], row["by"], row["person"], row["minutes"]) == (
        "talked, numbers Friday", "in", "jon", "Jana Vogt", "15")


@pytest.mark.parametrize("kind", ["é" * 1200, "x" + "é" * 1200, "株" * 4000])
def test_a_bad_row_is_counted_however_long_its_words_are(open_site, kind):
    said = import_csv(open_site, "contacts", f"partner,date,kind\nacme,2026-11-02,{kind}\nacme,2026-11-02,call\n", expect=1)
    assert ":2: kind" in said and "1 new, 0 changed, 0 unchanged, 1 bad" in said


def test_the_files_contact_cannot_be_unlogged(open_site):
    contact, = open_site.ctl("show", "acme")["contacts"]
    said = open_site.ctl_text("unlog", contact["id"], expect=1)
    assert "cadenced.conf:" in said


def test_an_outgoing_call_does_not_count(open_site):
    open_site.ctl("log", "acme", "call", "today", "nobody answered", "--direction", "out")
    open_site.stop()
    open_site.once()
    assert "25 days overdue" in entry_of(text_of(open_site.mails()[0]), "Acme")


def test_evidence_of_an_imported_contact_stands_in_the_digest(open_site):
    import_csv(open_site, "contacts", "partner,date,kind,by,person,note\nacme,2026-10-05,call,maria,Jana Vogt,pricing for 2027 open\n")
    open_site.stop()
    open_site.once()
    entry = entry_of(text_of(open_site.mails()[0]), "Acme")
    assert "call with Jana Vogt, Mon 5 Oct" in entry and "pricing for 2027 open" in entry
    assert "pricing" not in json.dumps(open_site.slacks())


def test_who_did_it_is_remembered(open_site):
    open_site.ctl("log", "acme", "call", "today")
    assert f"uid {os.getuid()}" in json.dumps(open_site.ctl("show", "acme"))


def test_a_long_import_answers_with_one_json(open_site, tmp_path):
    table = tmp_path / "many.csv"
    table.write_text("id,owner\n" + "".join(f"p{i},maria\n" for i in range(2500)) + "p7,maria\nx y,maria\n")
    answer = open_site.ctl("import", "partners", table, expect=1)
    assert answer["new"] == 2500 and len(answer["changes"]) == 2500 and not answer["dry_run"]
    assert [e["line"] for e in sorted(answer["errors"], key=lambda e: e["line"])] == [2502, 2503]


def test_what_a_file_says_reaches_the_terminal_as_text(open_site, tmp_path):
    table = tmp_path / "hostile.csv"
    table.write_text("partner,date,kind\nacme,2026-11-02,\x1b]0;title\x07call\n")
    said = open_site.ctl_text("import", "contacts", table, expect=1)
    assert "\x1b" not in said and "\x07" not in said and "hostile.csv:2: " in said


def test_show_says_all_of_a_contact_and_who_logged_it(open_site):
    for day in range(1, 22):
        open_site.ctl("log", "acme", "call", f"2026-11-{day:02}")
    open_site.ctl("log", "acme", "meeting", "today", "plans", "--minutes", "45", "--by", "jon", "--person", "José")
    said = open_site.ctl_text("show", "acme")
    assert re.search(r"\(today\) +meeting with José, 45 min, by jon: plans\n", said)
    assert "  and 13 more: 'cadencectl show acme --all'\nHistory:" in said and "Sun 1 Nov" not in said.split("History:")[0]
    assert "uid " not in said and pwd.getpwuid(os.getuid()).pw_name in said.split("History:")[1]
    assert said.endswith("\n  and what is older: 'cadencectl show acme --all'\n") and "conf        added" not in said
    assert re.search("logged the contact of Sun 22 Nov, meeting with José, 45 min, by jon: plans\n", said.split("History:")[1])
    said = open_site.ctl_text("show", "acme", "--all")
    assert "Sun 1 Nov" in said.split("History:")[0] and "more:" not in said and said.endswith(" conf        added\n")
    assert len(open_site.ctl("show", "acme", "--all")["contacts"]) == 23 == open_site.ctl("show", "acme")["contact_count"] and open_site.ctl("show", "acme")["more_contacts"]


def test_a_dry_run_goes_through_the_file_in_its_order(open_site, tmp_path):
    file = tmp_path / "c.csv"
    file.write_text("partner,date,kind\nacme,2026-10-01,call\nnobody,2026-10-02,call\nacme,2026-11-03,meeting\nacme,yesterday,call\n")
    done = subprocess.run([str(BUILD / "cadencectl"), "--socket", str(open_site.socket), "import", "contacts", str(file), "--dry-run"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 1
    lines = [line.removeprefix(f"{file}:") for line in done.stdout.splitlines()]
    assert [line.split(":")[0] for line in lines[:4]] == ["2", "3", "4", "5"]
    assert lines[0] == "2: new: acme 2026-10-01 call" and lines[2] == "4: new: acme 2026-11-03 meeting"


def test_behind_two_dashes_there_are_no_options(open_site):
    open_site.ctl("log", "acme", "call", "today", "--person", "Bo", "--", "--json", "is", "what", "they", "want")
    assert {c["note"]: c["person"] for c in contacts(open_site)}["--json is what they want"] == "Bo"
    assert open_site.ctl("off", "acme", "2w", "--", "--because")["answers"]["off"]["reason"] == "--because"


def test_help_is_of_the_verb_that_is_asked_about(open_site):
    assert open_site.ctl_text("help", "log") == open_site.ctl_text("log", "--help")
    assert "did you mean snooze" in open_site.ctl_text("help", "snoze", expect=64)
    assert open_site.ctl_text("help", "help") == open_site.ctl_text("--help")
    assert "Try 'cadencectl snooze --help'" in open_site.ctl_text("snooze", expect=64)
    # Of an option only what is wrong with it.
    assert open_site.ctl_text("log", "acme", "call", "--by", expect=64) == (
        "cadencectl: --by needs a word after it\nTry 'cadencectl log --help'.\n")
    assert "unlog takes a contact back" in open_site.ctl_text("undo", expect=64)
    assert "on ends snooze" in open_site.ctl_text("unsnooze", "acme", expect=64)


def test_contacts_with_several_persons_are_told_apart_whatever_becomes_of_one(open_site):
    def log(note, person=None):
        return open_site.ctl("log", "acme", "meeting", "today", note, *(("--person", person) if person else ()))
    first = log("talk", "Jana")["contact"]
    second = log("talk", "Bob")
    assert second["result"] == "new"
    open_site.ctl("unlog", first)
    assert (log("talk", "Bob")["result"], log("talk", "Bob")["contact"]) == ("same", second["contact"])
    assert log("talk|Bob")["result"] == "new"
