"""The measured rows as text, as a page and as a plot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .curves import Points
from .measure import Series
from .rows import ASYNC_FLOOR, ASYNC_OFFICIAL, ASYNC_US, OFFICIAL, US, Goal, Row

SCALE = {"ms": 1e3, "µs": 1e6, "MiB": 1.0}
TWINS = {US: ASYNC_US, OFFICIAL: ASYNC_OFFICIAL, "requests": ASYNC_FLOOR}  # who stands in whose column under asyncio
CONTENDERS = (US, OFFICIAL, "aiopenapi3", "requests", "http.client")


def as_data(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows for ``--json``."""
    return [
        {
            "row": row.name,
            "contenders": {name: series.summary() for name, series in row.series.items()},
            "goals": [
                {"against": goal.against, "fact": goal.fact, "goal": goal.words, "ratio": ratio, "met": goal.is_met(ratio)}
                for goal in row.goals
                if (ratio := goal.ratio(row)) is not None
            ],
        }
        for row in rows
    ]


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table: medians, spreads, and each ratio beside its goal."""
    lines = [
        f"| work | {' | '.join(CONTENDERS).replace('requests', 'requests, aiohttp')} | ratio to openai | ratio to the floor |",
        f"| --- |{' ---: |' * (len(CONTENDERS) + 2)}",
    ]
    for row in rows:
        shown = dict(row.series)
        if "unchecked" in shown:  # the same contender without checks is its own floor
            shown["requests"] = shown.pop("unchecked")
        cells = [_cell(shown.get(name) or shown.get(TWINS.get(name, "")), row) for name in CONTENDERS]
        official = [_ratio(goal, row) for goal in row.goals if goal.against in (OFFICIAL, ASYNC_OFFICIAL)]
        floor = [_ratio(goal, row) for goal in row.goals if goal.against not in (OFFICIAL, ASYNC_OFFICIAL)]
        lines.append(f"| {row.name}, {row.unit} | {' | '.join(cells)} | {' '.join(official)} | {' '.join(floor)} |")
    return "\n".join(lines)


def _cell(series: Series | None, row: Row) -> str:
    if series is None:
        return ""
    return f"{_number(series.median(row.fact) * SCALE[row.unit])} ± {series.spread(row.fact):.0%}"


def _ratio(goal: Goal, row: Row) -> str:
    ratio = goal.ratio(row)
    if ratio is None:
        return ""
    value = f"{_number(ratio)}{' x' if goal.rate else ''}"
    value = f"**{value}**" if goal.is_met(ratio) else value
    said = f" {goal.said}" if goal.said else ""
    return f"{value} (goal {goal.words}{said})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def growth_table(points: Sequence[dict[str, float]]) -> str:
    """Loading against document size."""
    lines = [
        "| operations | size, kB | first load, ms | the same for an operation, ms | later loads, ms | first call, ms | later calls, ms |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for point in points:
        parse = point["parse"] * 1e3
        cells = [f"{point['operations']:,}", f"{point['bytes'] / 1e3:,.0f}", _number(parse)]
        cells += [_number(parse / point["operations"])]
        cells += [_number(point[name] * 1e3) for name in ("load", "first", "call")]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def documents_table(documents: Sequence[dict[str, Any]]) -> str:
    """Documents of thousands of schemas."""
    lines = [
        "| document | size, MB | load, ms | first use of the first operation, ms | of each other, ms | all diagnostics, s |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for each in documents:
        name = f"{each['kind']}: {each['paths']:,} paths, {each['schemas']:,} schemas"
        cells = [name, f"{each['bytes'] / 1e6:.1f}", *(_number(each[fact] * 1e3) for fact in ("load", "first", "others"))]
        lines.append(f"| {' | '.join([*cells, _number(each['diagnostics'])])} |")
    return "\n".join(lines)


def curves_table(curves: Sequence[Points]) -> str:
    """How cost grows, with the exponent that it comes to."""
    lines = ["| what grows | cost of | milliseconds by size | exponent |", "| --- | --- | --- | ---: |"]
    for curve in curves:
        points = " · ".join(f"{size:,}: {_number(seconds * 1e3)}" for size, seconds in curve.points)
        lines.append(f"| {curve.growing.grows} | {curve.growing.cost} | {points} | {curve.exponent:.2f} |")
    return "\n".join(lines)


def counts_table(counts: dict[str, float]) -> str:
    """Instructions of a chat call."""
    lines = ["| contender | instructions for one chat call, thousands | beside dynaopenai |", "| --- | ---: | ---: |"]
    lines += [f"| {name} | {count / 1e3:,.0f} | {count / counts[US]:.2f} x |" for name, count in counts.items()]
    return "\n".join(lines)


# --- the plot --------------------------------------------------------------------------------------

WIDTH, LEFT, BAR, LOW, HIGH = 900, 400, 26, 0.01, 2.0
STYLE = "text{font:13px sans-serif;fill:#24292f}.bar{fill:#2f7d4f}.over{fill:#b35900}.line{stroke:#8c959f}.grid{stroke:#d8dee4}"


def plot(rows: Sequence[Row]) -> str:
    """What each row takes as a share of what the official package takes, on a logarithmic scale."""
    shares = [(row.name, _share(row)) for row in rows]
    shown = [(name, share) for name, share in shares if share is not None]
    height = 70 + BAR * len(shown)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f'<style>{STYLE}</style><rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        '<text x="12" y="24" font-weight="bold">dynaopenai, every message checked: its share of what the official package takes</text>',
    ]
    for mark in (0.01, 0.03, 0.1, 0.3, 1.0):
        kind = "line" if mark == 1.0 else "grid"
        x = _x(mark)
        parts.append(f'<line class="{kind}" x1="{x}" x2="{x}" y1="40" y2="{height - 24}"/>')
        parts.append(f'<text x="{x}" y="{height - 8}" text-anchor="middle">{mark:g}</text>')
    for index, (name, share) in enumerate(shown):
        y = 44 + BAR * index
        end = _x(share)
        kind = "bar" if share <= 1 else "over"
        parts.append(f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{name}</text>')
        parts.append(f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{max(end - LEFT, 1):.0f}" height="{BAR - 8}"/>')
        parts.append(f'<text x="{end + 6:.0f}" y="{y + 14}">{_number(share)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _share(row: Row) -> float | None:
    ours, theirs = row.series.get(US) or row.series.get(ASYNC_US), row.series.get(OFFICIAL) or row.series.get(ASYNC_OFFICIAL)
    return ours.median(row.fact) / theirs.median(row.fact) if ours and theirs else None


def _x(share: float) -> int:
    span = math.log(HIGH / LOW)
    return round(LEFT + (WIDTH - LEFT - 60) * math.log(min(max(share, LOW), HIGH) / LOW) / span)
