"""Replies: a digest is answered by replying to it, and nobody else can."""
import email.message
import email.utils
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from installation import BUILD, text_of, wait_for

REPLIES = 'reply_to = "cadence@example.com";'
BEFORE = "2026-11-23T08:29:58Z"
NEXT_MONDAY = "2026-11-30T08:30:00Z"
EX_TEMPFAIL = 75


# ---- mails as people's programs write them ----

def quoted(mail):
    return "".join(f"> {line}\n" for line in text_of(mail).splitlines())


def by_gmail(mail, words):
    return f"{words}\n\nOn Mon, Nov 23, 2026 at 8:30 AM Cadence <{mail['From'].addresses[0].addr_spec}>\nwrote:\n\n{quoted(mail)}"


def by_outlook(mail, words):
    return (f"{words}\n\n________________________________\nFrom: Cadence <cadence@example.com>\nSent: Monday, November 23, 2026 8:30 AM\n"
            f"To: Maria Silva <maria@example.com>\nSubject: {mail['Subject']}\n\n{text_of(mail)}")


def below_the_quote(mail, words):
    return f"On 23/11/2026 08:30, Cadence wrote:\n{quoted(mail)}\n{words}\n\n-- \nMaria Silva\nPartner manager\n"


PROGRAMS = [by_gmail, by_outlook, below_the_quote]


def address_of(mail):
    return mail["Reply-To"].addresses[0].addr_spec


def answer(mail, words, program=by_gmail, sender="maria@example.com", to=None, id=None, refer=True, **headers):
    """The bytes of an answer to a mail that arrived."""
    reply = email.message.EmailMessage()
    reply["From"] = f"Maria Silva <{sender}>"
    reply["To"] = to or address_of(mail)
    reply["Subject"] = f"Re: {mail['Subject']}"
    reply["Date"] = "Mon, 23 Nov 2026 09:00:00 +0000"
    reply["Message-ID"] = id or email.utils.make_msgid(domain="client.example.com")
    if refer:
        reply["In-Reply-To"] = reply["References"] = mail["Message-ID"]
    for name, value in headers.items():
        reply[name.replace("_", "-")] = value
    reply.set_content(program(mail, words))
    return bytes(reply)


def receive(site, mail, expect=0, socket=None):
    done = subprocess.run([str(BUILD / "cadencectl"), "--socket", str(socket or site.socket), "receive"], input=mail,
                          capture_output=True, timeout=60)
    assert done.returncode == expect, f"exit {done.returncode}, not {expect}: {done.stdout}{done.stderr}"
    return (done.stdout + done.stderr).decode()


# ---- the installation ----

def to(site, name):
    return [m for m in site.mails() if m["To"].addresses[0].addr_spec == f"{name}@example.com"]


def digest(site):
    return wait_for(lambda: to(site, "maria"), what=f"the digest\n{site.log.read_text()}")[0]


def begin(site, settings=REPLIES, redirected=None, **options):
    site.write(settings=settings, channels='"mail"', events="", **options)
    site.start(BEFORE)
    if redirected:
        return wait_for(lambda: to(site, redirected), what="the digest elsewhere")[0]
    return digest(site)


def state(site, partner):
    shown = site.ctl("why", partner)
    return shown["held"] or shown["state"]


def refused(site):
    return {r["why"]: r["count"] for r in site.ctl("status")["replies"]["refused"]}


def contacts(site, partner):
    return [c for c in site.ctl("show", partner)["contacts"] if c["source"] != "conf"]


# ---- what an answer does ----

