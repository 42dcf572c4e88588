"""Finds the earlier ideas that may be the same, and compares them closely."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy.orm import Session

from pipeline.caution import UNTOLD, careful
from pipeline.core import PairVerdict, Sameness
from pipeline.facts import Resemblance
from pipeline.store.duplicates.decided import About, context_of
from pipeline.store.duplicates.known import Ledger, earliest_by_fingerprint, load_words
from pipeline.store.reading.ready import Ready
from pipeline.store.search.mind import Mind
from pipeline.text.duplicates.pairs import CONTEXT, apart

# How many earlier ideas are compared closely: the nearest by vector, and those that share most rare words. Of reports
# that people marked as duplicates 10 of 16 are among the first alone and 12 among both (Eclipse, OpenOffice).
NEIGHBOURS = 5
BY_WORDS = 5
# Below this cosine the pair model says "new" in any case, so the pair need not be compared closely.
PLAUSIBLE_COSINE = 0.35

Near = dict[int, list[tuple[int, float]]]


def neighbourhood(session: Session, batch: Sequence[Ready], mind: Mind) -> tuple[Near, Ledger]:
    """The earlier ideas that may be twins of these, and what they are compared by; see `decisive` for the rest."""
    mind.index.follow(session, up_to=batch[-1].facts.id)
    mind.words.follow(session, up_to=batch[-1].facts.id)
    while True:
        near = find_near(session, batch, mind)
        ledger = load_words(session, first_ids(near))
        earlier = {key for found in near.values() for key, _ in found}
        if not (gone := earlier - ledger.texts.keys()):
            return near, ledger
        # Deleted since they were followed: they must not hide those who are there.
        mind.index.forget(gone)
        mind.words.forget(gone)


def find_near(session: Session, batch: Sequence[Ready], mind: Mind) -> Near:
    """For each idea the earlier ones that may be its twin, as (id, cosine); the indexes must be up to date."""
    near: Near = {each.facts.id: [] for each in batch}
    readable = [each for each in batch if len(each.reading.vector)]
    if readable:
        keys = [each.facts.id for each in readable]
        vectors = np.stack([each.reading.vector for each in readable])
        by_vector = mind.index.before(session, keys, vectors, NEIGHBOURS, least=PLAUSIBLE_COSINE)
        by_words = mind.words.index.search(
            [each.reading.rare for each in readable], BY_WORDS, before=np.array(keys, dtype=np.int64)
        )
        found = [
            list(dict.fromkeys([*(hit.key for hit in hits), *shared]))
            for hits, shared in zip(by_vector, by_words, strict=True)
        ]
        # Once more for those of the vectors too: what a search gives differs a hair from store to store.
        cosines = mind.index.cosines(session, vectors, found)
        for key, ids, close in zip(keys, found, cosines, strict=True):
            near[key] = list(zip(ids, close, strict=True))
    # Equal words may have no vector at all (an emoji, another script), yet they are the same idea.
    earliest = earliest_by_fingerprint(session, {each.fingerprint for each in batch})
    for each in batch:
        first = earliest[each.fingerprint]
        if first < each.facts.id and first not in {key for key, _ in near[each.facts.id]}:
            near[each.facts.id].append((first, 1.0))
        said = each.facts.same_as_id
        if said is not None and said < each.facts.id and said not in {key for key, _ in near[each.facts.id]}:
            near[each.facts.id].append((said, 1.0))
    return near


def compare(
    batch: Sequence[Ready], near: Near, ledger: Ledger, mind: Mind
) -> dict[int, list[tuple[int, PairVerdict]]]:
    """What is made of each idea and its near ones: id to (earlier id, verdict)."""
    words = ledger.texts | {each.facts.id: each.words for each in batch}
    pairs = [(idea_id, earlier, cosine) for idea_id, found in near.items() for earlier, cosine in found]
    verdicts = mind.pairs.compare(
        [(words[idea_id], words[earlier]) for idea_id, earlier, _ in pairs],
        np.asarray([cosine for _, _, cosine in pairs], dtype=np.float32),
        _context(batch, pairs, ledger),
    )
    compared: dict[int, list[tuple[int, PairVerdict]]] = {each.facts.id: [] for each in batch}
    for (idea_id, earlier, _), verdict in zip(pairs, verdicts, strict=True):
        files = ledger.files.get(idea_id, set()), ledger.files.get(earlier, set())
        careful_one = careful(verdict, words[idea_id], words[earlier], files=files)
        compared[idea_id].append((earlier, careful_one))
    return compared


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
    batch: Sequence[Ready], pairs: Sequence[tuple[int, int, float]], ledger: Ledger
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
        [context_of(about.get(one, nobody), about.get(other, nobody)) for one, other, _ in pairs],
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


def first_ids(near: Mapping[int, Sequence[tuple[int, float]]]) -> set[int]:
    """All ids that are to be compared: the earlier ones that were found, and those for which they were."""
    return {each for idea_id, found in near.items() if found for each in (idea_id, *dict(found))}
