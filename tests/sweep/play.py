"""The site that is crashed: three owners, mail, a chat hook and event hooks, and some virtual days of their life.

A play is a list of days. Played without a fault it says what is to be told; played with faults it must come to the very
same: every message of the clean play, no other, and a database that remembers the same."""
import collections
import dataclasses
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from installation import BUILD, Installation, partner_entry, text_of  # noqa: E402
from servers import HttpSink, SmtpServer  # noqa: E402

FAULT_SO = BUILD / "tests" / "sweep" / "fault.so"
PROCESS_SECONDS = 60  # what takes longer hangs

# (partner, its owner), and the day of the last contact. Every kind of news comes on some day of the play.
PARTNERS = {
    "acme": ("Acme GmbH", "strategic", "maria"),
    "elbe": ("Elbe Systems", "standard", "maria"),
    "borealis": ("Borealis AS", "standard", "maria"),
    "gamma": ("Gamma Oy", "strategic", "jon"),
    "haven": ("Haven BV", "standard", "jon"),
    "fjord": ("Fjord Data", "standard", "ada"),
    "ivory": ("Ivory Labs", "standard", "maria"),  # met weekly until October: an early hint on 1 December
}
CONTACTS = {"acme": "2026-10-01", "elbe": "2026-08-03", "borealis": "2026-08-25", "gamma": "2026-10-27",
            "haven": "2026-08-23", "fjord": "2026-11-10", "ivory": None}
IVORY_LAST = 20752  # 2026-10-26, as a day number


@dataclasses.dataclass(frozen=True)
class Day:
    """One start of the daemon: when, what is in the file, and who is not well."""
    now: str
    contacts: tuple = ()      # of (partner, day): the last contacts that were put into the file since the day before
    refused: tuple = ()       # mail addresses that are told to try again later
    hooks_down: tuple = ()    # paths that answer 503
    lived: bool = False       # ivory's contacts have been logged since the day before


PLAY = (
    Day("2026-11-20T07:00:00Z"),                                      # the first start: everything is judged
    Day("2026-11-23T09:00:00Z", lived=True),                          # review day: digests, and one that says all is quiet
    Day("2026-11-24T09:00:00Z", refused=("jon@example.com",)),        # news for jon, who cannot be reached
    Day("2026-11-24T18:00:00Z"),                                      # now he can
    Day("2026-11-30T09:00:00Z", contacts=(("elbe", "2026-11-27"),),   # a nudge is over; told again; the chat is down
        hooks_down=("/slack",)),
    Day("2026-11-30T20:00:00Z"),                                      # it is back
    Day("2026-12-02T09:00:00Z"),                                      # steps of the ladder, and an early hint
    Day("2026-12-07T09:00:00Z", contacts=(("gamma", "2026-12-04"),)),
)


@dataclasses.dataclass(frozen=True)
class Message:
    channel: str
    id: str       # what tells the other side that it has it already
    raw: bytes    # equal whenever the id is
    essence: str  # what it says to whom, whatever the secret of the installation
    gist: str     # the same, whatever the time of day


@dataclasses.dataclass(frozen=True)
class Fault:
    """kind: disk, sql or net. place: the call, the words of the statement, or the stage of a conversation."""
    kind: str
    effect: str = "kill"
    number: int = 1
    place: str = ""
    at: str = "disk"
    stays: bool = False

    def __str__(self):
        if self.kind == "disk":
            return f"{self.effect}{' from' if self.stays else ' at'} disk call {self.number}"
        if self.kind == "sql":
            return f"kill {self.at} statement {self.number} of {self.place!r}"
        return f"kill at {self.place} {self.number}"

    @property
    def where(self):
        return self.place or "disk"

    def environment(self, site):
        if self.kind == "net":
            return {}
        return {"CADENCE_FAULT": self.effect, "CADENCE_FAULT_AT": self.at, "CADENCE_FAULT_NUMBER": str(self.number),
                "CADENCE_FAULT_STAYS": "1" if self.stays else "", "CADENCE_FAULT_SQL": self.place,
                "CADENCE_FAULT_MARK": str(site.mark)}


class Broken(Exception):
    """A promise was broken."""


def entries(contacts):
    return [partner_entry((id, name, cadence, contacts[id]), owner) for id, (name, cadence, owner) in PARTNERS.items()]


def edit_for(contacts):
    def edit(text):
        text = text.replace('jon   = { name = "Jon Berg"; email = "jon@example.com"; };',
                            'jon   = { name = "Jon Berg"; email = "jon@example.com"; manager = "ada"; };\n'
                            '  ada   = { name = "Ada Novak"; email = "ada@example.com"; backup = "maria"; };')
        text = text.replace('grace = "1 week"; }', 'grace = "1 week"; escalate = [ "2 weeks" ]; }')
        return text.replace("partners = (\n", "partners = (\n" + ",\n".join(entries(contacts)))
    return edit


