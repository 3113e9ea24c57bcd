"""Fixtures: a mail host as companies run it, and an installation of cadenced that sends through it."""
import pathlib
import sys

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[1] / "e2e")]

import mailhost  # noqa: E402
from installation import Installation  # noqa: E402
from servers import HttpSink  # noqa: E402


@pytest.fixture
def mail_host():
    host = mailhost.MailHost()
    yield host
    host.close()


@pytest.fixture
def site(tmp_path, mail_host):
    http = HttpSink()
    installation = Installation(tmp_path, mail_host, http)
    yield installation
    installation.kill()
    http.close()
