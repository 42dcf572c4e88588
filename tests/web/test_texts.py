"""Both languages say everything, and nothing is said that nobody reads."""

import re
from datetime import date
from importlib.resources import files
from string import Formatter

import pytest

from models.words import DecisionKind, IdeaStatus, MessageStatus, Source
from web.render import say_day
from web.texts import read_catalogues

SPOKEN = re.compile(r"""\b(?:t|n|texts\.say)\(\s*["']([a-z_0-9.]+)["'](?! ~)""")


def placeholders(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_catalogues_have_the_same_keys_and_values():
    dutch, english = (read_catalogues()[language].texts for language in ("nl", "en"))
    assert dutch.keys() == english.keys()
    differing = [key for key in dutch if placeholders(dutch[key]) != placeholders(english[key])]
    assert differing == []


def test_every_text_that_a_page_asks_for_exists():
    known = read_catalogues()["nl"].texts
    groups = {key.rpartition(".")[0] for key in known}
    web = files("web")
    sources = [
        path.read_text(encoding="utf-8")
        for folder in (web, web / "templates", web / "routes")
        for path in folder.iterdir()
        if path.name.endswith((".html", ".py"))
    ]
    asked = {key for source in sources for key in SPOKEN.findall(source)}
    assert len(asked) > 100
    assert {key for key in asked if key not in known and key not in groups} == set()


def test_every_value_of_a_closed_set_has_its_word():
    for catalogue in read_catalogues().values():
        for status in IdeaStatus:
            assert f"status.{status}" in catalogue.texts
            assert f"where.{status}" in catalogue.texts
        for kind in DecisionKind:
            for group in ("action", "decided", "confirmed", "event"):
                assert f"{group}.{kind}" in catalogue.texts
        for source in Source:
            assert f"source.{source}" in catalogue.texts
        for message in (MessageStatus.FAILED, MessageStatus.UNCERTAIN):
            assert f"message.{message}" in catalogue.texts


@pytest.mark.parametrize(("language", "said"), [("nl", "4 mrt 2026"), ("en", "4 Mar 2026")])
def test_a_short_day_is_written_as_people_do(language, said):
    assert say_day(read_catalogues()[language], date(2026, 3, 4), short=True) == said
