"""What a new idea costs altogether, among few and among a million: reading, candidates, comparing, deciding, writing.

    KADER_TEST_DATABASE_URL=… python -m benchmarks.new_idea --sizes 10000 1000000

Processor time of this process, which does what a worker does, and of PostgreSQL's that serve it, when ideas come in
batches; and by the clock, from received to settled, when one comes alone. The ideas that are
there are made of real lines (`settled_ideas.py`); the new ones are lines of the same kind, from KADER_DATA, that none
of those was made of. Everything is as Kader sets it up: up to KADER_EXACT_UP_TO ideas neighbours are searched in the
process, above by PostgreSQL. Give a server of your own with memory enough, see docs/operation.md. Writes
benchmarks/results/new_idea.json.
"""

import argparse
import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sqlalchemy import event, func, make_url, select, text

from benchmarks.filled_stores import Built, Filled, address_of, server_of
from benchmarks.load import english_texts, open_organisation, put_received, real_texts
from benchmarks.settled_ideas import put_settled
from benchmarks.throughput import RESULTS, settled, store_url, surroundings, verify
from kader.settings import Settings
from models import Idea
from models.session import Database
from pipeline.store.deciding.settling import settle_waiting
from pipeline.store.reading.readings import read_waiting
from pipeline.store.search.mind import Mind
from pipeline.store.search.neighbour_choice import build_index, choose
from pipeline.store.search.recall import measure_recall
from pipeline.store.textmodels.loading import load_mind
from pipeline.store.textmodels.training import train_and_activate

LINES = 30_000
SEEN = 1_000
BATCHES = 8
ALONE = 100
OWNER = "bench"
# Statements of which the time is told, the most expensive first.
TOLD = 12


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000])
    parser.add_argument("--english", type=float, default=0.1, help="share of the ideas that are in English")
    parser.add_argument("--sample", type=int, default=200, help="ideas for which recall is measured")
    arguments = parser.parse_args()
    lines = list(dict.fromkeys(real_texts(LINES + 5_000)))
    found: list[dict[str, Any]] = []
    with ExitStack() as stack:
        server = stack.enter_context(store_url("postgresql"))
        places = []
        for size in arguments.sizes:
            place, built = stack.enter_context(_place(server, lines, size, arguments.english))
            places.append(place)
            row = {"ideas": size, "english": arguments.english, "built_s": round(built, 1)}
            found.append(row | measure_new(place, lines[LINES : -SEEN - ALONE], arguments.sample))
            report(found)
        alone = measure_alone(places, lines[-SEEN - ALONE : -SEEN])
        report([row | other for row, other in zip(found, alone, strict=True)])


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation with so many ideas, and what its worker has loaded."""

    there: Filled
    settings: Settings
    mind: Mind


@contextmanager
def _place(server: str, lines: list[str], size: int, english: float) -> Iterator[tuple[Place, float]]:
    """An organisation with `size` ideas, and the seconds that the index of neighbours took."""
    with _database(server, f"kader_new_{size}") as url, surroundings(url, 1) as settings:
        database = open_organisation(settings)
        there = Filled(database, Built())
        # A model that has seen enough, as that of any organisation with so many ideas.
        put_received(database, lines[-SEEN:])
        triage(Place(there, settings, _loaded(database, settings)), defaultdict(float))
        train_and_activate(database, settings, owner=OWNER, clock=_now, new_space=True)
        model = _loaded(database, settings).model
        put_settled(
            database, model, lines[:LINES], size, first=SEEN + 1, english=english_texts(), share=english
        )
        started = time.perf_counter()
        build_index(database, settings, print)
        built = time.perf_counter() - started
        yield Place(there, settings, _loaded(database, settings)), built
        database.dispose()


def measure_new(place: Place, lines: list[str], sample: int) -> dict[str, Any]:
    """Milliseconds of processor time for one of the new ideas, by what it went to; the first batch is nobody's."""
    mind, there, batch = place.mind, place.there, place.settings.batch_size
    database, last = there.database, last_of(there)
    with database.reading() as session:
        space, dimensions = mind.model.space, mind.model.dimensions
        where = choose(session, place.settings, space=space, dimensions=dimensions).reason
    spent: dict[str, float] = defaultdict(float)
    with _statements(database) as statements:
        for number in range(BATCHES + 1):
            if number == 1:
                spent.clear()
                statements.clear()
            put_received(
                database, lines[number * batch : (number + 1) * batch], first=last + 1 + number * batch
            )
            triage(place, spent)
        counted = BATCHES * batch
        before = there.processor()
        mind.index.catch_up(lambda: False)
        later = (there.processor() - before) / ((BATCHES + 1) * batch)
    new = (BATCHES + 1) * batch
    if (done := settled(database, after=last)) != new:
        raise RuntimeError(f"only {done} of {new} ideas were settled")
    verify(database, new, after=last)
    each = {name: round(1000 * seconds / counted, 3) for name, seconds in spent.items()}
    recall = measure_recall(database, mind, sample=sample)
    return {
        "neighbours": where,
        **each,
        "later_in_the_graph": round(1000 * later, 3),
        "altogether": round(sum(each.values()) + 1000 * later, 3),
        "recall_at_10": recall.recall,
        "statements_ms": {
            name: round(1000 * seconds / counted, 3)
            for name, seconds in sorted(statements.items(), key=lambda pair: -pair[1])[:TOLD]
        },
    }


