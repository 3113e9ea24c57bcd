"""What the README shows is what happens."""
import re
import subprocess

from installation import ROOT, text_of

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


def test_the_readmes_verbs_and_targets_exist(site):
    makefile = (ROOT / "Makefile").read_text()
    commands = [part.split() for block in blocks()[2:] for line in block.splitlines() for part in line.split("#")[0].split("&&")]
    targets = {target for words in commands if words[:1] == ["make"] for target in words[1:]}
    assert len(targets) > 4
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.M), target
    for verb in set(re.findall(r"cadencectl ([a-z]+)", README)) - {"uses"}:
        assert verb in site.ctl_text(verb, "--help"), verb


def test_the_readmes_post_logs_a_contact(site):
    site.start("2026-11-22T12:00:00Z")
    command, = re.findall(r"^curl .*$", README, re.M)
    subprocess.run(command.replace("/run/cadenced/control.sock", str(site.socket)).replace("curl", "curl -sSf"), shell=True, check=True, timeout=30)
    contact = site.ctl("show", "acme")["contacts"][0]
    assert (contact["kind"], contact["day"]) == ("call", "2026-11-22")
