import re
from dataclasses import replace
from datetime import date
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default

import pytest
from bs4 import BeautifulSoup
from jinja2 import UndefinedError

from kader.address import is_address
from kader.errors import PermanentError
from kader.links import Holder, Purpose
from models.words import MessageKind
from notifications.compose import compose
from notifications.dates import long_date
from notifications.headers import header_text
from notifications.letter import IdeaSnapshot, Recipient
from pipeline.asking import Asks
from pipeline.core import MEANING
from tests.notifications.samples import CREATED, IDEA, LINKS, SAMPLES, SETTINGS, letter, promised

EVERY = [
    pytest.param(name, language, id=f"{name}-{language}") for name in SAMPLES for language in ("nl", "en")
]
ADDRESS = re.compile(r"https://\S+")


def parsed(one):
    """The mail as the recipient's program reads it from the wire."""
    return message_from_bytes(compose(one, LINKS, SETTINGS).as_bytes(), policy=default)


LINK = re.compile(r"https?://\S+")


def text_of(message):
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def html_of(message):
    return message.get_body(("html",)).get_content()


def words_of_text(text):
    """All words, without the marks of quotes and lists."""
    lines = [re.sub(r"^(> ?|- |-- ?$)", "", line) for line in ADDRESS.sub("", text).splitlines()]
    return " ".join(lines).replace(":", " ").split()


def words_of_html(html):
    body = BeautifulSoup(html, "html.parser").body
    return body.get_text(" ").replace(":", " ").split()


def glued(words):
    """Without spaces, which differ where a mark ends next to a comma."""
    return "".join(words)


def test_every_kind_has_a_sample():
    assert {kind for kind, _, _ in SAMPLES.values()} == set(MessageKind)


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_mail_mentions_every_promised_fact(name, language):
    message = parsed(letter(name, language))
    text = " ".join(" ".join(line.removeprefix("> ") for line in text_of(message).splitlines()).split())
    for fact in promised(name, language):
        assert " ".join(fact.split()) in text
    assert "None" not in text
    assert "None" not in message["Subject"]
    assert "{" not in text
    assert message["Content-Language"] == language


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_text_and_html_say_the_same(name, language):
    message = parsed(letter(name, language))
    assert glued(words_of_text(text_of(message))) == glued(words_of_html(html_of(message)))


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_one_link_that_opens_the_page_of_its_reader(name, language):
    one = letter(name, language)
    message = parsed(one)
    found = ADDRESS.findall(text_of(message))
    assert len(found) == 1
    buttons = [tag["href"] for tag in BeautifulSoup(html_of(message), "html.parser").find_all("a")]
    assert len(buttons) == 1
    purpose = {
        "to_manager": Purpose.ANSWER, "twin_joined": Purpose.ANSWER, "answered": Purpose.ANSWER,
        "to_coordinator": Purpose.DESK, "objection": Purpose.DESK,
        "fresh_link": Purpose(one.payload.get("purpose", "volg")),
    }.get(one.kind.value, Purpose.FOLLOW)  # fmt: skip
    idea_id = None if purpose in {Purpose.DESK, Purpose.MANAGER} else IDEA.id
    for link in (*found, *buttons):
        path, token = link.removeprefix("https://kader.example/").split("/")
        assert LINKS.read(Purpose(path), token) == Holder(one.recipient.id, idea_id)
        assert path == purpose.value


