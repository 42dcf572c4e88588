"""`kader classify`: files in, predictions out; no database, no broker."""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from kader.cli.errors import tidy_when_stopped, user_errors
from kader.cli.files import read_frameworks, read_ideas, read_labelled
from kader.cli.options import (
    DEFAULT_ERROR,
    FILE,
    cache_option,
    encoder_option,
    frameworks_option,
    ideas_option,
    labelled_option,
)
from kader.cli.output import guarded, output_file
from kader.cli.progress import progress
from kader.cli.telling import counted
from pipeline.asking import Asking, Asks, asking
from pipeline.core import MEANING, Decision, IdeaText, Reading

HEADER = ("id", "framework", "confidence", "decision", "runner_up", "reasons")
_AT_ONCE = 2_048
_FOR = 3
_LONGEST_QUOTE = 80


@click.command()
@frameworks_option(required=True)
@ideas_option
@click.option("--out", type=FILE, required=True, help="The predictions, as CSV.")
@labelled_option
@click.option(
    "--max-error",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=DEFAULT_ERROR,
    show_default=True,
    help="Accepted share of wrong among the ideas decided alone.",
)
@encoder_option
@cache_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@user_errors()
@tidy_when_stopped()
def command(
    frameworks_file: Path,
    ideas_file: Path,
    out: Path,
    labelled_file: Path | None,
    max_error: float,
    encoder: str,
    cache: Path | None,
    as_json: bool,
) -> None:
    """Find the framework of every idea in a file.

    The decision is "auto" (sure enough), "ask" (a person should look) or "none" (fits no framework). Without
    labelled ideas everything rests on the definitions, and nothing is decided alone. The accepted share of
    wrong holds for all ideas decided alone together, and by itself for each framework that --json names
    under promised_by_themselves: those with labelled ideas enough.

    The column reasons holds, separated by semicolons: words of the idea that spoke for (+) or against (-)
    the framework, and with an encoder "the meaning as a whole", each with its exact share of the score;
    "instead", the word that speaks most for the runner-up; "text", the sentence of the framework that it
    resembles most (cosine); "like", the labelled idea nearest to it, with what a person said of it (cosine);
    "limit", a limit that it may touch (probability); "asks", why the model doesn't decide alone.

    \b
    Examples:
      kader classify --frameworks frameworks.csv --ideas ideas.csv --out predictions.csv
      kader classify --frameworks frameworks.csv --labelled decided.csv --ideas new.csv \\
          --out predictions.csv --max-error 0.1
      kader classify --frameworks frameworks.csv --ideas ideas.csv --out predictions.csv \\
          --encoder models/all-MiniLM-L6-v2 --cache vectors
    """
    from pipeline.text.encoders.encoder import load_encoder
    from pipeline.text.training import train

    started = time.monotonic()
    output = output_file(out, inputs=(frameworks_file, ideas_file, labelled_file))
    # Training and reading meet the same texts: without a folder that stays, vectors last as long as this.
    with tempfile.TemporaryDirectory(prefix="kader-vectors-") as passing:
        encoding = load_encoder(encoder, cache=cache or Path(passing))
        frameworks = read_frameworks(frameworks_file)
        ideas = read_ideas(ideas_file)
        labelled = read_labelled(labelled_file, frameworks) if labelled_file else []
        # The ideas themselves, without any label, show which words are rare; each prediction rests on all.
        corpus = [idea.whole for idea in ideas]
        model = train(frameworks, labelled, max_error=max_error, encoder=encoding, corpus=corpus)
        readings: list[Reading] = []
        with progress("classify", len(ideas)) as done:
            for begin in range(0, len(ideas), _AT_ONCE):
                readings.extend(model.read(ideas[begin : begin + _AT_ONCE]))
                done(len(readings))
    autonomy = model.autonomy
    asked = [
        asking(each.decision, each.candidates[0].framework, each.candidates[0].probability, autonomy)
        for each in readings
    ]
    output.write(HEADER, (_row(*each) for each in zip(ideas, readings, asked, strict=True)))
    decisions = Counter(reading.decision for reading in readings)
    summary = {
        "ideas": len(ideas),
        "frameworks": len(frameworks),
        "labelled": len(labelled),
        **{decision.value: decisions[decision] for decision in Decision},
        "asks": dict(Counter(each.why.value for each in asked if each)),
        "max_error": max_error,
        "decided_alone": len(model.decided_alone),
        "promised_by_themselves": list(model.promised),
        "encoder": encoding.name if encoding else "none",
        "model": model.version,
        "seconds": round(time.monotonic() - started, 2),
        "out": str(out),
    }
    if as_json:
        output.tell_json(summary)
    else:
        output.tell(
            f"{counted(len(ideas), 'idea')}: {decisions[Decision.AUTO]} auto, {decisions[Decision.ASK]} ask, "
            f"{decisions[Decision.NONE]} none. Written to {out}."
        )
        if not model.decided_alone:
            output.tell(
                f"Too little is known to decide alone with at most {100 * max_error:g}% wrong: "
                "all needs a person."
            )


def _row(idea: IdeaText, reading: Reading, asked: Asking | None) -> tuple[str, ...]:
    best, *others = reading.candidates
    return (
        idea.id,
        best.framework,
        f"{best.probability:.4f}",
        reading.decision.value,
        others[0].framework if others else "",
        guarded("; ".join([*_reasons(reading), *([f"asks: {_asks(asked)}"] if asked else [])])),
    )


def _reasons(reading: Reading) -> Iterator[str]:
    """What the help of the command says of the column."""
    best, *others = reading.candidates
    speaks_for = [reason for reason in best.reasons if reason.weight > 0]
    against = [reason for reason in best.reasons if reason.weight < 0]
    for reason in (*speaks_for[:_FOR], *against[:1]):
        yield f"{_worded(reason.expression)} ({reason.weight:+.3f})"
    for reason in others[0].reasons[:1] if others else ():
        yield f"instead {others[0].framework}: {_worded(reason.expression)} ({reason.weight:+.3f})"
    if best.quote is not None:
        sentence = " ".join(best.quote.sentence.split())
        yield f"text: {_shortened(sentence)} ({best.quote.cosine:.2f})"
    for each in reading.precedents[:1]:
        yield f"like {each.idea}: {each.framework or 'none'} ({each.likeness:.2f})"
    for limit in reading.limits:
        if limit.framework == best.framework:
            yield f"limit: {limit.limit} ({limit.score:.2f})"


def _asks(asked: Asking) -> str:
    """One of the reasons to ask, without a semicolon, which parts the reasons."""
    just = "just under " if asked.is_close else ""
    return {
        Asks.FITS_NONE: "it seems to fit none of the frameworks",
        Asks.UNSURE: f"{just}{asked.sure}% sure of {asked.framework} where {asked.needed}% is needed",
        Asks.NO_LABELS: "nobody has labelled an idea yet",
        Asks.TOO_LITTLE: f"{counted(asked.labelled, 'labelled idea')} show too little to promise anything",
        Asks.NEW_FRAMEWORK: f"no idea is labelled {asked.framework} yet",
        Asks.TOO_LITTLE_HERE: f"too little is known of {asked.framework} to promise anything",
    }[asked.why]


def _worded(expression: str) -> str:
    return "the meaning as a whole" if expression == MEANING else expression


def _shortened(sentence: str) -> str:
    return sentence if len(sentence) <= _LONGEST_QUOTE else sentence[: _LONGEST_QUOTE - 1].rstrip() + "…"
