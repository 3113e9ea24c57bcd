"""What a configuration would mean, before it is put in force. No daemon runs here but where one is compared with."""
import json
import subprocess

import pytest

from installation import BUILD

CONF = """\
timezone = "{zone}";
database = "sqlite:///nowhere/cadenced.db";
control  = "/nowhere/control.sock";
channels = {{ mail = {{ type = "smtp"; url = "smtp://127.0.0.1:25"; from = "cadence@example.com"; user = "cadence";
                       password_file = "a-file-nobody-can-read"; }}; }};
cadences = {{ ten = {{ every = "{every}"; grace = "3 days"; }}; }};
owners = {{ maria = {{ email = "maria@example.com"; workdays = "mon-sun"; {owner} }};
            jon = {{ email = "jon@example.com"; }}; }};
partners = ( {{ id = "acme"; name = "Acme GmbH"; owner = "maria"; cadence = "ten"; last_contact = "{last}"; }} );
"""


class Simulation:
    def __init__(self, folder):
        self.conf = folder / "try.conf"
        self.folder = folder
        self.write()

    def write(self, every="10 days", last="2026-11-20", owner="", zone="UTC"):
        self.conf.write_text(CONF.format(every=every, last=last, owner=owner, zone=zone))
        return self

    def csv(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def text(self, *words, expect=0):
        done = subprocess.run([str(BUILD / "cadencectl"), "--socket", "/nowhere", "simulate", "--conf", str(self.conf),
                               "--from", "2026-11-23", *words], capture_output=True, text=True, timeout=60)
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr

    def __call__(self, *words):
        return json.loads(self.text("--json", *words))


@pytest.fixture
def simulate(tmp_path):
    return Simulation(tmp_path)


def told(result, owner="maria"):
    return [d["day"] for d in result["digests"] if d["owner"] == owner and d["kind"] == "digest"]


def test_a_simulation_tells_what_the_daemon_would_send(site):
    site.write(channels='"mail"', events="")
    printed = subprocess.run([str(BUILD / "cadencectl"), "simulate", "--conf", str(site.conf), "--from", "2026-11-23",
                              "--to", "2026-11-23", "--owner", "maria"], capture_output=True, text=True, check=True).stdout
    site.start("2026-11-23T07:30:00Z")
    preview = site.ctl_text("preview", "maria")
    digest = printed[printed.index("Good morning"):printed.index("Wrong or too much?")]
    assert "Acme GmbH" in digest and digest in preview


def test_news_and_review_days_fall_where_they_should(simulate):
    # Due on Monday the 30th, cold on Thursday, then every Monday at least four days after it was told.
    assert told(simulate("--to", "2026-12-20")) == ["2026-11-30", "2026-12-03", "2026-12-07", "2026-12-14"]


def test_contacts_of_a_file_come_on_their_days(simulate):
    contacts = simulate.csv("c.csv", "partner,date,kind\nacme,2026-10-02,call\nacme,2026-12-01,call\nacme,2027-12-01,call\n")
    result = simulate("--contacts", contacts, "--to", "2026-12-20")
    # Told on the day before the call; the clock starts anew with it.
    assert told(result) == ["2026-11-30", "2026-12-11", "2026-12-14"]
    assert result["summary"]["contacts_by_themselves"] == 1 and result["summary"]["contacts_beyond"] == 1
    assert result["summary"]["useful_percent"] == pytest.approx(100 * 2 / 3)


def test_a_last_contact_in_the_file_comes_on_its_day_too(simulate):
    simulate.write(last="2026-12-02")
    assert told(simulate("--to", "2026-12-12")) == ["2026-12-12"]


def test_answers_are_drawn_from_the_seed(simulate):
    first = simulate("--to", "2027-11-23", "--react", "0.5,2")
    assert first == simulate("--to", "2027-11-23", "--react", "50%,2", "--seed", "1")
    assert first["digests"] != simulate("--to", "2027-11-23", "--react", "0.5,2", "--seed", "2")["digests"]
    always = simulate("--to", "2027-11-23", "--react", "1,2")["summary"]
    never = simulate("--to", "2027-11-23")["summary"]
    assert always["answered"] == always["nudges"] and always["cold_percent"] == 0
    assert never["answered"] == 0 and never["cold_percent"] > 90


ZONES = ["America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland", "Pacific/Kiritimati"]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("last", ["2026-10-01", "2026-11-20"], ids=["cold from the first day on", "due later"])
def test_an_owner_far_from_the_global_zone_fares_as_one_who_lives_in_it(simulate, zone, last):
    # Told, called, and answered; the last contact comes in the evening of the last day.
    contacts = simulate.csv("c.csv", "partner,date,kind\nacme,2026-12-24,call\nacme,2027-05-01,call\n")
    words = ("--contacts", contacts, "--to", "2027-05-01", "--react", "0.7,1")
    simulate.write(last=last, zone=zone)
    near = simulate(*words)
    simulate.write(last=last, owner=f'timezone = "{zone}";')
    far = simulate(*words)
    assert far["summary"] == near["summary"] and far["summary"]["contacts_by_themselves"] == 2

    def told_of(result):
        return [(d["day"], d["kind"], d["partners"]) for d in result["digests"]]
    assert told_of(far) == told_of(near)


@pytest.mark.parametrize("zone", ZONES)
def test_the_answer_comes_on_the_owners_day(simulate, zone):
    # Told when due and answered on the next day: the clock starts with that day.
    simulate.write(owner=f'timezone = "{zone}";')
    assert told(simulate("--to", "2026-12-31", "--react", "1,1")) == ["2026-11-30", "2026-12-11", "2026-12-22"]


def test_nobody_is_told_before_the_first_day_has_begun_for_them(simulate):
    # When Tuesday begins in Lisbon it is Monday afternoon in Los Angeles: a workday whose hour of the digest has passed.
    partners = simulate.csv("p.csv", "id,owner,cadence\nnova,jon,ten\n")
    simulate.write(last="2026-10-01", zone="Europe/Lisbon", owner='timezone = "America/Los_Angeles";')
    result = simulate("--from", "2026-11-24", "--to", "2026-11-26", "--partners", partners)
    assert [(d["day"], d["time"], d["partners"]) for d in result["digests"]] == [("2026-11-24", "08:30", ["acme"])]


def test_a_longer_cadence_means_fewer_nudges(simulate):
    words = ("--to", "2027-11-23", "--react", "1,1")
    short = simulate(*words)["summary"]["nudges_per_partner_year"]
    long = simulate.write(every="60 days")(*words)["summary"]["nudges_per_partner_year"]
    assert short > 30 and 5 < long < 7


def test_the_sums_are_those_of_the_digests(simulate):
    partners = simulate.csv("p.csv", "id,owner,cadence\nnova,jon,ten\norion,jon,ten\n")
    result = simulate("--partners", partners, "--to", "2027-02-23", "--react", "0.3,4", "--seed", "7")
    digests = [d for d in result["digests"] if d["kind"] == "digest"]
    summary = result["summary"]
    assert summary["digests"] == len(digests) and summary["nudges"] == sum(len(d["partners"]) for d in digests)
    assert summary["partners"] == 3 and summary["partner_days"] == 3 * 93
    assert summary["nudges"] == sum(o["nudges"] for o in result["owners"])
    by_day = {}
    for d in digests:
        by_day[d["day"]] = by_day.get(d["day"], 0) + len(d["partners"])
    assert by_day[summary["busiest_day"]] == summary["busiest_entries"] == max(by_day.values())
    assert summary["quiet"] == len(result["digests"]) - len(digests)


def test_one_owner_alone_can_be_shown(simulate):
    partners = simulate.csv("p.csv", "id,owner,cadence\nnova,jon,ten\n")
    result = simulate("--partners", partners, "--to", "2027-02-23", "--owner", "jon")
    assert {d["owner"] for d in result["digests"]} == {"jon"} and [o["owner"] for o in result["owners"]] == ["jon"]
    assert result["summary"]["partners"] == 1


def test_the_summary_fits_a_terminal(simulate):
    text = simulate.text("--to", "2027-11-23", "--react", "0.5,3", "--summary")
    assert "Nudges per partner-year" in text and "Cold days" in text and "Busiest day" in text
    assert "Subject:" not in text and max(map(len, text.splitlines())) <= 80


def test_bad_rows_are_all_named_and_nothing_is_played(simulate):
    contacts = simulate.csv("c.csv", "partner,date,kind\nacne,2026-10-02,call\nacme,2026-10-02,shout\nacme,2026-10-03,call\n")
    text = simulate.text("--contacts", contacts, expect=1)
    assert f"{contacts}:2: " in text and "did you mean acme" in text and f"{contacts}:3: " in text
    assert "--partners" in text and "Nudges" not in text


@pytest.mark.parametrize("words, says", [
    (("--to", "2026-11-22"), "before the first"), (("--to", "2226-11-22"), "hundred years"),
    (("--to", "2026-02-30"), "2026-02-30"), (("--react", "2,3"), "0.5,3"), (("--react", "0.5"), "0.5,3"),
    (("--react", "nan,1"), "0.5,3"), (("--seed", "x"), "number"), (("--sumary",), "--sumary"), (("acme",), "options only")])
def test_wrong_words_say_what_is_right(simulate, words, says):
    assert says in simulate.text(*words, expect=64)


def test_a_wrong_configuration_or_owner_is_said(simulate):
    assert "did you mean maria" in simulate.text("--owner", "mara", expect=1)
    simulate.conf.write_text("timezone = 1;")
    assert "try.conf:1" in simulate.text(expect=78)
    simulate.conf.unlink()
    assert "try.conf" in simulate.text(expect=78)


def failure(simulate, *words, expect):
    """The error of a failure as a program reads it, which people can read too."""
    done = subprocess.run([str(BUILD / "cadencectl"), "--json", "simulate", "--conf", str(simulate.conf), *words],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == expect, done.stdout + done.stderr
    error = json.loads(done.stdout)["error"]
    assert error["message"] in done.stderr
    return error


@pytest.mark.parametrize("words, expect, says", [
    (("--owner", "mara"), 1, "did you mean maria"), (("--to", "2026-02-30"), 64, "2026-02-30"), (("--react", "2,3"), 64, "0.5,3"),
    (("--seed", "x"), 64, "number"), (("acme",), 64, "options only"), (("--contacts", "/nowhere.csv"), 1, "/nowhere.csv")])
def test_with_json_wrong_words_are_json(simulate, words, expect, says):
    assert says in failure(simulate, *words, expect=expect)["message"]


def test_with_json_a_wrong_configuration_is_json(simulate):
    simulate.conf.write_text(simulate.conf.read_text().replace("10 days", "10 dys").replace("3 days", "3 dys"))
    lines = failure(simulate, expect=78)["message"].split("\n")
    assert len(lines) == 2 and all("try.conf:" in line and "dys" in line for line in lines)


def test_with_json_bad_rows_are_listed(simulate):
    # Some are bad by themselves, others only where they would be played.
    for rows, bad in (("acme,2026-10-02,call,x\nacme,2026-10-03,call,x\n", [(3, "already")]),
                      ("acne,2026-10-02,call,\nacme,2026-10-02,shout,\n", [(2, "acme"), (3, "shout")])):
        contacts = simulate.csv("c.csv", "partner,date,kind,ext_id\n" + rows)
        error = failure(simulate, "--contacts", contacts, expect=1)
        assert len(error["errors"]) == len(bad) and "nothing was played" in error["message"]
        for found, (line, says) in zip(sorted(error["errors"], key=lambda e: e["line"]), bad):
            assert (found["file"], found["line"]) == (contacts, line) and says in found["message"]


def test_a_first_day_long_before_a_partner_begins_is_said_to_be_too_early(simulate):
    text = simulate.conf.read_text().replace('owner = "maria"; cadence', 'since = "2024-03-01"; owner = "maria"; cadence')
    simulate.conf.write_text(text)
    said = simulate.text("--from", "2020-01-01", expect=1)
    assert "partner acme: since 2024-03-01 is more than a year after the first day, 2020-01-01" in said
    assert "today" not in said


def test_the_busiest_day_counts_entries_and_says_so(simulate):
    text = simulate.text("--to", "2026-12-20", "--summary")
    assert "Busiest day" in text and "1 entry in the digests" in text and "partner in the digests" not in text


def test_who_lives_west_of_the_zone_is_first_seen_on_the_first_day(simulate):
    simulate.conf.write_text(simulate.conf.read_text().replace('timezone = "UTC"', 'timezone = "Asia/Tokyo"')
                             .replace('workdays = "mon-sun";', 'workdays = "mon-sun"; timezone = "Europe/Lisbon";')
                             .replace(' last_contact = "2026-11-20";', ""))
    assert "counted from Mon 23 Nov" in simulate.text("--to", "2026-12-05")
