"""Crashes the daemon at every place of the road of an answer by mail, one at a time: the answer is done once, or not yet and
comes again; never lost, never twice, and what is said about it is said under one id.

Each point starts from the database of a morning on which the digest went out. The daemon runs, `cadencectl receive` brings the
answer, the fault hits; the daemon is started again without it, and the answer is brought again, as a mail server does that
was told to, or that has crashed itself."""
import argparse
import concurrent.futures
import email.utils
import pathlib
import queue
import random
import shutil
import subprocess
import sys
import time

from play import Broken, Fault, Site, fast_folder, query

sys.path.append(str(pathlib.Path(__file__).parents[1] / "e2e"))
from installation import BUILD, wait_for  # noqa: E402

SETTINGS = 'reply_to = "cadence@example.com";'
MONDAY, NINE = "2026-11-23T08:30:00Z", "2026-11-23T09:00:00Z"
WORDS = "1 call today talked\n2 snooze 7 dec\n9 call today\nwhy 2"
# The road of an answer, by the words of its statements; the first of each is the one.
ROAD = ("INSERT INTO contact", "INSERT INTO answer", "INSERT INTO outbox", "INSERT INTO reply (", "UPDATE outbox SET state = 'sending'",
        "DELETE FROM outbox")
WHEN = ("before", "after", "commit", "committed")
QUICK_POINTS = 12
WORKERS = 3


def as_mail(digest, id):
    return (f"From: Maria <maria@example.com>\r\nTo: {digest['Reply-To']}\r\nSubject: Re: {digest['Subject']}\r\nMessage-ID: {id}\r\n"
            f"In-Reply-To: {digest['Message-ID']}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{WORDS}\r\n").encode()


class Desk(Site):
    """One installation, put back to the morning for each point."""

    def morning(self):
        self.write(settings=SETTINGS, channels='"mail"', events="")
        self.once(MONDAY)
        digest, = [m for m in self.mails() if m["To"].addresses[0].addr_spec == "maria@example.com"]
        self.answer = as_mail(digest, email.utils.make_msgid(domain="client.example.com"))
        self.kept = self.database.with_suffix(".kept")
        shutil.copy(self.database, self.kept)
        return self

    def restore(self):
        for file in self.home.glob("cadenced.db*"):
            if file != self.kept:
                file.unlink()
        shutil.copy(self.kept, self.database)
        self.smtp.accepted.clear()

    def up(self, fault):
        """Whether it can be spoken to: the fault may hit before."""
        self.start_with(fault, "--now", NINE)
        end = time.monotonic() + 20
        while time.monotonic() < end and self.process.poll() is None:
            if self.socket.exists() and self.speaks():
                return True
            time.sleep(0.01)
        return False

    def speaks(self):
        return subprocess.run([BUILD / "cadencectl", "--socket", self.socket, "--json", "status"], capture_output=True,
                              timeout=30).returncode != 69

    def bring(self):
        return subprocess.run([BUILD / "cadencectl", "--socket", self.socket, "receive"], input=self.answer, capture_output=True,
                              timeout=60).returncode

    def confirmations(self):
        return {m["Message-ID"] for m in self.mails() if m["Subject"].startswith("Re:")}

    def count(self, sql):
        return query(self.database, sql)[0][0]

    def all_said(self):
        """Until what was to be said is said."""
        wait_for(lambda: not self.outbox(), seconds=30, what="an empty outbox")

    def down(self):
        self.process.terminate()
        self.finish(None)

    def play(self, fault):
        """Returns whether the fault fired."""
        self.restore()
        promised = self.up(fault) and self.bring()
        if promised not in (False, 0, 75):
            raise Broken(f"receive exits {promised}")
        if promised == 0 and fault:
            time.sleep(0.2)  # the confirmation sets out
        self.kill()
        self.quieten()
        fired = self.mark.exists()
        if not self.up(None):
            raise Broken("does not start again")
        if promised == 0 and promised is not False and self.ask("/v1/partners/acme")[1]["last_contact"]["source"] != "reply":
            raise Broken("receive had exited 0, and the answer is lost")
        if self.bring() != 0:
            raise Broken("the answer is not taken the second time")
        self.all_said()
        self.down()
        found = (self.count("SELECT count(*) FROM contact WHERE source = 'reply'"), self.count("SELECT count(*) FROM reply"),
                 self.count("SELECT count(*) FROM answer WHERE kind = 'snooze'"), len(self.confirmations()))
        if found != (1, 1, 1, 1):
            raise Broken(f"contacts, answers taken, snoozes, confirmations: {found}")
        return fired


def count_disk(desk):
    """The calls on the disk of a play without a fault, up to the end of the answer."""
    desk.restore()
    assert desk.up(None) and desk.bring() == 0
    desk.all_said()
    calls = desk.passed("disk")
    desk.kill()
    return calls


def points(desk):
    calls = count_disk(desk)
    for number in range(1, calls + 1):
        yield Fault("disk", "kill", number)
        if number % 3 == 0:
            yield Fault("disk", "tear", number)
    for words in ROAD:
        for at in WHEN:
            yield Fault("sql", "kill", 1, words, at)


def run(desks, fault):
    desk = desks.get()
    try:
        return fault, desk.play(fault), None
    except (Broken, AssertionError, subprocess.TimeoutExpired) as why:
        desk.kill()
        return fault, True, f"{why}\n{desk.log.read_text()[-3000:]}"
    finally:
        desks.put(desk)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a sample")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--only", help="one point, by its name")
    options = parser.parse_args()
    folder = fast_folder("cadenced-replies-")
    desks, made = queue.Queue(), []
    try:
        for number in range(WORKERS):
            home = pathlib.Path(folder.name) / str(number)
            home.mkdir()
            made.append(Desk(home).morning())
            desks.put(made[-1])
        faults = [f for f in points(made[0]) if not options.only or str(f) == options.only]
        if options.quick:
            print(f"replies: seed {options.seed}")
            faults = random.Random(options.seed).sample(faults, min(QUICK_POINTS, len(faults)))
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            results = list(pool.map(lambda f: run(desks, f), faults))
    finally:
        for desk in made:
            desk.close()
        folder.cleanup()
    broken = [(fault, why) for fault, _, why in results if why]
    for fault, why in broken:
        print(f"BROKEN {fault}: {why}")
    fired = sum(1 for _, hit, _ in results if hit)
    print(f"replies: {len(results)} points, {fired} faults fired, {len(broken)} promises broken")
    # Places that a play comes to differ a little from start to start; those that none came to prove nothing.
    return 1 if broken or not results or fired < 0.8 * len(results) else 0


if __name__ == "__main__":
    sys.exit(main())