@pytest.mark.parametrize("program", PROGRAMS)
def test_an_answer_clears_the_partner_before_the_next_digest(site, program):
    mail = begin(site)
    assert re.fullmatch(r"cadence\+r\.[a-z2-7]{24}@example\.com", address_of(mail))
    assert len(address_of(mail).split("@")[0]) <= 64
    text = text_of(mail)
    assert "Answer by replying, one line each:  1 call today talked" in text and "why 1" in text and "cadencectl" not in text
    assert "1. Acme GmbH" in text and "2. Elbe" in text
    assert "2 lines done, 0 not" in receive(site, answer(mail, "1 call today talked to them, numbers Friday\n2 snooze 7 dec CFO back then",
                                                         program))
    [contact] = contacts(site, "acme")
    assert contact["source"] == "reply" and contact["actor"] == "maria@example.com" and contact["by"] == "maria"
    assert (contact["day"], contact["kind"], contact["note"]) == ("2026-11-23", "call", "talked to them, numbers Friday")
    assert state(site, "acme") == "on track" and state(site, "elbe") == "snoozed"
    last = site.ctl("status")["replies"]["last"]
    assert (last["sender"], last["done"], last["failed"], last["confirmed"]) == ("maria@example.com", 2, 0, False)
    site.stop()
    site.once(NEXT_MONDAY)
    assert len(to(site, "maria")) == 2, "nothing was asked, and nothing is answered but by the next digest"
    assert "Acme" not in text_of(to(site, "maria")[1]) and "Elbe" not in text_of(to(site, "maria")[1])


def by_no_program(mail, words):
    """A client that marks in no way what is not new."""
    return f"{words}\n\n{text_of(mail)}"


def test_what_stands_in_our_own_mails_is_never_done(site):
    mail = begin(site)
    assert "1 line done, 0 not" in receive(site, answer(mail, "3 ack", by_no_program))
    page = email.message.EmailMessage()
    page.set_content(mail.get_body(("html",)).get_content().replace("<main>", "<p>1 meeting today</p><main>"), subtype="html")
    bare = answer(mail, "").split(b"Content-Type:")[0]
    assert "1 line done" in receive(site, bare + bytes(page))
    assert len(contacts(site, "acme")) == 1 and state(site, "elbe") == "due" and "away" not in site.ctl_text("show", "elbe")
    receive(site, answer(mail, "9 call today\nhelp"))
    reply = wait_for(lambda: to(site, "maria")[1:], what="the confirmation")[0]
    assert "5 off" in text_of(reply)
    assert "1 line done, 0 not" in receive(site, answer(reply, "2 snooze 7 dec", by_no_program))
    assert state(site, "elbe") == "snoozed" and len(contacts(site, "acme")) == 1


def test_the_numbers_are_those_of_the_mail_that_is_answered(site):
    site.write(settings=REPLIES, events="", channels='"mail"')
    site.start(BEFORE)
    monday = digest(site)
    site.stop()
    site.start("2026-11-24T08:00:00Z")
    site.ctl("log", "acme", "call")  # the next digest counts from the second on
    site.stop()
    site.once("2026-11-30T08:30:00Z")
    later = to(site, "maria")[1]
    assert "1. Acme" in text_of(monday) and "1. Elbe" in text_of(later)
    site.start("2026-11-30T09:00:00Z")
    receive(site, answer(later, "1 snooze 2 weeks"))
    receive(site, answer(monday, "1 meeting today"))
    assert state(site, "elbe") == "snoozed" and contacts(site, "acme")[0]["kind"] == "meeting"


def test_only_what_was_not_understood_or_asked_is_answered_in_one_mail(site):
    mail = begin(site)
    said = receive(site, answer(mail, "1 call today\n9 call today\nwhy 2\n3 snooze 7 dec 2030"))
    assert "a mail says so" in said
    reply = wait_for(lambda: to(site, "maria")[1:], what="the confirmation")[0]
    text = " ".join(text_of(reply).split())
    assert "the mail that you answer has no number 9" in text and "is more than 90 days ahead" in text
    assert "Elbe Systems" in text and "Acme GmbH: call of Mon 23 Nov is logged" in text
    assert reply["Auto-Submitted"] == "auto-replied" and reply["Subject"] == f"Re: {mail['Subject']}"
    assert reply["In-Reply-To"] and address_of(reply) == address_of(mail)
    assert state(site, "acme") == "on track" and state(site, "elbe") == "due"
    # The conversation goes on by the same numbers.
    receive(site, answer(reply, "2 snooze 7 dec"))
    assert state(site, "elbe") == "snoozed"
    time.sleep(0.5)
    assert len(to(site, "maria")) == 2


