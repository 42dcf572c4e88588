"""Why a person is asked."""

import json

import pytest

from pipeline.asking import Asks, Autonomy, asking
from pipeline.core import Decision

KNOWN = Autonomy(40, {"groen": 0.9312}, frozenset({"nieuw"}))


@pytest.mark.parametrize(
    ("decision", "framework", "autonomy", "why"),
    [
        (Decision.NONE, "groen", KNOWN, Asks.FITS_NONE),
        (Decision.ASK, "groen", KNOWN, Asks.UNSURE),
        (Decision.ASK, "nieuw", KNOWN, Asks.NEW_FRAMEWORK),
        (Decision.ASK, "rooster", KNOWN, Asks.TOO_LITTLE_HERE),
        (Decision.ASK, "groen", Autonomy(40, {}, frozenset()), Asks.TOO_LITTLE),
        (Decision.ASK, "groen", Autonomy(0, {}, frozenset({"groen"})), Asks.NO_LABELS),
        (Decision.ASK, "groen", Autonomy(0, {"groen": 0.8}, frozenset({"groen"})), Asks.UNSURE),
    ],
)
def test_the_reason_follows_from_what_the_model_may_do(decision, framework, autonomy, why):
    found = asking(decision, framework, 0.5, autonomy)
    assert (found.why, found.framework, found.labelled) == (why, framework, autonomy.labelled)
    assert (found.needed is not None) == (why is Asks.UNSURE)


def test_who_decides_alone_asks_nothing():
    assert asking(Decision.AUTO, "groen", 0.99, KNOWN) is None


@pytest.mark.parametrize(
    ("probability", "needed", "said", "is_close"),
    [(0.62, 0.9312, (62, 94), False), (0.29, 0.3, (29, 30), False), (0.2476, 0.25, (25, 25), True)],
)
def test_what_is_hardly_less_sure_than_needed_is_called_so(probability, needed, said, is_close):
    found = asking(Decision.ASK, "groen", probability, Autonomy(40, {"groen": needed}, frozenset()))
    assert (found.sure, found.needed, found.is_close) == (*said, is_close)


def test_it_is_kept_as_json_and_older_metrics_tell_what_they_can():
    assert Autonomy.of_metrics(json.loads(json.dumps({"autonomy": KNOWN.kept()}))) == KNOWN
    assert Autonomy.of_metrics({"labelled": 3, "decided_alone": 0}) == Autonomy(3, {}, frozenset())
    assert Autonomy.of_metrics({"labelled": 3, "decided_alone": 2}) is None
    assert Autonomy.of_metrics({}) is None
