"""A name server that never answers: nobody but who asked it notices."""
import shutil
import socket
import subprocess

import pytest

from installation import wait_for

MANY = 64
# Where no answer comes from, and no refusal either.
RESOLV_CONF = "nameserver 192.0.2.1\noptions timeout:3 attempts:2\n"
INSIDE = """\
ip link set lo up && ip route add 192.0.2.0/24 dev lo src 127.0.0.1 && mount --bind "$0" /etc/resolv.conf || exit 99
exec "$@"
"""


def has_network_of_its_own():
    return shutil.which("ip") and subprocess.run(["unshare", "--mount", "--net", "true"], capture_output=True).returncode == 0


def channels(site):
    hooks = "".join(f'  hook{n:02} = {{ type = "webhook"; url = "http://hook{n:02}.example.com/"; }};\n' for n in range(MANY))
    names = ", ".join(f'"hook{n:02}"' for n in range(MANY))
    site.write(edit=lambda text: text.replace("channels = {\n", "channels = {\n" + hooks, 1)
               .replace('events = [ "crm" ]', f"events = [ {names} ]"))


@pytest.mark.skipif(not has_network_of_its_own(), reason="needs a network of its own, which only root may make, and iproute2")
def test_names_that_nobody_resolves_hold_up_neither_the_socket_nor_the_watchdog(site, tmp_path):
    channels(site)
    resolv = tmp_path / "resolv.conf"
    resolv.write_text(RESOLV_CONF)
    plain = site.command
    site.command = lambda *words: ["unshare", "--mount", "--net", "sh", "-c", INSIDE, str(resolv), *plain(*words)]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(tmp_path / "notify"))
        notify.setblocking(False)
        site.start(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="400000")

        def alive():
            """How many signs of life came since the last question."""
            signs = 0
            while True:
                try:
                    signs += b"WATCHDOG=1" in notify.recv(4096)
                except BlockingIOError:
                    return signs

        def hanging():
            return [d["state"] for d in site.outbox("event")].count("sending")

        wait_for(lambda: hanging() >= MANY and alive(), what="64 that ask for a name")
        most = hanging()
        answers = signs = 0
        while hanging() == most:  # each time the socket has answered, and all of them still wait
            answers += 1
            signs += alive()
        assert answers > 10 and signs > 5
        wait_for(lambda: alive() + 1 and hanging() < most / 2, seconds=30, what="those that give up")
        reasons = {d["reason"] for d in site.outbox("event") if d["reason"]}
        assert all("resolve" in reason or "time" in reason for reason in reasons), reasons
