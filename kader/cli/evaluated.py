"""How `kader evaluate` tells what it measured."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import click
from rich.table import Table

from kader.cli.telling import counted, show_table
from pipeline.evaluating.advice import ENOUGH, Advice, Helps, advice
from pipeline.evaluating.figures import CERTAINTY, Figures, Share, Verdict

_DIGITS = 4


def told(figures: Figures, *, decided: Mapping[str | None, int], newest: float | None) -> None:
    """Print all figures, what became of the promise, and what would help; `decided` as `advice` has it."""
    labelled = sum(decided.values())
    if newest is None:
        click.echo(
            f"{counted(labelled, 'idea')} on which people decided, each answered by a model that had learned from "
            "the others."
        )
    else:
        click.echo(
            f"The newest {figures.ideas} of {counted(labelled, 'idea')} on which people decided, answered by a "
            "model that learned from the earlier ones."
        )
    table = Table("", "", show_header=False)
    table.add_row("Best guess right", _share(figures.right))
    table.add_row("Macro-F1", f"{figures.macro_f1:.3f}")
    table.add_row(
        "Decided alone", f"{figures.alone.number} of {figures.alone.out_of} ({_percent(figures.alone.share)})"
    )
    table.add_row("… of these wrong", _share(figures.wrong) if figures.wrong.out_of else "–")
    table.add_row("Calibration error", f"{figures.calibration_error:.3f}")
    table.add_row("Fits none", _none(figures))
    show_table(table)
    click.echo(promise(figures))
    each_framework(figures)
    hints = advice(figures, decided)
    if hints:
        click.echo("What would help most:")
        for each in hints:
            click.echo(f"  {_hint(each)}")


def promise(figures: Figures) -> str:
    """One or two plain sentences."""
    accepted, wrong = f"at most {_percent(figures.max_error)} wrong", figures.wrong
    range_ = f"between {_percent(wrong.low)} and {_percent(wrong.high)}"
    certainty = f"With {_percent(CERTAINTY)} certainty"
    match figures.verdict:
        case Verdict.UNTRIED:
            return (
                f"Nothing would be decided alone: too little is known to promise {accepted}, so a person is asked "
                "about every idea."
            )
        case Verdict.KEPT:
            return f"The promise ({accepted}) was kept. {certainty} {range_} of such decisions are wrong."
        case Verdict.KEPT_HERE:
            return (
                f"The promise ({accepted}) was kept here. {certainty} {range_} of such decisions are wrong: more "
                "ideas are needed to be surer."
            )
        case Verdict.BROKEN_HERE:
            return (
                f"The promise ({accepted}) was not kept here, which may be chance. {certainty} {range_} of such "
                "decisions are wrong."
            )
        case Verdict.BROKEN:
            return (
                f"The promise ({accepted}) was not kept, by more than chance: {certainty.lower()} {range_} of such "
                "decisions are wrong. Accept less (KADER_MAX_ERROR, --max-error) until it is, and look below where "
                "it goes wrong."
            )


def each_framework(figures: Figures) -> None:
    """Print a row for each framework, those with most ideas first."""
    table = Table("framework", "ideas", "right", "alone", "wrong alone", "else taken most for")
    for each in sorted(figures.frameworks, key=lambda each: (-each.ideas, each.framework)):
        right = f"{each.right} ({_percent(each.right / each.ideas)})" if each.ideas else "–"
        other = f"{each.taken_for[0]} ({each.taken_for[1]})" if each.taken_for else "–"
        table.add_row(each.framework, str(each.ideas), right, str(each.alone), str(each.wrong), other)
    show_table(table)


def compared(measured: Mapping[str, Figures]) -> None:
    """Print the encoders side by side."""
    table = Table("", *measured)
    rows: dict[str, Callable[[Figures], str]] = {
        "Best guess right": lambda each: _percent(each.right.share),
        "Macro-F1": lambda each: f"{each.macro_f1:.3f}",
        "Decided alone": lambda each: _percent(each.alone.share),
        "… of these wrong": lambda each: _percent(each.wrong.share) if each.wrong.out_of else "–",
        "Calibration error": lambda each: f"{each.calibration_error:.3f}",
    }
    for name, of in rows.items():
        table.add_row(name, *(of(each) for each in measured.values()))
    click.echo("By encoder:")
    show_table(table)


def in_json(
    measured: Mapping[str, Figures],
    *,
    decided: Mapping[str | None, int],
    how: Mapping[str, object],
    titles: Mapping[str, str],
) -> dict[str, Any]:
    """All of it; the first of `measured` is what was asked for, and what others came to stands beside it."""
    (encoder, found), *others = measured.items()
    return {
        "labelled": sum(decided.values()),
        **how,
        "encoder": encoder,
        **_figures(found, titles),
        "helps": [asdict(each) for each in advice(found, decided)],
        "compared": {name: _figures(each, titles) for name, each in others},
    }


def _figures(figures: Figures, titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "ideas": figures.ideas,
        "accuracy": _rounded(figures.right),
        "macro_f1": round(figures.macro_f1, _DIGITS),
        "decided_alone": _rounded(figures.alone),
        "wrong_alone": _rounded(figures.wrong),
        "max_error": figures.max_error,
        "promise": figures.verdict.value,
        "calibration_error": round(figures.calibration_error, _DIGITS),
        "fits_none": asdict(figures.none),
        "frameworks": [
            {
                **asdict(each),
                "title": titles[each.framework],
                "taken_for": {"framework": each.taken_for[0], "ideas": each.taken_for[1]}
                if each.taken_for
                else None,
            }
            for each in figures.frameworks
        ],
    }


def _rounded(share: Share) -> dict[str, Any]:
    """`low` and `high`: between these the true share lies with 95 % certainty."""
    if not share.out_of:
        return {"number": 0, "out_of": 0, "share": None, "low": None, "high": None}
    return {
        "number": share.number,
        "out_of": share.out_of,
        "share": round(share.share, _DIGITS),
        "low": round(share.low, _DIGITS),
        "high": round(share.high, _DIGITS),
    }


def _hint(each: Advice) -> str:
    match each.helps:
        case Helps.MORE_IDEAS:
            return (
                f"{each.framework} has {counted(each.ideas, 'decided idea')}, and {each.mistakes} of its own or "
                f"taken for its own went wrong: decide on {ENOUGH - each.ideas} more."
            )
        case Helps.TELL_APART:
            return (
                f"{each.mistakes} of {each.ideas} ideas of {each.framework} were taken for {each.other}: say in both "
                "descriptions what tells them apart."
            )
        case Helps.LABEL_NONE:
            return (
                f"{counted(each.ideas, 'idea is', 'ideas are')} said to fit none, and {each.mistakes} went wrong with "
                f"that: from {ENOUGH} on Kader learns from them."
            )


def _none(figures: Figures) -> str:
    none = figures.none
    in_vain = f"said of {none.in_vain} that {'fits' if none.in_vain == 1 else 'fit'}"
    if not none.ideas:
        return f"people said so of no idea; {in_vain}"
    return f"{none.found} of {none.ideas} found, {none.alone} decided on alone; {in_vain}"


def _share(share: Share) -> str:
    if not share.out_of:
        return "–"
    return (
        f"{share.number} of {share.out_of} ({_percent(share.share)}; with {_percent(CERTAINTY)} certainty between "
        f"{_percent(share.low)} and {_percent(share.high)})"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0") + "%"