@pytest.mark.parametrize("name", ["to_coordinator_no_manager", "objection"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_who_is_no_coordinator_gets_no_desk(language, name):
    manager = Recipient(7, "Sanne de Boer", "sanne@waterland.example", language)
    message = parsed(letter(name, language, recipient=manager))
    (link,) = ADDRESS.findall(text_of(message))
    path, token = link.removeprefix("https://kader.example/").split("/")
    assert LINKS.read(Purpose(path), token) == Holder(manager.id, IDEA.id)
    assert path == Purpose.ANSWER
    assert not re.search("bureau|desk", text_of(message).replace(link, ""))
    assert glued(words_of_text(text_of(message))) == glued(words_of_html(html_of(message)))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("routed", "a person looks"),
        ("routed_apart_assigned", "a person looks"),
        ("routed_apart_parked", None),
        ("routed_apart_asked", None),
        ("with_coordinator_apart", "who should see"),
        ("handed_over", "a person looks"),
        ("handed_over_left", "a person looks"),
        ("handed_over_left_linked", "of its own"),
        ("handed_over_parked", None),
        ("joined_parked", "of its own"),
    ],
)
def test_a_mail_offers_only_what_the_page_of_the_idea_has(name, said):
    text = " ".join(text_of(parsed(letter(name, "en"))).split())
    assert ("Say so on the page of your idea." in text) is (said is not None)
    assert said is None or said in text


def test_a_desk_offers_frameworks_and_no_colleagues():
    for language, word in (("nl", "collega die"), ("en", "colleague")):
        assert word not in text_of(parsed(letter("to_coordinator_unsure", language)))


@pytest.mark.parametrize(
    ("kind", "asks"),
    [
        ("to_coordinator", None),
        ("to_coordinator", {"why": "a reason of later"}),
        ("with_coordinator", None),
        ("with_coordinator", "a reason of later"),
    ],
)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_was_queued_by_another_version_is_still_written(kind, asks, language):
    plain = letter(f"{kind}_unsure", language)
    assert "asks" not in plain.payload
    told = replace(plain, payload={**plain.payload, "asks": asks})
    # Links are signed with the time, and a second may pass between the two.
    one, other = (LINK.sub("", text_of(parsed(each))) for each in (told, plain))
    assert one == other


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_submitter_is_told_no_scores_and_who_decides_why_it_is_asked(language):
    for why in Asks:
        assert "%" not in text_of(parsed(letter(f"with_coordinator_asks_{why}", language)))
    for name in [name for name in SAMPLES if name.startswith("to_coordinator_asks_")]:
        message = parsed(letter(name, language))
        for said in (text_of(message), html_of(message)):
            assert not re.search("hesitat|not sure which|er niet zeker van", said)


@pytest.mark.parametrize("kind", [MessageKind.TO_MANAGER, MessageKind.ROUTED, MessageKind.TO_COORDINATOR])
@pytest.mark.parametrize(
    ("language", "said"), [("nl", "de betekenis als geheel"), ("en", "the meaning as a whole")]
)
def test_the_meaning_as_a_whole_has_words(kind, language, said):
    name = next(
        name
        for name, (of, payload, _) in SAMPLES.items()
        if of is kind and (payload.get("reasons") or payload.get("candidates"))
    )
    one = letter(name, language)
    named = [MEANING, "<fiets>"]
    candidates = [{**each, "reasons": named} for each in one.payload.get("candidates", ())]
    told = parsed(
        replace(
            one, payload={**one.payload, "reasons": named, "against": [MEANING], "candidates": candidates}
        )
    )
    assert f": {said}, “<fiets>”" in " ".join(text_of(told).split())
    assert f": {said}, “&lt;fiets&gt;”" in " ".join(html_of(told).split())
    assert MEANING not in text_of(told)


def test_a_mail_about_no_idea_hangs_on_nothing():
    message = parsed(letter("fresh_link_bureau"))
    assert message["Subject"] == "Je nieuwe link"
    assert message["References"] is None


def test_dutch_and_english_differ_and_an_unknown_language_is_the_organisations():
    dutch, english, other = (parsed(letter("receipt", language)) for language in ("nl", "en", "fr"))
    assert text_of(dutch).startswith("Dag Youssef Amrani,")
    assert "Zolang er nog geen antwoord" in text_of(parsed(letter("question"))).replace("\n", " ")
    assert text_of(english).startswith("Hello Youssef Amrani,")
    assert text_of(other).startswith("Dag Youssef Amrani,")
    assert '<html lang="en">' in html_of(english)


