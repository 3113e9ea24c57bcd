"""The configuration: wrong ones are refused whole, and never stop a daemon that runs."""
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from installation import ACME, BUILD, ELBE, FJORD, MONDAY, ROOT, rows, text_of, wait_for

SUNDAY = "2026-11-22T12:00:00Z"


def test_check_lists_every_error_with_its_line_and_touches_no_database(site):
    site.write(edit=lambda t: t.replace('timezone = "UTC"', 'timezone = "Europe/Lisbonne"')
               .replace('grace = "1 week"', 'grace = "1 wek"')
               .replace('backup = "jon"', 'backup = "john"')
               .replace('every = "3 months"', 'evry = "3 months"')
               .replace('last_contact = "2026-08-03"', 'last_contact = "2026-02-30"'))
    said = site.run("--check", expect=78)
    lines = site.conf.read_text().splitlines()
    for wrong in ("Europe/Lisbonne", "1 wek", "john", "evry", "2026-02-30"):
        number = next(i for i, line in enumerate(lines, 1) if wrong in line)
        assert re.search(rf"cadenced\.conf:{number}: .*{re.escape(wrong)}|cadenced\.conf:{number}: .*", said), (wrong, said)
        assert wrong in said
    assert "every" in said and "jon" in said  # the nearest known
    assert not site.database.exists()


def test_check_of_a_good_file(site):
    assert "fine; 2 owners, 2 cadences, 3 channels, 4 partners" in site.run("--check")
    assert not site.database.exists()
    site.conf.write_text('owners = { jon = { channels = [ "crm" ]; }; };\nchannels = { crm = { type = "webhook"; url = "https://h/"; }; };')
    assert "fine; 1 owner, 1 cadence, 1 channel, 0 partners\n" in site.run("--check")


@pytest.mark.parametrize("text", ["", "owners = {", "x = ;\n", "\x00\x01", "owners = 5;\n", "@include \"/etc/shadow\"\n"])
def test_a_broken_file_at_start_is_exit_78(site, text):
    site.conf.write_text(text)
    if text:
        assert "cadenced.conf" in site.once(expect=78)


def test_last_contacts_after_today_are_all_named_and_exit_78(site):
    site.write(edit=lambda t: t.replace('last_contact = "2026-10-01"', 'last_contact = "2062-10-01"')
               .replace('last_contact = "2026-08-03"', 'last_contact = "2062-08-03"'))
    said = site.once(expect=78)
    assert "2062-10-01 is after today" in said and "2062-08-03 is after today" in said, said
    assert len(re.findall(r"cadenced\.conf:\d+: partner (?:acme|elbe): last_contact: .*; it should be today or before", said)) == 2, said


def test_check_says_what_a_start_would_refuse_today(site):
    site.write(edit=lambda t: t.replace('last_contact = "2026-10-01"', 'last_contact = "2026-11-24"')
               .replace('since = "2024-03-01"; last_contact = "2026-08-03"', 'since = "2027-11-25"; last_contact = "2026-08-03"'))
    for said in (site.run("--check", "--now", MONDAY, expect=78), site.once(expect=78)):
        assert "2026-11-24 is after today (2026-11-23 in Europe/Lisbon)" in said, said
        assert re.search(r"cadenced\.conf:\d+: partner elbe: since: 2027-11-25 is more than a year after today .*; it should be 2027-11-24 or before", said), said
        assert "fine" not in said
    assert "fine" in site.run("--check", "--now", "2026-11-24T08:30:00Z")
    site.write(edit=lambda t: t.replace('since = "2024-03-01"; last_contact = "2026-08-03"', 'since = "2027-11-25"; last_contact = "2026-08-03"'))
    site.once("2026-11-24T08:30:00Z")
    site.once("2026-11-20T08:30:00Z")  # a clock that goes back refuses no `since` that was taken in


def test_a_missing_file_is_exit_78(site):
    site.conf.unlink()
    assert "cadenced.conf" in site.once(expect=78)


@pytest.mark.parametrize("name", ["a\\r\\nBcc: x@example.com", "a\\x1b[31m", "a\u202eb", "a\u2066b", "x" * 201, "x" * (10 << 20), ""],
                         ids=["crlf", "escape", "bidi", "isolate", "201", "10MB", "empty"])
