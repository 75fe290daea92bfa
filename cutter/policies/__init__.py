"""Policies: what may happen on which trigger, decided without an order, a clock or a network. Pure.

The way of the data: trigger bytes → `Trigger` → `decide` → `Decision`; files → `Selection`. The analyses (lint, prove,
diff, explain, tables) read the same `Selection` and never evaluate in another way.
"""
