"""The templates, in two forms that share every sentence: plain text and HTML.

A letter is one template a kind and language. It writes no markup but calls the macros of
`templates/text.jinja` or `templates/html.jinja`, so that both forms always say the same.
"""

import re
import textwrap
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError
from markupsafe import Markup, escape

Form = Literal["text", "html"]

WIDTH = 72
# Not the space that must not break, as between a number and its sign.
SPACES = re.compile(r"[ \t\r\n\f\v]+")


@cache
def environment(form: Form) -> Environment:
    """The environment of one form: HTML escapes all that is not markup of our own, text escapes nothing."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=form == "html",  # noqa: S701 - the text form is never shown as HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=_said,
    )
    made.filters["flowing"] = flowing
    made.filters["bullet"] = bullet
    made.filters["quoted"] = quoted
    made.filters["broken"] = broken
    return made


def flowing(value: str) -> str:
    """One paragraph in lines of at most WIDTH signs."""
    return _fill(value)


def bullet(value: str) -> str:
    """One entry of a list."""
    return _fill(value, first="- ", rest="  ")


def quoted(value: str) -> str:
    """Somebody's own words: each line marked, empty lines kept."""
    lines = value.strip().splitlines()
    return "\n".join(_fill(line, first="> ", rest="> ") if line.strip() else ">" for line in lines)


def broken(value: str) -> Markup:
    """Somebody's own words as HTML: escaped, with their line breaks."""
    return Markup("<br>\n").join(escape(line) for line in value.strip().splitlines())


def _said(value: Any) -> Any:
    """Nobody reads "None" in a mail: what must be said and isn't known stops the mail."""
    if value is None:
        raise UndefinedError("something that this mail must say is not known")
    return value


def _fill(value: str, first: str = "", rest: str = "") -> str:
    return textwrap.fill(
        SPACES.sub(" ", value).strip(),
        width=WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
