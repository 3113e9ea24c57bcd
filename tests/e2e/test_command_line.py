"""The command line: what it shows, to people and to programs; and the socket behind it, to whoever writes to it."""
import email
import email.policy
import json
import re
import socket
import subprocess

import pytest

from installation import BUILD, in_order, rows, text_of
from terminal import on_a_terminal, plain

SUNDAY = "2026-11-22T12:00:00Z"


@pytest.fixture
def open_site(site):
    site.start(SUNDAY)
    return site


def curl_bytes(site, path, *arguments):
    done = subprocess.run(["curl", "-sS", "--unix-socket", str(site.socket), *arguments, f"http://localhost{path}"],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return done.stdout


def curl(site, path, *arguments):
    return json.loads(curl_bytes(site, path, *arguments))


def test_status_counts_what_there_is(open_site):
    status = open_site.ctl("status")
    assert (status["deliver"], status["config"], status["partners"]) == ("live", str(open_site.conf), 4)
    assert "4" in open_site.ctl_text("status")


def test_status_counts_each_partner_once_as_list_shows_it(open_site):
    site = open_site
    for words in (("plan", "acme", "today"), ("plan", "elbe", "2026-11-27"), ("snooze", "fjord", "2w"), ("partner", "add", "zeta", "--owner", "jon")):
        site.ctl_text(*words)
    site.restart("2026-11-24T09:00:00Z")
    shown = [r["standing"] for r in rows(site.ctl("list"))]
    assert sorted(shown) == ["due", "meeting booked", "on track", "snoozed", "to confirm"]
    status = site.ctl("status")
    assert {k: status[k] for k in ("partners", "on_track", "due", "cold", "confirm", "booked", "snoozed", "off")} == {
        "partners": 5, "on_track": 1, "due": 1, "cold": 0, "confirm": 1, "booked": 1, "snoozed": 1, "off": 0}
    assert "1 to confirm" in site.ctl_text("status") and "1 with a meeting booked" in site.ctl_text("status")


def test_due_lists_the_worst_first(open_site):
    text = open_site.ctl_text("due")
    assert in_order(text, "Acme", "Elbe") and "Fjord" not in text
    assert [r["id"] for r in rows(open_site.ctl("due"))][:2] == ["acme", "elbe"]
    # Also when the worse one was added later: what counts is how long the silence is for its cadence.
    open_site.ctl_text("partner", "add", "zeta", "--owner", "maria", "--cadence", "strategic")
    open_site.ctl_text("log", "zeta", "call", "2026-01-05")
    assert [r["id"] for r in rows(open_site.ctl("due"))][:3] == ["zeta", "acme", "elbe"]


def test_list_shows_everybody_without_colour_where_nobody_looks(open_site):
    assert {r["id"] for r in rows(open_site.ctl("list"))} == {"acme", "elbe", "borealis", "fjord"}
    text = open_site.ctl_text("list")
    assert "\x1b" not in text and "Borealis AS" in text and "cold" in text


def test_a_list_of_nobody_says_so(open_site):
    assert open_site.ctl_text("list", "--state", "off") == "No partner matches.\n"
    assert open_site.ctl_text("list", "--archived") == "No partner is archived.\n"


def test_list_shows_one_state_when_asked(open_site):
    assert [r["id"] for r in rows(open_site.ctl("list", "--state", "on track"))] == ["borealis", "fjord"]
    assert rows(open_site.ctl("list", "--state", "off")) == []
    assert "none of on track, due soon" in open_site.ctl_text("list", "--state", "hot", expect=1)


@pytest.mark.parametrize("words, meant", [
    (("due", "mariia"), "maria"), (("list", "--owner", "mariia"), "maria"), (("list", "--cadence", "standart"), "standard"),
    (("preview", "mria"), "maria"), (("preview", "maria", "--channel", "mal"), "mail"), (("test", "mal"), "mail"),
])
def test_a_mistyped_name_is_no_all_clear(open_site, words, meant):
    assert f"did you mean {meant}?" in open_site.ctl_text(*words, expect=1)


def test_a_name_that_nobody_bears_is_no_all_clear(open_site):
    assert "choose one of: jon, maria" in open_site.ctl_text("due", "zzz", expect=1)
    assert "choose one of: standard, strategic" in open_site.ctl_text("list", "--cadence", "x", expect=1)
    assert "Nobody is due" in open_site.ctl_text("due", "jon")


def test_one_day_is_one_day(open_site):
    open_site.restart("2026-11-24T12:00:00Z")
    assert "(1 day overdue)" in open_site.ctl_text("list")
    open_site.restart("2026-11-20T12:00:00Z")
    assert "1 days" not in open_site.ctl_text("list")


@pytest.mark.parametrize("columns", [60, 80])
def test_tables_fit_the_terminal(open_site, columns):
    text = on_a_terminal(open_site, columns, "list")
    assert "acme" in plain(text)
    assert all(len(line) <= columns for line in plain(text).splitlines()), text


def test_a_terminal_of_80_columns_keeps_days_and_states_and_marks_what_it_cuts(open_site):
    site = open_site
    site.ctl("partner", "add", "zeta", "--owner", "maria", "--name", "Zeta Gesellschaft für Fernmeldewesen und Söhne mbH")
    site.ctl("plan", "elbe", "2026-11-27")
    lines = plain(on_a_terminal(site, 80, "list")).splitlines()
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    for words in ("Thu 29 Oct (24 d late)", "meeting booked", "Tue 3 Nov (19 d late)", "Tue 10 Nov", "Zeta Ge"):
        assert words in text, text
    assert lines[-1].endswith("…"), text
    assert "Söhne mbH" in site.ctl_text("list") and "(24 days overdue)" in site.ctl_text("list")


def test_the_odds_leave_room_for_days_and_names_on_80_columns(open_site):
    open_site.ctl("log", "fjord", "call", "today")
    lines = plain(on_a_terminal(open_site, 80, "list", "--by", "risk")).splitlines()
    assert max(map(len, lines)) <= 80 and lines[0].startswith("90 D  ID "), lines
    text = "\n".join(lines)
    for words in ("Thu 29 Oct (24 d late)", "Mon 22 Feb 2027 (in 92 d)", "Boreali", "on track"):
        assert words in text, text
    assert open_site.ctl_text("list", "--by", "risk").startswith("90 DAYS MORE  ID ")


def test_the_outbox_on_80_columns_cuts_keys_and_reasons_with_a_mark(site):
    site.smtp.data_reply = "451 4.7.1 come back later, we are closed for an inventory of everything that was ever stored"
    site.once()
    site.start("2026-11-23T08:31:00Z")
    lines = plain(on_a_terminal(site, 80, "outbox")).splitlines()
    assert max(map(len, lines)) <= 80
    row = next(line for line in lines if " retry " in line)
    assert re.search(r"2026-11-23T08:\d\d:\d\dZ", row) and "digest|" in row and row.count("…") == 2, row


def test_states_have_their_colour_on_a_terminal_only(open_site, monkeypatch):
    red = "\x1b[31mcold\x1b[0m"
    for words in (("due",), ("list",), ("status",)):
        assert red in on_a_terminal(open_site, 80, *words), words
        assert "\x1b" not in open_site.ctl_text(*words)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in on_a_terminal(open_site, 80, "due")


def test_why_explains_in_words_and_days(open_site):
    text = open_site.ctl_text("why", "acme")
    for words in ("cold", "4 weeks", "1 Oct", "29 Oct"):
        assert words in text, text
    assert "on track" in open_site.ctl_text("why", "fjord")


def test_show_tells_all_about_a_partner(open_site):
    text = open_site.ctl_text("show", "acme")
    for words in ("Acme GmbH", "maria", "strategic"):
        assert words.lower() in text.lower(), text


def test_preview_is_what_will_be_sent(open_site):
    open_site.restart("2026-11-23T08:00:00Z")
    preview = open_site.ctl_text("preview", "maria")
    assert in_order(preview, "Acme GmbH", "Elbe Systems", "Borealis AS")
    assert "Acme" in open_site.ctl_text("preview", "maria", "--channel", "sales", "--format", "raw")
    assert open_site.smtp.connections == 0 and not open_site.http.to("/slack")
    assert "no HTML goes there; raw is what would" in open_site.ctl_text("preview", "maria", "--channel", "sales", "--format", "html", expect=1)
    assert "<!DOCTYPE html>" in open_site.ctl_text("preview", "maria", "--format", "html")
    assert open_site.ctl_text("--json", "preview", "maria").endswith("}\n")
    line, raw = (open_site.ctl_text("preview", "maria", "--channel", "crm", "--format", format) for format in ("json", "raw"))
    assert line == raw + "\n" and raw[-1] == "}"
    open_site.stop()
    open_site.once()
    assert text_of(open_site.mails()[0]).strip() in preview


def test_a_preview_says_that_nothing_leaves_on_hold(site):
    site.write(settings='deliver = "hold";')
    site.start()
    code, out, err = run_ctl(site, "preview", "maria", stdout=subprocess.PIPE)
    assert (code, err) == (0, 'deliver = "hold": nothing of this leaves\n') and "Acme GmbH" in out and "hold" not in out
    site.ctl("preview", "maria")  # to programs it is JSON alone


def test_raw_preview_bears_the_ids_that_will_be_sent(open_site):
    open_site.restart("2026-11-23T08:00:00Z")
    raw = open_site.ctl_text("preview", "maria", "--channel", "mail", "--format", "raw")
    shown = email.message_from_string(raw.replace("\r\n", "\n"), policy=email.policy.default)
    open_site.stop()
    open_site.once()
    sent = open_site.mails()[0]
    assert shown["Message-ID"] == sent["Message-ID"]
    assert shown.get_boundary() == sent.get_boundary()


def test_reading_sends_and_changes_nothing(open_site):
    before = open_site.ctl("show", "acme")
    for verb in (("status",), ("due",), ("list",), ("why", "acme"), ("preview", "maria"), ("outbox", "list"),
                 ("export", "partners"), ("export", "contacts")):
        open_site.ctl_text(*verb)
    assert open_site.ctl("show", "acme") == before
    assert open_site.smtp.connections == 0


def test_exit_status_says_what_went_wrong(open_site):
    assert "did you mean" in open_site.ctl_text("stauts", expect=64)
    open_site.ctl_text("log", expect=64)
    open_site.ctl_text(expect=64)
    open_site.ctl_text("list", "--nonsense", expect=64)
    open_site.ctl_text("show", "nobody", expect=1)
    open_site.stop()
    assert str(open_site.socket) in open_site.ctl_text("status", expect=69)


def test_help_needs_no_daemon(site):
    text = site.ctl_text("--help")
    for verb in ("status", "due", "list", "show", "why", "log", "unlog", "snooze", "preview", "import", "export", "outbox",
                 "test", "reload", "backup"):
        assert verb in text, f"{verb} is missing"
        assert verb in site.ctl_text(verb, "--help")
    assert "Usage: cadencectl snooze" in site.ctl_text("snooze", "acme", "--help")


def test_help_fits_eighty_columns(site):
    text = site.ctl_text("--help")
    verbs = [line.split()[0] for line in text.splitlines() if re.match(r"  \w", line)]
    assert len(verbs) > 25
    for help in [text, *(site.ctl_text(verb, "--help") for verb in verbs)]:
        assert all(len(line) <= 80 for line in help.splitlines()), help
        assert not any(line.endswith(" ") for line in help.splitlines())
    assert "  log PARTNER KIND [DAY] [NOTE…] [--direction in|out|both] [--by OWNER]\n        [--person NAME] [--minutes N]\n" in text


def run_ctl(site, *words, **kwargs):
    done = subprocess.run([str(BUILD / "cadencectl"), "--socket", str(site.socket), *map(str, words)], stderr=subprocess.PIPE,
                          text=True, timeout=30, **kwargs)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("words, status", [
    (("show", "nobody"), 1), (("list", "--owner", "nobody"), 1), (("due", "nobody"), 1), (("preview", "nobody"), 1),
    (("test", "nobody"), 1), (("export", "nobody"), 64), (("stauts",), 64), ((), 64), (("list", "--nonsense"), 64),
    (("log", "acme"), 64), (("log", "acme", "call", "--by"), 64), (("import", "contacts", "/nowhere.csv"), 1),
    (("off", "acme", "to\x1bmorow"), 64), (("partner", "add", "x", "--owner", b"\xff"), 1), (("stauts\udcff",), 64),
])
def test_with_json_a_failure_is_json_too(open_site, words, status):
    code, out, err = run_ctl(open_site, "--json", *words, stdout=subprocess.PIPE)
    assert code == status
    error = json.loads(out)["error"]
    assert error["message"] and error["message"].split()[0].replace("\x1b", "?") in err and "\x1b" not in err
    assert run_ctl(open_site, *words, stdout=subprocess.PIPE)[:2] == (status, "")


def test_with_json_silence_is_json_too(site):
    for words in (("status",), ("list",), ("outbox",), ("export", "contacts"), ("log", "acme", "call"), ("test", "mail")):
        code, out, err = run_ctl(site, "--json", *words, stdout=subprocess.PIPE)
        assert code == 69 and str(site.socket) in err
        assert str(site.socket) in json.loads(out)["error"]["message"]


def test_a_test_message_answers_with_one_json(open_site):
    answer = open_site.ctl("test", "mail", "--to", "jon@example.com")
    assert (answer["channel"], answer["state"]) == ("mail", "delivered") and answer["delivery"] > 0
    open_site.smtp.rcpt_reply = "550 5.1.1 no such user here"
    answer = open_site.ctl("test", "mail", "--to", "jon@example.com", expect=1)
    assert answer["state"] == "dead" and "550" in answer["reason"]
    assert "not delivered: smtp 550" in open_site.ctl_text("test", "mail", "--to", "jon@example.com", expect=1)


@pytest.mark.parametrize("words", [("list",), ("list", "--json"), ("status",), ("export", "contacts"), ("export", "contacts", "--json"),
                                   ("--help",), ("show", "acme")])
def test_what_cannot_be_written_is_a_failure(open_site, words):
    with open("/dev/full", "w") as full:
        code, _, err = run_ctl(open_site, *words, stdout=full)
    assert code == 1 and "standard output" in err


def test_export_speaks_json(open_site, tmp_path):
    open_site.ctl("log", "acme", "call", "2026-11-20", "fine", "--minutes", "15")
    contact, = [row for row in open_site.ctl("export", "contacts") if row.get("note")]
    assert contact == {"partner": "acme", "date": "2026-11-20", "kind": "call", "direction": "both", "minutes": 15, "note": "fine"}
    assert [row["id"] for row in open_site.ctl("export", "partners")] == ["acme", "borealis", "elbe", "fjord"]
    open_site.ctl_text("--json", "export", "contacts", "-o", tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text()) == open_site.ctl("export", "contacts")


def test_the_outbox_is_listed_to_its_end(site):
    site.write(partners=[(f"p{i}", f"Partner {i}", "strategic", "2026-10-01") for i in range(1100)], channels='"mail"')
    site.http.answers["/crm"] = (503, {}, b"")
    site.smtp.data_reply = "451 later"
    site.once()
    site.start("2026-11-23T08:30:01Z")
    assert len(site.outbox()) == 1101 == len(site.ctl_text("outbox").splitlines()) - 1


def test_the_version_is_the_daemons(site):
    assert site.ctl_text("--version").split()[1] == site.run("--version").split()[1]


def test_every_view_speaks_json_and_words(open_site):
    for words in (["status"], ["due"], ["list"], ["show", "acme"], ["why", "acme"], ["outbox"], ["preview", "maria"]):
        open_site.ctl(*words)
        assert open_site.ctl_text(*words).strip()


def test_curl_can_do_what_the_command_line_does(open_site):
    logged = curl(open_site, "/v1/partners/acme/contacts", "-d", '{"kind":"call","day":"2026-11-20"}')
    assert logged["result"] == "new"
    assert open_site.ctl_text("export", "contacts").count("2026-11-20") == 1


def test_the_help_of_the_api_names_its_routes(open_site):
    assert {"/v1/status", "/v1/outbox"} <= {route["path"] for route in curl(open_site, "/v1/help")}


@pytest.mark.parametrize("request_bytes", [
    b"GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n",
    b"DELETE /v1/status HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /v1/partners/acme/contacts HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{nope",
    b"POST /v1/partners/acme/contacts HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n[]",
    b"POST /v1/partners/acme/contacts HTTP/1.1\r\nHost: x\r\nContent-Length: 13\r\n\r\n{\"kind\": 1e9}",
    b"POST /v1/import/contacts HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n{\"rows\":[1]}",
    b"POST /v1/import/partners HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\n\r\n" + b"[" * 40000,
    b"\x16\x03\x01 nonsense\r\n\r\n",
    b"GET /v1/partners/%00%ff%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /v1/partners/acme/contacts HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n",
    b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /v1/status HTTP/1.1\r\n" + b"x: y\r\n" * 30000 + b"\r\n",
], ids=["route", "method", "json", "array", "type", "row", "deep", "tls", "nul", "length", "path", "headers"])
def test_nonsense_on_the_socket_harms_nobody(open_site, request_bytes):
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(str(open_site.socket))
        try:
            s.sendall(request_bytes)
            s.shutdown(socket.SHUT_WR)
            answer = s.recv(1000)
        except (BrokenPipeError, ConnectionResetError):
            answer = b""
    # A row that is no object is a bad row of an import that was otherwise fine.
    assert answer == b"" or answer[:10] in (b"HTTP/1.1 4", b"HTTP/1.1 5") or b'"rows":[1]' in request_bytes, answer
    assert open_site.ctl("status")["partners"] == 4


def test_a_path_with_another_method_says_which(open_site):
    answer = curl_bytes(open_site, "/v1/status", "-i", "-X", "DELETE")
    assert answer.startswith("HTTP/1.1 405") and "Allow: GET" in answer
    assert "Allow: POST" in curl_bytes(open_site, "/v1/partners/acme/snooze", "-i", "-X", "PUT", "-d", "{}")


def test_unknown_parameters_are_refused_with_the_nearest_one(open_site):
    assert "did you mean owner" in curl(open_site, "/v1/partners?ownr=maria")["error"]["message"]
    assert "parameter" in curl(open_site, "/v1/status?verbose=1")["error"]["message"]


def test_a_key_that_was_used_for_something_else_is_refused(open_site):
    def log(key, kind):
        return curl_bytes(open_site, "/v1/partners/acme/contacts", "-i", "-H", f"Idempotency-Key: {key}", "-d",
                          json.dumps({"kind": kind, "day": "2026-11-20"}))

    first, again, other = log("one", "call"), log("one", "call"), log("one", "email")
    assert first.startswith("HTTP/1.1 200") and other.startswith("HTTP/1.1 422")
    assert first.split("\n\n")[1] == again.split("\n\n")[1]
    assert open_site.ctl_text("export", "contacts").count("2026-11-20") == 1


def test_a_delivery_shows_what_it_says(site):
    site.smtp.data_reply = "451 later"
    site.once()
    site.start("2026-11-23T08:35:00Z")
    id = next(r["id"] for r in site.outbox() if r["channel"] == "mail")
    assert "Acme GmbH" in json.dumps(site.ctl("outbox", "show", id)["document"])
    assert "451" in site.ctl_text("outbox", "show", id)


def test_csv_goes_through_pipes_and_files(open_site, tmp_path):
    exported = open_site.ctl_text("export", "contacts")
    open_site.ctl_text("export", "contacts", "-o", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == exported
    assert not (tmp_path / "out.csv.part").exists()
    said = open_site.ctl_text("import", "contacts", "-", input="partner,date,kind\nacme,2026-11-20,call\n")
    assert said.startswith("1 new")
    assert "No such file" in open_site.ctl_text("export", "contacts", "-o", tmp_path / "no" / "out.csv", expect=1)


def test_silent_connections_keep_nobody_out(open_site):
    silent = []
    for _ in range(50):
        s = socket.socket(socket.AF_UNIX)
        s.connect(str(open_site.socket))
        silent.append(s)
    open_site.ctl("status")
    for s in silent:
        s.close()


def test_a_state_may_be_written_as_shells_and_json_have_it(open_site):
    for state in ("on track", "on-track", "on_track"):
        assert [row["id"] for row in rows(open_site.ctl("list", "--state", state))] == ["borealis", "fjord"]
    for state in ("booked", "meeting-booked", "confirm", "to confirm"):
        assert rows(open_site.ctl("list", "--state", state)) == []
    assert "is none of on track" in open_site.ctl_text("list", "--state", "track", expect=1)
