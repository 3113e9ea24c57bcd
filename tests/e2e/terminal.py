"""A terminal to run the command line on."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import pytest

from installation import BUILD


def on_a_terminal(site, columns, *words):
    """What the command line prints on a terminal that wide."""
    try:
        leader, follower = pty.openpty()
    except OSError as error:
        pytest.skip(f"no terminal can be opened here: {error}")
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([str(BUILD / "cadencectl"), "--socket", str(site.socket), *words], stdout=follower, stderr=follower,
                               env={**os.environ, "TERM": "xterm-256color"})
    os.close(follower)
    text = b""
    while True:
        try:
            more = os.read(leader, 4096)
        except OSError:
            break
        if not more:
            break
        text += more
    os.close(leader)
    assert process.wait(10) == 0
    return text.decode()


def plain(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
