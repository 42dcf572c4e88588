"""Builds pgvector's graph of one space: a partial index of the table `idea_vector`."""

from hashlib import sha256

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.session import Database

# Any number that nothing else locks: processes that start at once build the index one after the other.
_LOCK = 721_604_119
# Building goes ten times as slowly once the graph no longer fits. It takes what it needs and no more: the vectors, and
# so many bytes an idea besides. The server's own setting counts when it is higher.
_GRAPH_BYTES = 900
_LEAST_MEMORY, _MOST_MEMORY = 64, 4096  # megabytes


def build_graph(database: Database, space: str, dimensions: int) -> None:
    """Build the index over all vectors that are in the table, unless it is there; others wait for whoever builds it.

    `space` stands in the statement and must be fit for that.
    """
    with database.writing() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if is_built(session, space):
            return
        count = session.scalar(
            text("SELECT count(*) FROM idea_vector WHERE space = :space"), {"space": space}
        )
        # Built in the memory of one process: several share memory that containers often lack.
        wanted = (count or 0) * (dimensions * 4 + _GRAPH_BYTES) // 1_000_000
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
                f"CREATE INDEX IF NOT EXISTS {index_name(space)} ON idea_vector "
                f"USING hnsw ((embedding::vector({dimensions})) vector_cosine_ops) WHERE space = '{space}'"
            )
        )
        # The planner takes the index when it knows how many vectors there are.
        session.execute(text("ANALYZE idea_vector"))


def index_name(space: str) -> str:
    return f"ix_idea_vector_{sha256(space.encode()).hexdigest()[:12]}"


def is_built(session: Session, space: str) -> bool:
    """Whether the index of this space is there and complete."""
    found = session.scalar(
        text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)"),
        {"name": index_name(space)},
    )
    return bool(found)
