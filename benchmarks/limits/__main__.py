"""How well the limits that an idea touches are found, on ideas that nothing was learned from.

Prints a table, and with `--json` writes all figures. Each idea is read in its own framework, as if that were found; the
score is the one that Kader shows. `--set development` measures on what the weights were learned from.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.limits.figures import figures
from benchmarks.limits.sets import organisations
from pipeline.text.explaining.limits import shipped_judgement
from training.limits import seen_pairs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", dest="chosen", default="test", choices=("test", "development"))
    parser.add_argument("--json", type=Path, help="where to write all figures")
    arguments = parser.parse_args()
    measured = {
        name: measure(arguments.chosen, meaning=meaning)
        for name, meaning in (("with encoder", True), ("without encoder", False))
    }
    for line in table(measured):
        sys.stdout.write(f"{line}\n")
    if arguments.json:
        arguments.json.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


def measure(chosen: str, *, meaning: bool) -> dict[str, object]:
    """The figures of a set, by the judgement that comes with Kader."""
    judgement = shipped_judgement(meaning=meaning)
    pairs = [seen_pairs(each, meaning=meaning) for each in organisations(chosen)]
    seen = np.concatenate([each.seen for each in pairs])
    scores = 1 / (1 + np.exp(-(seen @ np.asarray(judgement.weights) + judgement.bias)))
    return {
        "shown_from": judgement.shown_from,
        **figures(np.concatenate([each.touched for each in pairs]), scores[None]),
    }


def table(measured: dict[str, dict[str, object]]) -> list[str]:
    """Markdown: what is shown, and what it is worth."""
    lines = [
        "| | pairs, touched | precision | recall | average precision | area under ROC | Brier (mean) | calibration |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, each in measured.items():
        shown = each["at"][str(each["shown_from"])]  # type: ignore[index]  # a mapping
        lines.append(
            f"| {name} | {each['pairs']}, {each['touched']} | {shown['precision']} | {shown['recall']} "
            f"| {each['average_precision']} | {each['area_under_roc']} "
            f"| {each['brier']} ({each['brier_of_always_the_mean']}) | {each['calibration_error']} |"
        )
    return lines


if __name__ == "__main__":
    main()