class Site(Installation):
    """An installation whose servers kill the daemon on request."""

    def __init__(self, home):
        self.mark, self.trace = pathlib.Path(home) / "mark", pathlib.Path(home) / "trace"
        self.stages = collections.Counter()
        self.target = None  # the stage of a conversation at which the daemon dies
        self.contacts = dict(CONTACTS)
        super().__init__(home, SmtpServer(), HttpSink())
        self.smtp.at_stage = self.http.at_stage = self.at_stage

    def close(self):
        self.kill()
        self.smtp.close()
        self.http.close()

    def at_stage(self, name):
        self.stages[name] += 1
        if self.target and self.target.place == name and self.target.number == self.stages[name]:
            self.target = None
            self.mark.write_text(f"{name}\n")
            self.process.kill()

    # ---- a day ----

    def prepare(self, day):
        self.contacts.update(day.contacts)
        self.write(partners=[], edit=edit_for(self.contacts))
        self.smtp.rcpt_replies = {address: "451 4.3.0 try again later" for address in day.refused}
        self.http.answers = {path: (503, {}, b"") for path in day.hooks_down}
        if day.lived:
            log_ivory(self.database)

    def start_with(self, fault, *arguments):
        """Starts the daemon so that the fault will hit it; None: nothing will."""
        self.mark.unlink(missing_ok=True)
        self.trace.unlink(missing_ok=True)
        self.stages.clear()
        environment = {**os.environ, "LD_PRELOAD": str(FAULT_SO), "CADENCE_FAULT_DATABASE": str(self.database),
                       "CADENCE_FAULT_TRACE": str(self.trace), **(fault.environment(self) if fault else {})}
        with self.log.open("a") as log:
            print(f"---- {' '.join(arguments)} {fault or ''}", file=log, flush=True)
            self.target = fault if fault and fault.kind == "net" else None
            self.process = subprocess.Popen(self.command(*arguments), stderr=log, stdout=log, env=environment)

    def finish(self, fault):
        """Waits for the daemon's end and returns its exit status."""
        try:
            code = self.process.wait(PROCESS_SECONDS)
        except subprocess.TimeoutExpired:
            raise Broken(f"hangs after {fault or 'no fault'}") from None
        self.process, self.target = None, None
        if code < 0 and not (code == -9 and fault and fault.effect in ("kill", "tear")):
            raise Broken(f"died of signal {-code} after {fault or 'no fault'}")
        self.quieten()
        return code

    def quieten(self):
        """Until the servers have seen the end of every conversation."""
        end, calm = time.monotonic() + 10, 0
        while calm < 2 and time.monotonic() < end:
            calm = calm + 1 if self.smtp.open == 0 and self.http.open == 0 else 0
            time.sleep(0.001)

    def has_dead(self):
        return bool(query(self.database, "SELECT 1 FROM outbox WHERE state = 'dead'"))

    def run_day(self, day, fault=None, may_be_dead=False):
        """Returns whether the fault fired: not when there was no such place to come to."""
        self.start_with(fault, "--once", "--now", day.now)
        code = self.finish(fault)
        if not fault and code != (1 if may_be_dead and self.has_dead() else 0):
            raise Broken(f"exit {code} without a fault")
        if fault and not self.mark.exists() and self.passed(fault.where) >= fault.number:
            raise Broken("the fault did not fire")
        return self.mark.exists()

    def passed(self, place):
        """How often the last start came to a place: disk, the words of a statement, or a stage of a conversation."""
        if place in self.stages:
            return self.stages[place]
        lines = self.trace.read_text().splitlines() if self.trace.exists() else []
        if place == "disk":
            return sum(line.startswith("disk ") for line in lines)
        return sum(line.startswith("sql ") and place in line for line in lines)

    # ---- what the crash left, and what came of it ----

    def in_flight(self):
        """Deliveries that were being sent: (channel, recipient). Looks at a copy, which must be whole."""
        home = self.home / "crashed"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        for file in self.home.glob(self.database.name + "*"):
            shutil.copy(file, home)
        rows = query(home / self.database.name,
                     "SELECT channel, coalesce(recipient, '') FROM outbox WHERE state = 'sending'", has_tables=False)
        return collections.Counter(rows)

    def messages(self):
        mails = [Message("mail", m["Message-ID"], raw.raw, f"{raw.recipients} {m['Date']} {m['Subject']}\n{text_of(m)}",
                         f"{raw.recipients} {m['Subject']}")
                 for m, raw in zip(self.mails(), self.smtp.accepted)]
        hooks = [Message(r.path.strip("/"), r.headers["webhook-id"] or r.body.decode(), r.body, essence_of(r.body),
                         gist_of(r))
                 for r in self.http.requests if r.status == 200]
        return mails + hooks

    def memory(self):
        """What the database remembers, without how often it was tried."""
        tables = [name for name, in query(self.database, "SELECT name FROM sqlite_schema WHERE type = 'table'"
                                          " AND name NOT IN ('history', 'meta', 'sqlite_sequence') ORDER BY name")]
        columns = collections.defaultdict(lambda: "*", outbox="key, state, kind, channel, recipient, owner, created, document")
        memory = {table: sorted(map(repr, query(self.database, f"SELECT {columns[table]} FROM {table}"))) for table in tables}
        memory["outbox"] = [without_channel(row) for row in memory["outbox"]]
        memory["done"] = sorted(map(repr, query(self.database, "SELECT key, verb FROM history WHERE key IS NOT NULL")))
        return memory


