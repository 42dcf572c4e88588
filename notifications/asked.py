"""Why a person is asked about an idea: what pages and mails say of one reason stands side by side, in a file a language."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from pipeline.asking import Asks

# Where it is read: beside the idea by who decides, in their mail, or in the mail to the submitter.
Reader = Literal["page", "mail", "submitter"]
Sentences = Mapping[str, Mapping[str, str]]


def route_reason(reader: Reader, language: str, why: str) -> str:
    """Why an idea goes to no manager (`pipeline.routing.Why`). Raises KeyError when a mail has no words for it."""
    sentences = _sentences(language)["route"]
    if reader == "page" and why not in sentences:
        why = "other"
    return _for(reader, sentences[why])


def model_reason(reader: Reader, language: str, asks: Mapping[str, Any]) -> str:
    """Why the text model doesn't decide alone, by what `Asking.told` tells; of a submitter `why` is enough.

    Raises KeyError when there are no words for the reason, or a fact that they must tell is missing.
    """
    why = asks["why"]
    # The submitter is told no figures, so these make no difference there.
    if reader != "submitter":
        if asks.get("is_close"):
            why = "unsure_close"
        elif why == Asks.TOO_LITTLE and asks["labelled"] == 1:
            why = "too_little_one"
    facts = {name: value for name, value in asks.items() if value is not None}
    return _for(reader, _sentences(language)["model"][why]).format(**facts)


def reason(reader: Reader, language: str, why: str, asks: Mapping[str, Any] | str | None) -> str:
    """The text model's reason as a message keeps it; that of the route where it doesn't tell, or in words of a later version."""
    told = {"why": asks} if isinstance(asks, str) else asks
    if not told or told["why"] not in set(Asks):
        return route_reason(reader, language, why)
    return model_reason(reader, language, told)


def _for(reader: Reader, words: Mapping[str, str]) -> str:
    return words["mail"] if reader == "page" and "page" not in words else words[reader]


@cache
def _sentences(language: str) -> Mapping[str, Sentences]:
    text = (files("notifications") / "templates" / language / "asked.yaml").read_text(encoding="utf-8")
    read: Mapping[str, Sentences] = yaml.safe_load(text)
    return read
