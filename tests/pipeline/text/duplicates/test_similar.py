import pytest

from pipeline.core import IdeaText
from pipeline.text.duplicates.pairs import PairModel
from pipeline.text.duplicates.similar import similar
from pipeline.text.lexical.vectoriser import Vectoriser
from pipeline.text.lexical.wording import passages
from training.pairs.fitting import examples

LONG = IdeaText(
    "printer",
    "Zet een extra printer op de tweede verdieping. Nu loopt iedereen naar beneden om iets af te drukken, en dat "
    "kost elke dag tijd.",
    "Printer boven",
)
OTHERS = tuple(
    IdeaText(str(place), text)
    for place, text in enumerate(sorted({one.text for one, _ in examples()[0][::9]})[:60])
    if "printer" not in text.lower()
)


@pytest.fixture(scope="module")
def vectoriser():
    return Vectoriser.fit([idea.whole for idea in (LONG, *OTHERS)], most=100_000)


def test_three_words_find_the_long_idea_that_holds_them(vectoriser):
    found = similar("printer tweede verdieping", [*OTHERS, LONG], vectoriser)
    assert found[0].idea == "printer"
    assert found[0].likeness > 0.6
    assert [each.likeness for each in found] == sorted((each.likeness for each in found), reverse=True)


@pytest.mark.parametrize("draft", ["", "printer", "extra printer", "zqx vwk jjj"])
def test_too_little_or_nothing_in_common_gives_nothing(vectoriser, draft):
    assert similar(draft, [*OTHERS, LONG], vectoriser) == []


def test_no_more_than_asked(vectoriser):
    drafts = " ".join(idea.text for idea in OTHERS[:8])
    assert len(similar(drafts, OTHERS, vectoriser, most=2, least=0)) == 2
    assert similar(drafts, [], vectoriser) == []


def test_passages_are_the_same_words_in_both(vectoriser):
    other = IdeaText(
        "2", "Graag een extra printer op de tweede verdieping, want nu loopt iedereen naar beneden!", "Idee"
    )
    (found,) = passages([(LONG, other)], vectoriser)
    told = [(LONG.whole[slice(*each.one)].lower(), other.whole[slice(*each.other)].lower()) for each in found]
    assert ("nu loopt iedereen naar beneden", "nu loopt iedereen naar beneden") in told
    assert ("een extra printer op de tweede verdieping",) * 2 in told
    assert list(found) == sorted(found, key=lambda each: each.one)
    assert passages([(LONG, IdeaText("3", "de het een op"))], vectoriser) == [()]


def test_a_verdict_marks_its_passages_when_it_says_anything(vectoriser):
    verdict = PairModel(vectoriser).compare([(LONG, IdeaText("2", LONG.text))], [0.9])[0]
    assert verdict.passages
    assert LONG.whole[slice(*verdict.passages[0].one)].startswith("Zet")
