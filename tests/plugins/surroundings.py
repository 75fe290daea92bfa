"""The variables of a machine that change what `cutter` does are taken away before the first test.

Without it a test passes on a desk and fails where `CI` is set, or the other way round. A test that is about one of them
sets it itself.
"""

import os

from cutter.settings import REFUSED_VARIABLES

_SURROUNDINGS = ("CI", "LARK_AGENT", "CUTTER_LANG", "LANGUAGE", "NO_COLOR", "FORCE_COLOR", *REFUSED_VARIABLES)


def pytest_configure() -> None:
    """Forget them; the processes that tests start inherit none of them."""
    for name in _SURROUNDINGS:
        os.environ.pop(name, None)
