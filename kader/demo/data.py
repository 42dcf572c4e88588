"""Reads the demo organisation from the files beside this module. No database, no clock."""

import csv
import io
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from kader.demo.records import (
    Demo,
    DemoAbsence,
    DemoFramework,
    DemoIdea,
    DemoLimit,
    DemoMail,
    DemoPerson,
    DemoResponsibility,
    DemoUnit,
)
from kader.demo.validation import validate
from kader.errors import PermanentError


def _yaml(folder: Traversable, name: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PermanentError(f"The demo file {name} can't be read: {error}.") from error
    if not isinstance(content, dict):
        raise PermanentError(f"The demo file {name} holds no mapping.")
    return content


def _table(folder: Traversable, name: str) -> list[dict[str, str]]:
    try:
        text = (folder / name).read_text(encoding="utf-8")
        return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PermanentError(f"The demo file {name} can't be read: {error}.") from error


def _framework(entry: dict[str, Any]) -> DemoFramework:
    fields = dict(entry)
    return DemoFramework(
        limits=tuple(DemoLimit(**limit) for limit in fields.pop("limits")),
        examples=tuple(fields.pop("examples")),
        managers=tuple(DemoResponsibility(**manager) for manager in fields.pop("managers")),
        **fields,
    )


def _idea(row: dict[str, str]) -> DemoIdea:
    return DemoIdea(
        id=row["id"],
        title=row["title"],
        text=row["text"],
        submitter=row["submitter"] or None,
        unit=row["unit"] or None,
        language=row["language"],
        channel=row["channel"],
        framework=row["framework"] or None,
        duplicate_of=row["duplicate_of"] or None,
        near_miss_of=row["near_miss_of"] or None,
        limit=row["limit"] or None,
        mail=row["mail"] or None,
        note=row["note"],
    )


def _mail(row: dict[str, str], folder: Traversable) -> DemoMail:
    try:
        raw = (folder / "mails" / row["file"]).read_bytes()
    except OSError as error:
        raise PermanentError(f"The demo mail {row['file']} can't be read: {error}.") from error
    return DemoMail(file=row["file"], idea=row["idea"] or None, expect=row["expect"], raw=raw)


def load_demo(folder: Traversable | None = None) -> Demo:
    """The demo organisation with its ideas, in order of arrival, and its mails.

    `folder` holds organisation.yaml, frameworks.yaml, ideas.csv, mails.csv and mails/; by default the folder of
    this package. Raises PermanentError when a file is missing or malformed, or when a reference does not resolve.
    """
    source = folder if folder is not None else files("kader.demo")
    organisation = _yaml(source, "organisation.yaml")
    try:
        demo = Demo(
            name=organisation["name"],
            domain=organisation["domain"],
            locale=organisation["locale"],
            time_zone=organisation["time_zone"],
            units=tuple(DemoUnit(**entry) for entry in organisation["units"]),
            people=tuple(DemoPerson(**entry) for entry in organisation["people"]),
            absences=tuple(DemoAbsence(**entry) for entry in organisation["absences"]),
            frameworks=tuple(_framework(entry) for entry in _yaml(source, "frameworks.yaml")["frameworks"]),
            ideas=tuple(_idea(row) for row in _table(source, "ideas.csv")),
            mails=tuple(_mail(row, source) for row in _table(source, "mails.csv")),
        )
    except (KeyError, TypeError) as error:
        raise PermanentError(f"The demo organisation misses a field or has one too many: {error}.") from error
    validate(demo)
    return demo
