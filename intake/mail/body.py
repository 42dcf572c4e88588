"""The text of a mail, chosen from what it offers: plain text, else HTML."""

import re

from intake.mail.charset import decode, printable
from intake.mail.html import text_of_html
from intake.mail.structure import TextBlock, TextPart

WORD = re.compile(r"\w")
QUOTE_MARKS = re.compile(r">+")
# A document takes more characters than its text; more than this many times is not read.
HTML_FACTOR = 8


def text_of_blocks(blocks: list[TextBlock], longest: int) -> tuple[str, bool]:
    """All text of the mail, at most `longest` characters, and whether more was offered than was read."""
    found = [text_of_block(block, longest) for block in blocks]
    whole = "\n\n".join(text for text, _ in found if WORD.search(text))
    return whole[:longest], len(whole) > longest or any(cut for _, cut in found)


def text_of_block(block: TextBlock, longest: int) -> tuple[str, bool]:
    plain = [text_of_plain(part, longest) for part in block.plain]
    # Some programs send a plain form that is empty, or HTML under a wrong name.
    if any(WORD.search(text) for text, _ in plain):
        return "\n\n".join(text for text, _ in plain), any(cut for _, cut in plain)
    sources = [decode(part.content, part.charset) for part in block.html]
    most = longest * HTML_FACTOR
    texts = [printable(text_of_html(source[:most])) for source in sources]
    return "\n\n".join(texts), any(len(source) > most for source in sources)


def text_of_plain(part: TextPart, longest: int) -> tuple[str, bool]:
    source = decode(part.content, part.charset)
    text = printable(source[:longest])
    if looks_like_html(text):
        text = printable(text_of_html(text))
    elif part.flowed:
        text = unflow(text, delete_space=part.delete_space)
    return text, len(source) > longest


def looks_like_html(text: str) -> bool:
    return text.lstrip()[:200].lower().startswith(("<!doctype html", "<html"))


def unflow(text: str, *, delete_space: bool) -> str:
    """Join the lines that a mail program broke (format=flowed, RFC 3676), at each depth of quoting."""
    lines: list[str] = []
    pieces: list[str] = []
    quotes = ""
    for line in text.split("\n"):
        match = QUOTE_MARKS.match(line)
        marks = match[0] if match else ""
        content = line[len(marks) :].removeprefix(" ")
        if pieces and (marks != quotes or content == "-- "):
            # A soft break must go on at its own depth; where it doesn't, the line ends here.
            lines.append(quoted(quotes, pieces))
            pieces = []
        quotes = marks
        soft = content.endswith(" ") and content != "-- "
        pieces.append(content[:-1] if soft and delete_space else content)
        if not soft:
            lines.append(quoted(quotes, pieces))
            pieces = []
    return "\n".join([*lines, quoted(quotes, pieces)] if pieces else lines)


def quoted(marks: str, pieces: list[str]) -> str:
    return f"{marks} {''.join(pieces)}" if marks else "".join(pieces)
