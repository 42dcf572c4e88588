"""Builds pgvector's graph of one space: a partial index of the table `idea_vector`.

The table keeps vectors in single precision. The graph keeps them in half precision where pgvector can (0.7 or newer):
it is smaller and sooner built, and it only finds candidates, which are measured by the table's vectors. A
graph in single precision that is there stays in use.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from models import pgvector
from models.session import Database

# What pgvector calls the numbers of a graph, and the bytes that each of them takes.
Kind = Literal["halfvec", "vector"]
_BYTES: dict[Kind, int] = {"halfvec": 2, "vector": 4}

# Any number that nothing else locks: processes that start at once build the index one after the other.
_LOCK = 721_604_119
# Building goes ten times as slowly once the graph no longer fits. It takes what it needs and no more: the vectors, and
# so many bytes an idea besides. The server's own setting counts when it is higher.
_GRAPH_BYTES = 900
_LEAST_MEMORY, _MOST_MEMORY = 64, 4096  # megabytes
# So many candidates are weighed for the links of each vector; pgvector's own is 64. It takes half as long again to build
# and misses fewer: docs/duplicates.md has the figures.
CARE = 100


@dataclass(frozen=True, slots=True)
class Graph:
    """`kind`: the numbers in it; `is_careful`: whether so many candidates were weighed for its links as now are."""

    kind: Kind
    is_careful: bool


def build_graph(database: Database, space: str, dimensions: int) -> None:
    """Build the index over all vectors that are in the table, unless it is there; others wait for whoever builds it.

    `space` stands in the statement and must be fit for that.
    """
    with database.writing() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if graph_of(session, space) is not None:
            return
        kind = kind_to_build(session)
        count = session.scalar(
            text("SELECT count(*) FROM idea_vector WHERE space = :space"), {"space": space}
        )
        # Built in the memory of one process: several share memory that containers often lack.
        wanted = (count or 0) * (dimensions * _BYTES[kind] + _GRAPH_BYTES) // 1_000_000
        memory = min(max(wanted, _LEAST_MEMORY), _MOST_MEMORY)
        session.execute(
            text(
                "SELECT set_config('maintenance_work_mem', greatest(pg_size_bytes(:memory), "
                "pg_size_bytes(current_setting('maintenance_work_mem'))) / 1024 || 'kB', true), "
                "set_config('max_parallel_maintenance_workers', '0', true)"
            ),
            {"memory": f"{memory}MB"},
        )
        session.execute(
            text(
                f"CREATE INDEX IF NOT EXISTS {index_name(space, kind)} ON idea_vector "
                f"USING hnsw ((embedding::{kind}({dimensions})) {kind}_cosine_ops) "
                f"WITH (ef_construction = {CARE}) WHERE space = '{space}'"
            )
        )
        # The planner takes the index when it knows how many vectors there are.
        session.execute(text("ANALYZE idea_vector"))


def index_name(space: str, kind: Kind) -> str:
    half = "half_" if kind == "halfvec" else ""
    return f"ix_idea_vector_{half}{sha256(space.encode()).hexdigest()[:12]}"


def graph_of(session: Session, space: str) -> Graph | None:
    """The graph of this space, that in half precision if there are both; None unless it is there and complete."""
    names: dict[str, Kind] = {index_name(space, kind): kind for kind in ("halfvec", "vector")}
    rows = session.execute(
        text(
            "SELECT relname, 'ef_construction=' || :care = ANY(reloptions) FROM pg_class "
            "JOIN pg_index ON indexrelid = pg_class.oid "
            "WHERE indexrelid = ANY(ARRAY(SELECT to_regclass(each) FROM unnest(CAST(:names AS text[])) AS each)) "
            "AND indisvalid"
        ),
        {"names": list(names), "care": str(CARE)},
    )
    found = {names[row[0]]: Graph(names[row[0]], bool(row[1])) for row in rows}
    return found.get("halfvec") or found.get("vector")


def kind_to_build(session: Session) -> Kind:
    """In what numbers a new graph is made: those of the pgvector that this database uses."""
    found = pgvector.versions(session.connection())
    installed = found[1] if found else None
    return "halfvec" if installed and pgvector.has_halves(installed) else "vector"
