"""Calendar steps against python3-dateutil, which nobody here wrote."""
import datetime
import os
import pathlib
import random
import subprocess
import time

from dateutil.relativedelta import relativedelta

BUILD = pathlib.Path(os.environ["BUILD"])
CASES = 10_000
UNITS = {"days": 1, "weeks": 7, "months": 1, "quarters": 3, "years": 1}


def step(day, count, unit):
    if unit in ("days", "weeks"):
        return day + relativedelta(days=count * UNITS[unit])
    if unit == "years":
        return day + relativedelta(years=count)
    return day + relativedelta(months=count * UNITS[unit])


def test_steps_agree_with_dateutil():
    seed = int(time.time())
    print(f"seed {seed}")
    chance = random.Random(seed)
    first = datetime.date(1970, 1, 1).toordinal()
    last = datetime.date(2099, 12, 31).toordinal()
    cases = []
    for _ in range(CASES):
        day = datetime.date.fromordinal(chance.randint(first, last))
        if chance.random() < 0.3:  # where months differ in length
            day = day.replace(day=1) - datetime.timedelta(days=1)
        unit = chance.choice(list(UNITS))
        limit = {"days": 4000, "weeks": 600, "months": 120, "quarters": 40, "years": 30}[unit]
        cases.append((day, chance.randint(1, limit), unit))
    told = subprocess.run([str(BUILD / "calendar")], input="".join(f"{d} {n} {u}\n" for d, n, u in cases),
                          capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(told) == CASES
    for (day, count, unit), line in zip(cases, told):
        expected = f"{step(day, count, unit)} {step(day, -count, unit)}"
        assert line == expected, f"{day} {count} {unit}, seed {seed}"
