"""Measure how well duplicates are found, and other ways to find them, on real sets.

    python -m benchmarks.duplicates --systems kader char_tfidf bm25 --sets bugs proposals

With --encoder FOLDER, the systems kader+encoder, vectors, usearch and semhash use that encoder. full_text and trigrams
need a PostgreSQL server, whose address is in KADER_BENCH_POSTGRESQL; with --asked 500 they are asked for the partners
of 500 marked ideas, drawn at random, among all. Writes benchmarks/results/duplicates.json and .md.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr

from benchmarks.duplicates import measures, peers, postgresql, systems
from benchmarks.duplicates.sets import RETRIEVAL, RetrievalSet, sentences
from pipeline.text.duplicates.likeness import alike
from pipeline.text.encoders.encoder import Encoder, load_encoder
from pipeline.text.lexical.vectoriser import Vectoriser

FOLDER = Path(__file__).resolve().parents[1] / "results"
PLAIN: dict[str, Callable[[], systems.System]] = {
    "kader": systems.kader,
    "char_tfidf": lambda: systems.char_tfidf,
    "word_tfidf": lambda: systems.word_tfidf,
    "bm25": lambda: systems.bm25,
    "minhash": lambda: peers.minhash,
}
IN_POSTGRESQL = {"full_text": postgresql.full_text, "trigrams": postgresql.trigrams}
WITH_ENCODER: dict[str, Callable[[Encoder], systems.System]] = {
    "kader+encoder": systems.kader,
    "vectors": systems.vectors,
    "usearch": peers.usearch,
    "semhash": peers.semhash,
}
SENTENCES = "sentences"


@dataclass(frozen=True, slots=True)
class Row:
    """One system on one set; shares in [0, 1], None where it isn't measured."""

    set: str
    system: str
    ideas: int
    recall_at_10: float | None = None
    recall_at_95: float | None = None
    same_precision: float | None = None
    same_recall: float | None = None
    same_pairs: int | None = None
    spearman: float | None = None
    processor_seconds: float = 0.0

    def cells(self) -> list[str]:
        figures = (
            self.recall_at_10,
            self.recall_at_95,
            self.same_precision,
            self.same_recall,
            self.spearman,
        )
        shown = ["–" if each is None else f"{each:.3f}" for each in figures]
        return [self.set, self.system, str(self.ideas), *shown, f"{self.processor_seconds:.1f}"]


HEADER = (
    "set",
    "system",
    "ideas",
    "recall@10",
    "recall at 95 % precision",
    "same: precision",
    "same: recall",
    "Spearman",
    "processor s",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.duplicates",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sets", nargs="+", choices=[*RETRIEVAL, SENTENCES], default=[*RETRIEVAL, SENTENCES])
    parser.add_argument(
        "--systems",
        nargs="+",
        choices=[*PLAIN, *WITH_ENCODER, *IN_POSTGRESQL],
        default=["kader", "char_tfidf", "word_tfidf", "bm25", "minhash"],
    )
    parser.add_argument(
        "--only", nargs="+", help="names of sets, when a group holds more than one (bugs Eclipse)"
    )
    parser.add_argument("--encoder", help="builtin, or a folder, for the systems that need one")
    parser.add_argument("--name", default="duplicates", help="name of the files (default duplicates)")
    parser.add_argument("--asked", type=int, help="ideas that PostgreSQL is asked for (default: all)")
    arguments = parser.parse_args()
    # Several systems ask for the vectors of the same texts; KADER_CACHE keeps them for the next run as well.
    cache = Path(os.environ.get("KADER_CACHE") or tempfile.mkdtemp(prefix="kader-vectors-"))
    encoder = load_encoder(arguments.encoder, cache=cache) if arguments.encoder else None
    rows = []
    chosen = {name: _system(name, encoder) for name in arguments.systems if name not in IN_POSTGRESQL}
    searches = [name for name in arguments.systems if name in IN_POSTGRESQL]
    for name in arguments.sets:
        if name == SENTENCES:
            rows += _graded(encoder)
            continue
        for measured in RETRIEVAL[name]():
            if arguments.only and measured.name not in arguments.only:
                continue
            for system, rank in chosen.items():
                started = time.process_time()
                ranking = rank(measured.ideas)
                spent = time.process_time() - started
                figures: dict[str, float | int] = {"recall_at_10": measures.recall(ranking, measured)}
                if measured.is_same:
                    figures["recall_at_95"] = measures.recall_at_precision(ranking, measured)
                    if ranking.same is not None:
                        precision, found, count = measures.decided(ranking, measured)
                        figures |= {"same_precision": precision, "same_recall": found, "same_pairs": count}
                rows.append(
                    Row(measured.name, system, len(measured.ideas), processor_seconds=spent, **figures)
                )
                print(" | ".join(rows[-1].cells()), flush=True)
                # At once: an interrupted run keeps what it has.
                _write(rows, arguments.name)
            for system in searches:
                rows.append(_asked(system, measured, arguments.asked))
                print(" | ".join(rows[-1].cells()), flush=True)
                _write(rows, arguments.name)
    _write(rows, arguments.name)
    print(f"Written to {FOLDER / arguments.name}.md and .json")


def _asked(system: str, measured: RetrievalSet, most: int | None) -> Row:
    """What PostgreSQL finds for all marked ideas, or for `most` of them; its own processor time isn't known here."""
    marked = np.array(sorted(measured.partners()))
    name = system
    if most is not None and most < len(marked):
        marked = np.sort(np.random.default_rng(1).choice(marked, most, replace=False))
        name = f"{system}, {most} asked"
    asked = marked.tolist()
    ranking = IN_POSTGRESQL[system](measured.ideas, asked)
    return Row(measured.name, name, len(measured.ideas), measures.recall(ranking, measured, asked=asked))


def _system(name: str, encoder: Encoder | None) -> systems.System:
    if name in PLAIN:
        return PLAIN[name]()
    if encoder is None:
        raise SystemExit(f"{name} needs an encoder: add --encoder builtin or --encoder FOLDER.")
    return WITH_ENCODER[name](encoder)


def _graded(encoder: Encoder | None) -> list[Row]:
    """Spearman's rank correlation of Kader's likeness with people's, without and with the encoder."""
    rows = []
    for graded in sentences():
        texts = [idea.whole for pair in graded.pairs for idea in pair]
        vectoriser = Vectoriser.fit(texts, most=1_000_000)
        for system, used in (("kader", None), *((("kader+encoder", encoder),) if encoder else ())):
            started = time.process_time()
            told = alike(graded.pairs, vectoriser, used)
            figure = float(spearmanr(told, graded.likeness).statistic)
            spent = time.process_time() - started
            rows.append(Row(graded.name, system, len(graded.pairs), spearman=figure, processor_seconds=spent))
            print(" | ".join(rows[-1].cells()), flush=True)
    return rows


def _write(rows: list[Row], name: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines = [HEADER, ["-"] * 2 + ["-:"] * (len(HEADER) - 2), *(row.cells() for row in rows)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    (FOLDER / f"{name}.md").write_text(f"{table}\n", encoding="utf-8")
    content = {
        "command": " ".join(["python", "-m", "benchmarks.duplicates", *sys.argv[1:]]),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"python": platform.python_version(), "processors": os.cpu_count()},
        "rows": [{key: getattr(row, key) for key in Row.__dataclass_fields__} for row in rows],
    }
    (FOLDER / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
