"""The demo organisation is large enough, hangs together, and is neither trivial nor hopeless."""

import email
import email.policy
import re
import shutil
from collections import Counter
from email.message import EmailMessage
from html import unescape
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.svm import LinearSVC

from kader.cli.demo.organisation import settings_for
from kader.demo.data import load_demo
from kader.demo.records import Demo, DemoMail
from kader.errors import PermanentError
from kader.settings import Settings


@pytest.fixture(scope="module")
def demo() -> Demo:
    return load_demo()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    with_files = tmp_path / "demo"
    shutil.copytree(str(files("kader.demo")), with_files)
    return with_files


def message_of(mail: DemoMail) -> EmailMessage:
    return email.message_from_bytes(mail.raw, policy=email.policy.default)


def words_of(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def test_organisation_has_the_promised_size(demo: Demo):
    roles = Counter(person.role for person in demo.people)
    assert 8 <= len(demo.units) <= 12
    assert roles["manager"] >= 12
    assert roles["coordinator"] == 2
    assert roles["employee"] >= 55
    assert demo.absences


def test_the_demo_fetches_no_real_mail(demo: Demo):
    real = Settings(_env_file=None, imap_url="imaps://idee:geheim@imap.veld.example")
    assert real.imap is not None
    assert settings_for(demo, real).imap is None


def test_every_framework_is_complete(demo: Demo):
    assert len(demo.frameworks) >= 8
    assert all(2 <= len(framework.limits) <= 4 for framework in demo.frameworks)
    assert all(2 <= len(framework.examples) <= 4 for framework in demo.frameworks)
    assert [framework.slug for framework in demo.frameworks if framework.closes_days is None] == [
        "veilige-zorg"
    ]


def test_ideas_have_the_promised_variety(demo: Demo):
    ideas = demo.ideas
    assert len(ideas) >= 220
    assert sum(idea.language == "en" for idea in ideas) >= 20
    assert sum(150 <= len(idea.text.split()) <= 300 for idea in ideas) >= 12
    assert sum(idea.text[0].islower() for idea in ideas) >= 15
    assert sum(idea.framework is None for idea in ideas) >= 18
    assert sum(idea.limit is not None for idea in ideas) >= 14
    assert sum(idea.near_miss_of is not None for idea in ideas) >= 8
    assert sum(idea.submitter is None for idea in ideas) >= 10
    assert {idea.channel for idea in ideas} == {"email", "form", "api", "import"}


def test_frameworks_are_unevenly_filled(demo: Demo):
    counts = Counter(idea.framework for idea in demo.ideas if idea.framework)
    assert set(counts) == {framework.slug for framework in demo.frameworks}
    assert min(counts.values()) == counts["leren-van-elkaar"] == 6
    assert sorted(counts.values())[1] >= 20


def test_no_two_ideas_have_the_same_words(demo: Demo):
    repeated = Counter(words_of(idea.text).casefold() for idea in demo.ideas).most_common(1)
    assert repeated[0][1] == 1


def test_duplicates_point_to_the_earliest_and_never_to_a_duplicate(demo: Demo):
    place = {idea.id: number for number, idea in enumerate(demo.ideas)}
    by_id = {idea.id: idea for idea in demo.ideas}
    duplicates = [idea for idea in demo.ideas if idea.duplicate_of]
    assert len(duplicates) >= 28
    for idea in duplicates:
        assert place[idea.duplicate_of or ""] < place[idea.id]
        assert by_id[idea.duplicate_of or ""].duplicate_of is None
    assert sum(by_id[idea.duplicate_of or ""].language != idea.language for idea in duplicates) >= 4
    assert sum("letterlijk" in idea.note for idea in duplicates) >= 4


def test_a_near_miss_is_not_also_linked_as_the_same(demo: Demo):
    root = {idea.id: idea.duplicate_of or idea.id for idea in demo.ideas}
    assert all(root[idea.id] != root[idea.near_miss_of] for idea in demo.ideas if idea.near_miss_of)


def test_every_mail_file_is_listed(demo: Demo):
    present = {
        entry.name for entry in (files("kader.demo") / "mails").iterdir() if entry.name.endswith(".eml")
    }
    assert present == {mail.file for mail in demo.mails}
    expected = Counter(mail.expect for mail in demo.mails)
    assert expected["idea"] >= 24
    assert (expected["automatic"], expected["repeat"]) == (3, 1)


def test_mails_are_raw_bytes_as_they_travel(demo: Demo):
    for mail in demo.mails:
        assert b"\n" not in mail.raw.replace(b"\r\n", b""), mail.file
        assert max(map(len, mail.raw.split(b"\r\n"))) <= 998, mail.file
        assert not [part for part in message_of(mail).walk() if part.defects], mail.file


def test_mail_carries_its_idea_from_its_submitter(demo: Demo):
    ideas = {idea.id: idea for idea in demo.ideas}
    addresses = {person.slug: person.email for person in demo.people}
    for mail in demo.mails:
        if mail.idea is None:
            continue
        message, idea = message_of(mail), ideas[mail.idea]
        body = message.get_body(("plain", "html"))
        assert body is not None, mail.file
        content = body.get_content()
        if body.get_content_subtype() == "html":
            content = unescape(re.sub(r"<[^>]+>", " ", content))
        assert message["from"].addresses[0].addr_spec == addresses[idea.submitter or ""], mail.file
        assert idea.title in message["subject"], mail.file
        for paragraph in idea.text.split("\n\n"):
            assert words_of(paragraph) in words_of(content), mail.file


def test_mails_differ_in_kind(demo: Demo):
    parts = [part for mail in demo.mails for part in message_of(mail).walk()]
    charsets = {part.get_content_charset() for part in parts}
    assert {"utf-8", "windows-1252", "iso-8859-15"} <= charsets
    assert {part.get("Content-Transfer-Encoding") for part in parts} >= {"quoted-printable", "base64"}
    assert sum(part.get_content_type() == "image/png" for part in parts) == 2
    assert any(message_of(mail).get_content_type() == "text/html" for mail in demo.mails)
    assert any(part.get_param("format") == "flowed" for part in parts)


def test_the_repeat_has_a_known_message_id(demo: Demo):
    known = {message_of(mail)["message-id"] for mail in demo.mails if mail.expect == "idea"}
    assert len(known) == sum(mail.expect == "idea" for mail in demo.mails)
    assert [message_of(mail)["message-id"] in known for mail in demo.mails if mail.expect == "repeat"] == [
        True
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("organisation.yaml", "parent: facilitair", "parent: nergens", "unknown parent"),
        ("organisation.yaml", "deputy: marga-oldekamp", "deputy: niemand", "unknown person"),
        (
            "organisation.yaml",
            "time_zone: Europe/Amsterdam",
            "time_zone: Europe/Nergens",
            "unknown time zone",
        ),
        ("frameworks.yaml", "manager: gareth-pennock", "manager: anouk-drijver", "not a manager"),
        ("frameworks.yaml", "capacity: 6", "capacities: 6", "misses a field"),
        ("ideas.csv", '"Extra formatieplaatsen"', '"Extra stoelen"', "does not have"),
        ("ideas.csv", '"vitaliteit"', '"vitaal"', "unknown framework"),
        ("mails.csv", '"automatic"', '"automatisch"', "expects something unknown"),
    ],
)
def test_a_reference_that_does_not_resolve_is_named(
    copy: Path, file: str, old: str, new: str, complaint: str
):
    content = (copy / file).read_text(encoding="utf-8")
    assert old in content
    (copy / file).write_text(content.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PermanentError, match=complaint):
        load_demo(copy)