def test_headers_tell_machines_what_it_is():
    message = parsed(letter("routed"))
    assert str(message["From"]) == "Gemeente Waterland <ideeen@waterland.example>"
    assert str(message["To"]) == "Youssef Amrani <youssef@waterland.example>"
    assert message["Reply-To"] == "ideeen@waterland.example"
    assert (
        message["Subject"]
        == "[K-2026-0042] Sanne de Boer beslist over je idee: Deelfietsen voor huisbezoeken"
    )
    assert message["Date"].datetime == CREATED
    assert message["Message-ID"] == "<routed.1@waterland.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"


def test_mails_about_one_idea_hang_on_one_root():
    receipt, routed, told = (parsed(letter(name)) for name in ("receipt", "routed", "to_manager"))
    other = parsed(letter("receipt", idea=IdeaSnapshot(43, "K-2026-0043", "Anders", "Anders", None)))
    root = "<K-2026-0042@waterland.example>"
    assert receipt["References"] == routed["References"] == told["In-Reply-To"] == root
    assert other["References"] == "<K-2026-0043@waterland.example>"


def test_a_left_part_gets_the_senders_domain():
    assert parsed(letter(message_id="a1b2"))["Message-ID"] == "<a1b2@waterland.example>"


@pytest.mark.parametrize("bad", ["a b@waterland.example", "a@b>\r\nBcc: x@y.example", "", "<a@b>"])
def test_a_message_id_can_hold_nothing_else(bad):
    with pytest.raises(PermanentError):
        compose(letter(message_id=bad), LINKS, SETTINGS)


@pytest.mark.parametrize(
    "nasty",
    [
        "Titel\r\nBcc: iedereen@waterland.example",
        "Titel\u2028Bcc: iedereen@waterland.example",
        "=?utf-8?q?Titel=0D=0ABcc:_iedereen@waterland.example?=",
        "=?utf-8?b?VGl0ZWwNCkJjYzogaWVkZXJlZW5Ad2F0ZXJsYW5kLmV4YW1wbGU=?=",
        "Titel\x00\x85\x0b\x0cBcc: iedereen@waterland.example",
    ],
)
def test_names_and_titles_cannot_become_headers(nasty):
    one = letter(
        "routed",
        idea=IdeaSnapshot(42, "K-2026-0042", nasty, nasty, None),
        recipient=Recipient(9, nasty, "youssef@waterland.example", "nl"),
        payload={
            **SAMPLES["routed"][1],
            "promise": {"manager": nasty, "deputy_for": nasty, "due_on": "2026-12-04"},
        },
    )
    raw = compose(one, LINKS, SETTINGS.model_copy(update={"organisation": nasty})).as_bytes()
    message = message_from_bytes(raw, policy=default)
    assert message["Bcc"] is None
    assert b"\nBcc:" not in raw.partition(b"\r\n\r\n")[0]
    assert [a.addr_spec for a in message["To"].addresses] == ["youssef@waterland.example"]
    assert len(message["From"].addresses) == 1


def test_html_escapes_what_people_write_and_text_does_not():
    nasty = '<script>alert("x")</script> & <b>vet</b>'
    one = letter(
        "to_manager",
        idea=IdeaSnapshot(42, "K-2026-0042", nasty, f"Eerst.\n{nasty}", None),
        payload={
            **SAMPLES["to_manager"][1], "framework": nasty, "submitter": nasty, "reasons": [nasty],
            "twins": [{"reference": "K-2026-0017", "title": nasty, "state": "same"}],
            "touched_limits": [{"title": nasty, "sentence": nasty}],
        },
    )  # fmt: skip
    message = parsed(one)
    assert "<script" not in html_of(message)
    assert "<b>" not in html_of(message)
    assert "&amp;lt;" not in html_of(message)
    assert "&lt;script&gt;" in html_of(message)
    assert f"> {nasty}" in text_of(message)
    assert "&lt;" not in text_of(message)
    assert "<script" not in html_of(
        parsed(letter("declined", payload={**SAMPLES["declined"][1], "reason": nasty}))
    )


