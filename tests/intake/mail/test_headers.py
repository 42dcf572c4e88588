from datetime import UTC, datetime

import pytest

from intake.mail.authentication import sender_verified
from intake.mail.headers import addresses, message_ids, one_line, sent_at, title_of


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("=?utf-8?Q?Idee=C3=ABn?=", "Ideeën"),
        ("=?utf-8?B?SWRlZcOrbg==?=", "Ideeën"),
        ("=?utf-8?B?SWRlZcOrbg?=", "Ideeën"),  # without padding
        ("=?utf-8?Q?Idee=C3?= =?utf-8?Q?=ABn?=", "Ideeën"),  # one letter cut in two
        ("=?utf-8?Q?Mijn?=\r\n =?iso-8859-1?Q?_idee=EBn?=", "Mijn ideeën"),
        ("=?x-nonsense?Q?Idee=C3=ABn?=", "Ideeën"),
        ("=?utf-8?B?****?= rest", "rest"),
        ("=?utf-8?Q?a=0D=0ABcc:_dief@kwaad.example?=", "a Bcc: dief@kwaad.example"),
        ("a\x00b\x1bc", "a b c"),
        ("Idee\udcc3\udcabn", "Ideeën"),  # undeclared bytes, as the standard library hands them over
        ("Jan \u202eelpmaxe", "Jan elpmaxe"),
    ],
)
def test_one_line(value: str, line: str):
    assert one_line(value) == line


@pytest.mark.parametrize(
    ("subject", "title", "forwarded"),
    [
        ("Re: Fwd: RE: Fietsen", "Fietsen", True),
        ("Antw: Betr: Fietsen", "Fietsen", False),
        ("Doorst: Fietsen", "Fietsen", True),
        ("AW[2]: Fietsen", "Fietsen", False),
        ("Regen: wat nu?", "Regen: wat nu?", False),
        ("Re:", "", False),
    ],
)
def test_title(subject: str, title: str, forwarded: bool):
    assert title_of(subject) == (title, forwarded)


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        ("Noor de Wit <Noor@Werk.Example>", (("Noor de Wit", "noor@werk.example"),)),
        (
            '"Wit, Noor de" <noor@werk.example>, jan@werk.example',
            (("Wit, Noor de", "noor@werk.example"), ("", "jan@werk.example")),
        ),
        ("=?utf-8?Q?No=C3=ABl?= <noel@werk.example>", (("Noël", "noel@werk.example"),)),
        ("Noor <noor@werk.example", (("Noor", "noor@werk.example"),)),
        ("Noor <noor@werk.example> " + "(" * 15_000, (("Noor", "noor@werk.example"),)),
        ("Noor [mailto:noor@werk.example", (("", "noor@werk.example"),)),
        ("undisclosed-recipients:;", ()),
        ("", ()),
    ],
)
def test_addresses(value: str, pairs: tuple[tuple[str, str], ...]):
    assert addresses([value]) == pairs


def test_message_ids():
    assert message_ids("<a@x.example>\r\n <b@x.example> <a@x.example>") == ("a@x.example", "b@x.example")
    assert message_ids("a@x.example") == ("a@x.example",)
    assert message_ids("<>") == ()
    assert len(message_ids(" ".join(f"<{n}@x.example>" for n in range(500)))) == 100


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("Mon, 3 May 2021 10:11:12 +0200", datetime(2021, 5, 3, 8, 11, 12, tzinfo=UTC)),
        ("Mon, 3 May 2021 10:11:12 -0000", datetime(2021, 5, 3, 10, 11, 12, tzinfo=UTC)),
        ("gisteren", None),
        ("Mon, 99 May 2021 99:11:12 +0200", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("", None),
    ],
)
def test_sent_at(value: str, moment: datetime | None):
    assert sent_at(value) == moment


OURS = "mx.werk.example"


@pytest.mark.parametrize(
    ("results", "verified"),
    [
        ([f"{OURS}; dmarc=pass header.from=werk.example"], True),
        ([f"{OURS} 1; dkim=pass (good) header.d=werk.example; spf=fail"], True),
        ([f"{OURS}; spf=pass smtp.mailfrom=noor@mail.werk.example"], True),
        ([f"{OURS}; dkim=pass header.d=kwaad.example"], False),
        ([f"{OURS}; dmarc=fail header.from=werk.example"], False),
        ([f"{OURS}; none"], None),
        (["mx.kwaad.example; dmarc=pass header.from=werk.example"], None),
        ([f"{OURS}; dmarc=fail", f"{OURS}; dmarc=pass"], False),
        ([f'{OURS}; spf=fail smtp.mailfrom="a; dmarc=pass header.from=werk.example"@kwaad.example'], False),
        ([f"{OURS}; spf=fail (x; dmarc=pass header.from=werk.example)"], False),
        ([f"{OURS}; dkim=pass header.d=example"], False),
        ([], None),
    ],
)
def test_only_the_own_server_can_verify_a_sender(results: list[str], verified: bool | None):
    assert sender_verified(results, OURS, "werk.example") is verified


def test_without_a_configured_server_nothing_is_verified():
    assert sender_verified(["; dmarc=pass header.from=werk.example"], "", "werk.example") is None
