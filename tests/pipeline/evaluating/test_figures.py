import pytest
from sklearn.metrics import f1_score

from pipeline.core import Decision
from pipeline.evaluating.advice import Advice, Helps, advice
from pipeline.evaluating.answers import Answer
from pipeline.evaluating.figures import FrameworkFigures, NoneFigures, Share, Verdict, figures

ASK, AUTO, NONE = Decision.ASK, Decision.AUTO, Decision.NONE


def said(truth, framework, decision=ASK, probability=0.5, times=1):
    return [Answer(truth, framework, probability, decision)] * times


def measured(*answers, frameworks=("a", "b", "c"), max_error=0.05):
    return figures([each for some in answers for each in some], frameworks, max_error=max_error)


def test_each_figure_counts_what_it_says():
    found = measured(
        said("a", "a", AUTO, times=6), said("a", "b", times=3), said("a", "c"), said("b", "b", AUTO), said("b", "a", AUTO),
        said(None, "a", NONE, times=2), said(None, "b", AUTO), said(None, "c"), said("b", "b", NONE),
    )  # fmt: skip
    assert (found.ideas, found.right.number, found.right.out_of) == (17, 8, 13)
    assert (found.alone.number, found.alone.out_of) == (9, 17)
    assert (found.wrong.number, found.wrong.out_of) == (2, 9)
    assert found.none == NoneFigures(ideas=4, found=2, alone=1, in_vain=1)
    assert found.frameworks == (
        FrameworkFigures("a", ideas=10, right=6, alone=7, wrong=1, taken_for=("b", 3), drawn=3),
        FrameworkFigures("b", ideas=3, right=2, alone=2, wrong=1, taken_for=("a", 1), drawn=4),
        FrameworkFigures("c", ideas=0, right=0, alone=0, wrong=0, taken_for=None, drawn=2),
    )
    truth, given = "a" * 10 + "b" * 3, "a" * 6 + "bbbc" + "bab"
    assert found.macro_f1 == pytest.approx(
        f1_score(list(truth), list(given), average="macro", labels=["a", "b"])
    )


def test_calibration_is_the_gap_between_confidence_and_what_is_right():
    assert measured(said("a", "a", probability=1.0, times=4)).calibration_error == 0
    half = measured(said("a", "a", probability=0.9), said("a", "b", probability=0.9))
    assert half.calibration_error == pytest.approx(0.4)
    assert measured(said(None, "a", probability=0.7)).calibration_error == pytest.approx(0.7)


def test_bounds_are_those_of_clopper_and_pearson():
    none_of_ten = Share.of(0, 10)
    assert (none_of_ten.low, none_of_ten.high) == (0, pytest.approx(1 - 0.025**0.1))
    assert (Share.of(0, 0).share, Share.of(0, 0).high) == (0, 1)


@pytest.mark.parametrize(
    ("alone", "wrong", "verdict"),
    [
        (0, 0, Verdict.UNTRIED),
        (200, 1, Verdict.KEPT),
        (20, 1, Verdict.KEPT_HERE),  # 5 % of 20 is one
        (20, 2, Verdict.BROKEN_HERE),
        (200, 30, Verdict.BROKEN),
    ],
)
def test_a_promise_is_kept_or_broken_here_or_beyond_chance(alone, wrong, verdict):
    found = measured(
        said("a", "a", AUTO, times=alone - wrong), said("b", "a", AUTO, times=wrong), said("a", "b")
    )
    assert found.verdict is verdict


def test_nothing_that_fits_is_no_reason_to_stop():
    found = measured(said(None, "a", NONE))
    assert (found.macro_f1, found.right.out_of, found.verdict) == (0, 0, Verdict.UNTRIED)


def test_advice_begins_with_what_touches_most_mistakes():
    found = measured(
        said("a", "a", times=16), said("a", "b", times=4), said("b", "b", times=30), said("c", "b", times=2),
        said("c", "c"), said("b", "c", times=4), said("b", "b", NONE, times=3),
    )  # fmt: skip
    decided = {"a": 20, "b": 37, "c": 3}
    assert advice(found, decided) == [
        Advice(Helps.MORE_IDEAS, "c", ideas=3, mistakes=6),
        Advice(Helps.TELL_APART, "a", ideas=20, mistakes=4, other="b"),
        Advice(Helps.LABEL_NONE, "", ideas=0, mistakes=3),
    ]
    assert advice(found, decided, most=1) == advice(found, decided)[:1]
    assert advice(measured(said("a", "a", times=20), frameworks=("a", "b")), {"a": 20}) == []
    # What was learned from and not answered counts as decided.
    assert advice(found, {"a": 20, "b": 90, "c": 10, None: 10}) == [
        Advice(Helps.TELL_APART, "a", ideas=20, mistakes=4, other="b")
    ]