def test_names_ids_days_and_absence(site):
    mail = begin(site)
    receive(site, answer(mail, "elbe systems call yesterday\nborealis off"))
    assert contacts(site, "elbe")[0]["day"] == "2026-11-22" and state(site, "borealis") == "off"
    receive(site, answer(mail, "away until 4 dec"))
    assert "away" in site.ctl_text("show", "acme")
    receive(site, answer(mail, "1 call 3/4\nnobody call today"))
    reply = wait_for(lambda: to(site, "maria")[1:], what="the confirmation")[0]
    text = " ".join(text_of(reply).split())
    assert "3/4" in text and 'no partner of yours is called "nobody"' in text
    assert contacts(site, "acme") == []


def test_a_booked_meeting_is_answered_with_yes_and_no(site):
    site.write(settings=REPLIES, channels='"mail"', events="")
    site.start("2026-11-23T07:00:00Z")
    site.ctl("plan", "acme", "2026-11-27")
    site.ctl("plan", "elbe", "2026-11-27")
    site.stop()
    site.once("2026-11-30T08:30:00Z")
    asked = to(site, "maria")[0]
    text = text_of(asked)
    assert "yes" in text and "no" in text
    numbers = {name: re.search(rf"(\d+)\. {name}", text)[1] for name in ("Acme", "Elbe")}
    site.start("2026-11-30T09:00:00Z")
    receive(site, answer(asked, f"{numbers['Acme']} yes\n{numbers['Elbe']} no"))
    assert contacts(site, "acme")[0]["day"] == "2026-11-27" and contacts(site, "acme")[0]["kind"] == "meeting"
    assert state(site, "acme") == "on track" and state(site, "elbe") in ("due", "cold") and contacts(site, "elbe") == []


# ---- who may ----

def test_strangers_forgers_replays_and_robots_change_nothing(site):
    mail = begin(site)
    words = "1 call today\n2 off"
    token = address_of(mail)
    first = token.split("+r.")[1][0]
    forged = token.replace("+r." + first, "+r." + ("b" if first != "b" else "c"), 1)
    cases = [
        ("stranger", answer(mail, words, sender="eve@example.com", Cc="jon@example.com")),
        ("stranger", answer(mail, words, sender="jon@example.com")),
        ("forged", answer(mail, words, to=forged, refer=False)),
        ("no token", answer(mail, words, to="cadence@example.com", refer=False)),
        ("robot", answer(mail, words, Auto_Submitted="auto-replied")),
        ("robot", answer(mail, words, Precedence="bulk")),
        ("robot", answer(mail, words, List_Id="<people.example.com>")),
    ]
    seen = {}
    for why, bytes_ in cases:
        assert f"not taken: {why}" in receive(site, bytes_)
        seen[why] = seen.get(why, 0) + 1
        assert refused(site) == seen
    assert contacts(site, "acme") == [] and state(site, "elbe") == "due"
    taken = answer(mail, words, id="<once@client.example.com>")
    assert "taken: 2 lines done" in receive(site, taken)
    assert "not taken: replay" in receive(site, taken)
    assert "not taken: replay" in receive(site, answer(mail, "3 off", id="<once@client.example.com>"))
    assert len(contacts(site, "acme")) == 1 and state(site, "borealis") == "due" and refused(site)["replay"] == 2
    time.sleep(0.5)
    assert len(to(site, "maria")) == 1 and not to(site, "eve")
    shown = site.ctl_text("status")
    assert "2 not taken (stranger)" in shown and "last 2026-11-23T" in shown and "replay" in shown


def test_a_mail_without_message_id_acts_once_however_often_it_is_tried(site):
    mail = begin(site)
    bare = re.sub(rb"Message-ID: .*\n", b"", answer(mail, "1 call today"), count=1)
    assert b"Message-ID" not in bare.split(b"\n\n")[0]
    assert "1 line done" in receive(site, b"From maria@example.com  Mon Nov 23 09:00:01 2026\nDelivered-To: a@x\n" + bare)
    assert "not taken: replay" in receive(site, b"From maria@example.com  Mon Nov 23 09:10:44 2026\nDelivered-To: b@x\n" + bare)
    assert "1 line done" in receive(site, bare.replace(b"1 call today", b"2 call today"))


