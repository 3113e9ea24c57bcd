"""Runs as root inside the guest, after it has booted; says as TAP what holds. It remembers over a reboot where it is.
Time is the monotonic clock's alone: the guest shares its wall clock with whoever started it."""
import datetime
import glob
import http.server
import json
import os
import pathlib
import pwd
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import traceback

HERE = pathlib.Path("/boot-test")
TAP = HERE / "tap"
MEMORY = HERE / "memory.json"
ETC, STATE = pathlib.Path("/etc/cadenced"), pathlib.Path("/var/lib/cadenced")
CONF = ETC / "cadenced.conf"
DROP_INS = pathlib.Path("/run/systemd/system/cadenced.service.d")
HOOK_SECRET = "hook-9f86d081884c7d65"
HOOK_PORT = 8080

memory = json.loads(MEMORY.read_text()) if MEMORY.exists() else {"boot": 1, "passed": 0, "failed": 0}


# ---- saying what holds ----

def tell(line):
    with TAP.open("a") as tap:
        tap.write(line + "\n")


def check(holds, name, seen=""):
    memory["passed" if holds else "failed"] += 1
    tell(f"{'ok' if holds else 'not ok'} {memory['passed'] + memory['failed']} - {name}")
    if not holds:
        for line in str(seen).splitlines()[-12:]:
            tell(f"# {line}")
    return holds


def run(*command, **kwargs):
    kwargs.setdefault("timeout", 90)
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, stdin=subprocess.DEVNULL, **kwargs)
    done.said = done.stdout + done.stderr
    return done


def wait_for(condition, seconds=30):
    """What the condition came to be, and after how many seconds."""
    begin = time.monotonic()
    while True:
        value = condition()
        if value or time.monotonic() - begin > seconds:
            return value, time.monotonic() - begin
        time.sleep(0.05)


def ask(*words):
    done = run("cadencectl", "--json", *words)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {"said": done.said, "exit": done.returncode}


def show(*names, unit="cadenced.service"):
    lines = run("systemctl", "show", unit, "-p", ",".join(names)).stdout.splitlines()
    values = dict(line.split("=", 1) for line in lines)
    return values[names[0]] if len(names) == 1 else values


def journal():
    return run("journalctl", "--no-pager", "-o", "cat", "-u", "cadenced").stdout


def why():
    return run("systemctl", "status", "--no-pager", "--lines=15", "cadenced").said


# ---- what is installed and configured ----

def today(ahead=0):
    return datetime.date.today() + datetime.timedelta(days=ahead)


def write_conf(settings="", partners=(("acme", -60),), channels="", events="", digest_at="00:00"):
    """An owner who works every day and is told at digest_at; partners with the days since their last contact."""
    rows = ",\n".join(f'  {{ id = "{id}"; name = "{id.title()}"; owner = "maria"; since = "{today(-400)}"; '
                      f'last_contact = "{today(days)}"; }}' for id, days in partners)
    CONF.write_text(f'''timezone = "UTC";
{settings}
channels = {{
  mail = {{ type = "smtp"; url = "smtp://127.0.0.1:25"; from = "Cadence <cadence@example.com>"; tls = "none"; }};
  {channels}
}};
{events}
cadences = {{ standard = {{ every = "4 weeks"; }}; }};
owners = {{
  maria = {{ email = "maria@guest.example"; workdays = "mon-sun"; digest_at = "{digest_at}"; weekly = false; }};
}};
partners = (
{rows}
);
''')


def drop_in(name, *lines):
    DROP_INS.mkdir(parents=True, exist_ok=True)
    (DROP_INS / f"{name}.conf").write_text("[Service]\n" + "\n".join(lines) + "\n")
    run("systemctl", "daemon-reload")


def drop_out():
    for file in DROP_INS.glob("*.conf"):
        file.unlink()
    run("systemctl", "daemon-reload")


def restart():
    run("systemctl", "reset-failed", "cadenced.service")
    return run("systemctl", "restart", "cadenced.service")


