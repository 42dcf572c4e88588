"""Reads the catalogues and finds a text by its key."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

LANGUAGES = ("nl", "en")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All texts of one language, by dotted key."""

    language: str
    texts: Mapping[str, str]

    def say(self, key: str, /, **values: object) -> str:
        """Return the text of a key with its values filled in. Raises KeyError when there is none."""
        return self.texts[key].format(**values)

    def count(self, key: str, number: int, /, **values: object) -> str:
        """Return the text for one or for more of something; `{number}` is filled in."""
        form = "one" if number == 1 else "other"
        return self.say(f"{key}.{form}", number=number, **values)

    def word(self, group: str, name: str, /, **values: object) -> str:
        """Return the text of one value of a closed set, or the group's `other` for a value without its own."""
        key = f"{group}.{name}"
        return self.say(key if key in self.texts else f"{group}.other", **values)


def read_catalogues() -> dict[str, Catalogue]:
    """Return the catalogue of every language."""
    folder = files("web") / "texts"
    return {
        language: Catalogue(
            language,
            dict(_flat(yaml.safe_load((folder / f"{language}.yaml").read_text(encoding="utf-8")))),
        )
        for language in LANGUAGES
    }


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{key}.")
        else:
            yield key, str(value)
