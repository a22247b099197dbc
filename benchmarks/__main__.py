"""Measure, and say it: ``python -m benchmarks [--quick] [--curves] [--json] [--write-docs]``."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from . import curves, environment, report, rows

PAGE = environment.ROOT / "docs" / "benchmarks.md"
PLOT = PAGE.with_name("benchmarks.svg")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer samples, under a minute once everything is set up")
    parser.add_argument("--json", action="store_true", help="everything measured, as JSON")
    parser.add_argument("--write-docs", action="store_true", help="write the tables and the plot into docs/")
    parser.add_argument("--curves", action="store_true", help="how cost grows with the work, and nothing else")
    parser.add_argument("--only", default="", help="rows whose name holds this text")
    arguments = parser.parse_args()
    arguments.only = "curves" if arguments.curves else arguments.only
    return arguments


def _measured(plan: rows.Plan, only: str) -> dict[str, Any]:
    found: dict[str, Any] = {"rows": [], "documents": [], "growth": [], "curves": [], "instructions": {}}
    kinds = {
        "start import memory": rows.starts,
        "upload": rows.uploads,
        "call stream embeddings threads checks": rows.calls,
        "asyncio": rows.async_calls,
    }
    with environment.server() as url:
        for words, kind in kinds.items():
            if any(only in word or word in only for word in words.split()):
                for row in kind(url, plan):
                    sys.stderr.write(f"{row.name}\n")
                    found["rows"].append(row)
        if not only or only in "documents":
            found["documents"] = rows.documents(plan)
        if not only or only in "curves":
            found["curves"] = curves.measured(url, curves.CURVES, plan.most)
        if not only or only in "growth":
            found["growth"] = rows.growth(url, plan)
        if not only or only in "instructions":
            found["instructions"] = rows.counts(url, plan)
    return found


def _tables(found: dict[str, Any], facts: dict[str, str]) -> dict[str, str]:
    """The generated parts of the page by their name."""
    return {
        "environment": "\n".join(f"- {name}: {value}" for name, value in facts.items()) if found["rows"] else "",
        "rows": report.table(found["rows"]) if found["rows"] else "",
        "documents": report.documents_table(found["documents"]) if found["documents"] else "",
        "growth": report.growth_table(found["growth"]) if found["growth"] else "",
        "curves": report.curves_table(found["curves"]) if found["curves"] else "",
        "instructions": report.counts_table(found["instructions"]) if found["instructions"] else "",
    }


def _write(tables: dict[str, str], found: dict[str, Any]) -> None:
    page = PAGE.read_text("utf-8")
    for name, text in tables.items():
        if text:
            page = _filled(page, name, text)
    PAGE.write_text(page, "utf-8")
    if tables["rows"]:
        PLOT.write_text(report.plot(found["rows"]), "utf-8")


def _filled(page: str, name: str, text: str) -> str:
    """The page with this text between the marks of that name."""
    begin, end = f"<!-- {name}: generated -->\n", f"<!-- {name}: end -->\n"
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        msg = f"{PAGE.name} has no marks for {name}"
        raise SystemExit(msg)
    return f"{before}{begin}{text}\n{end}{after}"


def main() -> None:
    arguments = _arguments()
    plan = rows.QUICK if arguments.quick else rows.FULL
    environment.prepare()
    start = time.perf_counter()
    facts = environment.facts()
    found = _measured(plan, arguments.only)
    facts["taken"] = f"{time.perf_counter() - start:.0f} s"
    tables = _tables(found, facts)
    if arguments.json:
        data = {"environment": facts, **{name: found[name] for name in ("documents", "growth", "instructions")}}
        data["curves"] = [{"grows": each.growing.grows, "points": each.points, "exponent": each.exponent} for each in found["curves"]]
        sys.stdout.write(json.dumps({**data, "rows": report.as_data(found["rows"])}, indent=1) + "\n")
    else:
        sys.stdout.write("\n\n".join(filter(None, tables.values())) + "\n")
    if arguments.write_docs:
        _write(tables, found)


if __name__ == "__main__":
    main()
