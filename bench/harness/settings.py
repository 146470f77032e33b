"""Durations and repetitions of the measurements, and paths."""

import statistics
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """One run of the harness. Times are in seconds."""
    build_dir: Path
    work_dir: Path
    server_core: int | None
    load_core: int | None
    quick: bool = False
    servers: tuple = ()

    @property
    def rounds(self):
        """Interleaved rounds of every repeated scenario and figure."""
        return 3 if self.quick else 7

    @property
    def round_seconds(self):
        return 1 if self.quick else 3

    @property
    def soak_seconds(self):
        return 3 if self.quick else 30

    @property
    def round_trips(self):
        """Round trips in one round of the pool figure."""
        return 3_000 if self.quick else 10_000

    def program(self, name):
        return self.build_dir / "bench" / name


@dataclass(frozen=True)
class Figure:
    """One row of the table: the measured value and its upper limit (None: no target), or with
    `at_least` its lower limit."""
    name: str
    value: float | None
    unit: str
    target: float | None = None
    note: str = ""
    at_least: bool = False

    @property
    def verdict(self):
        if self.value is None:
            return "not measured"
        if self.target is None:
            return "told only"
        is_reached = self.value >= self.target if self.at_least else self.value <= self.target
        return "reached" if is_reached else "missed"

    @property
    def against_target(self):
        """At most 1 if the target is reached."""
        return self.target / self.value if self.at_least else self.value / self.target

    def as_json(self):
        return {"name": self.name, "value": self.value, "unit": self.unit, "target": self.target,
                "at_least": self.at_least, "verdict": self.verdict, "note": self.note}


def median_of(rows, key):
    """The median of `key` over rows that are dictionaries; None if a row lacks it."""
    values = [row[key] for row in rows]
    return None if None in values else statistics.median(values)


def median_ratio(rows, base_rows, key):
    """The median of the ratios of all rounds: a disturbance affects both sides of its round."""
    return statistics.median(row[key] / base[key] for row, base in zip(rows, base_rows))
