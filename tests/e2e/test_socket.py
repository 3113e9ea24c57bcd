"""The socket behind the command line: what it refuses, in words that say what would be right."""
import json
import socket

import pytest

from installation import wait_for

SUNDAY = "2026-11-22T12:00:00Z"
LOG = "/v1/partners/acme/contacts"


@pytest.fixture
def open_site(site):
    site.start(SUNDAY)
    wait_for(lambda: site.outbox() == [], what="the events of the start")
    return site


@pytest.mark.parametrize("path, body, says", [
    (LOG, {"kind": "call", "day": 20261103}, "day: must be a text, not a number"),
    (LOG, {"kind": "call", "note": 123}, "note: must be a text"),
    (LOG, {"kind": "call", "minutes": 1.5}, "minutes: must be a whole number"),
    (LOG, {"kind": "call", "minutes": True}, "minutes: must be a whole number"),
    (LOG, {"kind": "call", "ext_id": ["x"]}, "ext_id: must be a text, not an array"),
    (LOG, {"kind": "call", "direction": 3}, "direction: must be a text"),
    ("/v1/import/contacts", {"dry_run": "yes", "rows": [{"partner": "acme", "date": "2026-11-03", "kind": "call"}]}, "dry_run"),
    ("/v1/channels/mail/test", {"to": 5}, "to: must be a text"),
    ("/v1/reload", {"yes": "no"}, "yes: must be true or false"),
    ("/v1/contacts?limit=abc", None, "limit: must be a whole number from 1 to 1000"),
    ("/v1/contacts?limit=1001", None, "limit: must be a whole number from 1 to 1000"),
    ("/v1/contacts?after=zz", None, "after: must be a whole number"),
    ("/v1/outbox?after=-1", None, "after: must be a whole number"),
    ("/v1/partners?archived=perhaps", None, "archived: must be 1 or 0"),
])
def test_a_member_of_another_type_is_refused_and_changes_nothing(open_site, path, body, says):
    before = open_site.ctl_text("export", "contacts")
    assert says in open_site.refusal(path, body)
    assert open_site.ctl_text("export", "contacts") == before
    assert open_site.outbox() == []


@pytest.mark.parametrize("path, body, name", [
    (LOG, {"kind": "%s"}, "kind"),
    (LOG, {"kind": "call", "day": "%s"}, "day"),
    (LOG, {"kind": "call", "direction": "%s"}, "direction"),
    (LOG, {"kind": "call", "minutes": "%s"}, "minutes"),
    ("/v1/partners", {"id": "nova", "owner": "maria", "since": "%s"}, "since"),
])
@pytest.mark.parametrize("word", ["a\u202eb", "a\x1b[31m", "a\nb", "x" * 5000, "株" * 5000], ids=["bidi", "escape", "line", "long", "wide"])
def test_a_word_that_was_not_checked_is_never_repeated(open_site, path, body, name, word):
    said = open_site.refusal(path, {key: value.replace("%s", word) for key, value in body.items()})
    assert said.startswith(name) and word not in said and len(said) < 200


def test_rows_are_checked_one_by_one_and_told_by_their_line(open_site):
    good = {"line": 2, "partner": "acme", "date": "2026-11-03", "kind": "call", "note": "", "minutes": ""}
    rows = [good, {**good, "line": 3, "knd": "call"}, {**good, "line": 4, "minutes": 1.5}, {**good, "line": 5, "note": 7},
            {**good, "line": 6, "date": "a\u202eb"}, 7]
    status, answer = open_site.ask("/v1/import/contacts", {"rows": rows})
    assert status == 200 and answer["new"] == 1
    assert {error.get("line"): error["message"] for error in answer["errors"]} == {
        3: 'there is no member "knd" here; did you mean kind?',
        4: "minutes: must be a whole number from 0 to 10080",
        5: "note: must be a text, not a number",
        6: "date holds a bidirectional formatting character (U+202E at byte 1)",
        None: "a row must be an object",
    }


@pytest.mark.parametrize("what, good, bad", [
    ("contacts", {"partner": "acme", "date": "2026-11-03", "kind": "call"}, {"partner": "acme", "date": "2026-11-20", "kind": "chat"}),
    ("partners", {"id": "nova", "owner": "maria"}, {"id": "nova", "owner": "nobody"}),
])
def test_a_row_without_a_line_is_told_by_its_place(open_site, what, good, bad):
    status, answer = open_site.ask(f"/v1/import/{what}", {"rows": [good, bad, 7, {**bad, "line": 9}]})
    assert status == 200
    assert [change.get("row") for change in answer["changes"]] == [0] and "line" not in answer["changes"][0]
    assert sorted((e.get("row", -1), e.get("line")) for e in answer["errors"]) == [(-1, 9), (1, None), (2, None)]