def test_own_words_are_quoted_line_by_line():
    text = text_of(parsed(letter("receipt")))
    assert (
        "> Deelfietsen voor huisbezoeken\n>\n> Voor een huisbezoek pak ik nu de auto.\n>\n"
        "> Met twee deelfietsen bij de ingang ben ik sneller & gezonder.\n"
    ) in text


def test_a_very_long_idea_is_cut_and_an_untitled_one_gets_its_first_words():
    long = IdeaSnapshot(42, "K-2026-0042", "", "woord " * 4000, None)
    message = parsed(letter("receipt", idea=long))
    assert "[…]" in text_of(message)
    assert len(text_of(message)) < 6000
    assert message["Subject"].startswith("[K-2026-0042] We hebben je idee: woord woord")
    assert len(message["Subject"]) <= 200


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("routed", "promise"),
        ("declined", "reason"),
        ("declined", "by"),
        ("parked", "reason"),
        ("extended", "due_on"),
    ],
)
def test_a_mail_that_cannot_say_what_it_must_is_not_written(name, gone):
    payload = {key: value for key, value in SAMPLES[name][1].items() if key != gone}
    with pytest.raises((UndefinedError, AttributeError, TypeError)):
        compose(letter(name, payload=payload), LINKS, SETTINGS)
    with pytest.raises((UndefinedError, AttributeError, TypeError)):
        compose(letter(name, payload={**payload, gone: None}), LINKS, SETTINGS)


def test_wire_lines_are_short_and_ascii():
    raw = compose(letter("to_manager", "nl"), LINKS, SETTINGS).as_bytes()
    assert raw.isascii()
    assert max(len(line) for line in raw.splitlines()) <= 78


def test_dates_for_people():
    assert long_date(date(2026, 12, 4), "nl") == "vrijdag 4 december 2026"
    assert long_date(date(2027, 3, 1), "en") == "Monday 1 March 2027"


@pytest.mark.parametrize(
    ("value", "usable"),
    [
        ("jan@waterland.example", True), ("jan.o'neill+x@a-b.example", True), ("", False), ("jan", False),
        ("jan@", False), ("jan @waterland.example", False), ("jan@waterland.example\r\nBcc: x@y.example", False),
        ("jan@a..example", False), ("jan@waterland.example, piet@waterland.example", False), ("jän@a.example", False),
    ],
)  # fmt: skip
def test_which_addresses_can_be_used(value, usable):
    assert is_address(value) is usable


def test_header_text_is_one_short_line():
    assert header_text("  a\tb\r\n c ") == "a b c"
    assert header_text("\u202egnp.exe") == "gnp.exe"
    assert len(header_text("woord " * 100)) <= 200
    assert header_text("woord " * 100).endswith("woord…")


@pytest.mark.parametrize(
    "title",
    [
        "Laatste patiënt",
        "Alarmbel in de scanruimte",
        "Eén " * 30,
        "w" * 150,
        "緑の屋根を" * 12,
        "A" * 40 + " ë",
    ],
)
def test_a_subject_reads_the_same_wherever_it_is_divided(title):
    one = letter("routed", "nl")
    idea = replace(one.idea, title=title)
    message = compose(replace(one, idea=idea), LINKS, SETTINGS)
    raw = message.as_bytes()
    (lines,) = re.findall(rb"(?m)^Subject:((?:.*\r\n)(?:[ \t].*\r\n)*)", raw)
    assert lines.split(b"\r\n")[0].strip()
    # As RFC 5322 has it: a division is a line break before a blank, which stays.
    unfolded = lines.replace(b"\r\n", b"").decode("ascii").strip()
    read = str(make_header(decode_header(unfolded)))
    assert read == message["Subject"]
    assert "  " not in read
    assert all(len(line) <= 78 for line in lines.split(b"\r\n")) or title.startswith("www")
