"""The address of a mailbox: taken apart as it was meant, or refused without any part of it."""

import pytest

from kader.errors import UserError
from kader.imap_url import ImapUrl, parse_imap_url
from kader.settings import Settings, read_settings


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        (
            "imaps://ideeen%40veld.example:p%40s%2Fs%3A%23@imap.veld.example",
            ImapUrl(True, "imap.veld.example", 993, "ideeen@veld.example", "p@s/s:#", "INBOX"),
        ),
        # As most people write it: the last @ ends the name and password.
        (
            "imaps://ideeen@veld.example:geheim@imap.veld.example:1993/",
            ImapUrl(True, "imap.veld.example", 1993, "ideeen@veld.example", "geheim", "INBOX"),
        ),
        (
            "imap://idee:geheim@127.0.0.1/INBOX/Idee%C3%ABn%20nieuw",
            ImapUrl(False, "127.0.0.1", 143, "idee", "geheim", "INBOX/Ideeën nieuw"),
        ),
        ("imap://idee@[::1]/Ideeën", ImapUrl(False, "::1", 143, "idee", "", "Ideeën")),
    ],
)
def test_an_address_is_taken_apart(url: str, meant: ImapUrl) -> None:
    assert parse_imap_url(url) == meant
    assert "geheim" not in repr(meant)
    assert meant.user not in meant.place


@pytest.mark.parametrize(
    "url",
    [
        "imap.veld.example",
        "https://idee:geheim@imap.veld.example",
        "imaps://imap.veld.example/INBOX",
        "imaps://idee:geheim@",
        "imaps://idee:geh/eim@imap.veld.example",
        "imaps://idee:geh#eim@imap.veld.example",
        "imaps://idee:1?geheim@imap.veld.example",
        "imaps://idee:12/geheim@imap.veld.example",
        "imaps://idee:geheim@imap.veld.example:993000",
        "imaps://idee:geheim@imap.veld.example/INBOX?geheim",
        "imaps://idee:geheim@[imap.veld.example",
        "imaps://idee:gehe\u2100im@imap.veld.example",
        "imaps://idee:geheim%0D%0Ax@imap.veld.example",
        "imaps://idee:geheim%FF@imap.veld.example",
        "imaps://idee@imap.veld.example",
    ],
)
def test_a_wrong_address_is_one_sentence_without_any_part_of_it(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KADER_IMAP_URL", url)
    with pytest.raises(UserError) as caught:
        read_settings()
    told = str(caught.value)
    assert told.startswith("KADER_IMAP_URL can't be used: ")
    assert told.endswith(".")
    assert not any(part in told for part in ("geh", "eim", "idee", "veld", "993000"))
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"imap_token_command": "token"}, "KADER_IMAP_URL can't be used: leave the password out"),
        ({"imap_token_command": "'token"}, "KADER_IMAP_TOKEN_COMMAND can't be used: a quotation mark"),
        (
            {"imap_done": "Ideeën"},
            "KADER_IMAP_DONE can't be used: it is the folder that mail is fetched from",
        ),
        ({"imap_done": "a\nb"}, "KADER_IMAP_DONE can't be used: there is a sign in it"),
        ({"imap_ca": "/nowhere.pem"}, "KADER_IMAP_CA can't be used: it is no file with certificates (PEM)"),
        ({"imap_ca": __file__}, "KADER_IMAP_CA can't be used: it is no file with certificates (PEM)"),
        ({"imap_seconds": 0}, "KADER_IMAP_SECONDS can't be used"),
        ({"imap_timeout": 0}, "KADER_IMAP_TIMEOUT can't be used"),
    ],
)
def test_what_does_not_go_together_is_refused(given: dict[str, object], told: str) -> None:
    with pytest.raises(UserError) as caught:
        read_settings(imap_url="imaps://idee:geheim@imap.veld.example/Ideeën", **given)
    assert told in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_token_needs_no_password() -> None:
    settings = read_settings(imap_token_command="token", imap_url="imaps://idee@imap.veld.example")
    assert settings.imap is not None
    assert settings.imap.password == ""
    assert Settings(_env_file=None).imap is None
