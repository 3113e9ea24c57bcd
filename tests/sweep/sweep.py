"""Crashes the daemon at every place of its road, one at a time, and proves that no due nudge is lost.

Each point is one day of the play with one fault (or two): the day starts from what a play without faults had come to, the
fault hits, the daemon is started again without it, and by then the day must have come to what it came to without the
fault: every message told, repeated only if it was being sent at the crash and under the same id, and a database that is
whole and remembers the same. So it does not matter how the play goes on; every TO_THE_END-th point plays on all the same.

Some points are live: the daemon is not --once but runs on, its disk fails once or for a while, and it has to get there by
itself, without a repetition."""
import argparse
import collections
import dataclasses
import logging
import multiprocessing
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time

import play
from play import Broken, Fault, Site

CLEAN_PLAYS = 3     # how often calls are counted
TRIES = 4           # of a fault that had no place to come to
BEYOND_MAX = 0.05   # of the points may lie beyond the end of every try
TO_THE_END = 10
QUICK_POINTS = 40

# The road of a nudge, by the words of its statements. Docs: design.md, section 5.
ROAD = {
    "sync": ("INSERT INTO partner", "INSERT INTO contact", "UPDATE contact SET day"),
    "judge": ("INSERT INTO nudge", "UPDATE nudge SET resolved", "UPDATE nudge SET step", "INSERT INTO sched (next_check"),
    "compose": ("INSERT INTO digest (owner", "INSERT INTO digest_nudge", "INSERT INTO told",
                "INSERT INTO owner (id, first_seen, looked"),
    "enqueue": ("INSERT INTO outbox",),
    "claim": ("UPDATE outbox SET state = 'sending'",),
    "settle": ("DELETE FROM outbox", "UPDATE outbox SET state = 'retry'", "UPDATE digest SET state"),
    "recover": ("UPDATE outbox SET state = 'queued'",),
}
EVERY_ONE = ("claim", "settle", "recover")  # of the others the first and the last: they share a transaction
WHEN = ("before", "after", "commit", "committed")
DISK = (("kill", False), ("tear", False), ("eio", False), ("eio", True), ("enospc", False), ("enospc", True))
MID_SEND = Fault("net", place="smtp dot: before the reply")
MID_SEND_DAY = 1
LIVE_DAYS = (0, 1, 3)      # nothing waits for a server's good will at their end
LIVE_PLACES = 4            # of each effect on each of them
LIVE_ILL_S = 3             # how long a disk that stays ill does
LIVE_SECONDS = 60          # by then it has got there: it tries again every 5 and 10 s
SETTLE_SECONDS = LIVE_ILL_S + 6  # what could not be settled is settled again after 5 s
LIVE_JOBS = 24             # they mostly wait


@dataclasses.dataclass(frozen=True)
class Point:
    day: int
    faults: tuple
    live: bool = False

    def __str__(self):
        return f"{'live ' if self.live else ''}day {self.day}: " + ", then ".join(map(str, self.faults))


@dataclasses.dataclass
class Result:
    point: Point
    broken: str = ""
    fired: bool = True
    again: int = 0        # messages that came again
    in_flight: int = 0    # sends under way at the crashes
    starts: int = 0


@dataclasses.dataclass
class Clean:
    """What a day comes to without a fault."""
    before: pathlib.Path  # the database as the day finds it
    heard: list
    memory: dict


# ---- a play without faults ----

def keep_database(site, folder):
    folder.mkdir(parents=True)
    for file in site.home.glob(site.database.name + "*"):
        shutil.copy(file, folder)


def count_places(site):
    """How often each place was passed on the last day: the disk, each statement of the road, each stage."""
    places = ["disk", *site.stages, *(words for step in ROAD.values() for words in step)]
    return collections.Counter({place: site.passed(place) for place in places})