@pytest.mark.parametrize("path, key", [("/v1/contacts", "contacts"), ("/v1/outbox", "deliveries"), ("/v1/partners", "partners")])
def test_a_page_says_where_the_next_one_begins(site, path, key):
    site.write(settings='deliver = "hold";')
    site.start("2026-11-23T08:30:00Z")
    wait_for(lambda: len(site.outbox()) > 2, what="what is held back")
    seen, after = [], ""
    while True:
        status, page = site.ask(f"{path}?limit=2{after}")
        assert status == 200
        seen += [row["id"] for row in page[key]]
        if not page["more"]:
            break
        assert page["next"] == seen[-1]
        after = f"&after={page['next']}"
    assert seen == [row["id"] for row in site.ask(path)[1][key]] and len(seen) > 2


@pytest.mark.parametrize("body, says", [
    ("null", "the body must be a JSON object"), ("7", "the body must be a JSON object"), ('"x"', "the body must be a JSON object"),
    ("[]", "the body must be a JSON object"), ('{"kind":"call","kind":"email"}', "the body says a member twice: line 1"),
    ("{", "the body is not JSON"), ("{} {}", "the body is not JSON"),
])
def test_a_body_is_called_what_it_is(open_site, body, says):
    assert says in open_site.refusal(LOG, body)


def test_an_owner_of_a_path_that_nobody_knows_is_not_found(open_site):
    assert "did you mean maria?" in open_site.refusal("/v1/owners/mria/away", {"from": "today", "to": "3d"}, expect=404)
    assert "did you mean maria?" in open_site.refusal("/v1/owners/mria/away", {}, expect=404)
    assert "did you mean maria?" in open_site.refusal("/v1/owners/mria/preview", expect=404)
    assert "from" in open_site.refusal("/v1/owners/maria/away", {"from": "someday", "to": "3d"}, expect=400)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "HEAD", "OPTIONS", "TRACE"])
def test_a_method_that_a_path_has_not_is_405(open_site, method):
    for path, status, allow in (("/v1/status", 405, "GET"), ("/v1/partners", 405, "GET, POST"), ("/v1/nothing", 404, None)):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            s.connect(str(open_site.socket))
            s.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            answer = b""
            while more := s.recv(65536):
                answer += more
        head, _, body = answer.decode().partition("\r\n\r\n")
        assert head.startswith(f"HTTP/1.1 {status}") and (f"Allow: {allow}" in head) == (allow is not None)
        assert body == "" if method == "HEAD" else json.loads(body)["error"]["status"] == ("invalid" if allow else "not_found")


def test_numbers_may_be_written_as_digits(open_site):
    for minutes in (15, "15"):
        status, answer = open_site.ask(LOG, {"kind": "call", "day": "2026-11-20", "minutes": minutes})
        assert status == 200
    assert open_site.ask("/v1/partners?archived=0&limit=2")[1]["more"]


@pytest.mark.parametrize("path, arguments", [
    ("/v1/outbox/%s/retry", ["-X", "POST"]), ("/v1/outbox/%s/drop", ["-X", "POST"]), ("/v1/outbox/%s", []),
    ("/v1/contacts/%s", ["-X", "DELETE"]),
])
@pytest.mark.parametrize("id", ["foo", "0", "1x", "-1", "+1", "%201", "1.0", "99999999999999999999"])
def test_an_id_that_is_no_number_acts_on_nothing(site, path, arguments, id):
    site.smtp.rcpt_reply = "550 5.1.1 no such user here"
    site.once(expect=1)
    site.start("2026-11-23T09:00:00Z")
    before = site.outbox(), site.ctl_text("export", "contacts")
    assert "digits, from 1 on" in site.refusal(path.replace("%s", id), None, *arguments)
    assert (site.outbox(), site.ctl_text("export", "contacts")) == before and before[0]


def test_retry_of_all_counts_the_dead_and_lets_the_others_wait(site):
    # Without an admin: a mail about what is dead would die too.
    site.write(channels='"mail", "sales"', events="", edit=lambda text: text.replace("admin ", "// admin "))
    site.smtp.rcpt_reply = "550 5.7.1 refused by policy"
    site.http.answers["/slack"] = (429, {"Retry-After": "7200"}, b"rate_limited")
    site.once(expect=1)
    site.start("2026-11-23T08:35:00Z")
    states = {d["channel"]: d for d in site.outbox()}
    assert (states["mail"]["state"], states["sales"]["state"]) == ("dead", "retry")
    site.ctl_text("outbox", "retry", "0", expect=64)
    site.ctl_text("outbox", "retry", "foo", expect=64)
    site.smtp.rcpt_reply = None
    assert "1 delivery is tried again" in site.ctl_text("outbox", "retry")
    assert [d for d in site.outbox() if d["channel"] == "sales"] == [states["sales"]]
    assert "nothing to try again" in site.ctl_text("outbox", "retry")


