"""Finds the earlier ideas that may be the same, and compares them closely."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy.orm import Session

from pipeline.caution import UNTOLD, careful
from pipeline.core import PairVerdict, Sameness
from pipeline.facts import Resemblance
from pipeline.store.duplicates.decided import About, context_of
from pipeline.store.duplicates.known import Ledger, earliest_by_fingerprint, load_words
from pipeline.store.reading.ready import Ready
from pipeline.store.search.elsewhere import Elsewhere, elsewhere_before, padded
from pipeline.store.search.mind import Mind
from pipeline.text.duplicates.between_languages import NEAR, BetweenLanguages
from pipeline.text.duplicates.pairs import CONTEXT, Translated, apart

# How many earlier ideas are compared closely: the nearest by vector, and those that share most rare words. Of reports
# that people marked as duplicates 10 of 16 are among the first alone and 12 among both (Eclipse, OpenOffice).
# Of those in the other language there are two more (see `pipeline.store.search.elsewhere`).
NEIGHBOURS = 5
BY_WORDS = 5
# Below this cosine the pair model says "new" in any case, so the pair need not be compared closely.
PLAUSIBLE_COSINE = 0.35


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier idea that may be a twin: its cosine in the vector space, and what the encoder says of it if it is in the
    other language.
    """

    key: int
    cosine: float
    elsewhere: Elsewhere | None = None


Near = dict[int, list[Candidate]]


def neighbourhood(session: Session, batch: Sequence[Ready], mind: Mind) -> tuple[Near, Ledger]:
    """The earlier ideas that may be twins of these, and what they are compared by; see `decisive` for the rest."""
    mind.follow(session, up_to=batch[-1].facts.id)
    while True:
        near = find_near(session, batch, mind)
        ledger = load_words(session, first_ids(near))
        earlier = {each.key for found in near.values() for each in found}
        if not (gone := earlier - ledger.texts.keys()):
            return near, ledger
        # Deleted since they were followed: they must not hide those who are there.
        mind.forget(gone)


def find_near(session: Session, batch: Sequence[Ready], mind: Mind) -> Near:
    """For each idea the earlier ones that may be its twin; the indexes must be up to date."""
    near: Near = {each.facts.id: [] for each in batch}
    readable = [each for each in batch if len(each.reading.vector)]
    if readable:
        keys = [each.facts.id for each in readable]
        vectors = np.stack([each.reading.vector for each in readable])
        by_vector = mind.index.before(session, keys, vectors, NEIGHBOURS, least=PLAUSIBLE_COSINE)
        by_words = mind.words.index.search(
            [each.reading.rare for each in readable], BY_WORDS, before=np.array(keys, dtype=np.int64)
        )
        languages = [each.reading.language for each in readable]
        by_meaning = elsewhere_before(session, mind.meanings, mind.index, keys, languages, vectors)
        found = [
            list(dict.fromkeys([*(hit.key for hit in hits), *shared, *(each.key for each in meant)]))
            for hits, shared, meant in zip(by_vector, by_words, by_meaning, strict=True)
        ]
        # Once more for those of the vectors too: what a search gives differs a hair from store to store.
        cosines = mind.index.cosines(session, vectors, found)
        for key, ids, close, meant in zip(keys, found, cosines, by_meaning, strict=True):
            elsewhere = {each.key: each for each in meant}
            near[key] = [
                Candidate(each, cosine, elsewhere.get(each)) for each, cosine in zip(ids, close, strict=True)
            ]
    # Equal words may have no vector at all (an emoji, another script), yet they are the same idea.
    earliest = earliest_by_fingerprint(session, {each.fingerprint for each in batch})
    for each in batch:
        first = earliest[each.fingerprint]
        said = each.facts.same_as_id
        for other in (first, said):
            if other is None or other >= each.facts.id:
                continue
            if all(known.key != other for known in near[each.facts.id]):
                near[each.facts.id].append(Candidate(other, 1.0))
    return near