def test_the_message_id_counts_when_the_address_lost_its_token(site):
    mail = begin(site)
    assert "1 line done" in receive(site, answer(mail, "1 ack", to="cadence@example.com"))
    assert "not taken: stranger" in receive(site, answer(mail, "1 off", to="cadence@example.com", sender="eve@example.com"))
    assert state(site, "acme") == "cold"


def test_dmarc_is_asked_for_where_a_server_is_trusted(site):
    mail = begin(site, settings=REPLIES + ' trusted_authserv = "mx.example.com";')
    for results in (None, "mx.example.com; dmarc=fail header.from=example.com", "mx.evil.example; dmarc=pass header.from=example.com"):
        headers = {"Authentication_Results": results} if results else {}
        assert "not taken: dmarc" in receive(site, answer(mail, "1 call today", **headers))
    assert contacts(site, "acme") == [] and refused(site) == {"dmarc": 3}
    good = answer(mail, "1 call today", Authentication_Results="mx.example.com; dmarc=pass header.from=example.com")
    # What stands below the topmost one is whoever's.
    assert "not taken: dmarc" in receive(site, b"Authentication-Results: mx.example.com; dmarc=fail\r\n" + good)
    assert "1 line done" in receive(site, good)


def test_a_token_ends_after_90_days_and_with_the_second_new_key(site):
    mail = begin(site)
    site.restart("2027-02-20T09:00:00Z")
    assert "1 line done" in receive(site, answer(mail, "1 ack"))
    site.restart("2027-02-22T09:00:00Z")
    assert "not taken: expired" in receive(site, answer(mail, "1 off"))
    assert state(site, "acme") == "cold"
    fresh = wait_for(lambda: [m for m in to(site, "maria") if "2027" in m["Date"]], what="a digest of today")[-1]
    site.ctl_text("rekey")
    assert "1 line done" in receive(site, answer(fresh, "1 ack", refer=False))
    site.ctl_text("rekey")
    assert "not taken: forged" in receive(site, answer(fresh, "1 off", refer=False))


def test_two_robots_do_not_talk_for_ever(site):
    """Whoever answers each mail at once without saying so: its answers are no commands, and are asked back."""
    mail = begin(site)
    for turn in range(25):
        receive(site, answer(mail, f"9 call today, {turn}"))
    wait_for(lambda: len(to(site, "maria")) >= 21, what="the confirmations")
    time.sleep(0.5)
    assert len(to(site, "maria")) == 21, "20 confirmations a day, and the digest"
    # And who says so is not answered at all.
    confirmation = to(site, "maria")[-1]
    assert "not taken: robot" in receive(site, answer(confirmation, "9 call today", Auto_Submitted="auto-replied"))


def test_without_reply_to_nothing_is_taken_and_the_digest_says_commands(site):
    mail = begin(site, settings="")
    assert mail["Reply-To"] is None and "cadencectl log" in text_of(mail)
    said = receive(site, answer(mail, "1 call today", to="cadence@example.com"), expect=EX_TEMPFAIL)
    assert "reply_to is not set" in said and contacts(site, "acme") == []


# ---- the ways in ----

