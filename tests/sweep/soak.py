"""Random crashes at random moments over weeks of virtual time, on random days of a random life.

A run is of one of two kinds. An exact one has healthy servers, crashes a day up to three times and then lets it end: day
by day it must remember and have told what its twin without faults did. A rough one has servers that refuse, and after a
crash time goes on: what must hold then is said in judge_rough(). Run n of seed S is run 0 of seed S + n."""
import argparse
import collections
import dataclasses
import datetime
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

import play
from play import Broken, Day, Fault, Site
from sweep import DISK, ROAD, WHEN, Progress, run_all, tidy_up_when_stopped

FIRST = datetime.datetime(2026, 11, 18, 7)
STARTS = (8, 14)
GAPS_H = (3, 6, 12, 24, 24, 72)
CONTACT_CHANCE = 0.15
REFUSAL_CHANCE = 0.3
CRASHES_EXACT = (0, 1, 1, 2, 3)
CRASH_CHANCE_ROUGH = 0.7
DISK_CALLS, STATEMENTS, STAGES = 320, 4, 3  # about as many as a start has of each
MOMENT_MEAN_S = 0.04
ADDRESSES = ("maria@example.com", "jon@example.com", "ada@example.com")
STAGE_NAMES = [f"smtp {command}: {when} the reply" for command in ("connect", "EHLO", "MAIL", "RCPT", "DATA", "dot", "QUIT")
               for when in ("before", "after")] + \
              ["http connect"] + [f"http {path}: {when}" for path in ("/crm", "/slack")
                                  for when in ("before the body", "before the reply", "after the reply")]


@dataclasses.dataclass
class Result:
    seed: int
    exact: bool
    broken: str = ""
    starts: int = 0
    crashes: int = 0   # faults that fired
    messages: int = 0
    again: int = 0
    in_flight: int = 0


# ---- chance ----

def said(now):
    return f"{now:%FT%TZ}"


def random_days(chance, rough):
    now, contacts, days = FIRST, dict(play.CONTACTS), []
    for _ in range(chance.randint(*STARTS)):
        fresh, refused, down = (), (), ()
        today = f"{now:%F}"
        if chance.random() < CONTACT_CHANCE:
            partner = chance.choice(sorted(contacts))
            if not contacts[partner] or contacts[partner] < today:
                contacts[partner], fresh = today, ((partner, today),)
        if rough and chance.random() < REFUSAL_CHANCE:
            refused = tuple(chance.sample(ADDRESSES, chance.randint(1, 3)))
        if rough and chance.random() < REFUSAL_CHANCE:
            down = (chance.choice(("/slack", "/crm")),)
        days.append(Day(said(now), fresh, refused, down))
        now += datetime.timedelta(hours=chance.choice(GAPS_H))
    return days, now


def random_fault(chance):
    kind = chance.choice(("disk", "sql", "net", "moment"))
    if kind == "disk":
        effect, stays = chance.choice(DISK)
        return Fault("disk", effect, chance.randint(1, DISK_CALLS), stays=stays)
    if kind == "sql":
        words = chance.choice([words for step in ROAD.values() for words in step])
        return Fault("sql", number=chance.randint(1, STATEMENTS), place=words, at=chance.choice(WHEN))
    if kind == "net":
        return Fault("net", number=chance.randint(1, STAGES), place=chance.choice(STAGE_NAMES))
    return chance.expovariate(1 / MOMENT_MEAN_S)


def crash(site, day, fault, result, once=True):
    """Lets the fault (or a kill after so many seconds) hit; returns what was being sent."""
    result.starts += 1
    if isinstance(fault, Fault):
        result.crashes += site.run_day(day, fault)
    else:
        moment = Fault("net", place="a moment")
        site.start_with(moment, *(["--once"] if once else []), "--now", day.now)
        time.sleep(fault)
        site.process.kill()
        result.crashes += site.finish(moment) == -9
    return site.in_flight()


# ---- exact ----

def play_exact(chance, homes, result):
    days, _ = random_days(chance, rough=False)
    twin, site = Site(homes[0]), Site(homes[1])
    in_flight = collections.Counter()

    try:
        for day in days:
            twin.prepare(day)
            twin.run_day(day)
            site.prepare(day)
            for _ in range(chance.choice(CRASHES_EXACT)):
                in_flight += crash(site, day, random_fault(chance), result)
            site.run_day(day)
            result.starts += 1
            play.judge_memory(site.memory(), twin.memory())
        result.again = play.judge_messages(site.messages(), twin.messages(), in_flight)
        result.messages = len(twin.messages())
    except Broken as broken:
        raise Broken(f"{broken}\n{site.log.read_text()}") from None
    finally:
        twin.close()
        site.close()
    result.in_flight = sum(in_flight.values())


# ---- rough ----

