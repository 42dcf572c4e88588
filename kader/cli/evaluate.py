"""`kader evaluate`: how good the text model is on what an organisation's own people decided."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kader.cli.errors import tidy_when_stopped, user_errors
from kader.cli.files import read_frameworks, read_labelled
from kader.cli.here import here, say_json
from kader.cli.options import DEFAULT_ENCODER, DEFAULT_ERROR, frameworks_option, labelled_option
from kader.cli.progress import progress
from kader.errors import UserError
from pipeline.core import FrameworkText, LabelledIdea

if TYPE_CHECKING:
    from pipeline.evaluating.figures import Figures

BROKEN = 1


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided, oldest first, and with which settings Kader learns from it.

    `corpus`: the texts that training has besides; None when those that it answers are all.
    """

    frameworks: Sequence[FrameworkText]
    labelled: Sequence[LabelledIdea]
    max_error: float
    encoder: str
    corpus: Sequence[str] | None = None
    auto_without_labels: float | None = None
    vectors: Path | None = None


@click.command(name="evaluate")
@frameworks_option(required=False)
@labelled_option
@click.option(
    "--max-error",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help=f"Accepted share of wrong among the ideas decided alone.  [default: KADER_MAX_ERROR, {DEFAULT_ERROR}]",
)
@click.option(
    "--encoder", help=f"As in kader classify.  [default: KADER_ENCODER; with files {DEFAULT_ENCODER}]"
)
@click.option(
    "--folds",
    type=click.IntRange(2, 100),
    help="Divide the ideas in so many parts and answer each by what the others teach.  [default: 5]",
)
@click.option(
    "--newest",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Instead: answer this share of the ideas, the newest, by what all earlier ones teach.",
)
@click.option("--compare-encoders", is_flag=True, help="Also measure without an encoder, side by side.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@user_errors()
@tidy_when_stopped()
def command(
    *,
    frameworks_file: Path | None,
    labelled_file: Path | None,
    max_error: float | None,
    encoder: str | None,
    folds: int | None,
    newest: float | None,
    compare_encoders: bool,
    as_json: bool,
) -> None:
    """Measure the text model on your own people's decisions, each on an idea that it hasn't seen.

    With --frameworks and --labelled on files, without database; the rows stand in the order in which the
    ideas came. Without them on the decisions in Kader's own database, which is only read.

    It tells how often the best guess is right, how much would be decided alone, and whether the promise about
    errors was kept. Exit code 1: more was wrong than accepted, by more than chance. Exit code 2: there is
    nothing to measure, or a file can't be used.

    \b
    Examples:
      kader evaluate
      kader evaluate --newest 0.2 --compare-encoders
      kader evaluate --frameworks frameworks.csv --labelled decided.csv --max-error 0.1
    """
    from kader.cli.evaluated import compared, in_json, told
    from pipeline.evaluating.figures import Verdict

    if folds is not None and newest is not None:
        raise UserError("Choose either --folds or --newest: they divide the ideas in two different ways.")
    with _decided(frameworks_file, labelled_file, max_error, encoder) as decided:
        measured = {decided.encoder: _measure(decided, decided.encoder, folds or 5, newest)}
        if compare_encoders:
            other = DEFAULT_ENCODER if decided.encoder == "none" else "none"
            measured[other] = _measure(decided, other, folds or 5, newest)
    found = measured[decided.encoder]
    counts = Counter(each.framework for each in decided.labelled)
    how = {"newest": newest} if newest is not None else {"folds": folds or 5}
    if as_json:
        titles = {each.slug: each.title for each in decided.frameworks}
        say_json(in_json(measured, decided=counts, how=how, titles=titles))
    else:
        told(found, decided=counts, newest=newest)
        if len(measured) > 1:
            compared(measured)
    if found.verdict is Verdict.BROKEN:
        raise click.exceptions.Exit(BROKEN)


def _measure(decided: Decided, encoder: str, folds: int, newest: float | None) -> "Figures":
    from pipeline.evaluating.answers import answers
    from pipeline.evaluating.figures import figures
    from pipeline.evaluating.splits import by_folds, by_time
    from pipeline.text.encoders.encoder import load_encoder

    splits = by_folds(decided.labelled, folds) if newest is None else by_time(decided.labelled, newest)
    with tempfile.TemporaryDirectory(prefix="kader-vectors-") as passing:
        encoding = load_encoder(encoder, cache=decided.vectors or Path(passing))
        total = sum(len(split.answered) for split in splits)
        with progress(f"evaluate, encoder {encoder}", total) as done:
            found = answers(
                decided.frameworks,
                decided.labelled,
                splits,
                max_error=decided.max_error,
                encoder=encoding,
                corpus=decided.corpus,
                auto_without_labels=decided.auto_without_labels,
                progress=done,
            )
    return figures(found, [each.slug for each in decided.frameworks], max_error=decided.max_error)


@contextmanager
def _decided(
    frameworks_file: Path | None, labelled_file: Path | None, max_error: float | None, encoder: str | None
) -> Iterator[Decided]:
    """What people decided, from files or from the database; raises UserError when that is nothing."""
    if frameworks_file is not None and labelled_file is not None:
        frameworks = read_frameworks(frameworks_file)
        labelled = read_labelled(labelled_file, frameworks)
        if not labelled:
            raise UserError(
                f"{labelled_file} has no labelled ideas: add rows of id,text,framework with what people decided, an "
                "empty framework where it fits none. Of what kader export wrote, only ideas that a person placed count."
            )
        yield Decided(frameworks, labelled, max_error or DEFAULT_ERROR, encoder or DEFAULT_ENCODER)
        return
    if frameworks_file is not None or labelled_file is not None:
        raise UserError(
            "Give both --frameworks and --labelled, or neither to measure on what people decided in Kader's database."
        )
    from pipeline.store.textmodels.training import gather_training

    with here("evaluate", only_looks=True) as surroundings:
        settings = surroundings.settings
        with surroundings.database.reading() as session:
            data = gather_training(session)
        if not data.frameworks:
            raise UserError(
                "There is no published framework yet: publish one first, with 'kader frameworks import FILE'."
            )
        if not data.labelled:
            raise UserError(
                "Nobody has decided on an idea yet, so there is nothing to measure on: place ideas at the coordinator's "
                "desk or answer them, or measure on a file with --frameworks and --labelled."
            )
        yield Decided(
            data.frameworks,
            data.labelled,
            max_error or settings.max_error,
            encoder or settings.encoder,
            corpus=data.corpus,
            auto_without_labels=settings.auto_without_labels or None,
            # Only looks: what isn't there isn't made.
            vectors=settings.vectors if settings.vectors.exists() else None,
        )