def without_channel(text):
    """The event that a digest was told names the channel that was the first, which may be any."""
    return re.sub(r'"channel":"[a-z]*",', "", text)


def essence_of(body):
    return without_channel(body.decode())


def gist_of(request):
    if request.path != "/crm":
        return request.path
    event = json.loads(request.body)
    return f"{event['type']} {event['data']['nudge']}"


def fast_folder(prefix):
    """In memory, where there is such a place: what a killed process has written is there all the same."""
    memory = "/dev/shm"
    is_better = os.access(memory, os.W_OK) and "TMPDIR" not in os.environ
    return tempfile.TemporaryDirectory(prefix=prefix, dir=memory if is_better else None)


def query(database, sql, has_tables=True):
    """Rows of a database that must be whole; none when it has no tables yet and need not have any."""
    db = sqlite3.connect(database)
    try:
        verdict = [row[0] for row in db.execute("PRAGMA integrity_check")]
        if verdict != ["ok"] or list(db.execute("PRAGMA foreign_key_check")):
            raise Broken(f"the database is damaged: {verdict[:3]}")
        if not has_tables and not list(db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'outbox'")):
            return []
        return list(db.execute(sql))
    except sqlite3.DatabaseError as error:
        raise Broken(f"the database cannot be read: {error}") from None
    finally:
        db.close()


def log_ivory(database):
    """As if they had been logged one by one while the daemon was up; the next judgement finds the rhythm."""
    with sqlite3.connect(database) as db:
        for week in range(10):
            db.execute("INSERT OR IGNORE INTO contact (partner, day, kind, direction, counts, source, identity, actor, entered)"
                       " SELECT row, ?, 'call', 'both', 1, 'command', ?, 'uid 0', 0 FROM partner WHERE id = 'ivory'",
                       (IVORY_LAST - 7 * week, f"sweep {week}"))
        db.execute("UPDATE partner SET met = NULL WHERE id = 'ivory'")
        db.execute("UPDATE sched SET next_check = 0 WHERE partner = (SELECT row FROM partner WHERE id = 'ivory')")
    db.close()


CHANNELS = {"mail": "mail", "slack": "sales", "crm": "crm"}


def order_of_events(messages):
    """What was first heard of each nudge, in order."""
    seen, order = set(), collections.defaultdict(list)
    for message in messages:
        if message.channel == "crm" and message.id not in seen:
            seen.add(message.id)
            event = json.loads(message.raw)
            order[event["data"]["nudge"]].append(event["type"])
    return dict(order)


def judge_repetitions(heard, in_flight):
    """Raises Broken unless what came again is the same, under the same id, and no more than was in flight at the crashes.
    Returns how much did."""
    for what, of in (("two ids", lambda m: (m.essence, m.id)), ("two texts", lambda m: (m.id, m.raw))):
        pairs = {of(m) for m in heard}
        if len(pairs) != len({first for first, _ in pairs}):
            raise Broken(f"one message came with {what}")
    again = collections.Counter(CHANNELS[m.channel] for m in heard)
    again.subtract(CHANNELS[m.channel] for m in {m.id: m for m in heard}.values())
    may = collections.Counter()
    for (channel, _), count in in_flight.items():
        may[channel] += count
    for channel, count in again.items():
        if count > may[channel]:
            raise Broken(f"{count} repetitions on {channel}, {may[channel]} sends were in flight")
    return sum(again.values())


def judge_messages(heard, wanted, in_flight):
    """Raises Broken unless what was heard is what was wanted, in order, with no more repetitions than allowed. Returns their
    number."""
    lost = {m.essence for m in wanted} - {m.essence for m in heard}
    if lost:
        raise Broken(f"{len(lost)} lost: {sorted(lost)[0][:200]!r}")
    more = {m.essence for m in heard} - {m.essence for m in wanted}
    if more:
        raise Broken(f"{len(more)} that nobody asked for: {sorted(more)[0][:200]!r}")
    if order_of_events(heard) != order_of_events(wanted):
        raise Broken("events came out of order")
    return judge_repetitions(heard, in_flight)


def judge_memory(memory, wanted):
    """Raises Broken unless the database remembers what it would without the faults."""
    for table, rows in wanted.items():
        if memory[table] != rows:
            more, less = sorted(set(memory[table]) - set(rows)), sorted(set(rows) - set(memory[table]))
            raise Broken(f"table {table}: {more[:2]} instead of {less[:2]}")