def play_clean(home, keep):
    """Returns the days without a fault, and how often they passed each place."""
    home.mkdir()
    site, days, counts = Site(home), [], []
    try:
        for number, day in enumerate(play.PLAY):
            site.prepare(day)
            if keep:
                keep_database(site, keep / str(number))
            known = set(site.messages())
            site.run_day(day)
            days.append(Clean(keep and keep / str(number), [m for m in site.messages() if m not in known], site.memory()))
            counts.append(count_places(site))
    finally:
        site.close()
    return days, counts


def count_recovery(home, days):
    """The places of a start that comes after a crash in the middle of sending."""
    home.mkdir()
    site = Site(home)
    try:
        enter(site, days, MID_SEND_DAY)
        site.run_day(play.PLAY[MID_SEND_DAY], MID_SEND)
        site.run_day(play.PLAY[MID_SEND_DAY])
        return count_places(site)
    finally:
        site.close()


# ---- the points ----

def faults_of(counts):
    for number in range(1, counts["disk"] + 1):
        for effect, stays in DISK:
            yield Fault("disk", effect, number, stays=stays)
    for step, statements in ROAD.items():
        for words in statements:
            last = counts[words]
            numbers = range(1, last + 1) if step in EVERY_ONE or last == 0 else sorted({1, last})
            for number in numbers:
                for at in WHEN:
                    yield Fault("sql", number=number, place=words, at=at)
    for stage in sorted(counts):
        if stage.startswith(("smtp", "http")):
            for number in range(1, counts[stage] + 1):
                yield Fault("net", number=number, place=stage)


