"""Completion: what a real bash offers behind the words that were typed."""
import os
import pty
import select
import subprocess
import time

import pytest

from installation import BUILD, ROOT
from terminal import plain

SCRIPT = ROOT / "completion" / "cadencectl.bash"
SUNDAY = "2026-11-22T12:00:00Z"

# compopt works only while readline completes: here it says that it was asked for the names of files.
ASK = """
source "$1"; shift
compopt() { echo FILES; }
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_cadencectl
printf '%s\\n' "${COMPREPLY[@]}"
"""


def offered(site, *words):
    """What is offered for the last word."""
    done = subprocess.run(["bash", "--norc", "-c", ASK, "bash", SCRIPT, BUILD / "cadencectl", *words], capture_output=True, text=True,
                          timeout=20, env={**os.environ, "CADENCED_SOCKET": str(site.socket)})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split("\n")[:-1] if done.stdout.strip() else []


@pytest.fixture
def open_site(site):
    site.start(SUNDAY)
    return site


def test_verbs_are_those_of_help(site):
    listed = [line.split()[0] for line in site.ctl_text("--help").splitlines() if line.startswith("  ") and line[2] != " "]
    assert len(listed) > 20
    assert offered(site, "") == listed
    assert offered(site, "un") == offered(site, "help", "un") == ["unlog", "unplan"]
    assert offered(site, "--") == ["--json", "--socket", "--help", "--version"]


def test_what_the_verb_takes_is_offered_in_its_place(site):
    assert offered(site, "log", "acme", "me") == ["meeting", "message"]
    assert "tomorrow" in offered(site, "snooze", "acme", "t")
    assert offered(site, "decide", "acme", "") == ["keep", "fix", "end"]
    assert offered(site, "decide", "acme", "fix", "thu") == ["thursday"]
    assert offered(site, "import", "") == ["partners", "contacts"]
    assert offered(site, "import", "contacts", "") == ["FILES", ""]


def test_options_are_offered_and_their_values(site):
    assert offered(site, "preview", "maria", "--") == ["--channel", "--format", "--help"]
    assert offered(site, "preview", "maria", "--format", "") == ["text", "html", "json", "raw"]
    assert offered(site, "preview", "--format", "raw", "maria", "--c") == ["--channel"]
    assert offered(site, "--json", "log", "acme", "call", "--direction", "o") == ["out"]
    assert offered(site, "--socket", "") == ["FILES", ""]


def test_a_value_of_two_words_is_one_word_for_the_shell(site):
    assert offered(site, "list", "--state", "o") == ["on\\ track", "off"]
    assert offered(site, "list", "--state", "on\\ t") == ["on\\ track"]


def test_ids_come_from_the_daemon(open_site):
    site = open_site
    assert offered(site, "show", "") == ["acme", "borealis", "elbe", "fjord"]
    assert offered(site, "snooze", "b") == ["borealis"]
    assert sorted(offered(site, "due", "")) == ["jon", "maria"]
    assert sorted(offered(site, "test", "")) == ["crm", "mail", "reply", "sales"]
    assert offered(site, "preview", "maria", "--channel", "s") == ["sales"]
    assert sorted(offered(site, "list", "--cadence", "s")) == ["standard", "strategic"]


def test_restore_offers_what_is_archived_and_files(open_site):
    site = open_site
    site.ctl_text("partner", "add", "delta", "--owner", "maria")
    site.ctl_text("decide", "delta", "end", "bought")
    assert offered(site, "restore", "") == ["FILES", "delta", "--verify"]
    assert offered(site, "restore", "d") == ["FILES", "delta"]
    assert "--verify" in offered(site, "restore", "--")
    assert offered(site, "restore", "./x") == ["FILES", ""]
    assert "delta" not in offered(site, "show", "")


def test_without_a_daemon_it_is_silent(site):
    assert offered(site, "show", "") == []
    assert offered(site, "test", "m") == []
    assert offered(site, "sho") == ["show"]


def test_what_cannot_be_completed_offers_nothing(open_site):
    assert offered(open_site, "nonsense", "") == []
    assert offered(open_site, "show", "acme", "") == []
    assert offered(open_site, "show", "zz") == []


def test_tab_completes_on_a_terminal(open_site):
    try:
        leader, follower = pty.openpty()
    except OSError as error:
        pytest.skip(f"no terminal can be opened here: {error}")
    shell = subprocess.Popen(["bash", "--noprofile", "--norc", "-i"], stdin=follower, stdout=follower, stderr=follower, start_new_session=True,
                             env={**os.environ, "CADENCED_SOCKET": str(open_site.socket), "PATH": f"{BUILD}:{os.environ['PATH']}",
                                  "TERM": "dumb", "PS1": "$ ", "HISTFILE": "/dev/null", "INPUTRC": "/dev/null"})
    os.close(follower)
    try:
        os.write(leader, f"source '{SCRIPT}'\ncadencectl show bor\t; echo en''d\n".encode())
        text = b""
        end = time.monotonic() + 20
        while b"\nend" not in text.replace(b"\r", b"") and time.monotonic() < end:
            if select.select([leader], [], [], 0.1)[0]:
                text += os.read(leader, 4096)
        shown = plain(text.decode(errors="replace"))
        assert "show borealis ;" in shown and "Borealis AS" in shown, shown
    finally:
        os.close(leader)
        shell.kill()
        shell.wait(10)
