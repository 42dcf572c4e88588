"""Measure the text model, and systems beside it, on real sets.

    python -m benchmarks.textmodel --sets proposals clinc150 --draws 5 --systems kader svm

Results of each task are kept; the same command goes on where it was broken off, and a changed text model is
measured anew. Tables, JSON and pictures come in benchmarks/results. Set OMP_NUM_THREADS=1 to compare times.
"""

import argparse
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from benchmarks.textmodel.registry import SYSTEMS
from benchmarks.textmodel.report import accuracy_table, write
from benchmarks.textmodel.results import FOLDER, Results
from benchmarks.textmodel.run import run
from benchmarks.textmodel.sets import SETS, tasks
from benchmarks.textmodel.summary import summaries


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.textmodel",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS), metavar="SET")
    parser.add_argument("--systems", nargs="+", choices=list(SYSTEMS), default=["kader"], metavar="SYSTEM")
    parser.add_argument("--regimes", nargs="+", default=[], help="only these, such as cold 3 10 half full")
    parser.add_argument("--draws", type=int, default=5, help="random choices of what is labelled (default 5)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--name", default="textmodel", help="name of the files (default textmodel)")
    parser.add_argument("--pictures", type=Path, help="folder for pictures; needs matplotlib")
    arguments = parser.parse_args()
    asked = list(tasks(arguments.sets, arguments.draws, arguments.seed, arguments.regimes))
    systems = [SYSTEMS[name]() for name in arguments.systems]
    records = run(asked, systems, Results(FOLDER / f"{arguments.name}.jsonl"))
    order = {name: place for place, name in enumerate(arguments.systems)}
    regimes = ["cold", "3", "10", "half", "full"]
    records.sort(
        key=lambda each: (
            arguments.sets.index(each.set),
            regimes.index(each.regime),
            order[each.system],
            each.draw,
        )
    )
    found = summaries(records)
    console = Console()
    console.print(Markdown(accuracy_table(found)))
    written = write(found, FOLDER, arguments.name)
    if arguments.pictures:
        from benchmarks.textmodel.pictures import draw

        written += draw(found, arguments.pictures)
    for path in written:
        console.print(f"Written to {path}")


if __name__ == "__main__":
    main()