def points_of(day, counts, before=()):
    # The middle one: how settlings are grouped, and with it how many calls there are, depends on the moment.
    usual = collections.Counter({place: sorted(c[place] for c in counts)[len(counts) // 2] for place in set().union(*counts)})
    for fault in faults_of(usual):
        yield Point(day, (*before, fault))


def live_points(counts):
    """The first calls of a start are those of opening, at which a daemon may give up; the sample is from all of them."""
    for day in LIVE_DAYS:
        most = min(count[day]["disk"] for count in counts)
        for effect, stays in DISK:
            for n in range(LIVE_PLACES if effect in ("eio", "enospc") else 0):
                number = 1 + most * n * 2 // (3 * LIVE_PLACES)  # the last third may be of closing
                yield Point(day, (Fault("disk", effect, number, stays=stays),), live=True)


# ---- a point ----

def enter(site, days, day):
    """Puts the site where that day begins."""
    for before in play.PLAY[:day]:
        site.contacts.update(before.contacts)
    for file in days[day].before.iterdir():
        shutil.copy(file, site.home)
    site.prepare(play.PLAY[day])


def try_point(site, days, point, to_the_end, result):
    in_flight, wanted = collections.Counter(), []

    enter(site, days, point.day)
    result.fired = True
    for fault in point.faults:
        result.fired &= site.run_day(play.PLAY[point.day], fault)
        in_flight += site.in_flight()
        result.starts += 1
    for day in range(point.day, len(days) if to_the_end else point.day + 1):
        if day > point.day:
            site.prepare(play.PLAY[day])
        site.run_day(play.PLAY[day])
        result.starts += 1
        wanted += days[day].heard
        result.again = play.judge_messages(site.messages(), wanted, in_flight)
        play.judge_memory(site.memory(), days[day].memory)
    result.in_flight = sum(in_flight.values())


def watch(site, fault, seconds, is_over, result):
    """Until it is over or the daemon gave up: then False. Mends a disk that has been ill long enough."""
    end, mend = time.monotonic() + seconds, None
    while not is_over():
        now = time.monotonic()
        if site.mark.exists():
            result.fired = True
            mend = mend or now + (LIVE_ILL_S if fault.stays else 0)
            if now >= mend:
                site.mark.unlink()
        if site.process.poll() is not None:
            return False
        if now > end:
            raise Broken(f"lost: not all was heard after {seconds} s")
        time.sleep(0.05)
    return True


def try_live(site, days, point, result):
    fault, = point.faults
    day = play.PLAY[point.day]
    wanted = collections.Counter(m.gist for m in days[point.day].heard)
    in_flight = collections.Counter()

    def all_heard():
        return collections.Counter(m.gist for m in site.messages()) >= wanted

    enter(site, days, point.day)
    site.start_with(fault, "--now", day.now)
    result.starts += 1
    result.fired = False
    got_there = watch(site, fault, LIVE_SECONDS, all_heard, result)
    if got_there:
        rest = time.monotonic() + SETTLE_SECONDS
        got_there = watch(site, fault, LIVE_SECONDS, lambda: time.monotonic() > rest, result)
    result.fired |= site.mark.exists()
    if not got_there:
        # It could not even begin; systemd starts it again.
        if site.finish(fault) == 0:
            raise Broken("gave up with exit 0")
        in_flight += site.in_flight()
        site.start_with(None, "--now", day.now)
        result.starts += 1
        if not watch(site, fault, LIVE_SECONDS, all_heard, result):
            raise Broken("gives up without a fault")
        time.sleep(0.2)
    site.process.terminate()
    if site.finish(None) != 0:
        raise Broken("does not end well")
    if play.query(site.database, "SELECT 1 FROM outbox"):
        raise Broken("deliveries stuck")
    heard = collections.Counter(m.gist for m in site.messages())
    result.again = sum((heard - wanted).values())
    result.in_flight = sum(in_flight.values())
    if result.again > result.in_flight:
        raise Broken(f"{heard - wanted} repeated, {result.in_flight} were in flight")
    if play.judge_repetitions(site.messages(), in_flight) != result.again:
        raise Broken("repeated under another id")


def run_point(job):
    number, point, days, home, keep = job
    result = Result(point)
    for attempt in range(TRIES):
        folder = pathlib.Path(tempfile.mkdtemp(dir=home))
        site = Site(folder)
        try:
            if point.live:
                try_live(site, days, point, result)
            else:
                try_point(site, days, point, number % TO_THE_END == 0, result)
        except Broken as broken:
            result.broken = f"{broken}"
            if keep:
                result.broken += f"\n{site.log.read_text()}"
        finally:
            site.close()
            shutil.rmtree(folder)
        if result.fired or result.broken:
            break
    if not result.fired and point.live and not result.broken:
        result.broken = "the fault did not fire"
    return result


# ---- the sweep ----

class Progress:
    def __init__(self, total):
        self.total, self.done, self.began, self.said = total, 0, time.monotonic(), 0.0
        self.tty = sys.stderr.isatty()

    def step(self, broken):
        self.done += 1
        now = time.monotonic()
        if self.done == self.total or now - self.said > (0.2 if self.tty else 30):
            self.said = now
            left = (now - self.began) / self.done * (self.total - self.done)
            print(f"\r  {self.done}/{self.total} points, {broken} broken, {left:.0f} s left ", end="" if self.tty else "\n",
                  file=sys.stderr, flush=True)
            if self.tty and self.done == self.total:
                print(file=sys.stderr)


def quieten():
    logging.disable(logging.CRITICAL)  # a client that was killed is no news here


def tidy_up_when_stopped():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def run_all(function, work, jobs):
    """The results, as they come, of a pool. Its workers just die when they are stopped, and their daemons with them: one that
    left by an exception could do so in the middle of a fork, or with a lock of the pool in its hand."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with multiprocessing.Pool(jobs, quieten) as pool:
        tidy_up_when_stopped()
        yield from pool.imap_unordered(function, work)
        pool.close()
        pool.join()


def sweep(points, days, home, jobs, keep_log):
    progress, results, broken = Progress(len(points)), [], 0
    work = [(number, point, days, home, keep_log) for number, point in enumerate(points)]
    for live, at_once in ((True, LIVE_JOBS), (False, jobs)):
        for result in run_all(run_point, [w for w in work if w[1].live == live], at_once):
            results.append(result)
            if result.broken:
                broken += 1
                print(f"BROKEN {result.point}: {result.broken}", flush=True)
            progress.step(broken)
    return results


def kind_of(point):
    fault = point.faults[-1]
    return ("live " if point.live else "again " if len(point.faults) > 1 else "") + {
        "disk": f"{fault.effect}{' from then on' if fault.stays else ''} at a disk call",
        "sql": "kill at a statement", "net": "kill at a stage of a conversation"}[fault.kind]


def say(results, seconds):
    print(f"{'':44}{'points':>8}{'fired':>8}{'in flight':>11}{'again':>8}{'broken':>8}")
    groups = collections.defaultdict(list)
    for result in results:
        groups[kind_of(result.point)].append(result)
    for name, group in [*sorted(groups.items()), ("all", results)]:
        figures = (len(group), sum(r.fired for r in group), sum(r.in_flight for r in group), sum(r.again for r in group),
                   sum(bool(r.broken) for r in group))
        print(f"{name:44}{figures[0]:8}{figures[1]:8}{figures[2]:11}{figures[3]:8}{figures[4]:8}")
    lost = sum(" lost" in r.broken for r in results)
    print(f"sweep: {len(results)} points, {sum(r.starts for r in results)} starts, {lost} lost, "
          f"{sum(r.again for r in results)} repeated (each was in flight, each under its id), "
          f"{sum(not r.fired for r in results)} beyond the end, {seconds:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"a sample of {QUICK_POINTS} points")
    parser.add_argument("--seed", type=int, help="of the sample")
    parser.add_argument("--only", help="the points whose name holds this; shows the log of a broken one")
    parser.add_argument("--jobs", type=int, default=4 * os.cpu_count(), help="points at a time: they mostly wait")
    options = parser.parse_args()
    quieten()
    tidy_up_when_stopped()
    began = time.monotonic()
    with play.fast_folder("cadenced-sweep-") as folder:
        home = pathlib.Path(folder)
        plays = [play_clean(home / f"clean-{n}", home / "days" if n == 0 else None) for n in range(CLEAN_PLAYS)]
        days = plays[0][0]
        for other, _ in plays[1:]:
            for day, again in zip(days, other):
                play.judge_messages(again.heard, day.heard, collections.Counter())
                play.judge_memory(again.memory, day.memory)
        points = [p for day in range(len(days)) for p in points_of(day, [counts[day] for _, counts in plays])]
        recoveries = [count_recovery(home / f"recovery-{n}", days) for n in range(CLEAN_PLAYS)]
        points += [p for p in points_of(MID_SEND_DAY, recoveries, (MID_SEND,)) if kind_of(p).startswith(
            ("again kill at a disk", "again kill at a statement"))]
        points += live_points([counts for _, counts in plays])
        if options.only:
            points = [p for p in points if options.only in str(p)]
            if not points:
                sys.exit("sweep: no point has such a name; they are like: day 1: kill at disk call 17")
        if options.quick:
            seed = random.randrange(1 << 32) if options.seed is None else options.seed
            print(f"SEED={seed}")
            points = spread_sample(points, random.Random(seed))
        print(f"sweep: {len(points)} points on {len(days)} days, {options.jobs} at a time", flush=True)
        results = sweep(points, days, home, options.jobs, bool(options.only))
    say(results, time.monotonic() - began)
    if not options.quick and not options.only and sum(not r.fired for r in results) > BEYOND_MAX * len(results):
        print("sweep: too many faults did not fire")
        return 1
    return 1 if not results or any(r.broken for r in results) else 0


def spread_sample(points, chance):
    """As many from each kind, at random places."""
    groups = collections.defaultdict(list)
    for point in points:
        groups[kind_of(point)].append(point)
    share = max(1, QUICK_POINTS // len(groups))
    return [p for group in groups.values() for p in chance.sample(group, min(share, len(group)))]


if __name__ == "__main__":
    sys.exit(main())
