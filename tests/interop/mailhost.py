"""A real Postfix and a real Dovecot, private ones: all they read and write lies in one folder, all ports are on loopback.

The daemon logs in to Postfix by STARTTLS and SASL, which asks Dovecot; Postfix hands the mail to Dovecot by LMTP; it is
read by IMAP. Nothing of the machine's own mail is touched."""
import base64
import imaplib
import os
import pathlib
import random
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time

POSTFIX = "/usr/sbin/postfix"
POSTALIAS = "/usr/sbin/postalias"
MASTER = "/usr/lib/postfix/sbin/master"
DOVECOT = "/usr/sbin/dovecot"
NEEDED = (POSTFIX, MASTER, DOVECOT, "/usr/lib/dovecot/imap-login", "/usr/lib/dovecot/lmtp")
USER, PASSWORD = "maria@example.com", "correct horse; Ω"
ALIAS_USER = "mail"  # neither root nor whoever runs the daemon

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
multi_instance_enable = no
multi_instance_wrapper =
maillog_file = {home}/postfix.log
maillog_file_prefixes = {home}
myhostname = relay.example.com
mydestination = in.example.com
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps = hash:{home}/aliases
alias_database =
local_recipient_maps = $alias_maps
recipient_delimiter = +
biff = no
queue_run_delay = 2s
minimal_backoff_time = 2s
virtual_mailbox_domains = example.com
virtual_mailbox_maps = inline:{{ {user}=x, ops@example.com=x }}
virtual_transport = lmtp:unix:private/dovecot-lmtp
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = {home}/server.pem
smtpd_tls_key_file = {home}/server.key
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = reject_unlisted_recipient, permit_sasl_authenticated, reject
smtpd_client_restrictions =
"""

MASTER_CF = """\
127.0.0.1:{smtp} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
local unix - n n - - local
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

DOVECOT_CONF = """\
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
instance_name = {home}
protocols = imap lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <{home}/server.pem
ssl_key = <{home}/server.key
auth_mechanisms = plain login
first_valid_uid = 1
mail_location = maildir:{home}/mail/%u
postmaster_address = postmaster@example.com
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {home}/users
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={home}/mail/%u
}}
service auth {{
  unix_listener {home}/queue/private/auth {{
    mode = 0660
    user = postfix
  }}
}}
service lmtp {{
  unix_listener {home}/queue/private/dovecot-lmtp {{
    mode = 0600
    user = postfix
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imap}
    ssl = yes
  }}
}}
"""


def missing():
    """Why no mail host can be had here; empty when one can."""
    if os.geteuid() != 0:
        return "Postfix and Dovecot need root, to change users"
    absent = [path for path in NEEDED if not os.path.exists(path)]
    return f"{absent[0]} is not there: make deps-all" if absent else ""


def free_port():
    """Below those that the system gives to whoever connects."""
    while True:
        with socket.socket() as s:
            port = random.randrange(20000, 32768)
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def wait_for(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds} s in vain for {what()}")


class MailHost:
    def __init__(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="cadenced-mail-"))
        self.home.chmod(0o755)
        self.port, self.imap_port = free_port(), free_port()
        self.processes = {}
        try:
            self._write()
            self.up("dovecot", [DOVECOT, "-F", "-c", str(self.home / "dovecot.conf")], self.imap_port)
            self.up_postfix()
        except BaseException:
            self.close()
            raise

    def _write(self):
        values = {"home": self.home, "smtp": self.port, "imap": self.imap_port, "user": USER}
        conf = self.home / "postfix"
        for folder in (conf, self.home / "queue", self.home / "data", self.home / "mail", self.home / "state"):
            folder.mkdir(0o755)
        shutil.chown(self.home / "data", "postfix")
        shutil.chown(self.home / "mail", "mail", "mail")
        (conf / "main.cf").write_text(MAIN_CF.format(**values))
        (conf / "master.cf").write_text(MASTER_CF.format(**values))
        (self.home / "dovecot.conf").write_text(DOVECOT_CONF.format(**values))
        (self.home / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=relay",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.home / "server.key",
                        "-out", self.home / "server.pem"], check=True, capture_output=True)
        # Makes the folders of the queue, in which Dovecot's sockets lie.
        self.alias("/dev/null")
        subprocess.run([POSTFIX, "-c", conf, "check"], check=True, capture_output=True, timeout=30)

    def alias(self, destination):
        """Where mail to cadence@in.example.com goes. Commands run, and folders are written, as whose the table is."""
        table = self.home / "aliases"
        table.write_text(f"cadence: {destination}\n")
        subprocess.run([POSTALIAS, "-c", self.home / "postfix", f"hash:{table}"], check=True, timeout=30)
        shutil.chown(table.with_suffix(".db"), ALIAS_USER)

    @property
    def certificate(self):
        return self.home / "server.pem"

    def log(self):
        logs = (self.home / "postfix.log", self.home / "dovecot.log", self.home / "out")
        return "\n".join(f"--- {log}\n{log.read_text()[-4000:]}" for log in logs if log.exists())

    # ---- up and down ----

    def up(self, name, command, port):
        with open(self.home / "out", "a") as out:
            self.processes[name] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                                    start_new_session=True)
        wait_for(lambda: self._listens(port), lambda: f"{name}\n{self.log()}")

    def up_postfix(self):
        # Not by "postfix start-fg", whose master leaves the session and could outlive us.
        self.up("postfix", [MASTER, "-d", "-c", str(self.home / "postfix")], self.port)

    def down(self, name):
        process = self.processes.pop(name)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                pass
        process.kill()
        process.wait(5)
        # What it had started is of its group.
        wait_for(lambda: not self._kill_group(process.pid), lambda: f"the end of {name}")

    @staticmethod
    def _kill_group(group):
        """False when there is none any more."""
        try:
            os.killpg(group, signal.SIGKILL)
            return True
        except ProcessLookupError:
            return False

    def close(self):
        for name in list(self.processes):
            self.down(name)
        shutil.rmtree(self.home, ignore_errors=True)

    @staticmethod
    def _listens(port):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0

    # ---- the writer ----

    def send(self, mail, to):
        """As the user's mail program does: by STARTTLS, logged in."""
        context = ssl.create_default_context(cafile=self.certificate)
        with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as smtp:
            smtp.starttls(context=context)
            smtp.ehlo()
            # Not by login(), to which a password is ASCII.
            code, said = smtp.docmd("AUTH PLAIN " + base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode())
            assert code == 235, said
            smtp.sendmail(USER, [to], mail)

    # ---- the reader ----

    def mails(self):
        """The whole messages in the user's mailbox, as the server keeps them."""
        context = ssl.create_default_context(cafile=self.certificate)
        with imaplib.IMAP4_SSL("127.0.0.1", self.imap_port, ssl_context=context, timeout=20) as imap:
            imap._encoding = "utf-8"  # the password is not ASCII
            imap.login(USER, PASSWORD)
            imap.select(readonly=True)
            _, (found,) = imap.search(None, "ALL")
            return [imap.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in found.split()]

    def wait_for_mails(self, count):
        wait_for(lambda: len(self.mails()) >= count, lambda: f"{count} mails\n{self.log()}")
        return self.mails()
