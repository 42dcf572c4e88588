"""Three pictures of a run: learning curves, reliability, and error against what is decided alone.

Needs matplotlib. SVG with text as text, so that they stay small and can be read and searched.
"""

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.textmodel.measures import ACCEPTED, FINE
from benchmarks.textmodel.summary import Group, Summary
from pipeline.evaluating.figures import BINS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Plot = Callable[[Axes, Sequence[Summary], str, str], None]

Found = dict[Group, Summary | None]
# Colours of Okabe and Ito, which people who see fewer colours can tell apart.
COLOURS = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
_COLUMNS = 3
_LEAST_IDEAS = 20
_THINNED = 3  # every third point of a curve is enough for its size


def draw(found: Found, folder: Path) -> list[Path]:
    """Draw all three into `folder`; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    summaries = [value for value in found.values() if value is not None]
    return [
        _save(_grid(_growing(summaries), _learning), folder / "learning-curve.svg"),
        _save(_grid(_richest(summaries), _reliability), folder / "reliability.svg"),
        _save(_grid(_richest(summaries), _error_by_coverage), folder / "error-by-coverage.svg"),
    ]


def _growing(summaries: Sequence[Summary]) -> list[Summary]:
    """Only sets with more than one number of labels, since a point is no curve; all when there are none."""
    regimes: dict[str, set[str]] = {}
    for each in summaries:
        regimes.setdefault(each.set, set()).add(each.regime)
    return [each for each in summaries if len(regimes[each.set]) > 1] or list(summaries)


def _richest(summaries: Sequence[Summary]) -> list[Summary]:
    """Of every set only the regime with the most labels."""
    most: dict[str, float] = {}
    for each in summaries:
        most[each.set] = max(most.get(each.set, 0.0), each.per_framework)
    return [each for each in summaries if each.per_framework >= most[each.set] - 1]


def _grid(summaries: Sequence[Summary], plot: "Plot") -> "Figure":
    from matplotlib.figure import Figure

    sets = list(dict.fromkeys(each.set for each in summaries))
    systems = list(dict.fromkeys(each.system for each in summaries))
    columns = min(_COLUMNS, len(sets))
    rows = -(-len(sets) // columns)
    figure = Figure(figsize=(3.4 * columns, 2.9 * rows), layout="constrained")
    for place, name in enumerate(sets):
        axes = figure.add_subplot(rows, columns, place + 1)
        axes.set_title(name, fontsize=10)
        for colour, system in zip(COLOURS, systems, strict=False):
            members = [each for each in summaries if each.set == name and each.system == system]
            if members:
                plot(axes, members, system, colour)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    named = {
        label: handle
        for axes in figure.axes
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        named.values(), named.keys(), loc="outside lower center", ncols=len(named), frameon=False, fontsize=8
    )
    return figure


def _learning(axes: "Axes", members: Sequence[Summary], system: str, colour: str) -> None:
    members = sorted(members, key=lambda each: each.per_framework)
    axes.errorbar(
        [each.per_framework for each in members],
        [100 * each.accuracy.mean for each in members],
        yerr=[100 * each.accuracy.spread for each in members],
        color=colour,
        label=system,
        marker="o",
        markersize=3,
        linewidth=1.2,
    )
    axes.set_xscale("symlog", linthresh=3)
    ticks = sorted({round(each) for line in axes.get_lines() for each in np.asarray(line.get_xdata())})
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("labelled ideas per framework", fontsize=8)
    axes.set_ylabel("right, %", fontsize=8)


def _reliability(axes: "Axes", members: Sequence[Summary], system: str, colour: str) -> None:
    """Share right by confidence; bins with fewer than `_LEAST_IDEAS` say nothing and are left out."""
    right, wrong = (
        np.bincount(np.arange(FINE) * BINS // FINE, weights=np.asarray(histogram), minlength=BINS)
        for histogram in (members[0].right, members[0].wrong)
    )
    shown = right + wrong >= _LEAST_IDEAS
    middle = (np.arange(BINS) + 0.5) / BINS
    axes.plot([0, 100], [0, 100], color="#BBBBBB", linewidth=0.8, zorder=0)
    axes.plot(
        100 * middle[shown],
        100 * right[shown] / (right + wrong)[shown],
        color=colour,
        label=system,
        marker="o",
        markersize=3,
        linewidth=1.2,
    )
    axes.set_xlabel("confidence, %", fontsize=8)
    axes.set_ylabel("right, %", fontsize=8)


def _error_by_coverage(axes: "Axes", members: Sequence[Summary], system: str, colour: str) -> None:
    """Error among the surest ideas, by their share; dots are what the promises came to."""
    summary = members[0]
    right, wrong = (np.cumsum(np.asarray(each)[::-1]) for each in (summary.right, summary.wrong))
    total = right + wrong
    shown = np.flatnonzero(total >= _LEAST_IDEAS)
    shown = np.append(shown[:-1:_THINNED], shown[-1:])
    axes.plot(
        100 * total[shown] / total[-1],
        100 * wrong[shown] / total[shown],
        color=colour,
        label=system,
        linewidth=1.2,
    )
    for promise in summary.promises:
        if promise.coverage:
            axes.plot(100 * promise.coverage, 100 * promise.error, "o", color=colour, markersize=4)
    for accepted in ACCEPTED:
        axes.axhline(100 * accepted, color="#BBBBBB", linewidth=0.8, zorder=0)
    axes.set_xlabel("decided alone, %", fontsize=8)
    axes.set_ylabel("wrong, %", fontsize=8)


def _save(figure: "Figure", path: Path) -> Path:
    import matplotlib as mpl

    content = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "kader"}):
        figure.savefig(content, format="svg", metadata={"Date": None})
    # A hundredth of a point is finer than any screen; six decimals would double the file.
    path.write_text(re.sub(r"(\d\.\d\d)\d+", r"\1", content.getvalue()), encoding="utf-8")
    return path
