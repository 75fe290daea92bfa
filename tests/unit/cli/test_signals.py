"""What the process makes of SIGINT and SIGTERM."""

import signal
from collections.abc import Iterator

import pytest

from cutter.cli.signals import take_signals
from cutter.stops import Terminated


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """Afterwards the signals are those of the test runner again."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    ("number", "error"),
    [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)],
    ids=["SIGINT", "SIGTERM"],
)
def test_the_first_signal_is_an_exception_and_the_second_ends_the_process(
    number: signal.Signals, error: type[BaseException]
) -> None:
    """Without it a transaction would be left to the server, or nothing could end a process that hangs in the end."""
    take_signals()
    with pytest.raises(error):
        signal.raise_signal(number)

    assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_an_ignored_signal_stays_ignored() -> None:
    """Without it Ctrl-C in a shell would end what was put in the background there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    take_signals()

    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