def test_a_hostile_name_in_the_file_is_refused_with_its_line(site, name):
    site.write(edit=lambda t: t.replace("Elbe Systems", name))
    said = site.run("--check", expect=78)
    assert re.search(r"cadenced\.conf:23: .*name", said), said[:500]
    assert len(said) < 2000 and "\x1b" not in said and "\u202e" not in said


def test_bytes_that_are_no_utf8_are_refused_with_their_line(site):
    site.conf.write_bytes(site.conf.read_bytes().replace(b"Elbe Systems", b"Elbe \xff\xfe"))
    assert "cadenced.conf:23" in site.run("--check", expect=78)


def test_duplicate_ids_are_refused(site):
    site.write(partners=[ACME, ELBE, ("acme", "Twice", "standard", "2026-10-01")])
    said = site.run("--check", expect=78)
    assert "acme" in said and "cadenced.conf:" in said


def test_secrets_in_a_file_that_all_may_read_are_refused(site):
    site.conf.chmod(0o644)
    assert "secret" in site.run("--check", expect=78).lower()


def test_secrets_come_from_files_beside_the_configuration_or_from_credentials(site, tmp_path):
    site.write(edit=lambda t: re.sub(r'secret = "[^"]*"', 'secret_file = "crm-secret"', t))
    assert "crm-secret" in site.run("--check", expect=78)
    secret = site.home / "crm-secret"
    secret.write_text("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3\n")
    secret.chmod(0o600)
    site.run("--check")
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    secret.rename(credentials / "crm-secret")
    site.run("--check", env={**os.environ, "CREDENTIALS_DIRECTORY": str(credentials)})


def test_print_config_masks_secrets_and_can_be_read_again(site):
    text = site.run("--print-config")
    assert "whsec_MDEy" not in text and 'digest_at = "08:30"' in text
    assert "maria@example.com" in text
    hook, = re.findall(r'url = "[^"]*/slack"', site.conf.read_text())
    secret, = re.findall(r'secret = "[^"]*"', site.conf.read_text())
    assert text.count("********") == 2
    site.conf.write_text(text.replace('url = "********"', hook).replace('secret = "********"', secret))
    assert "fine" in site.run("--check", "--now", MONDAY)
    assert site.run("--print-config").replace("  # default", "") == text.replace("  # default", "")


def test_the_reference_is_what_the_keys_say(site):
    assert site.run("--print-reference") == (ROOT / "conf" / "cadenced.full.conf").read_text()


@pytest.mark.parametrize("name", ["conf/demo/cadenced.conf"])
def test_the_examples_are_right(site, name):
    # A checkout is everybody's to read, and secrets may not be.
    example = shutil.copytree((ROOT / name).parent, site.home / "example")
    for file in example.iterdir():
        file.chmod(0o600)
    site.conf = example / "cadenced.conf"
    assert "fine" in site.run("--check")


def test_reload_takes_over_what_is_right(site):
    site.start(SUNDAY)
    site.write(partners=[ACME, ELBE, FJORD, ("nova", "Nova", "standard", "2026-11-01")])
    site.ctl_text("reload")
    assert {r["id"] for r in rows(site.ctl("list"))} == {"acme", "elbe", "fjord", "nova"}


def test_a_broken_file_on_sighup_keeps_the_old_one_and_says_every_error(site):
    site.start(SUNDAY)
    good = site.conf.read_text()
    site.conf.write_text(good.replace('timezone = "Europe/Lisbon"', 'timezone = "Nowhere/Land"').replace("4 weeks", "4 wks"))
    site.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "Nowhere/Land" in site.log.read_text() and "4 wks" in site.log.read_text(), what="the errors")
    assert len(rows(site.ctl("list"))) == 4
    assert "last_reload_error" in str(site.ctl("status", expect=1))
    assert "RELOAD" in site.ctl_text("status", expect=1) and "\n\n" not in site.ctl_text("status", expect=1)
    said = site.ctl_text("reload", expect=78)
    assert "\n\n" not in said
    assert "Nowhere/Land" in said and re.search(r"cadenced\.conf:\d+", said)
    site.conf.write_text(good)
    site.ctl_text("reload")
    assert "Nowhere" not in str(site.ctl("status"))
    site.stop()
    site.once()
    assert len(site.mails()) == 1


