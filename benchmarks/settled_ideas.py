"""PostgreSQL databases with any number of settled ideas, to measure what a new one costs among them.

Each idea is a real line and part of another, so that there are many about each subject. Its vector is a weighted mean of
theirs, as latent semantic analysis would nearly have it, and its rare words are from both: so many can't be read in any
reasonable time. With it go what triage leaves behind: its raw form, a reading, an assessment, an assignment, events,
and a message that was sent.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from psycopg.types.json import Jsonb
from sqlalchemy import text

from models.session import Database
from pipeline.core import IdeaText, Reading
from pipeline.store.reading.readings import kept_words
from pipeline.text.model import TextModel

_BLOCK = 10_000
# A third of a text has a vector of this length beside that of a whole one, when words are drawn by chance.
_PART = 3**-0.5
_NOTHING = Jsonb([])
_SETTLED = (
    """
    INSERT INTO idea (id, reference, source, submitter_id, is_anonymous, is_quiet, title, text, language, fingerprint,
        status, received_at, settled_at, is_read, attempts)
    SELECT pair.id, 'K-2020-' || pair.id, 'import', people.ids[1 + pair.id % cardinality(people.ids)], false, false,
        left(one.body, 200), one.body || E'\\n' || left(other.body, length(other.body) / 3), 'nl', md5(pair.id::text), 'with_coordinator',
        :now, :now, true, 0
    FROM made_pair AS pair JOIN made_line AS one ON one.id = pair.one JOIN made_line AS other ON other.id = pair.other,
        (SELECT array_agg(id ORDER BY id) AS ids FROM person WHERE NOT is_coordinator) AS people
    """,
    """
    INSERT INTO intake_record (source, delivery_key, outcome, idea_id, content_type, content, received_at)
    SELECT 'import', 'made ' || id, 'idea', id, 'text/plain', convert_to(text, 'UTF8'), :now FROM idea WHERE id >= :first
    """,
    """
    INSERT INTO event (idea_id, kind, at, detail)
    SELECT id, each.kind, :now, '{}' FROM idea, (VALUES ('received'), ('triaged'), ('assigned')) AS each (kind)
    WHERE id >= :first
    """,
    """
    INSERT INTO assessment (idea_id, number, made_at, model_version, framework_versions, decision, probability_none,
        candidates, limits, precedents, duplicates, route)
    SELECT id, 1, :now, 'made', '{}', 'ask', 0, '[]', '[]', '[]', '[]', '{}' FROM idea WHERE id >= :first
    """,
    """
    INSERT INTO assignment (idea_id, person_id, due_on, promise, made_at)
    SELECT id, (SELECT min(id) FROM person WHERE is_coordinator), :now, 'made', :now FROM idea WHERE id >= :first
    """,
    """
    INSERT INTO outbox_message (idea_id, recipient_id, kind, revision, payload, message_id, status, created_at,
        not_before, attempts, sent_at)
    SELECT id, submitter_id, 'receipt', 1, '{}', id || '.made', 'sent', :now, :now, 1, :now FROM idea WHERE id >= :first
    """,
)


def put_settled(
    database: Database,
    model: TextModel,
    lines: Sequence[str],
    count: int,
    *,
    first: int = 1,
    english: Sequence[str] = (),
    share: float = 0.0,
) -> None:
    """Add `count` ideas of these Dutch lines to an organisation's database, with ids from `first` on; a `share` of them is
    made of `english` lines.
    """
    chance = np.random.default_rng(1)
    pairs = chance.integers(len(lines), size=(count, 2))
    is_english = chance.random(count) < share if english else np.zeros(count, dtype=np.bool_)
    pairs[is_english] = len(lines) + chance.integers(max(len(english), 1), size=(int(is_english.sum()), 2))
    lines = [*lines, *english]
    readings = model.read([IdeaText(str(place), line) for place, line in enumerate(lines)])
    now = datetime.now(UTC)
    with database.writing() as session:
        cursor = session.connection().connection.cursor()
        cursor.execute("CREATE TEMPORARY TABLE made_line (id integer, body text) ON COMMIT DROP")
        cursor.execute(
            "CREATE TEMPORARY TABLE made_pair (id integer, one integer, other integer) ON COMMIT DROP"
        )
        with cursor.copy("COPY made_line FROM STDIN") as copy:
            for place, line in enumerate(lines):
                copy.write_row((place, line))
        with cursor.copy("COPY made_pair FROM STDIN") as copy:
            for place, (one, other) in enumerate(pairs.tolist(), start=first):
                copy.write_row((place, one, other))
        cursor.execute("ANALYZE made_line, made_pair")
        for statement in _SETTLED:
            session.execute(text(statement), {"now": now, "first": first})
        # The ids that a door would give come after these.
        session.execute(
            text("SELECT setval(pg_get_serial_sequence('idea', 'id'), :last)"), {"last": first + count - 1}
        )
        _put_readings(cursor, model, readings, pairs, first, is_english)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _put_readings(
    cursor: Any,
    model: TextModel,
    readings: Sequence[Reading],
    pairs: np.ndarray,
    first: int,
    is_english: np.ndarray,
) -> None:
    vectors = np.stack([each.vector for each in readings])
    words = [each.rare for each in readings]
    for begin in range(0, len(pairs), _BLOCK):
        part = pairs[begin : begin + _BLOCK]
        both = vectors[part[:, 0]] + _PART * vectors[part[:, 1]]
        both = np.round(both / np.linalg.norm(both, axis=1, keepdims=True), 5).astype(np.float32)
        signs = model.parts.space.signs(both)
        language = np.where(is_english[begin : begin + len(part)], "en", "nl").tolist()
        with cursor.copy(
            "COPY idea_reading (idea_id, model_version, space, vector, decision, probability_none, candidates, "
            "limits, precedents, language, rare, meaning) FROM STDIN (FORMAT binary)"
        ) as copy:
            copy.set_types(
                [
                    "int4",
                    "varchar",
                    "varchar",
                    "bytea",
                    "varchar",
                    "float8",
                    "jsonb",
                    "jsonb",
                    "jsonb",
                    "varchar",
                    "bytea",
                    "bytea",
                ]
            )
            for place, (one, other) in enumerate(part.tolist()):
                rare = np.unique(np.concatenate([words[one], words[other][: len(words[other]) // 3]]))
                copy.write_row(
                    (
                        first + begin + place,
                        model.version,
                        model.space,
                        both[place].tobytes(),
                        "ask",
                        0.0,
                        _NOTHING,
                        _NOTHING,
                        _NOTHING,
                        language[place],
                        kept_words(rare),
                        signs[place],
                    )
                )
