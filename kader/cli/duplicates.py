"""`kader duplicates`: a file of ideas in, the likely twins out; no database, no broker."""

import json
import time
from pathlib import Path

import click

from kader.cli.errors import user_errors
from kader.cli.files import read_ideas
from kader.cli.output import output_file
from kader.cli.progress import progress
from kader.cli.telling import counted
from kader.errors import UserError
from pipeline.core import Sameness

HEADER = ("id", "duplicate_of", "score", "decision")

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--ideas", "ideas_file", type=FILE, required=True, help="CSV: id,text or id,title,text.")
@click.option("--out", type=FILE, required=True, help="The pairs, as CSV.")
@click.option(
    "--top", type=click.IntRange(1, 100), default=10, show_default=True, help="At most so many rows per idea."
)
@click.option("--encoder", default="none", show_default=True, help="Only none as yet.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@user_errors()
def command(ideas_file: Path, out: Path, top: int, encoder: str, as_json: bool) -> None:
    """Find for every idea in a file the others that may be the same.

    The score is the probability that two ideas are the same; the decision is "same" (sure enough to link) or
    "maybe" (for a person to look at). Up to --top rows per idea are written, best first, however low their
    score: where to stop looking is up to the reader. Among candidates that can't be told apart by their score
    the order still counts.

    \b
    Examples:
      kader duplicates --ideas ideas.csv --out duplicates.csv
      kader duplicates --ideas ideas.csv --out duplicates.csv --top 3 --json
    """
    if encoder != "none":
        raise UserError(
            f"kader duplicates compares without an encoder, and so can't use {encoder!r}: "
            "leave --encoder out or use --encoder none."
        )
    from pipeline.text.twins import find_twins

    started = time.monotonic()
    output = output_file(out, inputs=(ideas_file,))
    ideas = read_ideas(ideas_file)
    with progress("duplicates", len(ideas)) as done:
        twins = find_twins(ideas, top, done)
    output.write(
        HEADER,
        (
            (twin.idea, twin.duplicate_of, f"{twin.probability:.4f}", "same" if twin.same else "maybe")
            for twin in twins
        ),
    )
    same = sum(twin.same for twin in twins)
    summary = {
        "ideas": len(ideas),
        "pairs": len(twins),
        Sameness.SAME.value: same,
        Sameness.MAYBE.value: len(twins) - same,
        "seconds": round(time.monotonic() - started, 2),
        "out": str(out),
    }
    if as_json:
        output.tell(json.dumps(summary, ensure_ascii=False))
    else:
        output.tell(
            f"{counted(len(ideas), 'idea')}: {counted(same, 'row')} same, {len(twins) - same} maybe. Written to {out}."
        )
