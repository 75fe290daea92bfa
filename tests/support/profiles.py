"""The profiles that tests cut with."""

from cutter.custody.profiles import shipped_profile

VIETNAMESE_LAW = shipped_profile("vi.law")