def mails():
    """What lies in maria's mailbox, by subject."""
    box = pathlib.Path("/var/mail/maria")
    return re.findall(r"^Subject: (.*)$", box.read_text(errors="replace"), re.M) if box.exists() else []


def leftovers():
    found = run("find", "/", "-xdev", "(", "-path", "/boot-test", "-o", "-path", "/proc", "-o", "-path", "/sys", "-o",
                "-path", "/var/log/journal", ")", "-prune", "-o", "-iname", "*cadence*", "-print").stdout.splitlines()
    found += glob.glob("/run/*cadence*") + glob.glob("/run/credentials/*cadence*") + glob.glob("/run/systemd/**/*cadence*", recursive=True)
    for kind in ("passwd", "group"):
        found += [line for line in run("getent", kind).stdout.splitlines() if line.startswith("cadence")]
    return [name for name in found if "/boot-test" not in name]


# ---- the first boot ----

def a_fresh_package():
    done = run("dpkg", "-i", HERE / "cadenced.deb")
    check(done.returncode == 0, "the package is installed and configured", done.said)
    check(show("ActiveState") == "inactive", "nothing is started that nobody asked for", why())
    check(run("systemctl", "is-enabled", "cadenced.socket").stdout.strip() == "enabled", "its socket is enabled")
    done = run("cadencectl", "status")
    check(done.returncode in (0, 1) and "partner" in done.stdout, "cadencectl works at once: the socket starts the daemon", done.said + why())
    check(show("ActiveState") == "active", "by activation", why())
    st = os.stat("/run/cadenced/control.sock")
    check(st.st_mode & 0o777 == 0o660, "the control socket has mode 0660", oct(st.st_mode))
    run("useradd", "-G", "cadence", "ada")
    check(run("runuser", "-u", "ada", "--", "cadencectl", "due").returncode == 0, "who is in the group cadence may use it")
    check(run("runuser", "-u", "nobody", "--", "cadencectl", "due").returncode == 69, "who is not may not")
    check(CONF.stat().st_mode & 0o007 == 0 and os.access(CONF, os.R_OK), "the configuration is not everybody's to read")
    done = run("dpkg", "--purge", "cadenced")
    check(done.returncode == 0 and leftovers() == [], "purged, it leaves nothing behind", done.said + "\n".join(leftovers()))


def an_upgrade():
    if not (HERE / "previous.deb").exists():
        tell("# the history of the source is not here: no upgrade from the previous package")
        check(run("dpkg", "-i", HERE / "cadenced.deb").returncode == 0, "the package is installed again")
        write_conf(settings='deliver = "hold";')
        check(run("systemctl", "enable", "--now", "cadenced").returncode == 0, "enable --now", why())
        return
    done = run("dpkg", "-i", HERE / "previous.deb")
    check(done.returncode == 0, "the previous package is installed", done.said)
    write_conf(settings='deliver = "hold";')
    check(run("systemctl", "enable", "--now", "cadenced").returncode == 0, "the previous package runs", why())
    done = run("cadencectl", "log", "acme", "meeting", "yesterday", "before the upgrade")
    check(done.returncode == 0, "a contact is logged in it", done.said)
    before = show("MainPID")
    done = run("dpkg", "--force-confold", "-i", HERE / "cadenced.deb")
    check(done.returncode == 0, "the package is upgraded", done.said)
    active, _ = wait_for(lambda: show("ActiveState") == "active")
    check(active and show("MainPID") != before, "the new one runs", why())
    check("before the upgrade" in run("cadencectl", "show", "acme").stdout, "it knows what the previous one was told")
    copies = sorted(STATE.glob("cadenced.db.schema-*"))
    check(len(copies) == 1, "the database was copied before it was migrated", sorted(STATE.iterdir()))
    with sqlite3.connect(f"file:{copies[0]}?mode=ro&immutable=1", uri=True) as db:
        older = db.execute("PRAGMA user_version").fetchone()[0]
    check(copies[0].name.endswith(f"-{older}"), f"the copy has the previous schema, {older}")
    run("systemctl", "stop", "cadenced.service")
    with sqlite3.connect(STATE / "cadenced.db") as db:
        check(db.execute("PRAGMA user_version").fetchone()[0] > older, "and the database has a newer one")
    db.close()


