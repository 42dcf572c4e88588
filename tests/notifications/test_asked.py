"""Why a person is asked, in words: every reason, for everyone who reads it, in both languages."""

from importlib.resources import files
from string import Formatter

import pytest
import yaml

from notifications.asked import model_reason, reason, route_reason
from pipeline.asking import Asking, Asks
from pipeline.routing import Why

LANGUAGES = ("nl", "en")
DOUBT = Asking(Asks.UNSURE, "Fietsen {snel}", sure=62, needed=94, labelled=12).told()


def sentences(language):
    text = (files("notifications") / "templates" / language / "asked.yaml").read_text(encoding="utf-8")
    return {
        (group, why, reader): sentence
        for group, reasons in yaml.safe_load(text).items()
        for why, readers in reasons.items()
        for reader, sentence in readers.items()
    }


def facts_in(sentence):
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_both_languages_give_who_decides_the_same_facts_and_the_submitter_no_figures():
    dutch, english = (sentences(language) for language in LANGUAGES)
    for (group, why, reader), sentence in {**dutch, **english}.items():
        if reader == "submitter":
            assert not facts_in(sentence)
        # What a page has no words of its own for, it says as the mail does.
        mail = (group, why, "mail")
        assert facts_in(dutch.get((group, why, reader), dutch.get(mail, ""))) == facts_in(
            english.get((group, why, reader), english.get(mail, ""))
        ), (group, why, reader)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_words_for_all_who_read_it(language):
    for reader in ("page", "mail", "submitter"):
        assert len({route_reason(reader, language, why) for why in Why}) == len(Why)
        for why in Asks:
            assert model_reason(reader, language, {**DOUBT, "why": why.value}), (reader, why)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reader", ["page", "mail"])
def test_who_decides_is_told_the_figures(language, reader):
    told = model_reason(reader, language, DOUBT).replace("\u00a0", " ")
    assert "‘Fietsen {snel}’" in told
    assert "62 %" in told
    assert "94 %" in told
    close = model_reason(reader, language, {**DOUBT, "sure": 94, "is_close": True})
    assert "94" in close
    assert close != model_reason(reader, language, {**DOUBT, "sure": 94})
    one, more = (
        model_reason(reader, language, {**DOUBT, "why": "too_little", "labelled": n}) for n in (1, 12)
    )
    assert "12" in more
    assert "1" not in one


def test_a_mail_is_not_sent_without_a_fact_that_it_must_tell():
    with pytest.raises(KeyError):
        model_reason("mail", "nl", {**DOUBT, "needed": None})
    with pytest.raises(KeyError):
        route_reason("mail", "nl", "a reason of later")


def test_what_the_model_does_not_tell_the_route_does():
    for asks in (None, {}, "", "a reason of later", {"why": "a reason of later"}):
        assert reason("mail", "en", "closed", asks) == route_reason("mail", "en", "closed")
    assert reason("mail", "en", "unsure", DOUBT) == model_reason("mail", "en", DOUBT)
    assert reason("submitter", "en", "unsure", "no_labels") == model_reason(
        "submitter", "en", {"why": "no_labels"}
    )


def test_a_page_has_words_for_a_reason_of_later():
    assert route_reason("page", "nl", "a reason of later") == route_reason("page", "nl", "other")
