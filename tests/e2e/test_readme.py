"""What the README shows is what happens."""
import re

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
    for line in "\n".join(blocks()[2:4]).splitlines():
        if line.startswith("make "):
            for target in re.findall(r"[a-z]+", line.split("#")[0].replace("make", "")):
                assert re.search(rf"^{target}:", makefile, re.M), target
    for verb in set(re.findall(r"cadencectl ([a-z]+)", README)) - {"uses"}:
        assert verb in site.ctl_text(verb, "--help"), verb
