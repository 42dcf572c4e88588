"""Puts measured tables into the page on the text model, between markers that stay where they are.

    python -m benchmarks.textmodel.card

A table called `accuracy` goes between `<!-- accuracy -->` and `<!-- /accuracy -->` in docs/text-model.md.
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from benchmarks.textmodel.report import Found, accuracy_table, detail_table, promise_table
from benchmarks.textmodel.results import FOLDER
from benchmarks.textmodel.summary import Figure, PromiseSummary, Summary
from benchmarks.textmodel.task import PROJECT

PAGE = PROJECT / "docs" / "text-model.md"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--name", default="textmodel", help="of the run (default textmodel)")
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument(
        "--systems", nargs="+", default=[], help="in the tables on deciding alone; default all"
    )
    arguments = parser.parse_args()
    if not arguments.page.exists():
        sys.exit(f"There is no page {arguments.page} to put tables in.")
    found = _found(_read(FOLDER / f"{arguments.name}.json"))
    tables = {
        "accuracy": accuracy_table(found),
        "promise": promise_table(found, arguments.systems),
        "details": detail_table(found, arguments.systems),
    }
    speed = FOLDER / "textmodel-speed.json"
    if speed.exists():
        tables["speed"] = speed_table(_read(speed))
    text = arguments.page.read_text(encoding="utf-8")
    placed = [name for name in tables if f"<!-- {name} -->" in text]
    for name in placed:
        text = between(text, name, tables[name])
    arguments.page.write_text(text, encoding="utf-8")
    print(f"{arguments.page}: {', '.join(placed) or 'no marker found, such as <!-- accuracy -->'}")


def between(text: str, name: str, table: str) -> str:
    """`text` with `table` between the markers called `name`; raises ValueError when the second is missing."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if end not in text:
        raise ValueError(f"The marker {begin} has no {end} after it.")
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    return pattern.sub(lambda _: f"{begin}\n{table}\n{end}", text, count=1)


def speed_table(content: dict[str, Any]) -> str:  # Any: what JSON holds
    """A row for each encoder."""
    lines = [
        "| encoder | frameworks | learns from | in, s | short texts a second | one text, ms | on disk, MB |",
        "| - | -: | -: | -: | -: | -: | -: |",
    ]
    lines += [
        f"| {each['encoder']} | {each['frameworks']} | {each['learned']:,} | {each['fit_seconds']:.1f} "
        f"| {each['texts_a_second']:,.0f} | {each['single_ms']:.2f} | {each['artifact_bytes'] / 1e6:.1f} |"
        for each in content["speeds"]
    ]
    return "\n".join(lines)


def _read(path: Path) -> dict[str, Any]:  # Any: what JSON holds
    if not path.exists():
        sys.exit(f"{path} is missing: run python -m benchmarks.textmodel first.")
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _found(content: dict[str, Any]) -> Found:  # Any: what JSON holds
    found: Found = {(group[0], group[1], group[2]): None for group in content["groups"]}
    for fields in content["summaries"]:
        for name in ("accuracy", "macro_f1", "calibration_error", "brier", "none_auroc"):
            fields[name] = Figure(**fields[name]) if fields[name] else None
        fields["promises"] = tuple(
            PromiseSummary(**{**promise, "oracle": Figure(**promise["oracle"])})
            for promise in fields["promises"]
        )
        summary = Summary(**fields)
        found[summary.set, summary.regime, summary.system] = summary
    return found


if __name__ == "__main__":
    main()
