"""PostgreSQL's own full text search and trigram search, over a table of ideas in a server that is running.

Trigrams need pg_trgm, which the wheels with PostgreSQL lack: take the server of the system.
"""

import os
from collections.abc import Collection, Sequence

from benchmarks.duplicates.measures import Ranking
from benchmarks.duplicates.peers import listed
from benchmarks.duplicates.systems import TOP
from pipeline.core import IdeaText

ADDRESS = "KADER_BENCH_POSTGRESQL"

# Any of the words, as one would search for what resembles a text: all of them would find nothing.
_FULL_TEXT = """
SELECT i.id, ts_rank(i.words, q.query) AS rank FROM idea i,
 (SELECT to_tsquery('english', string_agg(quote_literal(lexeme), ' | ')) AS query
  FROM (SELECT unnest(tsvector_to_array(words)) AS lexeme FROM idea WHERE id = %(id)s) AS w) AS q
WHERE i.words @@ q.query AND i.id <> %(id)s ORDER BY rank DESC, i.id LIMIT %(top)s
"""
_TRIGRAMS = """
SELECT i.id, similarity(i.body, (SELECT body FROM idea WHERE id = %(id)s)) AS rank
FROM idea i WHERE i.id <> %(id)s ORDER BY rank DESC, i.id LIMIT %(top)s
"""


def full_text(ideas: Sequence[IdeaText], asked: Collection[int] | None = None) -> Ranking:
    """For each idea, or for those at the places `asked`, its best by full text search."""
    return _search(ideas, _FULL_TEXT, asked)


def trigrams(ideas: Sequence[IdeaText], asked: Collection[int] | None = None) -> Ranking:
    """For each idea, or for those at the places `asked`, its best by trigrams: every text compared."""
    return _search(ideas, _TRIGRAMS, asked)


def _search(ideas: Sequence[IdeaText], query: str, asked: Collection[int] | None) -> Ranking:
    import psycopg

    found: list[list[tuple[float, int]]] = [[] for _ in ideas]
    with psycopg.connect(os.environ[ADDRESS]) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        connection.execute("CREATE TEMPORARY TABLE idea (id integer PRIMARY KEY, body text, words tsvector)")
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO idea VALUES (%s, %s, to_tsvector('english', %s))",
                [(int(idea.id), idea.whole, idea.whole) for idea in ideas],
            )
        connection.execute("CREATE INDEX ON idea USING gin (words)")
        connection.execute("ANALYZE idea")
        for place in range(len(ideas)) if asked is None else sorted(asked):
            rows = connection.execute(query, {"id": place, "top": TOP})
            found[place] = [(float(rank), int(key)) for key, rank in rows]
        connection.rollback()
    return listed(found)
