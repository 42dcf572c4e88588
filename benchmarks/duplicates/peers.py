"""Other people's tools for near duplicates, as their own pages say to use them.

`datasketch` and `usearch` come with `make twins`; `semhash` needs model2vec, and so stands in the environment of
`make encoders`.
"""

from collections.abc import Sequence

import numpy as np

from benchmarks.duplicates.measures import Ranking
from benchmarks.duplicates.systems import TOP, System
from pipeline.core import IdeaText
from pipeline.text.encoders.encoder import Encoder

_PERMUTATIONS = 128
_LOOSE = 0.2  # an LSH index answers by a threshold: a low one, so that it may find the ten best as well


def minhash(ideas: Sequence[IdeaText]) -> Ranking:
    """MinHash LSH of `datasketch`, over character 5-grams; what it finds is ranked by estimated Jaccard."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=_LOOSE, num_perm=_PERMUTATIONS)
    hashes = []
    for idea in ideas:
        text = " ".join(idea.whole.lower().split())
        made = MinHash(num_perm=_PERMUTATIONS)
        made.update_batch([text[at : at + 5].encode() for at in range(max(len(text) - 4, 1))])
        index.insert(idea.id, made)
        hashes.append(made)
    found = [
        [
            (hashes[row].jaccard(hashes[int(key)]), int(key))
            for key in index.query(hashes[row])
            if int(key) != row
        ]
        for row in range(len(ideas))
    ]
    return listed(found)


def semhash(encoder: Encoder) -> System:
    """SemHash with its own search, over the vectors of `encoder`: the ten nearest of each record above its threshold."""

    def rank(ideas: Sequence[IdeaText]) -> Ranking:
        from semhash import SemHash

        class Encoding:
            def encode(self, inputs: Sequence[str], **_: object) -> object:
                return encoder.encode(list(inputs))

        texts = [idea.whole for idea in ideas]
        # Records that are the same word for word are one record to SemHash.
        places: dict[str, list[int]] = {}
        for place, text in enumerate(texts):
            places.setdefault(text, []).append(place)
        hashed = SemHash.from_records(records=list(places), model=Encoding())
        result = hashed.self_deduplicate(threshold=0.5)
        found: list[list[tuple[float, int]]] = [[] for _ in ideas]
        for same in places.values():
            for one in same:
                found[one].extend((1.0, other) for other in same if other != one)
        for removed in result.filtered:
            for duplicate, score in removed.duplicates:
                for one in places[str(removed.record)]:
                    for other in places[str(duplicate)]:
                        found[one].append((float(score), other))
                        found[other].append((float(score), one))
        return listed(found)

    return rank


def usearch(encoder: Encoder) -> System:
    """The exact search of `usearch` over the vectors of `encoder`."""

    def rank(ideas: Sequence[IdeaText]) -> Ranking:
        from usearch.index import MetricKind, search

        vectors = encoder.encode([idea.whole for idea in ideas])
        near = search(vectors, vectors, TOP + 1, MetricKind.Cos, exact=True)
        return listed(
            [
                [
                    (1 - float(distance), int(key))
                    for key, distance in zip(keys, distances, strict=True)
                    if int(key) != row
                ]
                for row, (keys, distances) in enumerate(zip(near.keys, near.distances, strict=True))
            ]
        )

    return rank


def listed(found: Sequence[Sequence[tuple[float, int]]]) -> Ranking:
    """A ranking of (score, place) per idea, of any number and order."""
    place = np.full((len(found), TOP), -1, dtype=np.int64)
    score = np.zeros((len(found), TOP))
    for row, each in enumerate(found):
        best: dict[int, float] = {}
        for value, other in each:
            best[other] = max(value, best.get(other, -np.inf))
        for column, (other, value) in enumerate(
            sorted(best.items(), key=lambda one: (-one[1], one[0]))[:TOP]
        ):
            place[row, column], score[row, column] = other, value
    return Ranking(place, score)
