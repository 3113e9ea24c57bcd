"""One installation of cadenced in a directory of its own: its configuration, its daemon, its command line."""
import email
import email.policy
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BUILD") or ROOT / "build")
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
MONDAY = "2026-11-23T08:30:00Z"

CONF = """\
timezone = "UTC";
database = "sqlite://{home}/cadenced.db";
control  = "{home}/control.sock";
admin    = [ "ops@example.com" ];
{settings}
channels = {{
  mail  = {{ type = "smtp"; url = "smtp://127.0.0.1:{smtp}"; from = "Cadence <cadence@example.com>"; {mail} }};
  sales = {{ type = "slack"; url = "http://127.0.0.1:{http}/slack"; }};
  crm   = {{ type = "webhook"; url = "http://127.0.0.1:{http}/crm"; secret = "{secret}"; }};
}};
events = [ {events} ];
cadences = {{
  strategic = {{ every = "4 weeks"; grace = "1 week"; }};
  standard  = {{ every = "3 months"; }};
}};
owners = {{
  maria = {{ name = "Maria Silva"; email = "maria@example.com"; timezone = "Europe/Lisbon";
            channels = [ {channels} ]; backup = "jon"; }};
  jon   = {{ name = "Jon Berg"; email = "jon@example.com"; }};
}};
partners = (
{partners}
);
"""

# On Monday 23 November 2026: cold; 20 days overdue; due today; on track.
ACME = ("acme", "Acme GmbH", "strategic", "2026-10-01")
ELBE = ("elbe", "Elbe Systems", "standard", "2026-08-03")
BOREALIS = ("borealis", "Borealis AS", "standard", "2026-08-21")
FJORD = ("fjord", "Fjord Data", "standard", "2026-11-10")
PARTNERS = (ACME, ELBE, BOREALIS, FJORD)


def partner_entry(partner, owner="maria"):
    id, name, cadence, last = partner
    contact = f' last_contact = "{last}";' if last else ""
    return f'  {{ id = "{id}"; name = "{name}"; owner = "{owner}"; cadence = "{cadence}"; since = "2024-03-01";{contact} }}'


def wait_for(condition, seconds=10, what="the condition"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


class Installation:
    def __init__(self, home, smtp, http):
        self.home, self.smtp, self.http = pathlib.Path(home), smtp, http
        self.conf = self.home / "cadenced.conf"
        self.database = self.home / "cadenced.db"
        self.socket = self.home / "control.sock"
        self.log = self.home / "log"
        self.log.touch()
        self.process = None
        self.write()

    # ---- configuration ----

    def write(self, partners=PARTNERS, settings="", mail='tls = "none";', channels='"mail", "sales"',
              events='"crm"', edit=lambda text: text):
        text = CONF.format(home=self.home, smtp=self.smtp.port, http=self.http.port, secret=SECRET,
                           settings=settings, mail=mail, channels=channels, events=events,
                           partners=",\n".join(map(partner_entry, partners)))
        fresh = self.conf.with_suffix(".fresh")
        fresh.write_text(edit(text))
        fresh.chmod(0o600)
        fresh.replace(self.conf)  # at once: a daemon may be reading it
        return self

    # ---- the daemon ----

    def command(self, *arguments):
        return [str(BUILD / "cadenced"), "--config", str(self.conf), *arguments]

    def run(self, *arguments, expect=0, **kwargs):
        """Runs the daemon to its end; returns what it printed."""
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=60, **kwargs)
        with self.log.open("a") as log:
            log.write(done.stderr)
        assert done.returncode == expect, f"exit {done.returncode}, not {expect}:\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def once(self, now=MONDAY, expect=0, **kwargs):
        return self.run("--once", "--now", now, expect=expect, **kwargs)

    def start(self, now=MONDAY, wait=True, **environment):
        """Starts the daemon with a clock that goes on from now; returns when it can be spoken to."""
        self.process = subprocess.Popen(self.command("--now", now), stderr=self.log.open("a"),
                                        env={**os.environ, **environment})
        if wait:
            wait_for(self.answers, what=f"the control socket\n{self.log.read_text()}")
        return self.process

    def answers(self):
        assert self.process.poll() is None, f"the daemon ended with {self.process.returncode}:\n{self.log.read_text()}"
        with socket.socket(socket.AF_UNIX) as s:
            try:
                s.connect(str(self.socket))
                return True
            except OSError:
                return False

    def stop(self, expect=0):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(15) == expect, self.log.read_text()
        self.process = None

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        self.process = None

    def restart(self, now):
        self.stop()
        return self.start(now)

    # ---- the command line ----

    def ctl_text(self, *arguments, expect=0, **kwargs):
        done = subprocess.run([str(BUILD / "cadencectl"), "--socket", str(self.socket), *map(str, arguments)],
                              capture_output=True, text=True, timeout=30, **kwargs)
        assert done.returncode == expect, f"cadencectl {arguments}: exit {done.returncode}, not {expect}:\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def ctl(self, *arguments, **kwargs):
        text = self.ctl_text("--json", *arguments, **kwargs)
        try:
            return json.loads(text)
        except ValueError:
            raise AssertionError(f"cadencectl --json {arguments} printed no JSON: {text!r}") from None

    def ask(self, path, body=None, *arguments):
        """Speaks to the socket as curl does; returns the HTTP status and the JSON. A body makes it a POST."""
        if body is not None:
            arguments = ("-d", body if isinstance(body, str) else json.dumps(body), *arguments)
        done = subprocess.run(["curl", "-sS", "--unix-socket", str(self.socket), "-w", "\n%{http_code}", *arguments,
                               f"http://localhost{path}"], capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, done.stderr
        answer, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(answer)

    def refusal(self, path, body=None, *arguments, expect=400):
        """The message of an answer that refuses."""
        status, answer = self.ask(path, body, *arguments)
        assert status == expect, answer
        return answer["error"]["message"]

    def outbox(self, *kinds):
        """What is not done; only these kinds, if any are named."""
        return [d for d in rows(self.ctl("outbox", "list")) if not kinds or d["kind"] in kinds]

    # ---- what arrived ----

    def mails(self):
        return [email.message_from_bytes(m.raw, policy=email.policy.default) for m in self.smtp.accepted]

    def slacks(self):
        return [json.loads(r.body) for r in self.http.to("/slack")]

    def events(self, type=None):
        found = [json.loads(r.body) for r in self.http.to("/crm")]
        return [e for e in found if type in (None, e["type"])]


def rows(answer):
    """The rows of a list that the command line printed as JSON."""
    if isinstance(answer, list):
        return answer
    lists = [value for value in answer.values() if isinstance(value, list)]
    assert len(lists) == 1, f"not one list in {answer}"
    return lists[0]


def text_of(mail):
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


def html_of(mail):
    return mail.get_body(("html",)).get_content()


def said(mails):
    """All plain text of some mails."""
    return "\n".join(text_of(mail) for mail in mails)


def in_order(text, *words):
    """Whether the words stand in the text in this order."""
    at = -1
    for word in words:
        at = text.find(word, at + 1)
        if at < 0:
            return False
    return True


def entry_of(text, name):
    """The numbered entry of a partner in the plain text of a digest, its lines joined."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        if name in line and line.lstrip()[:1].isdigit():
            rest = []
            for more in lines[i + 1:]:
                if not more.startswith("   "):
                    break
                rest.append(more.strip())
            return " ".join([line.strip(), *rest])
    raise AssertionError(f"no entry of {name} in:\n{text}")
