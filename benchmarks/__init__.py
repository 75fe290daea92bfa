"""Benchmarks: each goal measured beside its floor, in turns, as a ratio of medians. Run by `make bench`.

Only ratios carry over to another machine; nothing here is asserted in a test.
"""
