"""Fixtures: real servers, and an installation of cadenced that talks to them. Nothing is left running."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from faulty import FaultyHttp, FaultySmtp  # noqa: E402
from installation import Installation  # noqa: E402
from servers import HttpSink, SmtpServer  # noqa: E402


@pytest.fixture
def smtp():
    server = SmtpServer()
    yield server
    server.close()


@pytest.fixture
def http():
    sink = HttpSink()
    yield sink
    sink.close()


@pytest.fixture
def bad_smtp():
    server = FaultySmtp()
    yield server
    server.close()


@pytest.fixture
def bad_http():
    server = FaultyHttp()
    yield server
    server.close()


@pytest.fixture
def site(tmp_path, smtp, http):
    installation = Installation(tmp_path, smtp, http)
    yield installation
    installation.kill()
