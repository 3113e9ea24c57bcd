"""The socket behind the command line: what it refuses, in words that say what would be right."""
import pytest

SUNDAY = "2026-11-22T12:00:00Z"
LOG = "/v1/partners/acme/contacts"


@pytest.fixture
def open_site(site):
    site.start(SUNDAY)
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


def test_numbers_may_be_written_as_digits(open_site):
    for minutes in (15, "15"):
        status, answer = open_site.ask(LOG, {"kind": "call", "day": "2026-11-20", "minutes": minutes})
        assert status == 200
    assert open_site.ask("/v1/partners?archived=0&limit=2")[1]["more"]
