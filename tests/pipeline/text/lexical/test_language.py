"""Which language a text is in, and what is assumed of one too short to tell."""

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from kader.demo.data import load_demo
from pipeline.text.lexical.language import LANGUAGES, identifier, languages

SENTENCES = {
    "nl": "Kunnen wij de verwarming eerder uitzetten als iedereen weg is?",
    "en": "Could we switch the heating off earlier when everybody has left?",
    "de": "Können wir die Heizung früher ausschalten, wenn alle weg sind?",
    "fr": "Pourrions-nous éteindre le chauffage plus tôt quand tout le monde est parti ?",
}


@pytest.mark.parametrize("expected", [None, *LANGUAGES])
def test_a_sentence_speaks_for_itself(expected):
    found = languages(list(SENTENCES.values()), [expected] * 4 if expected else None)
    assert found == list(SENTENCES)


@pytest.mark.parametrize(
    "text", ["", "wifi", "Printer", "123 !!", "🚲", "日本語のアイデア", "\u200b\u202e\0", "Coffee"]
)
def test_what_is_too_short_or_strange_has_the_expected_language(text):
    for language in LANGUAGES:
        assert languages([text], [language]) == [language]
    assert languages([text]) == ["nl"]
    assert languages([text], ["pl"]) == ["nl"]


def test_mixed_input_has_one_of_its_languages():
    assert languages([f"{SENTENCES['nl']} {SENTENCES['en']}"])[0] in {"nl", "en"}


def test_the_language_of_ideas_and_of_their_titles():
    ideas = load_demo().ideas
    expected = [idea.language for idea in ideas]
    wrong = [a != b for a, b in zip(languages([idea.text for idea in ideas]), expected, strict=True)]
    assert sum(wrong) <= 3
    wrong = [
        a != b for a, b in zip(languages([idea.title for idea in ideas], expected), expected, strict=True)
    ]
    assert sum(wrong) <= 3


def test_scores_are_those_of_the_library_alone_and_together():
    library = LanguageIdentifier.from_model_file(MODEL_FILE)
    library.set_languages(list(LANGUAGES))
    texts = [
        *SENTENCES.values(),
        "DE VERWARMING STAAT AAN",
        "café",
        "Zonnepanelen",
        "\ud800 kapot",
        "a" * 900,
    ]
    together = identifier().scores([*texts, ""])
    for text, scores in zip(texts, together, strict=False):
        theirs = dict(library.rank(text))
        assert scores == pytest.approx([theirs[language] for language in LANGUAGES], abs=0.05)
        assert (identifier().scores([text])[0] == scores).all()
