#!/usr/bin/python3
"""Measures, as ratios in one run: `make bench`, or some of it by name: make bench ONLY='sweep start idle simulate model deliver api socket mail'.

Each line says what was measured, what it is held against and the bound; the exit status is 1 when one is passed."""
import atexit
import csv
import json
import os
import pathlib
import random
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(os.environ["BUILD"])
NOW = "2026-11-23T07:00:00Z"
CONF = """\
timezone = "UTC";
database = "sqlite://{home}/cadenced.db";
control  = "{home}/control.sock";
deliver  = "hold";
channels = {{ mail = {{ type = "smtp"; url = "smtp://127.0.0.1:25"; from = "cadence@example.com"; tls = "none"; }}; }};
cadences = {{ often = {{ every = "30 days"; grace = "7 days"; }}; }};
owners = {{
{owners}
}};
"""
over = []


def report(what, value, unit, bound=None, note=""):
    """One line; a value over its bound is remembered."""
    verdict = "" if bound is None else f"   (bound {bound:g}{'' if value <= bound else ', OVER'})"
    if bound is not None and value > bound:
        over.append(what)
    print(f"{what:<58} {value:>9.3g} {unit:<4}{verdict}{'   ' + note if note else ''}", flush=True)


# ---- the sweep ----

def sweep(folder):
    measured = {}
    for partners in (10_000, 1_000_000):
        done = subprocess.run([str(BUILD / "sweep"), str(folder), str(partners)], check=True, capture_output=True, text=True)
        measured[partners] = json.loads(done.stdout)
    big, small = measured[1_000_000], measured[10_000]
    report("sweep of 1,000,000, 1 % due / writing its rows", big["sweep_ms"] / big["insert_ms"], "x", 3,
           f"{big['sweep_ms']:.0f} ms / {big['insert_ms']:.0f} ms")
    report("  / inserting the nudges and their history alone", big["sweep_ms"] / big["nudges_only_ms"], "x", None,
           f"{big['nudges_only_ms']:.0f} ms")
    report("judging with the risk / without", small["with_risk_ms"] / small["without_risk_ms"], "x", 1.2,
           f"{small['with_risk_ms']:.1f} ms / {small['without_risk_ms']:.1f} ms")
    report("nothing due: 1,000,000 partners / 10,000", big["idle_ms"] / small["idle_ms"], "x", 3,
           f"{1000 * big['idle_ms']:.2f} us / {1000 * small['idle_ms']:.2f} us")


# ---- the daemon ----

