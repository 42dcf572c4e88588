"""PostgreSQL's own full text search and trigram search, over a table of ideas in a server that is running."""

import os
from collections.abc import Sequence

from benchmarks.duplicates.measures import Ranking
from benchmarks.duplicates.peers import listed
from benchmarks.duplicates.systems import TOP
from pipeline.core import IdeaText

ADDRESS = "KADER_BENCH_POSTGRESQL"
_MOST_WORDS = 40

# Any of the words, as one would search for what resembles a text: all of them would find nothing.
_FULL_TEXT = """
SELECT i.id, ts_rank_cd(i.words, q.query) AS rank FROM idea i,
 (SELECT to_tsquery('english', string_agg(quote_literal(lexeme), ' | ')) AS query
  FROM (SELECT unnest(tsvector_to_array(words)) AS lexeme FROM idea WHERE id = %(id)s LIMIT %(words)s) AS w) AS q
WHERE i.words @@ q.query AND i.id <> %(id)s ORDER BY rank DESC, i.id LIMIT %(top)s
"""
_TRIGRAMS = """
SELECT i.id, similarity(i.body, (SELECT body FROM idea WHERE id = %(id)s)) AS rank
FROM idea i WHERE i.id <> %(id)s ORDER BY rank DESC, i.id LIMIT %(top)s
"""


def full_text(ideas: Sequence[IdeaText]) -> Ranking:
    return _search(ideas, _FULL_TEXT)


def trigrams(ideas: Sequence[IdeaText]) -> Ranking:
    return _search(ideas, _TRIGRAMS)


def _search(ideas: Sequence[IdeaText], query: str) -> Ranking:
    import psycopg

    found = []
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
        for idea in ideas:
            rows = connection.execute(query, {"id": int(idea.id), "top": TOP, "words": _MOST_WORDS})
            found.append([(float(rank), int(key)) for key, rank in rows])
        connection.rollback()
    return listed(found)
