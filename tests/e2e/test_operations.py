"""docs/operations.md quotes the programs: what they say has to be what it says they say."""
import pytest

from installation import BUILD, ROOT

GUIDE = " ".join((ROOT / "docs" / "operations.md").read_text().split())
PROGRAMS = (BUILD / "cadenced").read_bytes() + (BUILD / "cadencectl").read_bytes()


@pytest.mark.parametrize("words", [
    "all is well", "the hook was deleted; make a new one and put it in", "user or password is wrong", "then 'cadencectl outbox retry'",
    "see 'cadencectl outbox list'", "could not connect", "perhaps delivered twice",
    "already running (another cadenced has this database)", "nothing was written to it. Put the newest backup in its place: cadencectl restore",
    "cadenced has it; stop it first", "retrying at"])
def test_what_the_guide_quotes_is_said(words):
    assert words in GUIDE
    assert words.encode() in PROGRAMS
