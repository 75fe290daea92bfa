"""What a machine or a shell set, and what changes what `cutter` does, is taken away before the first test.

Without it a test passes on a desk and fails where `CI` is set, or where a shell put the tests in the background.
A test that is about one of these sets it itself.
"""

import os
import signal

from cutter.settings import REFUSED_VARIABLES

_SURROUNDINGS = ("CI", "LARK_AGENT", "CUTTER_LANG", "LANGUAGE", "NO_COLOR", "FORCE_COLOR", *REFUSED_VARIABLES)


def pytest_configure() -> None:
    """Forget them; the processes that tests start inherit none of them."""
    for name in _SURROUNDINGS:
        os.environ.pop(name, None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # so starts what a shell puts in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)