def measure_alone(places: Sequence[Place], lines: list[str]) -> list[dict[str, float]]:
    """Milliseconds from received to settled, mails queued, for ideas of which each comes alone: of the clock, and of
    the processor. The places take turns, so that when the machine is busy it is so for all.
    """
    times, spent = np.zeros((len(lines), len(places))), np.zeros(len(places))
    first = [last_of(each.there) + 1 for each in places]
    for row, line in enumerate(lines):
        for column, place in enumerate(places):
            put_received(place.there.database, [line], first=first[column] + row)
            before, begin = place.there.processor(), time.perf_counter()
            read_batch(place)
            settle_read(place)
            times[row, column] = time.perf_counter() - begin
            spent[column] += place.there.processor() - before
    for place, begun in zip(places, first, strict=True):
        verify(place.there.database, len(lines), after=begun - 1)
    return [
        {
            "alone_p50": round(1000 * float(np.percentile(column, 50)), 1),
            "alone_p95": round(1000 * float(np.percentile(column, 95)), 1),
            "alone_cpu": round(1000 * float(processor) / len(lines), 1),
        }
        for column, processor in zip(times.T, spent, strict=True)
    ]


def last_of(there: Filled) -> int:
    """The last idea that came in."""
    with there.database.reading() as session:
        return session.scalar(select(func.max(Idea.id))) or 0


def triage(place: Place, spent: dict[str, float]) -> None:
    """What `workers.tasks.triage` does, with its processor time kept apart."""
    there = place.there
    while True:
        begin = there.processor()
        some = read_batch(place)
        read = there.processor()
        done = settle_read(place)
        spent["read"] += read - begin
        spent["settle"] += there.processor() - read
        if not some and not done:
            return


def read_batch(place: Place) -> bool:
    """Read a batch; returns whether there was any."""
    return read_waiting(
        place.there.database, place.mind.model, owner=OWNER, now=_now(), settings=place.settings
    )


def settle_read(place: Place) -> int:
    """Settle whatever was read; returns how many."""
    return settle_waiting(place.there.database, place.mind, owner=OWNER, clock=_now, settings=place.settings)


def _now() -> datetime:
    return datetime.now(UTC)


def _loaded(database: Database, settings: Settings) -> Mind:
    mind = load_mind(database, settings)
    assert mind is not None  # the organisation was trained
    return mind


@contextmanager
def _statements(database: Database) -> Iterator[dict[str, float]]:
    """Seconds of the clock that went to each kind of statement, to see which of them grow."""
    spent: dict[str, float] = defaultdict(float)

    def before(connection: Any, *_: Any) -> None:
        connection.info["begun"] = time.perf_counter()

    def after(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        spent[" ".join(statement.split())[:110]] += time.perf_counter() - connection.info["begun"]

    event.listen(database.engine, "before_cursor_execute", before)
    event.listen(database.engine, "after_cursor_execute", after)
    try:
        yield spent
    finally:
        event.remove(database.engine, "before_cursor_execute", before)
        event.remove(database.engine, "after_cursor_execute", after)


@contextmanager
def _database(server: str, name: str) -> Iterator[str]:
    """An empty database on this server, dropped in the end."""
    home = make_url(server).set(drivername="postgresql+psycopg")
    with server_of(home) as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield address_of(home, name)
        finally:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


def report(found: list[dict[str, Any]]) -> None:
    """Write the JSON and print the table, with how many times the first each is."""
    names = (
        "ideas",
        "neighbours",
        "read",
        "settle",
        "later_in_the_graph",
        "altogether",
        "recall_at_10",
        "built_s",
        "alone_p50",
        "alone_p95",
        "alone_cpu",
    )
    table = Table(title="A new idea: milliseconds of processor time; alone: of the clock")
    for name in (*names, "times the first", "alone: times"):
        table.add_column(name.replace("_", " "))
    for row in found:
        ratios = [
            f"{row[name] / found[0][name]:.2f}" if name in row else "–"
            for name in ("altogether", "alone_p50")
        ]
        table.add_row(*(str(row.get(name, "–")) for name in names), *ratios)
    RESULTS.mkdir(parents=True, exist_ok=True)
    content = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processors": os.cpu_count()},
        "rows": found,
    }
    (RESULTS / "new_idea.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    Console(width=220).print(table)


if __name__ == "__main__":
    main()