def raw(site, head, body=b'{"kind":"call","day":"2026-11-20"}', wait=0):
    """What the daemon answers to these bytes: the HTTP status and the JSON."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(str(site.socket))
        for byte in ([head] if not wait else [head[i:i + 1] for i in range(len(head))]):
            s.sendall(byte)
        s.sendall(body)
        answer = b""
        while more := s.recv(65536):
            answer += more
    return int(answer.split()[1]), json.loads(answer.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize("headers, says", [
    (b"Content-Length: 34\r\nContent-Length: 34\r\n", "Content-Length stands there more than once"),
    (b"Content-Length: 34\r\ncontent-length: 3\r\n", "Content-Length stands there more than once"),
    (b"Content-Length: 34\r\nX-A: b\r\n c\r\n", "goes on in the next line"),
    (b"Content-Length: 34\r\nX-A: b\r\n\tTransfer-Encoding: chunked\r\n", "goes on in the next line"),
    (b"Content-Length: 34\r\nX-A: b\0c\r\n", "holds a NUL"),
    (b"Idempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 34\r\n", "Idempotency-Key stands there"),
    (b"Idempotency-Key: " + b"k" * 201 + b"\r\nContent-Length: 34\r\n", "Idempotency-Key: from 1 to 200 bytes"),
    (b"Idempotency-Key:\r\nContent-Length: 34\r\n", "Idempotency-Key: from 1 to 200 bytes"),
])
@pytest.mark.parametrize("wait", [0, 1], ids=["at once", "byte by byte"])
def test_a_head_that_can_be_read_in_two_ways_is_refused(open_site, headers, says, wait):
    head = b"POST /v1/partners/acme/contacts HTTP/1.1\r\nHost: x\r\n"
    status, answer = raw(open_site, head + headers + b"\r\n", wait=wait)
    assert status == 400 and says in answer["error"]["message"]
    assert "2026-11-20" not in open_site.ctl_text("export", "contacts")
    status, answer = raw(open_site, head + b"Idempotency-Key: " + b"k" * 200 + b"\r\nContent-Length: 34\r\n\r\n",
                         body=b'{"kind":"call","day":\n "2026-11-20"}'.replace(b"\n ", b" "[:0]))
    assert (status, answer["result"]) == (200, "new")


def test_an_answer_is_remembered_for_a_day(open_site):
    def log(key):
        return open_site.ask(LOG, {"kind": "call", "day": "2026-11-20", "note": "once"}, "-H", f"Idempotency-Key: {key}")

    first = log("one")
    open_site.ctl("unlog", first[1]["contact"])
    open_site.restart("2026-11-23T11:00:00Z")
    assert log("one") == first and "once" not in open_site.ctl_text("export", "contacts")
    open_site.restart("2026-11-23T13:00:00Z")
    status, again = log("one")
    assert status == 200 and again["result"] == "new" and "once" in open_site.ctl_text("export", "contacts")


@pytest.mark.parametrize("query", ["owner=%ff", "owner=a%00b", "owner=maria&owner=jon", "own%00er=maria", "%1b=1", "owner"])
def test_a_query_that_cannot_be_read_is_refused_whole(open_site, query):
    said = open_site.refusal(f"/v1/partners?{query}")
    assert said and "\x1b" not in said


def test_contacts_of_nobody_are_not_found(open_site):
    assert "did you mean acme?" in open_site.refusal("/v1/contacts?partner=acne", expect=404)


@pytest.mark.parametrize("to", [
    "a@example.com\r\nRCPT TO:<b@example.com>", "a@example.com\nb", "nobody", "a@", "@b", "a b@example.com", "é@example.com",
    "a@example.com, b@example.com", "A <a@example.com>", "", "x" * 300 + "@example.com",
])
def test_a_test_goes_to_one_address_that_is_right(open_site, to):
    assert open_site.refusal("/v1/channels/mail/test", {"to": to}).startswith("to: ")
    assert "is no mail channel" in open_site.refusal("/v1/channels/sales/test", {"to": "a@example.com"})
    # Events of the nudges may still be on their way.
    wait_for(lambda: open_site.outbox() == [], what="an empty outbox")
    assert open_site.smtp.connections == 0
