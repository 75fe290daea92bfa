"""Where a text of the workspace was taken from, as the index states it: a URI of a page, or of a file of the workspace.

Rules kept here: it is provenance and nothing is ever fetched from it; no name or password of a user, no fragment; a
file is named from the workspace, so that no path of the host that registered it gets into the index.

Source: issue 6, part 5; RFC 3986, sections 3 and 4.2; RFC 8089.
"""

import re
from urllib.parse import unquote

NEEDED = "https://HOST/… or file:PATH from the workspace, without user or #fragment, at most 2048 ASCII characters"

_LONGEST = 2048
_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_HOST = r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
_PAGE = re.compile(rf"https://{_HOST}(?:/(?:{_CHARACTER}|/)*)?(?:\?(?:{_CHARACTER}|[/?])*)?")
_FILE = re.compile(rf"file:(?P<path>{_CHARACTER}+(?:/{_CHARACTER}+)*)")
# A step that leaves the folder, hides a separator or a control behind `%`, or names a drive.
_OUTWARD = re.compile(r"\.\.?|.*[/\\\x00-\x1f\x7f].*", re.DOTALL)
_DRIVE = re.compile(r"[A-Za-z][:|].*", re.DOTALL)


def is_source_uri(uri: str) -> bool:
    """Whether a URI may stand as the source of a text."""
    if len(uri) > _LONGEST:
        return False
    file = _FILE.fullmatch(uri)
    return _PAGE.fullmatch(uri) is not None if file is None else _stays_inside(file["path"])


def _stays_inside(path: str) -> bool:
    steps = [unquote(step) for step in path.split("/")]
    return not _DRIVE.fullmatch(steps[0]) and not any(_OUTWARD.fullmatch(step) for step in steps)