def test_what_changes_while_a_reload_is_under_way_is_reloaded_too(site):
    def rename(name):
        site.write(partners=[(f"p{n}", f"{name} {n}", "standard", "2026-11-01") for n in range(5000)], events="")

    def reload():
        return subprocess.Popen([str(BUILD / "cadencectl"), "--socket", str(site.socket), "reload"], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    rename("First")
    site.start(SUNDAY)
    for ms in (20, 40, 80, 120, 160, 240):  # somewhere there the file is read, and the database not yet brought in line
        rename(f"Before {ms}")
        first = reload()
        time.sleep(ms / 1000)
        rename(f"After {ms}")
        site.process.send_signal(signal.SIGHUP)
        second = reload()
        wait_for(lambda: site.ctl("show", "p77")["name"] == f"After {ms} 77", what=f"the second reload, {ms} ms after the first")
        # With the signal there may be three at once: a third is told so, and the one that waits reads the same file.
        said = [p.communicate(timeout=30)[0] for p in (first, second)]
        assert all("configuration reloaded" in text or "another one waits" in text for text in said), said


def test_no_reload_begins_while_stopping(site):
    site.write(channels='"mail"')
    site.smtp.hold = True
    site.start(wait=False)
    assert site.smtp.arrived.wait(10)
    site.process.send_signal(signal.SIGTERM)
    wait_for(lambda: "stopping" in site.log.read_text(), what="the stop")
    site.process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    site.smtp.hold = False
    assert site.process.wait(15) == 0
    site.process = None
    assert "reloaded" not in site.log.read_text()


def test_a_reload_that_would_archive_many_wants_a_yes(site):
    many = [(f"p{i}", f"P{i}", "standard", "2026-11-01") for i in range(20)]
    site.write(partners=many)
    site.start(SUNDAY)
    site.write(partners=many[:10])
    assert "--yes" in site.ctl_text("reload", expect=78)
    assert len(rows(site.ctl("list"))) == 20
    site.ctl_text("reload", "--yes")
    assert len(rows(site.ctl("list"))) == 10


def everything(site):
    """What a check may not change."""
    status = {key: value for key, value in site.ctl("status").items() if key not in ("now", "last_look", "disk_free")}
    return [site.ctl("list"), site.ctl("show", "acme"), status, site.ctl("outbox", "list")]


def test_check_shows_what_a_reload_would_change_and_changes_nothing(site):
    many = [(f"p{n}", f"P{n}", "standard", "2026-11-01") for n in range(20)]
    site.write(partners=[ACME, ELBE, FJORD, *many])
    site.start(SUNDAY)
    wait_for(lambda: site.events() and site.outbox() == [], what="the events to arrive")
    before, in_force = everything(site), site.conf.read_text()
    site.write(partners=[("acme", "Acme AG", "strategic", "2026-10-01"), FJORD, *many[:4], ("nova", "Nova", "standard", "2026-11-01")],
               edit=lambda t: t.replace('standard  = { every = "3 months"; }', 'standard  = { every = "1 week"; }'))
    other = site.home / "other.conf"
    site.conf.rename(other)
    site.conf.write_text(in_force)
    site.conf.chmod(0o600)
    seen = site.ctl("check", "other.conf", cwd=site.home)
    assert (seen["added"], seen["changed"]) == ({"count": 1, "ids": ["nova"]}, {"count": 1, "ids": ["acme"]})
    assert seen["archived"]["count"] == 17 and seen["archived"]["ids"][:2] == ["elbe", "p10"] and seen["needs_yes"]
    assert seen["restored"]["count"] == 0
    assert seen["judged_differently"] == 5  # fjord and four of the many
    said = site.ctl_text("check", other)
    assert "add 1: nova" in said and "change 1: acme" in said and "archive 17: elbe, p10" in said
    assert "judge 5 differently" in said and "reload --yes" in said
    assert "No partner would change." in site.ctl_text("check", site.conf)
    assert everything(site) == before
    other.rename(site.conf)
    site.ctl_text("reload", "--yes")
    assert {r["id"] for r in rows(site.ctl("list"))} == {"acme", "fjord", "nova", "p0", "p1", "p2", "p3"}


def test_check_says_which_settings_differ(site):
    site.write(settings='deliver = "hold";', mail='tls = "none"; user = "cadence"; password = "before";')
    site.start(SUNDAY)
    assert site.ctl("check", site.conf)["settings"] == []
    site.write(settings='deliver = "live"; keep_history = "2 years";', mail='tls = "none"; user = "cadence"; password = "after";',
               edit=lambda text: text.replace("maria@example.com", "m.silva@example.com").replace("owners = {\n", 'owners = {\n  new = { email = "new@example.com"; };\n'))
    said = site.ctl_text("check", site.conf)
    for line in ('deliver: "hold" becomes "live"', 'keep_history: "5 years" becomes "2 years"', 'owner maria: email: "maria@example.com" becomes "m.silva@example.com"', "owner new: is new",
                 'with another content', "It goes live: all that is due leaves as soon as it is reloaded"):
        assert line in said, said
    assert "before" not in said and "after" not in said  # the passwords
    site.write(events="", channels='"mail"', edit=lambda text: re.sub(r"\n  crm .*", "", text))
    assert "channel crm: goes" in site.ctl("check", site.conf)["settings"]


def test_more_settings_than_are_said_are_cut_between_lines(site):
    def write(domain):
        owners = "".join(f'  o{n} = {{ email = "somebody-with-a-name-{n}@{domain}"; }};\n' for n in range(3000))
        site.write(edit=lambda text: text.replace("owners = {\n", "owners = {\n" + owners))
    write("example.com")
    site.start(SUNDAY)
    write("example.org")
    *settings, last = site.ctl("check", site.conf)["settings"]
    assert last == "… and more" and len(settings) > 1000
    assert all(re.fullmatch(r'owner o\d+: email: "\S+@example.com" becomes "\S+@example.org"', line) for line in settings)


def test_check_and_reload_say_that_due_days_move(site):
    site.write(partners=[ACME, ("elbe", "Elbe", "standard", "2026-11-12"), FJORD])
    site.start(SUNDAY)
    other = site.home / "other.conf"
    text = site.conf.read_text()

    def differently(old, new):
        assert old in text
        other.write_text(text.replace(old, new))
        other.chmod(0o600)
        return site.ctl("check", other), site.ctl_text("check", other)

    # Nobody becomes due by it, and two are due ten weeks earlier.
    seen, said = differently('every = "3 months"', 'every = "2 weeks"')
    assert (seen["judged_differently"], seen["moved"]) == (0, 2)
    assert "move 2: due, or cold, on another day" in said and "No partner would change" not in said
    seen, said = differently('grace = "1 week"', 'grace = "4 weeks"')
    assert (seen["judged_differently"], seen["moved"]) == (1, 1) and "move 1:" in said
    seen, said = differently('every = "4 weeks"; grace = "1 week"', 'every = "4 weeks"; grace = "1 week"; meeting_every = "5 years"')
    assert (seen["judged_differently"], seen["moved"]) == (0, 1) and "move 1:" in said
    seen, said = differently('sqlite://', 'sqlite://')
    assert seen["moved"] == 0 and "No partner would change." in said
    assert "judged again" not in site.ctl_text("reload")
    site.conf.write_text(text.replace('every = "3 months"', 'every = "2 weeks"'))
    said = site.ctl_text("reload")
    assert "0 changed" in said and "cadences or calendars changed: every partner is judged again" in said


def test_what_takes_a_restart_is_compared_with_what_runs(site):
    restart = "a change takes a restart: database"
    site.start(SUNDAY)
    text = site.conf.read_text()

    def reload_with(content):
        site.conf.write_text(content)
        logged = len(site.log.read_text())
        warnings = site.ctl("reload")["warnings"]
        assert all(warning in site.log.read_text()[logged:] for warning in warnings)
        assert site.ctl("check", site.conf)["warnings"] == warnings
        return warnings

    other = text.replace("cadenced.db", "other.db")
    assert reload_with(text) == []
    assert reload_with(other) == [restart]
    assert reload_with(other) == [restart]
    assert f"warning: {restart}" in site.ctl_text("reload")
    assert reload_with(text) == []


def test_reload_says_the_warnings_of_the_file(site):
    site.start(SUNDAY)
    site.conf.write_text(site.conf.read_text().replace("http://127.0.0.1", "http://hooks.example.com", 1))
    warning, = site.ctl("reload")["warnings"]
    assert "https:// would be safe" in warning
    assert f"warning: {warning}" in site.ctl_text("reload")


def test_check_of_a_wrong_file_lists_every_error_and_exits_78(site):
    site.start(SUNDAY)
    other = site.home / "other.conf"
    other.write_text(site.conf.read_text().replace("4 weeks", "4 wks").replace("Europe/Lisbon", "Nowhere/Land"))
    other.chmod(0o600)
    said = site.ctl_text("check", other, expect=78)
    assert re.search(r"other\.conf:\d+: .*4 wks", said) and "Nowhere/Land" in said
    assert not said.endswith("\n\n") and "\n\n" not in said
    assert "4 wks" in site.ctl_text("--json", "check", other, expect=78)
    assert "nowhere.conf" in site.ctl_text("check", site.home / "nowhere.conf", expect=78)
    site.write(edit=lambda t: t.replace('last_contact = "2026-10-01"', 'last_contact = "2062-10-01"'))
    assert "is after today" in site.ctl_text("check", site.conf, expect=78)
    site.ctl_text("check", expect=64)
    assert "last_reload_error" not in site.ctl("status")


def test_a_reload_that_loses_the_owner_of_a_database_partner_is_refused(site):
    site.start(SUNDAY)
    path = site.home / "p.csv"
    path.write_text("id,name,owner\nnova,Nova,jon\n")
    site.ctl_text("import", "partners", path)
    site.write(edit=lambda t: t.replace('backup = "jon"; ', "").replace("  jon   = {", "  jim   = {").replace(' backup = "jon";', ""))
    said = site.ctl_text("reload", expect=78)
    assert "jon" in said and "nova" in said
    assert len(rows(site.ctl("list"))) == 5


def test_a_ladder_that_leads_nowhere_is_refused_by_hand_and_told_after_a_reload(site):
    escalating = "grace = \"1 week\"; escalate = [ \"4 weeks\" ];"
    site.write(edit=lambda t: t.replace('grace = "1 week";', escalating))
    site.start(SUNDAY)
    site.ctl("partner", "add", "nova", "--owner", "maria", "--cadence", "strategic")
    said = site.ctl_text("partner", "move", "nova", "jon", expect=1)
    assert "owner jon has nobody to escalate to" in said and "backup or a manager" in said
    site.ctl_text("partner", "add", "nov2", "--owner", "jon", "--cadence", "strategic", expect=1)
    assert "escalate" not in site.ctl_text("status")
    site.write(partners=[ELBE, FJORD], edit=lambda t: t.replace('grace = "1 week";', escalating).replace(' backup = "jon";', ""))
    site.ctl_text("reload")
    assert "WARNING   partner nova: cadence strategic escalates, but owner maria has nobody" in site.ctl_text("status")


def test_a_partner_that_nobody_hears_of_is_said_at_start_and_once_a_day(site):
    site.start(SUNDAY)
    site.ctl("partner", "add", "nova", "--owner", "jon")
    site.ctl("partner", "add", "vega", "--owner", "jon")
    site.stop()
    site.write(edit=lambda t: t.replace("  jon   = {", "  jim   = {").replace(' backup = "jon";', ""))
    for now in (MONDAY, "2026-11-24T08:30:00Z"):
        said = site.once(now)
        assert said.count("partner=nova nobody hears of it: its owner jon is not configured") == 1, said
        assert "partner=vega" in said and "partner=acme" not in said
    site.start("2026-11-24T23:59:58Z")
    wait_for(lambda: site.log.read_text().count("partner=nova") == 2 + 2, what="the line of the new day")
    status = site.ctl_text("status", expect=1)
    assert "LOST      nova: nobody hears of it" in status and status.count("LOST") == 2
    assert site.ctl("status", expect=1)["unheard"] == ["nova", "vega"]


def unheard_mails(site):
    return [m for m in site.mails() if "nobody hears of" in m["Subject"]]


def test_the_admin_is_told_by_mail_whom_nobody_hears_of_once_a_week_or_when_there_is_another(site):
    site.write(channels='"mail"', events="")
    site.start(SUNDAY)
    for id, owner in (("nova", "jon"), ("vega", "maria")):
        site.ctl("partner", "add", id, "--owner", owner)
    site.stop()
    gone = lambda t: t.replace("  jon   = {", "  jim   = {").replace(' backup = "jon";', "")
    site.write(channels='"mail"', events="", edit=gone)
    for now in (MONDAY, "2026-11-24T08:30:00Z", "2026-11-29T08:30:00Z"):
        site.once(now)
    mail, = unheard_mails(site)
    assert mail["Subject"] == "cadenced: nobody hears of nova" and mail["To"] == "ops@example.com"
    assert "cadencectl partner move nova OWNER" in text_of(mail)
    site.once("2026-11-30T08:30:00Z")
    assert len(unheard_mails(site)) == 2
    # Another owner is gone: that is news before the week is over, told with what is known already.
    owners = "\n".join(f'  {{ id = "{p[0]}"; name = "{p[1]}"; owner = "jim"; cadence = "standard"; }}' for p in [FJORD])
    conf = site.conf.read_text()
    start = conf.index("partners = (")
    site.conf.write_text(conf[:start].replace("  maria = {", "  mira  = {") + f"partners = (\n{owners}\n);\n")
    site.once("2026-12-02T08:30:00Z")
    assert len(unheard_mails(site)) == 3 and unheard_mails(site)[-1]["Subject"] == "cadenced: nobody hears of 2 partners"
    site.start("2026-12-02T09:00:00Z")
    assert "nobody hears of it: the administrator was told" in site.ctl_text("show", "vega")


def test_a_partner_for_whom_somebody_stands_in_is_only_lost(site):
    site.write(channels='"mail"', events="")
    site.start(SUNDAY)
    site.ctl("partner", "add", "nova", "--owner", "maria")
    site.stop()
    site.write(channels='"mail"', events="", partners=(), edit=lambda t: t.replace("  maria = {", "  mira  = {"))
    site.once(MONDAY)
    assert unheard_mails(site) == []
    site.start("2026-11-23T09:00:00Z")
    assert "LOST      nova has an owner or cadence that is not configured" in site.ctl_text("status")
    assert site.ctl("status")["unheard"] == []


def test_what_leaves_the_file_is_archived_and_comes_back_with_its_history(site):
    site.start(SUNDAY)
    site.ctl("log", "elbe", "call", "yesterday", "good talk")
    site.write(partners=[ACME, FJORD])
    site.ctl_text("reload")
    assert "elbe" not in {r["id"] for r in rows(site.ctl("list"))}
    site.write()
    site.ctl_text("reload")
    assert "good talk" in str(site.ctl("show", "elbe"))


def test_a_new_last_contact_in_the_file_replaces_the_old_one(site):
    site.once()
    site.write(partners=[(*ACME[:3], "2026-11-20"), ELBE])
    site.start("2026-11-23T10:00:00Z")
    contact, = site.ctl("show", "acme")["contacts"]
    assert contact["day"] == "2026-11-20"


def test_what_is_missing_to_begin_with_is_said(site, tmp_path):
    place = tmp_path / "none"
    conf = tmp_path / "other.conf"
    conf.write_text(f'\ufefftimezone = "UTC";\ndatabase = "sqlite://{place}/c.db";\ncontrol = "{place}/c.sock";\n', encoding="utf-8")
    cadenced = [str(BUILD / "cadenced"), "-c", str(conf)]
    done = subprocess.run([*cadenced, "--check"], capture_output=True, text=True)
    assert done.returncode == 0 and "nobody will hear of anything" in done.stderr  # and the mark of an editor is none of its letters
    done = subprocess.run(cadenced, capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and f"{place}/c.db: there is no folder {place}; make it" in done.stderr
    conf.write_text(conf.read_text(encoding="utf-8").replace(f"{place}/c.db", f"{tmp_path}/c.db"), encoding="utf-8")
    done = subprocess.run(cadenced, capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "there is no such folder; make it, or set control to another path" in done.stderr


def test_check_says_that_a_calendar_has_run_out(site):
    site.write(edit=lambda text: text.replace('backup = "jon";', 'backup = "jon"; holidays = [ "2025-12-24" ];'))
    done = subprocess.run([str(BUILD / "cadenced"), "-c", str(site.conf), "--check"], capture_output=True, text=True)
    assert done.returncode == 0 and "owner maria: holidays: none lies ahead" in done.stderr
