"""What is recorded of the machine."""

import pytest

from cutter.app.system import describe_environment


@pytest.mark.parametrize(
    ("told", "recorded"),
    [("18.0", "18.0"), ("15.14 (Debian 15.14-0+deb12u1)", "15.14"), ("16beta1", "16beta1")],
    ids=["plain", "a distribution's", "a beta"],
)
def test_the_servers_version_is_one_word(told: str, recorded: str) -> None:
    """An event holds words only: a distribution's own addition would end every run on its server with a fault."""
    assert describe_environment(told).server == recorded
