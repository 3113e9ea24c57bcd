#!/usr/bin/python3
"""Shows the main job on this machine alone: partners go quiet, their owners get a mail and a chat message, once.

Starts a mail server and an HTTP server on loopback, runs the real daemon on conf/demo at fixed times, and prints what
arrived. Exits non-zero if anything that should have happened did not."""
import base64
import email
import email.policy
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("BUILD") or ROOT / "build")
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from servers import HttpSink, SmtpServer  # noqa: E402

SUNDAY = "2026-11-22T12:00:00Z"
# 08:30 in Lisbon, in New York, and in Tokyo, where that Monday is a holiday.
DIGEST_TIMES = (("maria", "2026-11-23T08:30:00Z"), ("jon", "2026-11-23T13:30:00Z"), ("ada", "2026-11-23T23:30:00Z"))


def title(text):
    print(f"\n━━ {text} " + "━" * max(0, 76 - len(text)), flush=True)


def check(holds, what):
    if not holds:
        sys.exit(f"\ndemo: this did not happen: {what}")


class Demo:
    def __init__(self, home):
        self.home = home
        self.smtp, self.http = SmtpServer(), HttpSink()
        for file in (ROOT / "conf" / "demo").iterdir():
            text = file.read_text()
            for ours, theirs in (("/tmp/cadenced-demo", str(home)), ("127.0.0.1:2525", f"127.0.0.1:{self.smtp.port}"),
                                 ("127.0.0.1:8080", f"127.0.0.1:{self.http.port}")):
                text = text.replace(ours, theirs)
            (home / file.name).write_text(text)
            (home / file.name).chmod(0o600)
        self.daemon = [str(BUILD / "cadenced"), "--config", str(home / "cadenced.conf")]
        self.secret = (home / "crm-secret").read_text().strip()
        self.running = None
        self.log = (home / "log").open("a")

    def close(self):
        if self.running:
            self.running.terminate()
            self.running.wait(15)
        self.smtp.close()
        self.http.close()
        self.log.close()

    def start(self, now):
        self.running = subprocess.Popen([*self.daemon, "--now", now], stderr=self.log)
        for _ in range(500):
            with socket.socket(socket.AF_UNIX) as s:
                if s.connect_ex(str(self.home / "control.sock")) == 0:
                    return
            check(self.running.poll() is None, "the daemon starts")
            time.sleep(0.02)
        check(False, "the daemon listens on its control socket")

    def stop(self):
        self.running.terminate()
        check(self.running.wait(15) == 0, "the daemon ends in good order")
        self.running = None

    def ctl(self, *words):
        print("$ cadencectl " + " ".join(f"'{w}'" if " " in w else os.path.basename(w) for w in words), flush=True)
        done = subprocess.run([str(BUILD / "cadencectl"), "--socket", str(self.home / "control.sock"), *words])
        check(done.returncode == 0, f"cadencectl {words[0]} succeeds")

    def once(self, now):
        print(f"$ cadenced --config conf/demo/cadenced.conf --once --now {now}", flush=True)
        check(subprocess.run([*self.daemon, "--once", "--now", now], stderr=self.log).returncode == 0, "everything due is delivered")

    def counts(self):
        return len(self.smtp.seen), len(self.http.requests)


def parsed(mail):
    message = email.message_from_bytes(mail.raw, policy=email.policy.strict)
    check(not any(part.defects for part in message.walk()), "the mail has no defect")
    return message


def show_mail(mail):
    message = parsed(mail)
    for name in ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Id"):
        print(f"{name}: {message[name]}")
    print("\n" + message.get_body(("plain",)).get_content())


def verifies(request, body, secret):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + body
    mac = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return f"v1,{mac}" in request.headers["webhook-signature"].split()


def show_event(request, secret):
    print(f"POST {request.path}")
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        print(f"{name}: {request.headers[name]}")
    print(json.dumps(json.loads(request.body), indent=2, ensure_ascii=False))
    good, bad = verifies(request, request.body, secret), verifies(request, request.body[:-1] + b" ", secret)
    print(f"\nsignature verifies: {'yes' if good else 'NO'}; with one byte changed: {'YES' if bad else 'no'}")
    check(good and not bad, "the signature tells the event from a tampered one")


def run(demo):
    title("Sunday: two years of contacts are imported, one partner is snoozed")
    demo.start(SUNDAY)
    demo.ctl("import", "contacts", str(demo.home / "contacts.csv"))
    demo.ctl("import", "contacts", str(demo.home / "contacts.csv"))
    demo.ctl("snooze", "delta", "7dec", "reorganising, talk again in December")
    demo.ctl("due")
    demo.stop()
    check(demo.smtp.connections == 0, "nobody is mailed on a Sunday")

    title("Monday, 08:30 in each owner's own zone: the digests go out")
    for owner, now in DIGEST_TIMES:
        before = len(demo.smtp.accepted)
        demo.once(now)
        new = demo.smtp.accepted[before:]
        check([m.recipients for m in new] == [[f"{owner}@example.com"]], f"one mail to {owner} and no other")
        print(f"  -> a mail to {owner}: {parsed(new[0])['Subject']}")

    title("The mail to Maria, as it arrived")
    show_mail(demo.smtp.accepted[0])
    text = parsed(demo.smtp.accepted[0]).get_body(("plain",)).get_content()
    places = [text.find(name) for name in ("Acme GmbH", "Elbe Systems", "Borealis AS")]
    check(-1 not in places and places == sorted(places), "Acme, Elbe and Borealis stand in the mail, the worst first")

    title("The Slack message, in a channel that others read: short, no notes")
    slack, = demo.http.to("/slack")
    message = json.loads(slack.body)
    for block in message["blocks"]:
        print(block["text"]["text"])
    check("Acme GmbH" in message["text"] + slack.body.decode(), "Acme stands in the Slack message")
    check("pricing" not in slack.body.decode(), "no note is told in the channel")

    title("A signed event, for the CRM")
    events = demo.http.to("/hooks/cadence")
    acme = {}
    for request in events:
        body = json.loads(request.body)
        if body["data"]["partner"]["id"] == "acme":
            acme[body["type"]] = request
    check({"nudge.raised", "nudge.told"} <= set(acme), "the nudge about Acme is raised and told")
    show_event(acme["nudge.raised"], demo.secret)

    title("The same minute again: nothing is sent twice")
    before = demo.counts()
    demo.once(DIGEST_TIMES[-1][1])
    check(demo.counts() == before, "nothing is sent twice")
    print(f"  -> nothing. {before[0]} mails and {before[1]} requests in all, as before.")

    title("What next")
    print("Write your own conf file (start from conf/cadenced.conf), look at it with `build/cadenced --config F --check`,\n"
          "run it with deliver = \"hold\", and see with `cadencectl preview OWNER` what it would say. docs/design.md is the map.")


def main():
    home = pathlib.Path(tempfile.mkdtemp(prefix="cadenced-demo-"))
    demo = Demo(home)
    try:
        run(demo)
    except SystemExit:
        print("".join((home / "log").open().readlines()[-20:]), file=sys.stderr)
        raise
    finally:
        demo.close()
        shutil.rmtree(home)


main()