class Site:
    """A daemon on a database of many partners that are not due."""

    def __init__(self, folder, partners, owners=20):
        self.home = pathlib.Path(tempfile.mkdtemp(dir=folder))
        self.conf = self.home / "cadenced.conf"
        self.conf.write_text(CONF.format(home=self.home, owners="\n".join(
            f'  o{i} = {{ email = "o{i}@example.com"; }};' for i in range(owners))))
        table = self.home / "partners.csv"
        with table.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["id", "name", "owner", "cadence"])
            rows.writerows([f"p{i}", f"Partner number {i}", f"o{i % owners}", "often"] for i in range(partners))
        self.start()
        self.ctl("import", "partners", str(table))
        self.stop()

    def start(self):
        """Seconds from the start to READY."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(self.home / "notify"))
            begin = time.perf_counter()
            self.daemon = subprocess.Popen([str(BUILD / "cadenced"), "--config", str(self.conf), "--now", NOW],
                                           stderr=subprocess.DEVNULL,
                                           env={**os.environ, "NOTIFY_SOCKET": str(self.home / "notify")})
            notify.settimeout(60)
            while b"READY=1" not in notify.recv(4096):
                pass
            took = time.perf_counter() - begin
        (self.home / "notify").unlink()
        return took

    def stop(self):
        self.daemon.send_signal(signal.SIGTERM)
        self.daemon.wait(30)

    def ctl(self, *words):
        subprocess.run([str(BUILD / "cadencectl"), "--socket", str(self.home / "control.sock"), *words],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def threads(self):
        return pathlib.Path(f"/proc/{self.daemon.pid}/task").iterdir()

    def wakes(self):
        """Context switches of all threads, and the CPU ticks of the process."""
        switches = sum(int(line.split()[1]) for thread in self.threads()
                       for line in (thread / "status").read_text().splitlines() if "ctxt_switches" in line)
        stat = pathlib.Path(f"/proc/{self.daemon.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return switches, int(stat[11]) + int(stat[12])

    def outbox_size(self):
        """How many deliveries are not done."""
        done = subprocess.run([str(BUILD / "cadencectl"), "--json", "--socket", str(self.home / "control.sock"), "status"],
                              capture_output=True, text=True)
        outbox = json.loads(done.stdout)["outbox"]
        return sum(outbox[state] for state in ("queued", "sending", "retry", "waiting", "dead"))

    def resident_mb(self):
        for line in pathlib.Path(f"/proc/{self.daemon.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        raise ValueError("no VmRSS")


def start(folder):
    took = {}
    for partners in (1_000, 1_000_000):
        site = Site(folder, partners)
        times = []
        for _ in range(7):
            times.append(site.start())
            site.stop()
        took[partners] = statistics.median(times)
    report("start to READY: 1,000,000 partners / 1,000", took[1_000_000] / took[1_000], "x", 2,
           f"{1000 * took[1_000_000]:.1f} ms / {1000 * took[1_000]:.1f} ms")


def idle(folder, seconds=60):
    site = Site(folder, 100_000)
    site.start()
    time.sleep(5)  # what a start leaves to do is done
    before = site.wakes()
    time.sleep(seconds)
    after = site.wakes()
    report(f"idle for {seconds} s with 100,000 partners: context switches", after[0] - before[0], "", 0)
    report("  CPU ticks", after[1] - before[1], "", 0)
    report("  resident", site.resident_mb(), "MB", 16)
    site.stop()


# ---- simulate ----

def simulate_conf(folder, partners, cadence):
    conf = folder / "simulate.conf"
    owners = "\n".join(f'  o{i} = {{ email = "o{i}@example.com"; }};' for i in range(20))
    entries = ",\n".join(f'{{ id = "p{i}"; name = "Partner {i}"; owner = "o{i % 20}"; cadence = "c"; }}' for i in range(partners))
    conf.write_text(CONF.format(home=folder, owners=owners).replace('often = { every = "30 days"; grace = "7 days"; }', f"c = {{ {cadence} }}")
                    + f"partners = (\n{entries}\n);\n")
    return conf


def run_simulate(conf, *words):
    begin = time.perf_counter()
    done = subprocess.run([str(BUILD / "cadencectl"), "--json", "simulate", "--conf", str(conf), "--from", "2026-11-23",
                           "--to", "2029-11-22", "--summary", *words], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["summary"], time.perf_counter() - begin


def simulate(folder):
    """Every partner on a quarterly cadence, half of the nudges answered: what a manager would ask for."""
    conf = simulate_conf(folder, 2000, 'every = "3 months";')
    summary, took = run_simulate(conf, "--react", "0.5,3")
    report("simulate, 100,000 partner-days / those it plays in a second", 100_000 * took / summary["partner_days"], "x", 1,
           f"{summary['partner_days'] / took:,.0f} a second")


def model(folder):
    """The model of docs/design.md section 6: 2,000 partners, 3 years, a 30-day cadence, contacts that come by themselves
    at random (once in 45 days on average), half of the nudges answered after 3 days."""
    chance = random.Random(1)
    contacts = folder / "contacts.csv"
    with contacts.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["partner", "date", "kind"])
        first = time.mktime((2026, 11, 23, 12, 0, 0, 0, 0, 0))
        for partner in range(2000):
            day = chance.expovariate(1 / 45)
            while day < 3 * 365:
                rows.writerow([f"p{partner}", time.strftime("%Y-%m-%d", time.localtime(first + int(day) * 86400)), "call"])
                day += max(1, chance.expovariate(1 / 45))
    summary, took = run_simulate(simulate_conf(folder, 2000, 'every = "30 days"; grace = "7 days";'), "--contacts", str(contacts),
                                 "--react", "0.5,3")
    note = f"{summary['partner_days'] / took:,.0f} partner-days a second"
    report("model: nudges per partner-year", summary["nudges_per_partner_year"], "", None, note)
    report("  useful", summary["useful_percent"], "%")
    report("  cold days", summary["cold_percent"], "%")


# ---- delivering ----

DELIVER_CONF = """\
timezone = "UTC";
database = "sqlite://{home}/cadenced.db";
control  = "{home}/control.sock";
channels = {{
  crm = {{ type = "webhook"; url = "http://127.0.0.1:{http}/"; connections = {posts}; }};
  mail = {{ type = "smtp"; url = "smtp://127.0.0.1:{smtp}"; from = "cadence@example.com"; tls = "none"; connections = {sessions}; }};
{more}
}};
owners = {{ maria = {{ email = "maria@example.com"; }}; }};
"""


class Sink:
    """bench/sink.c, until it is asked what it took."""

    def __init__(self, protocol, delay_ms=0):
        self.process = subprocess.Popen([str(BUILD / "bench" / "sink"), protocol, str(delay_ms)], stdout=subprocess.PIPE, text=True)
        atexit.register(self.process.kill)
        self.port = int(self.process.stdout.readline())

    def result(self):
        self.process.send_signal(signal.SIGTERM)
        return json.loads(self.process.communicate(timeout=30)[0])


def bare(protocol, count, size, at_a_time, delay_ms=0):
    """What libcurl alone needs: seconds at the sink, CPU seconds of the sender."""
    sink = Sink(protocol, delay_ms)
    done = subprocess.run([str(BUILD / "bench" / "bare"), protocol, str(sink.port), str(count), str(size), str(at_a_time)],
                          check=True, capture_output=True, text=True, timeout=120)
    taken = sink.result()
    assert taken["different"] == count, taken
    return taken["seconds"], json.loads(done.stdout)["cpu"]


def waiting_site(folder, conf, waiting):
    """An installation, not running, whose outbox is filled: a message of so many bytes over each of these channels."""
    home = pathlib.Path(tempfile.mkdtemp(dir=folder))
    site = Site.__new__(Site)
    site.home, site.conf = home, home / "cadenced.conf"
    site.conf.write_text(conf.replace("{home}", str(home)))
    site.start()
    site.stop()
    with sqlite3.connect(home / "cadenced.db") as db:
        for number, (channel, size) in enumerate(waiting):
            text = ("x" * 71 + " ") * (size // 72 + 1)
            if channel != "mail":
                kind, to = "event", None
                document = {"type": "bench", "timestamp": "2026-11-23T07:00:00Z", "data": {"text": text[:size - 80]}}
            else:
                kind, to = "notice", "maria@example.com"
                # Text and HTML both carry it.
                document = {"kind": "admin", "at": 1795417200000, "subject": "bench", "blocks": [
                    {"block": "paragraph", "text": text[:(size - 1500) // 2]}]}
            db.execute("INSERT INTO outbox (key, kind, state, channel, recipient, next_try, created, document) VALUES (?, ?, 'queued', ?, ?, 0, 1795417200000, ?)",
                       (f"{kind}|bench|{number}", kind, channel, to, json.dumps(document)))
    db.close()
    return site


def ours(folder, protocol, count, size, at_a_time, delay_ms=0):
    """The same by the daemon, durable: the deliveries wait in the outbox when it starts."""
    sink = Sink(protocol, delay_ms)
    channel = "crm" if protocol == "http" else "mail"
    site = waiting_site(folder, DELIVER_CONF.format(http=sink.port, smtp=sink.port, posts=at_a_time, sessions=min(at_a_time, 64), more="", home="{home}"),
                        [(channel, size)] * count)
    site.start()
    deadline = time.monotonic() + 120
    # Who asks often takes part of what is measured.
    time.sleep(1)
    while site.outbox_size() > 0:
        assert time.monotonic() < deadline, "not all of it arrives"
        time.sleep(1)
    cpu = site.wakes()[1] / os.sysconf("SC_CLK_TCK")
    site.stop()
    taken = sink.result()
    assert taken["different"] == taken["taken"] == count, taken
    return taken["seconds"], cpu


def rate_against_bare(folder, name, protocol, count, size, at_a_time, bound, rounds=5):
    mine, theirs = [], []
    for _ in range(rounds):
        theirs.append(bare(protocol, count, size, at_a_time))
        mine.append(ours(folder, protocol, count, size, at_a_time))
    seconds = statistics.median(m[0] for m in mine), statistics.median(t[0] for t in theirs)
    cpu = statistics.median(m[1] for m in mine), statistics.median(t[1] for t in theirs)
    # As times, so that less is better everywhere in this file.
    report(f"{name}: time / that of libcurl alone", seconds[0] / seconds[1], "x", 1 / bound,
           f"{count / seconds[0]:,.0f} a second / {count / seconds[1]:,.0f}")
    return cpu[0] / cpu[1]


def deliver(folder):
    cpu = rate_against_bare(folder, "10,000 webhooks of 1 KB, 64 at a time", "http", 10_000, 1000, 64, 0.55)
    report("  CPU / that of libcurl alone", cpu, "x", 2.5)
    seconds, _ = ours(folder, "http", 5_000, 1000, 256, 50)
    report("a server that takes 50 ms, 256 at a time: time / count x 50 ms / 256", seconds / (5_000 * 0.05 / 256), "x", 1 / 0.85)
    rate_against_bare(folder, "10,000 mails of 3 KB, 8 sessions", "smtp", 10_000, 3000, 8, 0.8)


def api(folder):
    site = Site(folder, 1000)
    site.start()
    took = {}
    first = 0
    for at_a_time in (1, 64) * 3:
        done = subprocess.run([str(BUILD / "bench" / "load"), str(site.home / "control.sock"), "2000", str(at_a_time), str(first)],
                              check=True, capture_output=True, text=True)
        answer = json.loads(done.stdout)
        assert answer["taken"] == 2000, answer
        took.setdefault(at_a_time, []).append(answer["seconds"])
        first += 2000
    one, many = statistics.median(took[1]), statistics.median(took[64])
    report("2,000 contacts by the API, 64 at a time / one by one", many / one, "x", 1 / 1.5, f"{2000 / many:,.0f} a second / {2000 / one:,.0f}")
    site.stop()


# ---- being asked while that goes on ----

def asked(site):
    """Seconds that `status` takes over the control socket."""
    begin = time.perf_counter()
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(site.home / "control.sock"))
        s.sendall(b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while more := s.recv(65536):
            answer += more
    took = time.perf_counter() - begin
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b" 200 " in head.splitlines()[0], answer
    return took, json.loads(body)["outbox"]


def report_asked(what, took):
    report(f"status while {what}: median of {len(took)}", 1000 * statistics.median(took), "ms")
    report("  worst (aim: 50)", 1000 * max(took), "ms")


def socket_answers(folder, destinations=64, events=10_000):
    """How long a person waits for an answer while others hang, and while much is delivered beside them."""
    hanging, quick = Sink("http", 600_000), Sink("http")
    more = "\n".join(f'  h{n} = {{ type = "webhook"; url = "http://127.0.0.1:{hanging.port}/{n}"; }};' for n in range(destinations))
    conf = DELIVER_CONF.format(http=quick.port, smtp=quick.port, posts=64, sessions=1, more=more, home="{home}")
    for count in (0, events):
        site = waiting_site(folder, conf, [(f"h{n}", 1000) for n in range(destinations)] + [("crm", 1000)] * count)
        site.start()
        while asked(site)[1]["sending"] < destinations:
            time.sleep(0.01)
        took = []
        while count == 0 and len(took) < 300:
            took.append(asked(site)[0])
            time.sleep(0.01)
        while count > 0:
            seconds, outbox = asked(site)
            if sum(outbox[state] for state in ("queued", "sending", "retry")) <= destinations:
                break
            took.append(seconds)
            time.sleep(0.005)
        report_asked(f"{destinations} destinations hang" + (f", {count:,} events go" if count else ""), took)
        site.daemon.kill()  # it would wait for those that hang
        site.daemon.wait(30)
    hanging.result()
    assert quick.result()["different"] == events


# ---- reading mails ----

def hostile_mail(folder):
    cost = json.loads(subprocess.run([str(BUILD / "hostile")], check=True, capture_output=True, text=True).stdout)
    report("the worst of mails made to cost much / an ordinary one of 1 MB", cost["worst"] / cost["ordinary"], "x", 60,
           f"{1000 * cost['worst']:.0f} ms (case {cost['case']}) / {1000 * cost['ordinary']:.1f} ms")


def main():
    parts = {"sweep": sweep, "start": start, "idle": idle, "simulate": simulate, "model": model, "deliver": deliver, "api": api, "socket": socket_answers, "mail": hostile_mail}
    wanted = sys.argv[1:] or list(parts)
    for name in wanted:
        if name not in parts:
            sys.exit(f"there is no {name}; there are {', '.join(parts)}")
    for name in wanted:
        # On the disk that is built on: a file system in memory would be durable for nothing.
        with tempfile.TemporaryDirectory(dir=BUILD) as folder:
            parts[name](pathlib.Path(folder))
    if over:
        print("over the bound: " + "; ".join(over))
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