def test_receive_has_the_mail_server_try_again(site, tmp_path):
    mail = begin(site)
    reply = answer(mail, "1 call today")
    assert "does not answer" in receive(site, reply, expect=EX_TEMPFAIL, socket=tmp_path / "nobody.sock")
    site.process.send_signal(signal.SIGSTOP)
    sender = subprocess.Popen([str(BUILD / "cadencectl"), "--socket", str(site.socket), "receive"], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sender.stdin.write(reply)
    sender.stdin.close()
    time.sleep(0.5)
    site.kill()
    assert sender.wait(20) == EX_TEMPFAIL
    site.start("2026-11-23T09:00:00Z")
    assert "1 line done" in receive(site, reply)


def test_what_is_too_long_is_put_aside(site):
    mail = begin(site)
    assert "not taken: too big" in receive(site, answer(mail, "1 call today") + b"x" * (1 << 20))
    assert "not taken: too big" in receive(site, answer(mail, "1 call today") + b"x" * (20 << 20))
    assert refused(site) == {"too big": 2} and contacts(site, "acme") == []


def test_what_nobody_can_read_is_kept_beside_the_database(site):
    mail = begin(site)
    heads = b"X-Long: " + b"x" * (80 << 10) + b"\r\n"
    unreadable = heads + answer(mail, "1 call today")
    assert "not taken: unreadable" in receive(site, unreadable)
    kept, = (site.home / "aside").iterdir()
    assert kept.read_bytes() == unreadable and kept.stat().st_mode & 0o777 == 0o600
    assert contacts(site, "acme") == [] and refused(site) == {"unreadable": 1}
    receive(site, unreadable)
    for n in range(25):
        receive(site, heads + b"X-Number: %d\r\n" % n + answer(mail, "1 call today"))
    assert len(list((site.home / "aside").iterdir())) == 20 and "aside holds 20 mails already" in site.log.read_text()
    # No room to keep it is no reason to lose it.
    shutil.rmtree(site.home / "aside")
    (site.home / "aside").write_text("in the way")
    receive(site, unreadable, expect=EX_TEMPFAIL)


def children(pid):
    return [int(child) for child in open(f"/proc/{pid}/task/{pid}/children").read().split()]


def test_a_reader_that_dies_costs_no_answer(site):
    mail = begin(site)
    receive(site, answer(mail, "fjord call 1 nov number 0"))
    keeper, = children(site.process.pid)
    for n in range(1, 4):
        workers = wait_for(lambda: children(keeper), what="the process that reads mail")
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        assert "1 line done" in receive(site, answer(mail, f"fjord call {n + 1} nov number {n}"))
    assert site.process.poll() is None and len(contacts(site, "fjord")) == 4


def test_without_who_makes_the_readers_status_says_what_to_do(site):
    mail = begin(site)
    keeper, = children(site.process.pid)
    os.kill(keeper, signal.SIGKILL)
    [fault] = wait_for(lambda: site.ask("/v1/status")[1]["faults"], what="the fault")
    assert fault["kind"] == "inbox" and "restart cadenced" in fault["text"]
    assert "restart cadenced" in receive(site, answer(mail, "1 call today"), expect=EX_TEMPFAIL)
    site.stop()
    site.start("2026-11-23T09:30:00Z")
    assert site.ctl("status")["faults"] == []
    assert "1 line done" in receive(site, answer(mail, "1 call today"))


def test_who_hears_in_an_owners_place_may_not_answer_for_them(site):
    mail = begin(site, settings=REPLIES + ' redirect_to = "trial@example.com";', redirected="trial")
    assert "not taken: redirected" in receive(site, answer(mail, "1 call today", sender="trial@example.com"))
    assert "not taken: stranger" in receive(site, answer(mail, "1 call today", sender="eve@example.com"))
    assert contacts(site, "acme") == [] and refused(site) == {"redirected": 1, "stranger": 1}


def test_what_waits_to_be_said_of_an_answer_forgets_who_is_erased(site):
    mail = begin(site)
    for id, name in (("umlaut", 'Ümlaut "A" Ltd'), ("text", "Text"), ("elb", "Elb")):
        site.ctl("partner", "add", id, "--name", name, "--owner", "maria", "--cadence", "standard")
    site.smtp.rcpt_reply = "451 4.3.0 later"
    receive(site, answer(mail, 'umlaut call today\nhelp'))
    receive(site, answer(mail, 'UMLAUT ack\nhelp'))
    receive(site, answer(mail, "elbe call today\nhelp"))
    waiting = lambda: [d for d in site.ctl("outbox", "list") if d["kind"] == "reply"]
    wait_for(lambda: len(waiting()) == 3 and all(d["state"] == "retry" for d in waiting()), what="three that wait")
    site.ctl("erase", "umlaut", "--yes")
    # Ids that are words of a document's form, or the beginning of another's name, take nothing with them.
    site.ctl("erase", "text", "--yes")
    site.ctl("erase", "elb", "--yes")
    [left] = waiting()
    shown = site.ctl_text("--json", "outbox", "show", left["id"]).lower()
    assert "elbe call today" in shown and "mlaut" not in shown


def test_the_api_takes_the_bytes_of_a_mail(site, tmp_path):
    mail = begin(site)
    file = tmp_path / "mail"
    file.write_bytes(answer(mail, "1 call today"))
    sent = ("--data-binary", f"@{file}", "-H", "Content-Type: message/rfc822")
    assert site.ask("/v1/receive", None, *sent) == (200, {"fate": "taken", "done": 1, "failed": 0, "confirmed": False})
    assert site.ask("/v1/receive", None, *sent)[1]["fate"] == "replay"
    file.write_bytes(b"\0\r\n\0not a mail")
    assert site.ask("/v1/receive", None, *sent)[1]["fate"] in ("no token", "unreadable")


def test_a_maildir_is_watched(site):
    inbox = site.home / "inbox"
    settings = REPLIES + f' inbox = {{ maildir = "{inbox}"; }};'
    site.write(settings=settings, channels='"mail"', events="")
    inbox.mkdir()
    for name in ("tmp", "new", "cur"):
        (inbox / name).mkdir()
    site.start(BEFORE)
    mail = digest(site)

    def deliver(name, content):
        (inbox / "tmp" / name).write_bytes(content)
        os.link(inbox / "tmp" / name, inbox / "new" / name)
        (inbox / "tmp" / name).unlink()

    deliver("1.a", answer(mail, "1 call today"))
    wait_for(lambda: (inbox / "cur" / "1.a:2,S").exists(), what=f"the mail in cur\n{site.log.read_text()}")
    assert len(contacts(site, "acme")) == 1
    deliver("2.b", answer(mail, "2 off", sender="eve@example.com"))
    wait_for(lambda: (inbox / ".failed" / "2.b").exists(), what="the mail in .failed")
    assert (inbox / ".failed" / "2.b.why").read_text() == "stranger\n"
    deliver("3.c", b"x" * ((1 << 20) + 1))
    wait_for(lambda: (inbox / ".failed" / "3.c").exists(), what="the long mail in .failed")
    assert "not taken: stranger" in site.log.read_text()
    # What comes while nobody is there is read at the start, in its order.
    site.stop()
    for n in range(8):
        deliver(f"4.{n}", answer(mail, f"2 snooze {7 + n} dec"))
    site.start("2026-11-23T09:30:00Z")
    wait_for(lambda: (inbox / "cur" / "4.7:2,S").exists(), what="what lay there")
    assert not list((inbox / "new").iterdir())
    assert site.ctl("show", "elbe")["answers"]["snooze"]["until"] == "2026-12-14"


def maildir_of(site):
    """A Maildir that a daemon watches, and the digest it has sent."""
    inbox = site.home / "inbox"
    return inbox, begin(site, settings=REPLIES + f' inbox = {{ maildir = "{inbox}"; }};')


def test_what_is_no_mail_holds_no_mail_up(site):
    inbox, mail = maildir_of(site)
    outside = site.home / "outside"
    outside.write_bytes(answer(mail, "3 off"))
    (inbox / "new" / "0.folder").mkdir()
    (inbox / "new" / "1.link").symlink_to(outside)
    os.mkfifo(inbox / "new" / "2.pipe")
    (inbox / "new" / ".hidden").write_bytes(answer(mail, "3 off"))
    (inbox / "new" / "3.empty").touch()
    long = "4." + "a" * 253
    for name, words in ((long, "2 snooze 7 dec"), ("5.a\n\x1b[31m b", "1 call today")):
        (inbox / "tmp" / "x").write_bytes(answer(mail, words))
        (inbox / "tmp" / "x").rename(inbox / "new" / name)
    wait_for(lambda: os.listdir(inbox / "new") == [".hidden"], what=f"an empty folder\n{site.log.read_text()}")
    assert state(site, "elbe") == "snoozed" and len(contacts(site, "acme")) == 1 and state(site, "borealis") == "due"
    failed = sorted(os.listdir(inbox / ".failed"))
    assert failed == ["0.folder", "0.folder.why", "1.link", "1.link.why", "2.pipe", "2.pipe.why", "3.empty", "3.empty.why"]
    assert (inbox / ".failed" / "1.link.why").read_text() == "no file\n" and outside.exists()
    assert f"{long[:200]}:2,S" in os.listdir(inbox / "cur")
    assert "\x1b" not in site.log.read_text() and site.ctl("status")["faults"] == []


def test_a_name_that_comes_again_overwrites_no_mail(site):
    inbox, mail = maildir_of(site)
    for words in ("1 call today", "2 snooze 7 dec"):
        (inbox / "tmp" / "x").write_bytes(answer(mail, words))
        (inbox / "tmp" / "x").rename(inbox / "new" / "1.a")
        wait_for(lambda: not os.listdir(inbox / "new"), what="an empty folder")
    assert sorted(os.listdir(inbox / "cur")) == ["1.a.1:2,S", "1.a:2,S"]


def test_the_newest_200_of_what_failed_are_kept(site):
    inbox, mail = maildir_of(site)
    for n in range(205):
        (inbox / ".failed" / f"0.{n:03}").write_bytes(b"x")
        (inbox / ".failed" / f"0.{n:03}.why").write_bytes(b"x")
    (inbox / "tmp" / "x").write_bytes(answer(mail, "1 off", sender="eve@example.com"))
    (inbox / "tmp" / "x").rename(inbox / "new" / "1.a")
    wait_for(lambda: len(os.listdir(inbox / ".failed")) == 400, what="200 mails with their reasons")
    assert {"1.a", "1.a.why", "0.204", "0.006"} <= set(os.listdir(inbox / ".failed"))
    assert not {"0.000", "0.005", "0.005.why"} & set(os.listdir(inbox / ".failed"))


def test_a_maildir_that_is_moved_away_is_a_fault_and_watched_again(site):
    inbox, mail = maildir_of(site)
    inbox.rename(site.home / "old")
    wait_for(lambda: any(f["kind"] == "inbox" for f in site.ask("/v1/status")[1]["faults"]), what="the fault")
    for name in ("tmp", "new", "cur", ".failed"):
        (inbox / name).mkdir(parents=True)
    (inbox / "new" / "1.a").write_bytes(answer(mail, "1 call today"))
    wait_for(lambda: (inbox / "cur" / "1.a:2,S").exists(), seconds=45, what=f"the mail\n{site.log.read_text()}")
    (inbox / "tmp" / "x").write_bytes(answer(mail, "2 snooze 7 dec"))
    (inbox / "tmp" / "x").rename(inbox / "new" / "2.a")
    wait_for(lambda: (inbox / "cur" / "2.a:2,S").exists(), what="the next, at once")
    assert site.ctl("status")["faults"] == [] and site.log.read_text().count("trying again") == 1


def test_a_maildir_that_cannot_be_read_is_a_fault_until_it_can(site):
    inbox = site.home / "inbox"
    inbox.write_text("no folder")
    site.write(settings=REPLIES + f' inbox = {{ maildir = "{inbox}"; }};', channels='"mail"', events="")
    site.start(BEFORE)
    mail = digest(site)
    assert any(f["kind"] == "inbox" for f in site.ctl("status", expect=1)["faults"])
    inbox.unlink()
    (inbox / "new").mkdir(parents=True)
    (inbox / "new" / "1.a").write_bytes(answer(mail, "1 call today"))
    site.write(settings=REPLIES, channels='"mail"', events="")
    site.ctl("reload")
    site.write(settings=REPLIES + f' inbox = {{ maildir = "{inbox}"; }};', channels='"mail"', events="")
    site.ctl("reload")
    wait_for(lambda: (inbox / "cur" / "1.a:2,S").exists(), what="the mail")
    assert not any(f["kind"] == "inbox" for f in site.ctl("status")["faults"])


def test_answers_and_reloads_do_not_hinder_each_other(site):
    mail = begin(site)
    reloads = [subprocess.Popen([str(BUILD / "cadencectl"), "--socket", str(site.socket), "reload"], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL) for _ in range(10)]
    for n in range(20):
        assert "1 line done" in receive(site, answer(mail, f"fjord call {n + 1} nov number {n}"))
        site.process.send_signal(signal.SIGHUP)
    for reload in reloads:
        reload.wait(30)
    found = site.ask("/v1/contacts?partner=fjord")[1]["contacts"]
    assert sorted(c["note"] for c in found if c["source"] == "reply") == sorted(f"number {n}" for n in range(20))


def test_what_a_reload_sets_holds_for_the_next_answer(site):
    mail = begin(site)
    site.write(settings=REPLIES, channels='"mail"', events="", edit=lambda text: text.replace("maria@example.com", "maria@new.example.com"))
    site.ctl("reload")
    assert "not taken: stranger" in receive(site, answer(mail, "1 call today"))
    assert "1 line done" in receive(site, answer(mail, "1 call today", sender="maria@new.example.com"))
    site.write(settings="", channels='"mail"', events="")
    site.ctl("reload")
    receive(site, answer(mail, "2 off"), expect=EX_TEMPFAIL)


# ---- crashes ----

@pytest.mark.parametrize("delay_ms", [0, 2, 5, 10, 20, 40, 80])
def test_a_kill_at_any_moment_loses_no_answer_and_doubles_none(site, delay_ms):
    mail = begin(site)
    reply = answer(mail, "1 call today\nnobody call today")
    sender = subprocess.Popen([str(BUILD / "cadencectl"), "--socket", str(site.socket), "receive"], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sender.stdin.write(reply)
    sender.stdin.close()
    time.sleep(delay_ms / 1000)
    site.kill()
    promised = sender.wait(20)
    assert promised in (0, EX_TEMPFAIL)
    site.start("2026-11-23T09:00:00Z")
    if promised == 0:
        assert len(contacts(site, "acme")) == 1
    receive(site, reply)  # as a mail server does that was told to try again
    assert len(contacts(site, "acme")) == 1
    wait_for(lambda: len(to(site, "maria")) >= 2, what="the confirmation")
    time.sleep(0.3)
    ids = {m["Message-ID"] for m in to(site, "maria")}
    assert len(ids) == 2, "the digest and one confirmation, however often they arrived"


def test_a_kill_while_a_maildir_is_read_forgets_no_mail(site):
    inbox = site.home / "inbox"
    site.write(settings=REPLIES + f' inbox = {{ maildir = "{inbox}"; }};', channels='"mail"', events="")
    site.start(BEFORE)
    mail = digest(site)
    for n in range(30):
        (inbox / "tmp" / f"{n:02}").write_bytes(answer(mail, f"fjord call {n % 20 + 1} nov number {n}"))
        os.rename(inbox / "tmp" / f"{n:02}", inbox / "new" / f"{n:02}")
        if n % 7 == 3:
            site.kill()
            site.start(f"2026-11-23T09:{n:02}:00Z")
    wait_for(lambda: len(list((inbox / "cur").iterdir())) == 30, seconds=20, what="all mails in cur")
    found = site.ask("/v1/contacts?partner=fjord")[1]["contacts"]
    assert sorted(c["note"] for c in found if c["source"] == "reply") == sorted(f"number {n}" for n in range(30))


# ---- trying it out ----

def test_test_reply_sends_a_mail_that_can_be_answered(site):
    site.write(settings=REPLIES, channels='"mail"', events="")
    site.start("2026-11-23T07:00:00Z")
    assert "delivered" in site.ctl_text("test", "reply", "--to", "maria@example.com")
    test = to(site, "maria")[0]
    assert "Test of replies" in test["Subject"] and address_of(test) != "cadence@example.com"
    assert "2 lines done" in receive(site, answer(test, "1 call today talked\nwhy 1"))
    said = wait_for(lambda: to(site, "maria")[1:], what="what was understood")[0]
    assert "this was a test, and nothing is changed" in " ".join(text_of(said).split())
    assert "not taken: stranger" in receive(site, answer(test, "1 call today", sender="jon@example.com"))
    assert site.ctl("status")["contacts"] == 4
    assert "only mails can be answered" in site.ctl_text("test", "sales", "--reply", expect=1)
    site.write(settings="", channels='"mail"', events="")
    site.ctl("reload")
    assert "reply_to is not set" in site.ctl_text("test", "reply", "--to", "maria@example.com", expect=1)


def test_preview_shows_what_would_be_sent_and_promises_nothing(site):
    site.write(settings=REPLIES, channels='"mail"', events="")
    site.start("2026-11-23T07:00:00Z")
    shown = site.ctl_text("preview", "maria", "--format", "raw")
    again = site.ctl_text("preview", "maria", "--format", "raw")
    assert shown == again and "Reply-To: <cadence+r." in shown
    site.stop()
    site.once()
    mail = digest(site)
    assert f"Reply-To: <{address_of(mail)}>" in shown