def compare(
    batch: Sequence[Ready], near: Near, ledger: Ledger, mind: Mind
) -> dict[int, list[tuple[int, PairVerdict]]]:
    """What is made of each idea and its near ones: id to (earlier id, verdict)."""
    words = ledger.texts | {each.facts.id: each.words for each in batch}
    pairs = [(idea_id, each) for idea_id, found in near.items() for each in found]
    verdicts = mind.pairs.compare(
        [(words[idea_id], words[each.key]) for idea_id, each in pairs],
        np.asarray([each.cosine for _, each in pairs], dtype=np.float32),
        _context(batch, [(idea_id, each.key) for idea_id, each in pairs], ledger),
        _translated([each.elsewhere for _, each in pairs], mind.meanings.between),
    )
    compared: dict[int, list[tuple[int, PairVerdict]]] = {each.facts.id: [] for each in batch}
    for (idea_id, each), verdict in zip(pairs, verdicts, strict=True):
        files = ledger.files.get(idea_id, set()), ledger.files.get(each.key, set())
        careful_one = careful(verdict, words[idea_id], words[each.key], files=files)
        compared[idea_id].append((each.key, careful_one))
    return compared


def _translated(found: Sequence[Elsewhere | None], between: BetweenLanguages | None) -> Translated | None:
    """What the encoder says of pairs in two languages, as the pair model wants it."""
    if between is None or not any(found):
        return None
    nothing = np.full(NEAR, np.nan)
    return Translated(
        between,
        np.array([np.nan if each is None else each.cosine for each in found]),
        np.stack([nothing if each is None else padded(each.ours) for each in found]),
        np.stack([nothing if each is None else padded(each.theirs) for each in found]),
    )


def decisive(batch: Sequence[Ready], compared: Mapping[int, Sequence[tuple[int, PairVerdict]]]) -> set[int]:
    """The earlier ideas of which it counts where they stand: few of those that were compared."""
    said = {each.facts.same_as_id for each in batch}
    return {
        earlier
        for found in compared.values()
        for earlier, verdict in found
        # What is called new for all that it is as likely as UNTOLD may be stronger than another that isn't.
        if verdict.sameness is not Sameness.NEW or verdict.probability >= UNTOLD or earlier in said
    }


def _context(
    batch: Sequence[Ready], pairs: Sequence[tuple[int, int]], ledger: Ledger
) -> npt.NDArray[np.float64]:
    """What is known of pairs besides their words, as the pair model wants it."""
    about = ledger.about | {
        each.facts.id: About(
            each.facts.submitter_id,
            each.reading.candidates[0].framework if each.reading.candidates else None,
            each.facts.received_at,
        )
        for each in batch
    }
    nobody = About(None, None, None)
    context = np.array(
        [context_of(about.get(one, nobody), about.get(other, nobody)) for one, other in pairs],
        dtype=np.float64,
    ).reshape(-1, len(CONTEXT))
    context[:, 2] = apart(context[:, 2])
    return context


def resemblances(
    found: Sequence[tuple[int, PairVerdict]], ledger: Ledger, same_as_id: int | None = None
) -> list[Resemblance]:
    """The originals behind the near ideas of which is known where they stand, each once, with its strongest verdict.

    `same_as_id`: the idea of which the submitter said that it is the same, which is stronger than any verdict.
    """
    strongest: dict[int, Resemblance] = {}
    for earlier, verdict in found:
        if earlier not in ledger.ideas:
            continue
        original = ledger.original_of(earlier)
        is_said = earlier == same_as_id
        seen = Resemblance(
            original,
            verdict.probability,
            # What somebody says is at least worth asking about, when it can't be joined.
            Sameness.MAYBE if is_said and verdict.sameness is Sameness.NEW else verdict.sameness,
            verdict.reason,
            verdict.passages,
            earlier,
            is_said,
        )
        known = strongest.get(original.id)
        if known is None or _strength(seen) > _strength(known):
            strongest[original.id] = seen
    return list(strongest.values())


def _strength(seen: Resemblance) -> tuple[bool, bool, float]:
    return seen.is_said, seen.sameness is Sameness.SAME, seen.probability


def first_ids(near: Near) -> set[int]:
    """All ids that are to be compared: the earlier ones that were found, and those for which they were."""
    return {
        each for idea_id, found in near.items() if found for each in (idea_id, *(one.key for one in found))
    }
