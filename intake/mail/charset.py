"""Bytes to text when the declared character set is missing, unknown or wrong."""

import codecs
import re

# What mail programs call by a narrow name and fill from the wider set (as in the WHATWG Encoding standard).
WIDER = {
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
}
# Codecs that are no character sets, or that a hostile sender can make slow (punycode and idna are quadratic).
REFUSED = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"}

# Above this share of broken sequences a text that claims UTF-8 is taken for Windows-1252.
MOSTLY_BROKEN = 0.3

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\ufff9-\ufffb\ud800-\udfff]")
LINE_END = re.compile("\r\n|\r|\x0b|\x0c|\x85|\u2028|\u2029")


def known_charset(name: str | None) -> str | None:
    """Python's name of the charset, or None when it knows none that is safe to use."""
    try:
        codec = codecs.lookup((name or "").strip().strip("\"'").removeprefix("x-"))
        # `bytes.decode` refuses what is no text encoding (rot13, base64) only when it runs.
        b"a".decode(codec.name)
    except (LookupError, ValueError):
        return None
    return None if codec.name in REFUSED else WIDER.get(codec.name, codec.name)


def decode(content: bytes, charset: str | None) -> str:
    """Text of these bytes. Never fails: what can't be decoded becomes U+FFFD."""
    declared = known_charset(charset)
    for candidate in (declared, "utf-8"):
        if candidate is not None:
            try:
                return content.decode(candidate)
            except UnicodeError:
                continue
    if declared not in {None, "utf-8", "cp1252"}:
        return content.decode(declared or "utf-8", "replace")
    text = content.decode("utf-8", "replace")
    foreign = sum(map(content.count, (bytes([value]) for value in range(0x80, 0x100))))
    return text if text.count("\ufffd") < MOSTLY_BROKEN * foreign else content.decode("cp1252", "replace")


def printable(text: str) -> str:
    """The text with line feeds only, and without characters that nobody sees and databases refuse."""
    return UNPRINTABLE.sub("", LINE_END.sub("\n", text)).replace("\u00a0", " ")
