"""Is what `kader duplicates` calls the same also right where few ideas have a twin?

    python -m benchmarks.duplicates.fewer --encoders none builtin

People mark pairs, so that in the sets of bug reports every report has a twin, and in no organisation is that so. Here
the later report of pairs is left out, of more and more of them.
"""

import argparse
from collections.abc import Callable

from benchmarks.duplicates.arrivals import thinned
from benchmarks.duplicates.measures import truth
from benchmarks.duplicates.sets import RetrievalSet, bug_reports
from pipeline.text.duplicates.twins import find_twins
from pipeline.text.encoders.encoder import Encoder, load_encoder

SHARES = (1.0, 0.5, 0.3, 0.1)
_TOP = 10


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.duplicates.fewer",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--encoders", nargs="+", default=["none"], metavar="NAME")
    arguments = parser.parse_args()
    print(
        "| set | encoder | pairs complete | reports | marked pairs | same | of these right | marked found |"
    )
    print("| - | - | -: | -: | -: | -: | -: | -: |")
    for whole in bug_reports():
        # What belongs together does so through reports that were left out, too.
        group = truth(whole)
        for name in arguments.encoders:
            encoder = load_encoder(name)
            for share in SHARES:
                measured = thinned(whole, share)
                right, marked, called = _same(measured, group.earliest, encoder)
                print(
                    f"| {whole.name} | {name} | {share:g} | {len(measured.ideas)} | {len(measured.pairs)} "
                    f"| {called} | {right / max(called, 1):.3f} | {marked / max(len(measured.pairs), 1):.3f} |"
                )


def _same(
    measured: RetrievalSet, earliest: Callable[[int], int], encoder: Encoder | None
) -> tuple[int, int, int]:
    """Of the pairs called the same: how many are right, how many people marked, and how many there are."""
    place = {idea.id: number for number, idea in enumerate(measured.ideas)}
    same = {
        (min(one, other), max(one, other))
        for one, other in (
            (place[twin.idea], place[twin.duplicate_of])
            for twin in find_twins(measured.ideas, _TOP, encoder=encoder)
            if twin.same
        )
    }
    ids = [int(idea.id) for idea in measured.ideas]
    right = sum(earliest(ids[one]) == earliest(ids[other]) for one, other in same)
    return right, len(same & measured.pairs), len(same)


if __name__ == "__main__":
    main()
