"""What the README shows is what happens."""
import os
import re
import subprocess

from installation import BUILD, ROOT, text_of, wait_for

README = (ROOT / "README.md").read_text()


def blocks():
    return re.findall(r"^```\n(.*?)^```$", README, re.S | re.M)


def test_the_readmes_configuration_sends_the_readmes_mail(site):
    conf, mail = blocks()[:2]
    for theirs, ours in (("/var/lib/cadenced", str(site.home)), ("/run/cadenced", str(site.home)),
                         ("mail.example.com:587", f"127.0.0.1:{site.smtp.port}"),
                         ('user = "cadence"; password_file = "smtp-password";', 'tls = "none";')):
        assert theirs in conf
        conf = conf.replace(theirs, ours)
    site.conf.write_text(conf)
    site.once()
    arrived, = site.mails()
    shown = f"Subject: {arrived['Subject']}\n\n{text_of(arrived)}"
    host = re.compile(r" +cadenced on host \S+$", re.M)  # as wide as the host's name is long
    assert host.sub("", shown).strip() == host.sub("", mail).strip()


# What a test cannot do, because it would change the machine, and where it is done instead.
ELSEWHERE = {
    "make": "its targets are looked up here",
    "apt install": "make check-boot",
    "adduser": "make check-boot",
    "systemctl": "make check-boot",
}


def shell_blocks():
    """The displays that are typed: those whose first word is a command."""
    commands = ("CREDENTIALS_DIRECTORY=", "cadenced", "cadencectl", "curl", "sed", *ELSEWHERE)
    return [block for block in blocks() if block.startswith(commands)]


def is_done_elsewhere(line):
    return any(line.startswith(command + " ") for command in ELSEWHERE)


def typed_commands():
    """Each command of the README in its order, those in the middle of a sentence too."""
    found = []
    for match in re.finditer(r"^```\n(.*?)^```$|`((?:cadencectl|cadenced) [^`]*)`", README, re.S | re.M):
        if match[2]:
            found.append(match[2])
        elif match[1] in shell_blocks():
            found += match[1].replace("\\\n", " ").splitlines()
    return found


def test_the_readmes_commands_do_what_it_says(site):
    """The first hour as a newcomer has it, and what comes after it, on the file that is installed."""
    conf = (ROOT / "conf" / "cadenced.conf").read_text()
    for theirs, ours in (("smtp://mail.example.com:587", f"smtp://127.0.0.1:{site.smtp.port}"),
                         ("// user =", 'tls = "none"; // user ='),
                         ("  // sales = {", "  sales = {"), ('url_file = "slack-url"', f'url = "http://127.0.0.1:{site.http.port}/slack"'),
                         ("timezone =", f'database = "sqlite://{site.database}"; control = "{site.socket}";\n'
                                        'reply_to = "cadence@example.com";\ntimezone =')):
        assert theirs in conf, theirs
        conf = conf.replace(theirs, ours, 1)
    site.conf.write_text(conf)
    site.conf.chmod(0o600)
    csv, = [block for block in blocks() if block.startswith("partner,date")]
    (site.home / "contacts.csv").write_text(csv)
    site.start("2026-11-23T09:30:00Z")
    said = {}
    for command in typed_commands():
        if is_done_elsewhere(command):
            continue
        if command == "cadencectl reload":
            assert site.mails() == [] and site.slacks() == [], "on hold"
        ours = command.replace("/etc/cadenced/cadenced.conf", str(site.conf)).replace("/run/cadenced/control.sock", str(site.socket))
        ours = re.sub("(^|secrets )cadenced ", rf"\1cadenced --config '{site.conf}' ", ours)
        done = subprocess.run(["bash", "-c", ours], capture_output=True, text=True, timeout=60, cwd=site.home,
                              env={**os.environ, "PATH": f"{BUILD}:{os.environ['PATH']}", "CADENCED_SOCKET": str(site.socket)})
        assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        said[command.split("#")[0].strip()] = done.stdout + done.stderr
        if command == "cadencectl reload":
            wait_for(lambda: any("Acme GmbH" in mail["Subject"] for mail in site.mails()), what="the mail that was held")
    assert "fine" in said["CREDENTIALS_DIRECTORY=/etc/cadenced/secrets cadenced --check"]
    assert "2 new" in said["cadencectl import contacts contacts.csv --dry-run"]
    assert "Acme GmbH" in said["cadencectl preview maria"] and "acme" in said["cadencectl due"]
    assert "mail: delivered" in said["cadencectl test mail --to you@example.com"]
    assert "all is well" in said["cadencectl status"]
    assert len(said) > 25 and len(blocks()) == len(shell_blocks()) + 5  # and a configuration, its mail, a CSV, channels, a reply


def test_the_readmes_targets_exist():
    makefile = (ROOT / "Makefile").read_text()
    lines = [line for block in shell_blocks() for line in block.splitlines() if line.startswith("make ")]
    assert lines
    for line in lines:
        for target in line.split()[1:]:
            assert re.search(rf"^{target}:", makefile, re.M), target
