"""Does a Dutch idea find its English double, and is anything taken for one that isn't?

    python -m benchmarks.duplicates.two_languages

In a file, as `kader duplicates` has it: sentences of the STS benchmark, part "dev", in Dutch and in English. In triage,
as ideas come in one by one on SQLite: the same sentences, first all in one language, then all in the other; and Dutch
ideas, questions and English petitions, of which none is the other's double, so that whatever is suggested is wrong or
at best of one subject. With Kader's own encoder. Writes benchmarks/results/two_languages.json.
"""

import json
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from benchmarks.duplicates.sets import rows
from benchmarks.load import english_texts, open_organisation, put_received
from benchmarks.throughput import RESULTS, surroundings
from models import DuplicateLink, Idea
from pipeline.core import IdeaText
from pipeline.store.deciding.settling import settle_waiting
from pipeline.store.reading.readings import read_waiting
from pipeline.store.textmodels.loading import load_mind
from pipeline.text.duplicates.between_languages import MAYBE_FROM
from pipeline.text.duplicates.twins import find_twins
from pipeline.text.encoders.encoder import load_encoder

TEN = 10
OWNER = "bench"

Doubles = list[tuple[str, str]]
Row = dict[str, str | float]


def main() -> None:
    doubles = sentences()
    found = [in_a_file(doubles)]
    found += [in_triage(f"{name} first", first, second) for name, first, second in _both_ways(doubles)]
    found += [without_doubles(name, first, second) for name, first, second in unrelated()]
    table = Table(title="Between two languages")
    names = list(dict.fromkeys(name for row in found for name in row))
    for name in names:
        table.add_column(name.replace("_", " "))
    for row in found:
        table.add_row(*(str(row.get(name, "–")) for name in names))
    RESULTS.mkdir(parents=True, exist_ok=True)
    content = {"measured_at": datetime.now(UTC).isoformat(timespec="seconds"), "rows": found}
    (RESULTS / "two_languages.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    Console(width=200).print(table)


def sentences() -> Doubles:
    """Dutch sentences, each once, with their English originals."""
    dutch, english = (
        [row["sentence_a"] for row in rows(f"stsb_multi/stsb_{language}_dev.csv")]
        for language in ("nl", "en")
    )
    by_english = {one: other for other, one in zip(dutch, english, strict=True)}
    by_dutch = {other: one for one, other in by_english.items()}
    return list(by_dutch.items())


def unrelated() -> list[tuple[str, Sequence[str], Sequence[str]]]:
    """Ideas in both languages, of which nobody translated any."""
    neighbourhood = [
        f"{row['name']}\n{row['description']}".strip() for row in rows("pabulib_ideas/nl_amsterdam.csv")
    ]
    asked = list(dict.fromkeys(row["subject"] for row in rows("kamervragen_nl/questions.csv")))
    petitions = english_texts()
    return [
        ("ideas and petitions", petitions[:3_000], neighbourhood),
        ("questions and petitions", petitions[:3_000], asked[-3_000:]),
    ]


def _both_ways(doubles: Doubles) -> list[tuple[str, list[str], list[str]]]:
    dutch, english = ([pair[side] for pair in doubles] for side in (0, 1))
    return [("Dutch", dutch, english), ("English", english, dutch)]


def in_a_file(doubles: Doubles) -> Row:
    """Shares of sentences whose double is among the ten, first, and suggested; and of what is suggested, that is right."""
    count = len(doubles)
    texts = [text for side in (0, 1) for text in (pair[side] for pair in doubles)]
    ideas = [IdeaText(str(place), text) for place, text in enumerate(texts)]
    listed: dict[int, list[tuple[int, float]]] = defaultdict(list)
    started = time.process_time()
    for twin in find_twins(ideas, TEN, encoder=load_encoder("builtin")):
        listed[int(twin.idea)].append((int(twin.duplicate_of), twin.probability))
    seconds = time.process_time() - started
    ten = first = asked = right = 0
    for place in range(2 * count):
        double = (place + count) % (2 * count)
        others = [other for other, _ in listed[place]]
        ten += double in others
        first += others[:1] == [double]
        elsewhere = [
            other
            for other, probability in listed[place]
            if (other < count) != (place < count) and probability >= MAYBE_FROM
        ]
        asked += len(elsewhere)
        right += double in elsewhere
    return {
        "what": "a file",
        "ideas": 2 * count,
        "among_ten": round(ten / (2 * count), 3),
        "first": round(first / (2 * count), 3),
        "doubles_suggested": round(right / (2 * count), 3),
        "suggestions_right": round(right / max(asked, 1), 3),
        "seconds": round(seconds, 1),
    }


def in_triage(name: str, first: Sequence[str], second: Sequence[str]) -> Row:
    """Shares of the doubles that are suggested to the later idea, and of what is suggested, that is right."""
    links = triaged(first, second)
    right = sum(later - earlier == len(first) for later, earlier, _ in links)
    return {
        "what": f"triage, {name}",
        "ideas": len(first) + len(second),
        "doubles_suggested": round(right / len(first), 3),
        "suggestions_right": round(right / max(len(links), 1), 3),
        "joined": sum(state == "confirmed" for *_, state in links),
    }


def without_doubles(name: str, first: Sequence[str], second: Sequence[str]) -> Row:
    """The share of ideas to which one in the other language is suggested."""
    links = triaged(first, second)
    return {
        "what": f"triage, {name}",
        "ideas": len(first) + len(second),
        "with_a_suggestion": round(len({later for later, *_ in links}) / len(second), 4),
        "joined": sum(state == "confirmed" for *_, state in links),
    }


def triaged(first: Sequence[str], second: Sequence[str]) -> list[tuple[int, int, str]]:
    """The links between ideas of `first` and of `second`, as Kader triages them: later and earlier place, state."""
    with surroundings("", 1) as settings:
        database = open_organisation(settings)
        put_received(database, [*first, *second])
        mind = load_mind(database, settings)
        if mind is None:
            raise RuntimeError("there is no text model")
        while True:
            now = datetime.now(UTC)
            some = read_waiting(database, mind.model, owner=OWNER, now=now, settings=settings)
            done = settle_waiting(
                database, mind, owner=OWNER, clock=lambda: datetime.now(UTC), settings=settings
            )
            if not some and not done:
                break
        with database.reading() as session:
            if session.scalars(select(Idea.id).where(Idea.settled_at.is_(None))).first() is not None:
                raise RuntimeError("not all ideas were settled")
            links = session.execute(
                select(DuplicateLink.duplicate_id, DuplicateLink.original_id, DuplicateLink.state)
            ).all()
        database.dispose()
    return [(later, earlier, state) for later, earlier, state in links if earlier <= len(first) < later]


if __name__ == "__main__":
    main()
