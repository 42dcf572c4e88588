import pytest

from intake.mail.body import unflow
from intake.mail.charset import decode, printable
from intake.mail.html import text_of_html


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>Een</p><p>Twee<br>drie</p>", "Een\n\nTwee\ndrie"),
        ("<ul><li>fiets<li>trein</ul>", "- fiets\n- trein"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("Hoi<blockquote>vraag</blockquote>antwoord", "Hoi\n\n> vraag\n\nantwoord"),
        ("<style>p {}</style><script>x()</script><title>t</title><p>tekst</p>", "tekst"),
        ('<div style="display: none">lokkertje</div><p>tekst</p>', "tekst"),
        ('<div style="display:none">alles verborgen en nooit gesloten', "alles verborgen en nooit gesloten"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<pre>  x\n  y</pre>", "  x\n  y"),
        ("caf&eacute; &amp; thee &lt;", "café & thee <"),
        ("a < b", "a < b"),
        ("", ""),
    ],
)
def test_html(source: str, text: str):
    assert text_of_html(source) == text


def test_deep_html_is_no_problem():
    assert text_of_html("<div><b>" * 20_000 + "idee") == "idee"


def test_flowed_lines_are_joined_at_their_depth():
    flowed = "Dit is een \nlange zin.\n> En dit \n> een vraag?\n -- geen handtekening\n-- \nNoor"
    assert unflow(flowed, delete_space=False).split("\n") == [
        "Dit is een lange zin.",
        "> En dit een vraag?",
        "-- geen handtekening",
        "-- ",
        "Noor",
    ]
    assert unflow("zon \nlicht", delete_space=True) == "zonlicht"


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        ("café".encode(), "utf-8", "café"),
        ("café".encode(), None, "café"),
        ("café".encode(), "us-ascii", "café"),
        ("café €5".encode("cp1252"), "iso-8859-1", "café €5"),
        ("café".encode("cp1252"), "utf-8", "café"),
        ("café".encode("cp1252"), "bestaat-niet", "café"),
        (b"abc", "rot13", "abc"),
        (b"abc-", "punycode", "abc-"),
        (b"abc", "a\x00b", "abc"),
        ("日本".encode("shift_jis"), "shift_jis", "日本"),
    ],
)
def test_charsets(content: bytes, charset: str | None, text: str):
    assert decode(content, charset) == text


def test_printable():
    assert printable("a\x00b\r\nc\rd\u200be\ud800f\tg") == "ab\nc\ndef\tg"