def test_a_missing_mail_is_named(copy: Path):
    (copy / "mails" / "iphone-screening.eml").unlink()
    with pytest.raises(PermanentError, match=r"iphone-screening\.eml"):
        load_demo(copy)


def baseline() -> Pipeline:
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    return make_pipeline(make_union(words, characters), LinearSVC(random_state=0))


def definitions_of(demo: Demo) -> tuple[list[str], list[str]]:
    texts: list[str] = []
    slugs: list[str] = []
    for framework in demo.frameworks:
        own = [f"{framework.title} {framework.description} {framework.goal}", *framework.examples]
        own += [f"{limit.title} {limit.reason}" for limit in framework.limits]
        texts += own
        slugs += [framework.slug] * len(own)
    return texts, slugs


def test_the_ideas_are_neither_too_easy_nor_hopeless(demo: Demo):
    texts, slugs = definitions_of(demo)
    labelled = [idea for idea in demo.ideas if idea.framework]
    ideas = [f"{idea.title}\n{idea.text}" for idea in labelled]
    gold = np.array([idea.framework for idea in labelled])

    from_definitions = baseline().fit(texts, slugs).predict(ideas)
    assert 0.2 < np.mean(from_definitions == gold) < 0.8

    predicted = np.empty(len(gold), dtype=gold.dtype)
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(ideas, gold):
        model = baseline().fit([*texts, *(ideas[i] for i in train)], [*slugs, *gold[train]])
        predicted[test] = model.predict([ideas[i] for i in test])
    assert 0.45 <= np.mean(predicted == gold) < 0.95
