"""`kader duplicates`: a file of ideas in, the likely twins out; no database, no broker."""

import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kader.cli.errors import tidy_when_stopped, user_errors
from kader.cli.files import read_ideas
from kader.cli.options import FILE, cache_option, encoder_option, ideas_option
from kader.cli.output import OutputFile, output_file
from kader.cli.progress import progress
from kader.cli.telling import counted
from kader.errors import UserError
from pipeline.core import IdeaText, Sameness

if TYPE_CHECKING:
    from pipeline.text.duplicates.clusters import Clusters
    from pipeline.text.duplicates.twins import Twin

HEADER = ("id", "duplicate_of", "score", "decision")
CLUSTERS_HEADER = ("cluster", "id", "earliest")


@click.command()
@ideas_option
@click.option("--out", type=FILE, required=True, help="The pairs, as CSV.")
@click.option(
    "--top", type=click.IntRange(1, 100), default=10, show_default=True, help="At most so many rows per idea."
)
@click.option(
    "--clusters",
    type=FILE,
    help="Also the groups of ideas that are the same, as CSV: cluster,id,earliest.",
)
@encoder_option
@cache_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@user_errors()
@tidy_when_stopped()
def command(
    ideas_file: Path,
    out: Path,
    top: int,
    clusters: Path | None,
    encoder: str,
    cache: Path | None,
    as_json: bool,
) -> None:
    """Find for every idea in a file the others that may be the same.

    The score is the probability that two ideas are the same; the decision is "same" (sure enough to link) or
    "maybe" (for a person to look at). Up to --top rows per idea are written, best first, however low their
    score: where to stop looking is up to the reader. Among candidates that can't be told apart by their score
    the order still counts.

    With --clusters, ideas that are the same, directly or through others, get one row each: the number of their
    cluster, their id, and the id of the one that stands first in the file, which is the original. What connects
    them are the rows that are written: with a small --top a cluster may fall apart.

    \b
    Examples:
      kader duplicates --ideas ideas.csv --out duplicates.csv
      kader duplicates --ideas ideas.csv --out duplicates.csv --top 3 --json
      kader duplicates --ideas ideas.csv --out duplicates.csv --clusters clusters.csv
    """
    from pipeline.text.duplicates.clusters import Clusters
    from pipeline.text.duplicates.twins import STEPS, find_twins
    from pipeline.text.encoders.encoder import load_encoder

    started = time.monotonic()
    output = output_file(out, inputs=(ideas_file,))
    clustered = output_file(clusters, inputs=(ideas_file, out)) if clusters else None
    if clusters is not None and clusters.resolve() == out.resolve():
        raise UserError(f"{clusters} can't hold both the pairs and the clusters: write them to two files.")
    ideas = read_ideas(ideas_file)
    encoding = load_encoder(encoder, cache=cache)
    found = _Tally(ideas, Clusters(len(ideas)))
    with progress("duplicates", STEPS * len(ideas)) as done:
        output.write(HEADER, found.rows(find_twins(ideas, top, done, encoder=encoding)))
    groups = found.clusters.groups()
    if clustered is not None:
        _write_clusters(clustered, groups, ideas)
    summary = {
        "ideas": len(ideas),
        "pairs": found.pairs,
        Sameness.SAME.value: found.same,
        Sameness.MAYBE.value: found.pairs - found.same,
        "clusters": len(groups),
        "encoder": encoding.name if encoding else "none",
        "seconds": round(time.monotonic() - started, 2),
        "out": str(out),
    }
    if as_json:
        output.tell_json(summary)
    else:
        output.tell(
            f"{counted(len(ideas), 'idea')}: {counted(found.same, 'row')} same, {found.pairs - found.same} maybe; "
            f"{counted(len(groups), 'cluster')}. Written to {out}."
        )


class _Tally:
    """Counts rows on their way to the file, so that they needn't be kept."""

    def __init__(self, ideas: Iterable[IdeaText], clusters: "Clusters") -> None:
        self.pairs = 0
        self.same = 0
        self.clusters = clusters
        self._place = {idea.id: place for place, idea in enumerate(ideas)}

    def rows(self, twins: "Iterable[Twin]") -> Iterator[tuple[str, ...]]:
        for twin in twins:
            self.pairs += 1
            if twin.same:
                self.same += 1
                self.clusters.join(self._place[twin.idea], self._place[twin.duplicate_of])
            decision = Sameness.SAME if twin.same else Sameness.MAYBE
            yield twin.idea, twin.duplicate_of, f"{twin.probability:.4f}", decision.value


def _write_clusters(output: OutputFile, groups: Iterable[tuple[int, ...]], ideas: Sequence[IdeaText]) -> None:
    output.write(
        CLUSTERS_HEADER,
        (
            (str(number), ideas[place].id, ideas[group[0]].id)
            for number, group in enumerate(groups, start=1)
            for place in group
        ),
    )
