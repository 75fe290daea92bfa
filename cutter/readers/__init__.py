"""Readers: from the bytes of an original file (text, Markdown, HTML, Word) to the text that is cut.

They know no rule of cutting and no workspace. `read_original(data, file_name)` gives an `Extracted`.
"""

from cutter.readers.extracted import Extracted, Kind, Remark, RemarkCode
from cutter.readers.original import LARGEST_ORIGINAL, read_original

__all__ = ["LARGEST_ORIGINAL", "Extracted", "Kind", "Remark", "RemarkCode", "read_original"]