def play_rough(chance, homes, result):
    days, now = random_days(chance, rough=True)
    site = Site(homes[0])
    in_flight = collections.Counter()
    monday = now + datetime.timedelta(days=14 - now.weekday())

    try:
        for day in days:
            site.prepare(day)
            if chance.random() < CRASH_CHANCE_ROUGH:
                in_flight += crash(site, day, random_fault(chance), result, once=chance.random() < 0.5)
            else:
                site.run_day(day, may_be_dead=True)
                result.starts += 1
        # Peace: what still waits, a review day, and what that had to wait for.
        noon = monday.replace(hour=12)
        for calm in (now + datetime.timedelta(days=2), noon, noon + datetime.timedelta(days=1)):
            site.prepare(Day(said(calm)))
            site.run_day(Day(said(calm)), may_be_dead=True)
            result.starts += 1
        result.again = judge_rough(site, (monday.date() - datetime.date(1970, 1, 1)).days, in_flight)
        result.messages = len(site.messages())
    except Broken as broken:
        raise Broken(f"{broken}\n{site.log.read_text()}") from None
    finally:
        site.close()
    result.in_flight = sum(in_flight.values())


def judge_rough(site, monday, in_flight):
    """Nothing stuck, no repetition that was not in flight, one mail a day and owner, one raised event a nudge, everything
    that is open told on the last review day, and what the database says was told really heard."""
    heard, mails = site.messages(), site.mails()
    again = play.judge_repetitions(heard, in_flight)
    # A digest that was refused for four days is dead, waits to be looked at, and those after it carry what it told.
    stuck = play.query(site.database, "SELECT key, state, next_try, reason FROM outbox WHERE state <> 'dead' OR kind <> 'digest'")
    if stuck:
        raise Broken(f"stuck: {stuck}")
    days = collections.Counter((m["To"], m["Date"].datetime.date()) for m in {m["Message-ID"]: m for m in mails}.values())
    if max(days.values(), default=0) > 1:
        raise Broken(f"flooded: {days.most_common(1)}")
    raised = collections.Counter(e["data"]["nudge"] for e in {r.headers["webhook-id"]: e for r, e in zip(
        site.http.to("/crm"), site.events())}.values() if e["type"] == "nudge.raised")
    nudges = {id for id, in play.query(site.database, "SELECT id FROM nudge")}
    if set(raised) != nudges or max(raised.values(), default=0) > 1:
        raise Broken(f"raised events {dict(raised)} of nudges {nudges}")
    told = {row[:2] for row in play.query(
        site.database, "SELECT t.nudge, d.owner FROM digest_nudge t JOIN digest d ON d.id = t.digest"
        f" WHERE d.day = {monday} AND d.state = 'delivered'")}
    # What became due on the day after it is told on that day.
    due = set(play.query(site.database, "SELECT n.id, p.hears FROM nudge n JOIN partner p ON p.row = n.partner"
                         f" WHERE n.resolved IS NULL AND n.raised < {(monday + 1) * 86_400_000}"))
    if due - told:
        raise Broken(f"due and not told on the last review day: {due - told}")
    texts = [m.essence for m in heard if m.channel != "crm"]
    for name, owner in play.query(
            site.database, "SELECT DISTINCT p.name, d.owner FROM digest_nudge t JOIN digest d ON d.id = t.digest JOIN nudge n"
            " ON n.id = t.nudge JOIN partner p ON p.row = n.partner WHERE d.state = 'delivered'"):
        if not any(name in text and owner in text.lower() for text in texts):
            raise Broken(f"{owner} was told of {name}, says the database, and has never heard of it")
    return again


# ---- the soak ----

def run(job):
    seed, home = job
    chance = random.Random(seed)
    result = Result(seed, exact=chance.random() < 0.5)
    folder = pathlib.Path(tempfile.mkdtemp(dir=home))
    homes = [folder / "a", folder / "b"]
    for sub in homes:
        sub.mkdir()
    try:
        (play_exact if result.exact else play_rough)(chance, homes, result)
    except Broken as broken:
        result.broken = f"{broken}"
    finally:
        shutil.rmtree(folder)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--jobs", type=int, default=4 * os.cpu_count(), help="runs at a time: they mostly wait")
    options = parser.parse_args()
    seed = random.randrange(1 << 32) if options.seed is None else options.seed
    print(f"SEED={seed}", flush=True)
    tidy_up_when_stopped()
    began, results, broken = time.monotonic(), [], 0
    progress = Progress(options.runs)
    with play.fast_folder("cadenced-soak-") as home:
        for result in run_all(run, [(seed + n, home) for n in range(options.runs)], options.jobs):
            results.append(result)
            if result.broken:
                broken += 1
                print(f"BROKEN: make soak RUNS=1 SEED={result.seed}\n{result.broken}", flush=True)
            progress.step(broken)
    print(f"soak: {len(results)} runs ({sum(r.exact for r in results)} exact), {sum(r.starts for r in results)} starts, "
          f"{sum(r.crashes for r in results)} faults hit, {sum(r.messages for r in results)} messages, "
          f"{sum(r.in_flight for r in results)} in flight at a crash, {sum(r.again for r in results)} repeated, {broken} broken, "
          f"{time.monotonic() - began:.0f} s")
    if options.runs >= 20 and not any(r.crashes for r in results):
        print("soak: no fault ever hit")
        return 1
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
