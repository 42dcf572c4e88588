"""The neighbour index of PostgreSQL: pgvector's HNSW (Malkov and Yashunin, 2016), one partial index a space.

The graph is asked for the nearest of all, and only then are ideas that came later left out. So its answer must
be as much wider as there are later ones. In settling there are none: the newest ideas, those of the batch among them,
are searched in the process. They get into the graph later, by a worker that has nothing to settle: putting one there
takes longer than finding its neighbours. Whoever has too many later ones, as in a repeat from the start, is searched
exactly.

What the graph gives is candidates, in an order that is right but for the rounding of its numbers. The first of
them are measured by the vectors in the table, which are as exact as those in the process: how near a neighbour is, and
which one comes first, doesn't depend on the graph.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from models.session import Database
from pipeline.core import Neighbour, Vector
from pipeline.store.search.graph import Graph, build_graph, graph_of
from pipeline.store.search.neighbours import usable
from pipeline.text.vectors.neighbours import ExactIndex, cosines_to

# pgvector can't index longer vectors.
MOST_DIMENSIONS = 2_000


# Candidates that the graph is asked for besides the later ones: the first up to so many ideas, or it would miss too many
# of the nearest, and in proportion more up to the second. A graph whose links were made with less care needs more.
# pgvector's own limit is 1,000 in all. docs/duplicates.md has the figures.
_BREADTH, _LESS_CARE_BREADTH, _FEW = (60, 200), (100, 200), 25_000
_MOST_BREADTH = 1_000
# So many of the candidates, the nearest, are measured by the vectors in the table, or four times what is asked for. To
# fetch and measure all 200 takes a quarter of a question's time and finds nothing more: rounded to half precision a cosine
# moves in the fifth decimal.
_MEASURED = 48
_BATCH = 512
# So many of the newest ideas stay out of the graph; and so many at most, or whoever settles puts them there after all.
_RECENT, _MOST_RECENT = 1_024, 8_192
_BLOCK = 250
_SPACE = re.compile(r"[a-z0-9-]+")

# The bound stands in both parts: a merge would read what was copied from its beginning, for each block anew.
_MISSING = text(
    "SELECT DISTINCT ON (idea_id) idea_id, vector FROM idea_reading "
    "WHERE space = :space AND idea_id > :after AND idea_id <= :up_to AND vector IS NOT NULL AND NOT EXISTS "
    "(SELECT 1 FROM idea_vector WHERE idea_vector.space = :space AND idea_vector.idea_id = idea_reading.idea_id "
    "AND idea_vector.idea_id > :after) "
    "ORDER BY idea_id, id LIMIT :block"
)
_COPY = text(
    "INSERT INTO idea_vector (space, idea_id, embedding) "
    "SELECT :space, each.idea_id, CAST(each.embedding AS vector) "
    "FROM unnest(CAST(:ids AS integer[]), CAST(:embeddings AS text[])) AS each (idea_id, embedding) "
    "ON CONFLICT DO NOTHING"
)
_VECTORS = text(
    "SELECT DISTINCT ON (idea_id) idea_id, vector FROM idea_reading "
    "WHERE space = :space AND idea_id = ANY(:ids) AND vector IS NOT NULL ORDER BY idea_id, id"
)
_NEWEST = text(
    "SELECT DISTINCT ON (idea_id) idea_id, vector FROM idea_reading "
    "WHERE space = :space AND idea_id > :after AND idea_id <= :up_to AND vector IS NOT NULL ORDER BY idea_id, id"
)
_SETTLED = text(
    "SELECT coalesce((SELECT min(id) - 1 FROM idea WHERE status = 'received'), (SELECT max(id) FROM idea), 0)"
)
_LATER_IDS = text(
    "SELECT idea_id FROM idea_vector WHERE space = :space AND idea_id >= :key ORDER BY idea_id DESC LIMIT :most"
)


@dataclass(slots=True)
class DatabaseIndex:
    """Vectors of one space in the table `idea_vector`, which follows the readings.

    `last_id`: all ideas up to there are known to be in the table; those after it and up to `_seen` are in `_recent`, and
    perhaps some before it. Raises ValueError for a space whose name can't stand in a statement and for vectors that
    pgvector can't index.
    """

    database: Database
    space: str
    dimensions: int
    last_id: int = 0
    _seen: int = 0
    _recent: ExactIndex = field(init=False)
    _graph: Graph | None = None

    def __post_init__(self) -> None:
        self._recent = ExactIndex(self.dimensions)
        if not _SPACE.fullmatch(self.space):
            raise ValueError(f"a space can't be called '{self.space}'")
        if not 1 <= self.dimensions <= MOST_DIMENSIONS:
            raise ValueError(f"vectors of {self.dimensions} dimensions can't be indexed by pgvector")

    @property
    def most_at_once(self) -> int:
        """So many are searched in the process before they get into the graph."""
        return _BATCH

    @property
    def is_exact(self) -> bool:
        return False

    def prepare(self) -> None:
        """Copy the vectors of all ideas that no longer wait, and build the index; quick when that was done.

        Takes minutes for hundreds of thousands of ideas. What was copied stays when the process is stopped.
        """
        self._copy(self._settled())
        build_graph(self.database, self.space, self.dimensions)

    def follow(self, session: Session, *, up_to: int) -> None:
        """Make the ideas up to and including `up_to` findable: the newest in the process, all others in the table.

        Ideas of one batch would be each other's later ones in the graph; so they are copied when many more have come,
        in transactions of their own. A copy of what was committed may be committed before anything is decided on it.
        `session` sees it because PostgreSQL looks afresh for each statement.
        """
        if up_to <= self._seen:
            return
        self._copy(up_to - _MOST_RECENT)
        after = max(self._seen, self.last_id)
        if len(self._recent) > up_to - self.last_id + _RECENT:
            # Many are in the graph by now. Until then it is no harm that they are found twice.
            self._recent, after = ExactIndex(self.dimensions), self.last_id
        rows = session.execute(_NEWEST, {"space": self.space, "after": after, "up_to": up_to})
        self._recent.add(*usable([(row[0], bytes(row[1])) for row in rows], self.dimensions))
        self._seen = up_to

    def catch_up(self, is_over: Callable[[], bool] = lambda: False) -> None:
        """Put settled ideas in the graph, but for the newest."""
        self._copy(self._settled() - _RECENT, is_over)

    def _settled(self) -> int:
        """The last idea before which none waits."""
        with self.database.reading() as session:
            return session.scalar(_SETTLED) or 0

    def forget(self, ids: Collection[int]) -> None:
        """Find these ideas no more; the rows of those in the table went with them."""
        self._recent.discard(ids)

    def before(
        self, session: Session, keys: list[int], vectors: Vector, k: int, *, least: float
    ) -> list[list[Neighbour]]:
        """For each vector its `k` nearest among ideas earlier than its key, with at least this cosine.

        `vectors` are float32 (n, dimensions), of unit length. One statement for all that the graph can answer,
        one for the others.
        """
        found: list[list[Neighbour]] = [[] for _ in keys]
        if not keys or k < 1:
            return found
        # Looked for until there is one: without, the answers are right and slow.
        self._graph = self._graph or graph_of(session, self.space)
        narrow = breadth_for(self.last_id, is_careful=self._graph is None or self._graph.is_careful)
        later = np.asarray(
            session.scalars(
                _LATER_IDS, {"space": self.space, "key": min(keys), "most": _MOST_BREADTH - narrow + 1}
            ).all(),
            dtype=np.int64,
        )
        counts = [int(np.count_nonzero(later >= key)) for key in keys]
        by_graph = [row for row, count in enumerate(counts) if count <= _MOST_BREADTH - narrow]
        one_by_one = [row for row, count in enumerate(counts) if count > _MOST_BREADTH - narrow]
        breadth = narrow + max((counts[row] for row in by_graph), default=0)
        for rows, width in ((by_graph, breadth), (one_by_one, None)):
            if rows:
                asked = [keys[row] for row in rows]
                for row, hits in zip(
                    rows, self._search(session, asked, vectors[rows], k, least, width), strict=True
                ):
                    found[row] = hits
        newest = self._recent.search(vectors, k, before=np.asarray(keys, dtype=np.int64), least=least)
        return [_merged(ours, others, k) for ours, others in zip(found, newest, strict=True)]

    def cosines(self, session: Session, vectors: Vector, ids: Sequence[Sequence[int]]) -> list[list[float]]:
        """For each vector its cosine to the ideas next to it in `ids`; 0 to one that has no vector."""
        asked = sorted({each for near in ids for each in near})
        rows = session.execute(_VECTORS, {"space": self.space, "ids": asked}) if asked else ()
        keys, kept = usable([(row[0], bytes(row[1])) for row in rows], self.dimensions)
        place = {key: row for row, key in enumerate(keys.tolist())}
        found = []
        for vector, near in zip(vectors, ids, strict=True):
            known = [each for each in near if each in place]
            close = cosines_to(vector, kept[[place[each] for each in known]]).astype(float).tolist()
            told = dict(zip(known, close, strict=True))
            found.append([told.get(each, 0.0) for each in near])
        return found

    def _copy(self, up_to: int, is_over: Callable[[], bool] = lambda: False) -> None:
        while self.last_id < up_to and not is_over():
            with self.database.writing() as session:
                rows = session.execute(
                    _MISSING,
                    {"space": self.space, "after": self.last_id, "up_to": up_to, "block": _BLOCK},
                ).all()
                ids, vectors = usable([(row[0], bytes(row[1])) for row in rows], self.dimensions)
                if len(ids):
                    session.execute(
                        _COPY, {"space": self.space, "ids": ids.tolist(), "embeddings": _texts(vectors)}
                    )
            self.last_id = rows[-1][0] if len(rows) == _BLOCK else up_to

    def _search(
        self,
        session: Session,
        keys: list[int],
        vectors: Vector,
        k: int,
        least: float,
        breadth: int | None,
    ) -> list[list[Neighbour]]:
        """Ask the graph for `breadth` candidates, or all rows when that is None."""
        kind = self._graph.kind if self._graph else "vector"
        # The likeness is the inner product, as the index in the process has it: stored vectors are rounded, so
        # that their lengths differ from one in the fifth decimal. `<#>` is its negative, and no index orders by it.
        nearest = (
            ""
            if breadth is None
            else f"ORDER BY embedding::{kind}({self.dimensions}) <=> query.rounded LIMIT {measured_of(k, breadth)}"
        )
        # The space is in the statement itself, or the planner couldn't know that the partial index will do.
        # It, the kind, the dimensions and the limit are the only parts that vary; the first was checked, the others are ours.
        statement = f"""
            WITH query AS MATERIALIZED (
                SELECT number, key, CAST(wanted AS vector({self.dimensions})) AS wanted,
                    CAST(wanted AS {kind}({self.dimensions})) AS rounded
                FROM unnest(CAST(:keys AS integer[]), CAST(:wanted AS text[]))
                    WITH ORDINALITY AS asked (key, wanted, number)
            )
            SELECT query.number, hit.idea_id, hit.cosine
            FROM query CROSS JOIN LATERAL (
                SELECT idea_id, CAST(round(CAST(-(embedding <#> query.wanted) AS numeric), 6) AS float8) AS cosine
                FROM (
                    SELECT idea_id, embedding FROM idea_vector
                    WHERE space = '{self.space}' AND idea_id < query.key {nearest}
                ) AS candidate
                ORDER BY cosine DESC, idea_id LIMIT :k
            ) AS hit
            WHERE hit.cosine >= :least
            ORDER BY query.number, hit.cosine DESC, hit.idea_id
        """  # noqa: S608  # see above
        # The estimates for vectors are high enough to start the compiler, which costs more than the search.
        session.execute(
            text("SELECT set_config('hnsw.ef_search', :breadth, true), set_config('jit', 'off', true)"),
            {"breadth": str(breadth or _MOST_BREADTH)},
        )
        rows = session.execute(
            text(statement), {"keys": keys, "wanted": _texts(vectors), "k": k, "least": least}
        )
        found: list[list[Neighbour]] = [[] for _ in keys]
        for number, idea_id, cosine in rows:
            # Through float32, so that both indexes give the very same number.
            found[number - 1].append(Neighbour(idea_id, float(np.float32(cosine))))
        return found


def breadth_for(ideas: int, *, is_careful: bool) -> int:
    """How many candidates the graph of so many ideas is asked for."""
    least, most = _BREADTH if is_careful else _LESS_CARE_BREADTH
    return int(min(least * max(ideas / _FEW, 1), most))


def measured_of(k: int, breadth: int) -> int:
    """How many of the graph's candidates are measured by the vectors in the table to find the `k` nearest."""
    return min(max(_MEASURED, 4 * k), breadth)


def _merged(ours: list[Neighbour], others: list[Neighbour], k: int) -> list[Neighbour]:
    """The best `k` of both; one that was copied meanwhile, here or by another process, is in both."""
    if not others:
        return ours
    both = {hit.key: hit for hit in (*others, *ours)}
    return sorted(both.values(), key=lambda hit: (-hit.cosine, hit.key))[:k]


def _texts(vectors: Vector) -> list[str]:
    """Vectors as pgvector reads them; the shortest digits that give the same float32."""
    return [
        orjson.dumps(each, option=orjson.OPT_SERIALIZE_NUMPY).decode()
        for each in np.ascontiguousarray(vectors, dtype=np.float32)
    ]
