"""Measuring two things in turns, and the table of what came out."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One goal: seconds of the floor and of ours, and the ratio that is aimed at.

    `target` is the largest ratio ours/floor, or, where `at_least`, the smallest ratio floor/ours (a share of the
    floor's rate, or how many times faster).
    """

    goal: str
    floor_name: str
    floor: float
    ours: float
    target: float
    at_least: bool = False

    @property
    def ratio(self) -> float:
        """The ratio that the target is about."""
        return self.floor / self.ours if self.at_least else self.ours / self.floor

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        return self.ratio >= self.target if self.at_least else self.ratio <= self.target


def in_turns(
    floor: Callable[[], float | None],
    ours: Callable[[], float | None],
    rounds: int,
    take: Callable[[list[float]], float] = statistics.median,
) -> tuple[float, float]:
    """The medians of both, in seconds, measured alternately so that a slow moment hits both; one warm-up each.

    A function that returns seconds has measured the part that counts by itself; else the whole call counts. What only
    computes may `take` the `min`: whatever makes it slower is not its own.
    """
    floor()
    ours()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for kept, run in zip(times, (floor, ours), strict=True):
            begun = time.perf_counter()
            own = run()
            kept.append(time.perf_counter() - begun if own is None else own)
    return take(times[0]), take(times[1])


def render(rows: list[Row]) -> str:
    """The table: goal, floor, ours, ratio, target, holds or falls short."""
    head = ("goal", "floor", "ms", "ours ms", "ratio", "target", "")
    lines = [head]
    for row in rows:
        sign = ">=" if row.at_least else "<="
        lines.append(
            (
                row.goal,
                row.floor_name,
                f"{row.floor * 1000:.1f}",
                f"{row.ours * 1000:.1f}",
                f"{row.ratio:.2f}",
                f"{sign} {row.target:g}",
                "holds" if row.holds else "falls short",
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
