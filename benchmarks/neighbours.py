"""Neighbours among 10⁴, 10⁵ and 10⁶ ideas: how quickly, how many of the nearest, in how much memory, on each store.

    python -m benchmarks.neighbours --stores sqlite --sizes 10000 100000
    python -m benchmarks.neighbours --stores pgvector process --sizes 10000 100000 1000000

Ideas are made: vectors around centres, as a vector space has them, with near twins among them, and words as frequent
as words are. `process` is the index in the process on PostgreSQL, `pgvector` that of the database. Beside them, on the
same vectors in the same run: faiss and usearch (every vector compared) and PostgreSQL's full text search on the same
words. With `--keep` and a server of your own (`KADER_TEST_DATABASE_URL`) the databases and what is built in them stay:
the next run asks again without filling them again.
"""

import argparse
import importlib
import json
import os
import resource
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from benchmarks.filled_stores import Filled, filled
from benchmarks.made_ideas import DIMENSIONS, SPACE, Made, make_ideas, put_ideas
from benchmarks.throughput import RESULTS, store_url
from models.session import open_database
from pipeline.store.neighbours import FollowingIndex, Neighbours
from pipeline.store.pgvector import DatabaseIndex
from pipeline.store.rare import FollowingWords
from pipeline.text.vectors.neighbours import ExactIndex

NEAREST = 10
BATCH = 256
BATCHES = 8
LONGEST_PEER = 60.0  # seconds that full text search may be asked


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000])
    parser.add_argument(
        "--stores", nargs="+", choices=["sqlite", "process", "pgvector"], default=["sqlite", "pgvector"]
    )
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--exact-up-to", type=int, default=200_000, help="as KADER_SIGNS_FROM")
    parser.add_argument(
        "--keep", action="store_true", help="leave the databases, and use those that were left"
    )
    arguments = parser.parse_args()
    found: list[dict[str, Any]] = []
    for size in arguments.sizes:
        made = make_ideas(size + BATCH * BATCHES, seed=size)
        for store in arguments.stores:
            found.append(
                measure_store(
                    store, made, size, arguments.questions, arguments.exact_up_to, keep=arguments.keep
                )
            )
            report(found)
        found += measure_peers(made, size, arguments.questions)
        report(found)


def measure_store(
    store: str, made: Made, size: int, questions: int, exact_up_to: int, *, keep: bool
) -> dict[str, Any]:
    with filled(store, made, size, keep=keep) as there:
        database = there.database
        before, started = _resident(), time.perf_counter()
        index: Neighbours
        if store == "pgvector":
            kept = DatabaseIndex(database, SPACE, DIMENSIONS)
            kept.prepare()
            index = kept
        else:
            index = FollowingIndex(SPACE, DIMENSIONS, exact_up_to)
        words = FollowingWords(SPACE)
        with database.reading() as session:
            index.follow(session, up_to=size)
            built = there.built.seconds if store == "pgvector" else time.perf_counter() - started
            started = time.perf_counter()
            words.follow(session, up_to=size)
            words_built = time.perf_counter() - started
            ask = np.random.default_rng(1).choice(size, questions, replace=False)
            # The first question fills caches, and is nobody's.
            index.before(session, [size + 1], made.vectors[:1], NEAREST, least=-1.0)
            answers, times, word_times, processor = [], [], [], there.processor()
            for place in ask.tolist():
                begin = time.perf_counter()
                (near,) = index.before(
                    session, [size + 1], made.vectors[place : place + 1], NEAREST, least=-1.0
                )
                times.append(time.perf_counter() - begin)
                answers.append([hit.key - 1 for hit in near])
            processor = (there.processor() - processor) / questions
            for place in ask.tolist():
                begin = time.perf_counter()
                words.index.search([made.words(place)], NEAREST, before=np.array([size + 1]))
                word_times.append(time.perf_counter() - begin)
            memory = (
                session.scalar(text("SELECT pg_total_relation_size('idea_vector')"))
                if store == "pgvector"
                else index.index.size  # type: ignore[attr-defined]  # the other kind has its own
            )
        spent, cpu = _settle_like(there, index, words, made, size)
        later = _catch_up(index) if store == "pgvector" else 0.0
        return {
            "what": store,
            "ideas": size,
            "p50_ms": _ms(statistics.median(times)),
            "p95_ms": _ms(float(np.percentile(times, 95))),
            "cpu_ms": _ms(processor),
            "words_p95_ms": _ms(float(np.percentile(word_times, 95))),
            "recall_at_10": recall(answers, exact(made, size, ask)),
            "index_mb": round((memory or 0) / 1e6, 1),
            "words_mb": round(words.index.size / 1e6, 1),
            "process_grew_mb": round((_resident() - before) / 1e6, 1),
            "copied_s": round(there.built.copied, 2),
            "build_s": round(built, 2),
            "build_memory_mb": round(there.built.memory / 1e6) if store == "pgvector" else 0,
            "words_build_s": round(words_built, 2),
            "new_idea_ms": _ms(spent),
            "new_idea_cpu_ms": _ms(cpu),
            "into_graph_later_ms": _ms(later),
            "new_ideas_a_second": round(1 / (spent + later)),
        }


