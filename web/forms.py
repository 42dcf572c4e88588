"""What people type in forms, and what is wrong with it."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from fastapi import Depends, Request

from kader.errors import UserError, half
from web.texts import Catalogue

MOST_FIELDS = 40


async def typed_fields(request: Request) -> dict[str, str]:
    """Return the fields of a form as they were typed, with line ends as one character; files are refused."""
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    return {
        name: value.replace("\r\n", "\n").replace("\x00", "")
        for name, value in form.items()
        if isinstance(value, str)
    }


def with_blanks(typed: dict[str, str] | None) -> dict[str, str]:
    """Return the fields for a template: what was not typed is empty."""
    return defaultdict(str, typed or {})


Typed = Annotated[dict[str, str], Depends(typed_fields)]


@dataclass(slots=True)
class Faults:
    """Sentences about what is wrong, by field, in the order in which they were found."""

    sentences: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, sentence: str) -> None:
        self.sentences.setdefault(name, sentence)

    def __bool__(self) -> bool:
        return bool(self.sentences)


def read_day(text: str) -> date | None:
    """Return the day of a date field, or None when it is empty or no date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def told(error: UserError, texts: Catalogue) -> str:
    """Return the sentence of an error in the language of the reader, if it was written in both."""
    return half(str(error), texts.language)
