"""Tables of a run, in Markdown and JSON."""

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.textmodel.measures import ACCEPTED
from benchmarks.textmodel.summary import Figure, Group, PromiseSummary, Summary

Found = dict[Group, Summary | None]
_NOTHING = "–"
_EQUAL = 0.0005  # looks the same in a table


def accuracy_table(found: Found) -> str:
    """Accuracy, a row for each set and regime and a column for each system; the best in bold."""
    systems = list(dict.fromkeys(system for _, _, system in found))
    rows = []
    for name, regime in dict.fromkeys((name, regime) for name, regime, _ in found):
        values = [found.get((name, regime, system)) for system in systems]
        best = max((value.accuracy.mean for value in values if value), default=0.0)
        each = next((f"{value.per_framework:.0f}" for value in values if value), _NOTHING)
        shown = [
            _NOTHING
            if value is None
            else _bold(_percent(value.accuracy), value.accuracy.mean >= best - _EQUAL)
            for value in values
        ]
        rows.append([name, regime, each, *shown])
    return _table(["set", "labels"], ["each", *systems], rows)


def promise_table(found: Found, systems: Sequence[str] = ()) -> str:
    """For 5 and 10 % accepted error: the share decided alone, how much of it is wrong, in how many tasks the
    promise was kept, the share that could have been decided alone (best), and the first as a part of that.
    """
    figures = [
        f"{what} at {accepted:.0%}"
        for accepted in ACCEPTED
        for what in ("alone", "wrong", "kept", "best", "alone/best")
    ]
    rows = [
        [*group, *(cell for promise in value.promises for cell in _promise(promise))]
        for group, value in _chosen(found, systems)
    ]
    return _table(["set", "labels", "system"], figures, rows)


def _promise(promise: PromiseSummary) -> list[str]:
    return [
        f"{promise.coverage:.1%}",
        f"{promise.error:.1%}" if promise.coverage else _NOTHING,
        f"{promise.kept:.0%}",
        f"{promise.oracle.mean:.1%}",
        f"{promise.of_best:.2f}" if promise.oracle.mean else _NOTHING,
    ]


def detail_table(found: Found, systems: Sequence[str] = ()) -> str:
    """Macro-F1, calibration, and how well "fits none" is told."""
    rows = [
        [
            *group,
            _percent(value.macro_f1),
            f"{value.calibration_error.mean:.3f}",
            f"{value.brier.mean:.3f}",
            f"{value.none_auroc.mean:.3f}" if value.none_auroc else _NOTHING,
        ]
        for group, value in _chosen(found, systems)
    ]
    figures = ["macro-F1", "calibration error", "Brier", "fits none (AUROC)"]
    return _table(["set", "labels", "system"], figures, rows)


def write(found: Found, folder: Path, name: str) -> list[Path]:
    """Write `name`.md and `name`.json to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    markdown, data = folder / f"{name}.md", folder / f"{name}.json"
    tables = {"Accuracy": accuracy_table, "Deciding alone": promise_table, "Details": detail_table}
    markdown.write_text(
        "\n\n".join(f"## {title}\n\n{table(found)}" for title, table in tables.items()) + "\n",
        encoding="utf-8",
    )
    content = {
        "command": " ".join(["python", "-m", "benchmarks.textmodel", *sys.argv[1:]]),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"python": platform.python_version(), "processors": os.cpu_count()},
        "groups": list(found),  # in order, those that couldn't learn included
        "summaries": [asdict(value) for value in found.values() if value is not None],
    }
    data.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return [markdown, data]


def _chosen(found: Found, systems: Sequence[str]) -> list[tuple[Group, Summary]]:
    return [
        (group, value)
        for group, value in found.items()
        if value is not None and (not systems or value.system in systems)
    ]


def _table(words: Sequence[str], figures: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose first columns hold `words`, to the left, and whose others `figures`, to the right."""
    lines = [[*words, *figures], [*("-" for _ in words), *("-:" for _ in figures)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _bold(text: str, is_best: bool) -> str:
    return f"**{text}**" if is_best else text


def _percent(figure: Figure) -> str:
    spread = f" ± {100 * figure.spread:.1f}" if figure.spread else ""
    return f"{100 * figure.mean:.1f}{spread}"