def _settle_like(
    there: Filled, index: Neighbours, words: FollowingWords, made: Made, size: int
) -> tuple[float, float]:
    """Seconds, and seconds of processors, for one new idea: made findable and its neighbours found, in batches."""
    spent, cpu, database = [], [], there.database
    for number in range(BATCHES):
        first, last = size + number * BATCH, size + (number + 1) * BATCH
        put_ideas(database, made, first, last)
        begin, processor = time.perf_counter(), there.processor()
        with database.reading() as session:
            index.follow(session, up_to=last)
            words.follow(session, up_to=last)
            keys = list(range(first + 1, last + 1))
            near = index.before(session, keys, made.vectors[first:last], 5, least=0.35)
            shared = words.index.search(
                [made.words(place) for place in range(first, last)], 5, before=np.array(keys)
            )
            index.cosines(
                session,
                made.vectors[first:last],
                [[*(hit.key for hit in one), *other] for one, other in zip(near, shared, strict=True)],
            )
        spent.append((time.perf_counter() - begin) / BATCH)
        cpu.append((there.processor() - processor) / BATCH)
    return statistics.median(spent), statistics.median(cpu)


def _catch_up(index: Neighbours) -> float:
    """Seconds for one idea to get into the graph, which whoever settles leaves to others."""
    assert isinstance(index, DatabaseIndex)  # the only kind that leaves something
    before, begin = index.last_id, time.perf_counter()
    index.catch_up()
    return (time.perf_counter() - begin) / max(index.last_id - before, 1)


def measure_peers(made: Made, size: int, questions: int) -> list[dict[str, Any]]:
    """Every vector compared by faiss, and full text search; what isn't installed is left out, and said."""
    ask = np.random.default_rng(1).choice(size, questions, replace=False)
    wanted = exact(made, size, ask)
    rows = []
    for name, build in (("usearch, all compared", _usearch), ("faiss, all compared", _faiss)):
        try:
            search = build(made.vectors[:size])
        except ImportError:
            print(f"{name}: not installed, left out")
            continue
        rows.append(_peer(name, size, search, made, ask, wanted))
    try:
        rows.append(_full_text(made, size, ask))
    except ImportError:
        print("PostgreSQL: not installed, left out")
    return rows


def _peer(
    name: str,
    size: int,
    search: Callable[[np.ndarray], list[int]],
    made: Made,
    ask: np.ndarray,
    wanted: list[list[int]],
) -> dict[str, Any]:
    times, answers = [], []
    for place in ask.tolist():
        begin = time.perf_counter()
        answers.append(search(made.vectors[place : place + 1]))
        times.append(time.perf_counter() - begin)
    return {
        "what": name,
        "ideas": size,
        "p50_ms": _ms(statistics.median(times)),
        "p95_ms": _ms(float(np.percentile(times, 95))),
        "recall_at_10": recall(answers, wanted),
    }


def _faiss(vectors: np.ndarray) -> Callable[[np.ndarray], list[int]]:
    index = importlib.import_module("faiss").IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return lambda vector: index.search(vector, NEAREST)[1][0].tolist()


def _usearch(vectors: np.ndarray) -> Callable[[np.ndarray], list[int]]:
    usearch = importlib.import_module("usearch.index")
    kind = usearch.MetricKind.IP
    return lambda vector: usearch.search(vectors, vector[0], NEAREST, kind, exact=True).keys.tolist()


def _full_text(made: Made, size: int, ask: np.ndarray) -> dict[str, Any]:
    """Any of the words, best rank first; how many of the nearest by vector it finds says little, its time all."""
    with store_url("postgresql") as url:
        database = open_database(url.replace("postgresql://", "postgresql+psycopg://"))
        with database.writing() as session:
            session.execute(text("DROP TABLE IF EXISTS peer"))
            session.execute(text("CREATE TABLE peer (id integer PRIMARY KEY, words tsvector)"))
            for begin in range(0, size, 5_000):
                session.execute(
                    text("INSERT INTO peer SELECT :id, to_tsvector('simple', :words)"),
                    [
                        {"id": place, "words": made.text(place)}
                        for place in range(begin, min(begin + 5_000, size))
                    ],
                )
            session.execute(text("CREATE INDEX ON peer USING gin (words)"))
        times = []
        query = text(
            "SELECT id FROM peer, to_tsquery('simple', :words) AS asked WHERE words @@ asked "
            "ORDER BY ts_rank(words, asked) DESC, id LIMIT 10"
        )
        with database.reading() as session:
            for place in ask.tolist():
                begin = time.perf_counter()
                words = " | ".join(made.text(place).split())
                session.scalars(query, {"words": words}).all()
                times.append(time.perf_counter() - begin)
                if sum(times) > LONGEST_PEER:
                    break
        database.dispose()
    return {
        "what": "PostgreSQL full text",
        "ideas": size,
        "p50_ms": _ms(statistics.median(times)),
        "p95_ms": _ms(float(np.percentile(times, 95))),
    }


def exact(made: Made, size: int, ask: np.ndarray) -> list[list[int]]:
    """The places of the nearest of each that is asked for, all compared."""
    index = ExactIndex(DIMENSIONS)
    index.add(np.arange(size), made.vectors[:size])
    return [[hit.key for hit in near] for near in index.search(made.vectors[ask], NEAREST)]


def recall(answers: list[list[int]], wanted: list[list[int]]) -> float:
    hits = sum(len(set(one) & set(other)) for one, other in zip(answers, wanted, strict=True))
    return round(hits / sum(map(len, wanted)), 4)


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 3)


def _resident() -> int:
    """Bytes of this process at its largest so far."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def report(found: list[dict[str, Any]]) -> None:
    """Write the JSON and print the table."""
    names = list(dict.fromkeys(name for row in found for name in row))
    table = Table(title="Neighbours")
    for name in names:
        table.add_column(name, justify="left" if name == "what" else "right")
    for row in found:
        table.add_row(
            *(
                f"{row.get(name, '–'):,}" if name != "what" and name in row else str(row.get(name, "–"))
                for name in names
            )
        )
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / "neighbours.json"
    content = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processors": os.cpu_count()},
        "rows": found,
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    Console(width=220).print(table)


if __name__ == "__main__":
    main()
