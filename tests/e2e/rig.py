"""What the end-to-end tests stand on: the real daemon, a real SMTP server and a real HTTP server, all on loopback."""
import http.server
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

from aiosmtpd.controller import Controller

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BUILD", ROOT / "build"))
if not BUILD.is_absolute():
    BUILD = ROOT / BUILD
WAIT_S = 15


def wait_for(condition, what, seconds=WAIT_S):
    """Waits until condition() is true; fails with `what` after a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain: {what}")


class MailServer:
    """Keeps every mail it accepts. `answer` is what it says after the dot; `before_answer` runs just before."""

    def __init__(self, port=0):
        self.mails = []
        self.answer = "250 2.0.0 kept"
        self.recipient_answer = "250 2.1.5 fine"
        self.before_answer = None
        self.controller = Controller(self, hostname="127.0.0.1", port=port or free_port())
        self.controller.start()
        self.port = self.controller.port

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server, session, envelope):
        if self.answer.startswith("250"):
            self.mails.append((envelope.rcpt_tos, envelope.original_content))
        if self.before_answer:
            self.before_answer()
        return self.answer

    def stop(self):
        if self.controller:
            self.controller.stop()
            self.controller = None


class HookServer:
    """Keeps every request: path, headers, body. `status` and `headers` are what it answers."""

    def __init__(self):
        self.requests = []
        self.status = 200
        self.body = b"ok"
        self.headers = {}
        hooks = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                hooks.requests.append((self.path, dict(self.headers), body))
                self.send_response(hooks.status)
                for name, value in hooks.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(hooks.body)))
                self.end_headers()
                self.wfile.write(hooks.body)

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def at(self, path):
        return [r for r in self.requests if r[0] == path]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def free_port():
    """A port below the range the kernel gives out by itself, so that nobody takes it in between."""
    for port in range(20000 + os.getpid() % 5000, 32000):
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no free port")


SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"

CONF = """
timezone = "Europe/London";
database = "sqlite://{dir}/cadenced.db";
control = "{dir}/control.sock";
{globals}
channels = {{
  mail = {{ type = "smtp"; url = "smtp://127.0.0.1:{smtp}"; from = "Cadence <cadence@example.com>"; tls = "none"; }};
  sales = {{ type = "slack"; url = "http://127.0.0.1:{http}/slack"; }};
  crm = {{ type = "webhook"; url = "http://127.0.0.1:{http}/crm"; secret = "{secret}"; }};
}};
events = [ "crm" ];
cadences = {{
  strategic = {{ every = "4 weeks"; grace = "1 week"; }};
  standard = {{ every = "3 months"; }};
}};
owners = {{
  maria = {{ name = "Maria Silva"; email = "maria@example.com"; timezone = "Europe/Lisbon"; channels = [ "mail", "sales" ]; }};
}};
partners = (
{partners}
);
"""

PARTNERS = """
  {{ id = "acme"; name = "Acme GmbH"; owner = "maria"; cadence = "strategic"; last_contact = "{acme}"; }},
  {{ id = "borealis"; name = "Borealis AS"; owner = "maria"; cadence = "standard"; last_contact = "2026-08-21"; }},
  {{ id = "fjord"; name = "Fjord"; owner = "maria"; cadence = "standard"; last_contact = "2026-11-20"; }}
"""


class Rig:
    def __init__(self, directory):
        self.dir = directory
        self.mail = MailServer()
        self.hooks = HookServer()
        self.globals = ""
        self.partners = PARTNERS.format(acme="2026-10-01")
        self.process = None
        self.conf = directory / "cadenced.conf"

    def write(self, text=None):
        self.conf.write_text(text or CONF.format(dir=self.dir, smtp=self.mail.port, http=self.hooks.port, secret=SECRET,
                                                 globals=self.globals, partners=self.partners))
        self.conf.chmod(0o600)

    def command(self, *words):
        return [str(BUILD / "cadenced"), "--config", str(self.conf), *words]

    def once(self, now, expect=0):
        """Judges and delivers what is due at that instant; returns what was logged."""
        done = subprocess.run(self.command("--once", "--now", now), capture_output=True, text=True, timeout=60)
        assert done.returncode == expect, done.stderr
        return done.stderr

    def start(self, now=None, env=None):
        words = ["--now", now] if now else []
        self.log = open(self.dir / "log", "ab")
        self.process = subprocess.Popen(self.command(*words), stderr=self.log, env={**os.environ, **(env or {})})
        wait_for((self.dir / "control.sock").exists, "the control socket")
        return self.process

    def logged(self):
        return (self.dir / "log").read_text()

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(timeout=20)
        self.log.close()
        self.process = None
        if how == signal.SIGKILL:
            (self.dir / "control.sock").unlink(missing_ok=True)
        return code

    def ctl(self, *words, expect=0):
        done = subprocess.run([str(BUILD / "cadencectl"), "--socket", str(self.dir / "control.sock"), *words],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr

    def close(self):
        if self.process:
            self.end(signal.SIGKILL)
        self.mail.stop()
        self.hooks.stop()