class Hook(http.server.BaseHTTPRequestHandler):
    paths = []

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        Hook.paths.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *words):
        pass


def greeting(port):
    """The first line of a mail server, or nothing while none answers."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            return connection.recv(512).decode(errors="replace")
    except OSError:
        return ""


def start_relay():
    run("postconf", "-e", "mydestination = guest.example", "myhostname = guest.example", "inet_interfaces = loopback-only",
        "inet_protocols = ipv4", "mailbox_size_limit = 0")
    if not any(user.pw_name == "maria" for user in pwd.getpwall()):
        run("useradd", "maria")
    done = run("systemctl", "start", "postfix")
    # systemctl returns before a busy machine has Postfix listening.
    answers, _ = wait_for(lambda: greeting(25).startswith("220"), 60)
    check(done.returncode == 0 and answers, "Postfix runs", done.said + run("journalctl", "--no-pager", "-n", "20", "-u", "postfix*").stdout)


def a_life():
    threading.Thread(target=http.server.ThreadingHTTPServer(("127.0.0.1", HOOK_PORT), Hook).serve_forever, daemon=True).start()
    start_relay()
    (ETC / "secrets").mkdir(exist_ok=True)
    (ETC / "secrets/crm-url").write_text(f"http://127.0.0.1:{HOOK_PORT}/{HOOK_SECRET}\n")
    (ETC / "secrets/crm-url").chmod(0o600)
    crm = 'crm = { type = "webhook"; url_file = "crm-url"; };'
    write_conf(channels=crm, events='events = [ "crm" ];', partners=(("acme", -60), ("borealis", -90)))
    done = restart()
    check(done.returncode == 0, "it starts with a secret that only root may read", done.said + why())
    # No waiting here: systemctl returns when it is ready.
    check("said" not in ask("status"), "and answers when the start has returned", ask("status"))
    text, _ = wait_for(lambda: re.fullmatch(r"2 partners, \d+ due, 0 undelivered, next look .*\d\d:\d\d", show("StatusText")), 10)
    check(text, "systemctl status shows live figures", show("StatusText"))
    delivered, _ = wait_for(lambda: len(mails()) == 1)
    check(delivered, "a digest goes through the relay, under the full sandbox", str(mails()) + journal() + run("mailq").said)
    hooked, _ = wait_for(lambda: f"/{HOOK_SECRET}" in Hook.paths)
    check(hooked, "the credential was read: its hook is called", str(Hook.paths) + journal())
    pid = show("MainPID")
    environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    check("CREDENTIALS_DIRECTORY=" in environment and HOOK_SECRET not in environment, "and is not in the environment", environment)
    check(HOOK_SECRET not in journal(), "nor in the log")
    fields = run("journalctl", "--no-pager", "-o", "json", "CADENCED_PARTNER=borealis").stdout
    check(fields.strip() != "", "journalctl finds a partner by CADENCED_PARTNER=", journal())


def replies():
    """As docs/replies.md sets it up; the process that reads mail has the sandbox of the unit around its own."""
    run("useradd", "--system", "--no-create-home", "-g", "cadence", "cadence-mail")
    table = pathlib.Path("/etc/postfix/cadence-aliases")
    table.write_text('cadence: "|/usr/bin/cadencectl receive"\n')
    run("postalias", f"hash:{table}")
    run("chown", "cadence-mail", f"{table}.db")
    run("postconf", "-e", "recipient_delimiter = +", f"alias_maps = hash:/etc/aliases, hash:{table}")
    run("newaliases")
    run("systemctl", "reload", "postfix")
    inbox = STATE / "inbox"
    write_conf(settings=f'reply_to = "cadence@guest.example"; inbox = {{ maildir = "{inbox}"; }};',
               partners=(("acme", -60), ("borealis", -90)))
    done = run("cadencectl", "reload")
    check(done.returncode == 0, "reply_to comes into force by a reload", done.said)
    done = run("cadencectl", "test", "reply", "--to", "maria@guest.example")
    box = pathlib.Path("/var/mail/maria")
    found, _ = wait_for(lambda: re.search(r"^Reply-To: <(cadence\+r\.[a-z2-7]{24}@guest\.example)>$", box.read_text(), re.M))
    if not check(found, "a mail that can be answered arrives", done.said + journal()):
        return

    def answer(number):
        return (f"From: maria@guest.example\nTo: {found[1]}\nSubject: Re: a test\nMessage-ID: <answer-{number}@guest.example>\n\n"
                "1 call today talked\n")

    def taken():
        last = ask("status").get("replies", {}).get("last") or {}
        return last.get("done"), last.get("sender"), "Re: a test" in mails()

    subprocess.run(["sendmail", "-f", "maria@guest.example", found[1]], input=answer(1), text=True, timeout=30)
    came, _ = wait_for(lambda: taken() == (1, "maria@guest.example", True))
    check(came, "the answer comes back by an alias that pipes, and is answered", str(ask("status")) + journal() + run("mailq").said)
    check(inbox.is_dir(), "the inbox was made where the service may write", why())
    mail = inbox / "tmp/2"
    mail.write_text(answer(2))
    run("chown", "cadenced:cadenced", mail)
    mail.rename(inbox / "new/2")
    read, _ = wait_for(lambda: (inbox / "cur/2:2,S").exists())
    check(read, "and what lies in the inbox is read", journal())
    box.write_text("")
    # The administrator's own, which no package takes away.
    run("postconf", "-e", "alias_maps = hash:/etc/aliases")
    run("systemctl", "reload", "postfix")
    run("userdel", "cadence-mail")
    for file in table.parent.glob("cadence-aliases*"):
        file.unlink()


def reloads():
    pid = show("MainPID")
    write_conf(partners=(("acme", -60), ("borealis", -90), ("elbe", -3)))
    done = run("systemctl", "reload", "cadenced")
    check(done.returncode == 0 and "elbe" in run("cadencectl", "list").stdout, "systemctl reload returns when the new file is in force", done.said + why())
    good = CONF.read_text()
    CONF.write_text(good.replace('every = "4 weeks"', 'every = "4 wekks"'))
    done = run("systemctl", "reload", "cadenced")
    check(done.returncode != 0 and show("MainPID") == pid and show("ActiveState") == "active", "of a wrong one it says so, and the daemon goes on", done.said + why())
    check("every" in journal().split("was not reloaded")[-1], "with the reason in the log", journal())
    CONF.write_text(good)
    os.kill(int(pid), signal.SIGHUP)
    check(run("systemctl", "reload", "cadenced").returncode == 0 and show("MainPID") == pid, "after that it reloads again", why())
    CONF.write_text(good.replace('every = "4 weeks"', 'every = "4 wekks"'))
    done = restart()
    check(done.returncode != 0 and show("ExecMainStatus") == "78", "a start with a wrong file fails, with 78", why())
    check(show("NRestarts") == "0", "and is not tried again and again", why())
    CONF.write_text(good)
    check(restart().returncode == 0, "once it is mended it starts", why())


def crashes():
    drop_in("watchdog", "WatchdogSec=3")
    restart()
    time.sleep(4)
    check(show("NRestarts") == "0", "while it lives the watchdog is content", why())
    pid = show("MainPID")
    os.kill(int(pid), signal.SIGSTOP)
    back, seconds = wait_for(lambda: show("MainPID") not in (pid, "0") and show("ActiveState") == "active", 30)
    check(back, "stopped, it is killed by the watchdog and started again", why())
    tell(f"# back after {seconds:.1f} s, of which 3 s are the watchdog's")
    check("watchdog" in run("journalctl", "--no-pager", "-o", "cat", "_PID=1").stdout.lower(), "by the watchdog", why())
    drop_out()
    restart()
    run("cadencectl", "log", "elbe", "call", "today", "just before the crash")
    pid = show("MainPID")
    os.kill(int(pid), signal.SIGKILL)
    back, seconds = wait_for(lambda: show("MainPID") not in (pid, "0") and show("ActiveState") == "active", 30)
    check(back, "killed, it is started again", why())
    tell(f"# back after {seconds:.1f} s")
    check("just before the crash" in run("cadencectl", "show", "elbe").stdout, "and knows what it had said was saved")


def bad_input():
    alone = ("runuser", "-u", "cadenced", "--", "/usr/sbin/cadenced", "--config", CONF)
    done = run(*alone)
    check(done.returncode == 1 and "already running" in done.stderr and len(done.stderr.strip().splitlines()) == 1, "a second one ends with 1 and one line", done.said)
    run("systemctl", "stop", "cadenced.service")
    run("chown", "-R", "nobody:nogroup", STATE)
    done = run(*alone)
    check(done.returncode == 1 and f"{STATE}" in done.stderr and "chown" in done.stderr and len(done.stderr.strip().splitlines()) == 1,
          "a state directory of somebody else's is one line that says what to do", done.said)
    check(restart().returncode == 0 and pwd.getpwuid(STATE.stat().st_uid).pw_name == "cadenced", "and systemd gives it back to the daemon", why())
    good = CONF.read_text()
    CONF.write_text(good.replace('tls = "none";', 'tls = "none"; user = "u"; password_file = "pw";'))
    done = restart()
    check(done.returncode != 0 and show("ExecMainStatus") == "78" and "/etc/cadenced/pw: No such file" in journal(), "a secret that is nowhere is named, with 78", journal()[-600:])
    (ETC / "pw").write_text("hunter2\n")
    (ETC / "pw").chmod(0o644)
    done = restart()
    check(show("ExecMainStatus") == "78" and "chmod o-r" in journal(), "a secret that everybody may read is refused, with 78", journal()[-600:])
    (ETC / "pw").chmod(0o600)
    restart()
    check(show("ExecMainStatus") == "78" and "/etc/cadenced/secrets" in journal(), "one that it may not read too: the line says where to put it", journal()[-600:])
    (ETC / "pw").rename(ETC / "secrets/pw")
    check(restart().returncode == 0, "there it is found", why())
    CONF.write_text(good)
    kept = (ETC / "secrets").rename(ETC / "elsewhere")
    check(restart().returncode == 0, "without the directory of secrets it starts all the same", why())
    kept.rename(ETC / "secrets")


def limits():
    drop_in("limits", "LimitNOFILE=64", "MemoryMax=64M", "MemorySwapMax=0")
    check(restart().returncode == 0, "it starts with 64 descriptors in 64 MB", why())
    done = [run("cadencectl", "due").returncode for _ in range(20)]
    check(done == [0] * 20, "and answers", done)
    status = pathlib.Path(f"/proc/{show('MainPID')}/status").read_text()
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])
    check(peak < 64 * 1024, "its memory never was over 64 MB", f"{peak} kB")
    tell(f"# at most {peak} kB resident; whether MemoryMax bites depends on where this runs")
    drop_out()
    run("mount", "-o", "bind", "/etc", "/etc")
    run("mount", "-o", "remount,bind,ro", "/etc")
    check(run("touch", "/etc/is-read-only").returncode != 0 and restart().returncode == 0, "it starts with a read-only /etc", why())
    run("umount", "-l", "/etc")
    run("systemctl", "stop", "cadenced.service")
    disk = pathlib.Path("/run/small-disk")
    disk.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=4m,mode=0755", "tmpfs", disk)
    run("cp", "-a", f"{STATE}/cadenced.db", disk)
    run("chown", "cadenced:", disk)
    run("mount", "-o", "bind", disk, STATE)
    check(restart().returncode == 0, "it starts on a small disk", why())
    with open(disk / "ballast", "wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(b"x" * 4096)
        except OSError:
            pass
    refused, _ = wait_for(lambda: next((d for d in [run("cadencectl", "log", "elbe", "call", "today", "n" * 1500)] if d.returncode), None), 20)
    check(refused and "full" in refused.said, "on a full disk it says so", refused and refused.said)
    check(show("ActiveState") == "active" and run("cadencectl", "due").returncode == 0, "and goes on answering", why())
    (disk / "ballast").unlink()
    saved, _ = wait_for(lambda: run("cadencectl", "log", "elbe", "call", "today", "room again").returncode == 0)
    check(saved, "with room again it saves, by itself", why())
    run("systemctl", "stop", "cadenced.service")
    run("umount", "-l", STATE)
    run("umount", "-l", disk)


# ---- the sandbox ----

# What is denied, and what would have to be missing for it not to be: the negative control of these directives.
OPEN = ("SystemCallFilter=", "RestrictNamespaces=no", "PrivateUsers=no", "NoNewPrivileges=no")
CONTROLS = {
    "write-etc": ("ProtectSystem=no",),
    "write-usr": ("ProtectSystem=no",),
    "write-home": ("ProtectHome=no", "ProtectSystem=no"),
    "see-tmp": ("PrivateTmp=no",),
    "see-init": ("ProtectProc=default", "ProcSubset=all"),
    "exec-shell": ("NoExecPaths=", "ExecPaths="),
    "ptrace": ("SystemCallFilter=",),
    "mount": OPEN + ("CapabilityBoundingSet=CAP_SYS_ADMIN", "AmbientCapabilities=CAP_SYS_ADMIN", "ProtectSystem=no"),
    "unshare": ("SystemCallFilter=", "RestrictNamespaces=no"),
    "personality": ("LockPersonality=no", "SystemCallFilter="),
    "socket-raw": ("CapabilityBoundingSet=CAP_NET_RAW", "AmbientCapabilities=CAP_NET_RAW", "PrivateUsers=no"),
    "socket-netlink": ("RestrictAddressFamilies=",),
    "socket-packet": ("RestrictAddressFamilies=", "CapabilityBoundingSet=CAP_NET_RAW", "AmbientCapabilities=CAP_NET_RAW", "PrivateUsers=no"),
    "write-execute": ("MemoryDenyWriteExecute=no",),
    "set-user-id": ("RestrictSUIDSGID=no",),
}


def probe():
    (STATE / "probes").unlink(missing_ok=True)
    restart()
    said, _ = wait_for(lambda: (STATE / "probes").exists() and show("ActiveState") != "activating" and (STATE / "probes").read_text(), 15)
    return dict(line.split(" ", 1) for line in (said or "").splitlines())


def sandbox():
    run("systemctl", "stop", "cadenced.service")
    for place in ("/etc", "/usr", "/home"):
        pathlib.Path(place, "boot-probe").mkdir()
        run("chown", "cadenced:", f"{place}/boot-probe")
    pathlib.Path("/tmp/boot-probe").write_text("")
    pathlib.Path("/tmp/boot-probe").chmod(0o644)
    run("chmod", "755", HERE / "probe")
    run("mount", "-o", "bind", HERE / "probe", "/usr/sbin/cadenced")
    results = probe()
    check(results.get("socket-inet") == "allowed", "in the sandbox: mail and hooks are possible", f"{results}\n{why()}")
    for name in CONTROLS:
        check(results.get(name, "was not tried").startswith("denied"), f"in the sandbox: {name} is denied", results.get(name))
    for name, directives in CONTROLS.items():
        drop_in("control", *directives)
        seen = probe().get(name)
        check(seen == "allowed", f"control: without {directives[0].split('=')[0]} {name} is not denied", f"{seen}\n{why()}")
        drop_out()
    run("systemctl", "stop", "cadenced.service")
    run("umount", "/usr/sbin/cadenced")
    (STATE / "probes").unlink(missing_ok=True)
    for place in ("/etc", "/usr", "/home"):
        run("rm", "-rf", f"{place}/boot-probe")


# ---- over a reboot ----

def rehearsed(at):
    """The daemon with a clock of its own, under the same sandbox."""
    drop_in("clock", "ExecStart=", f"ExecStart=/usr/sbin/cadenced --config {CONF} --now {at}")


def before_the_reboot():
    write_conf(partners=(("fjord", 12),), digest_at="08:30", settings="")
    # Its contact lies ahead of the wall clock, not of the daemon's; four weeks after it, it is due.
    memory["due"] = str(today(12 + 28))
    run("systemctl", "stop", "cadenced.service")
    rehearsed(f"{memory['due']}T08:00:00Z")
    done = restart()
    check(done.returncode == 0, "it runs on the morning of the day a partner is due", done.said + why())
    memory["mails"] = len(mails())
    check("08:30" in wait_for(lambda: "08:30" in show("StatusText") and show("StatusText"), 10)[0] or False, "and sleeps until 08:30", show("StatusText"))
    run("cadencectl", "partner", "add", "nova", "--owner", "maria")
    run("systemctl", "stop", "postfix")
    # From here on it is as if the machine had gone away: killed, and booted again at 08:40.
    DROP_INS.joinpath("no-restart.conf").write_text("[Service]\nRestart=no\n")
    run("systemctl", "daemon-reload")
    os.kill(int(show("MainPID")), signal.SIGKILL)
    lasting = pathlib.Path("/etc/systemd/system/cadenced.service.d")
    lasting.mkdir(parents=True, exist_ok=True)
    (lasting / "clock.conf").write_text(f"[Service]\nExecStart=\nExecStart=/usr/sbin/cadenced --config {CONF} --now {memory['due']}T08:40:00Z\n")


def after_the_reboot():
    active, _ = wait_for(lambda: show("ActiveState") == "active")
    check(active, "after the reboot it runs again, without a network", why())
    check("nova" in run("cadencectl", "list").stdout, "and knows what it was told before", run("cadencectl", "list").said)
    waits, _ = wait_for(lambda: "1 undelivered" in show("StatusText"), 15)
    check(waits, "the nudge that became due meanwhile waits for the relay", show("StatusText") + journal())
    start_relay()
    for delivery in ask("outbox", "list"):
        run("cadencectl", "outbox", "retry", delivery["id"])
    came, _ = wait_for(lambda: len(mails()) > memory["mails"], 60)
    check(came and "Fjord" in mails()[-1], "it arrives", str(mails()) + journal())
    restart()
    time.sleep(2)
    check(len(mails()) == memory["mails"] + 1, "once, also when it is started again", mails())
    check("0 undelivered" in wait_for(lambda: "0 undelivered" in show("StatusText") and show("StatusText"), 10)[0], "and nothing waits", show("StatusText"))


def the_end():
    done = run("dpkg", "--purge", "cadenced")
    left = leftovers()
    check(done.returncode == 0 and left == [], "purged after all this, it leaves nothing behind", done.said + "\n".join(map(str, left)))


BOOTS = {1: (a_fresh_package, an_upgrade, a_life, replies, reloads, crashes, bad_input, limits, sandbox, before_the_reboot),
         2: (after_the_reboot, the_end)}


def main():
    if memory["boot"] == 1:
        tell("TAP version 13")
    for part in BOOTS[memory["boot"]]:
        begin = time.monotonic()
        try:
            part()
        except Exception:
            check(False, f"{part.__name__} runs to its end", traceback.format_exc())
        tell(f"# {part.__name__}: {time.monotonic() - begin:.1f} s")
    memory["boot"] += 1
    MEMORY.write_text(json.dumps(memory))
    os.sync()
    if memory["boot"] in BOOTS:
        run("systemctl", "reboot")
        return
    tell(f"1..{memory['passed'] + memory['failed']}")
    tell(f"{memory['passed']} passed, {memory['failed']} failed")
    run("systemctl", "exit", 0 if memory["failed"] == 0 else 1)


main()
