"""Signatures, lines of phones, and disclaimers: cut from a text that is already free of quotes."""

import re

from intake.mail import patterns

WORD = re.compile(r"\w")
STANDARD = re.compile(r"^(?:--|—|–|__)\s*$")
RULE = re.compile(r"^\s*(?:_{5,}|-{20,})\s*$")
ENDS_BLOCK = re.compile(r"^\s{0,3}>")
CONTACT = re.compile(r"@|www\.|https?://|\+?\d[\d\s()./-]{7,}\d|\b[1-9]\d{3}\s?[A-Z]{2}\b")

PROSE = 12  # words from which a paragraph below a greeting is taken for text rather than an address block
LONG_PROSE = 40  # the same below a line of dashes, which announces a signature more surely
LONGEST_BLOCK = 80  # lines of any signature, disclaimers and empty lines included
RULED_BLOCK = 8  # lines of a signature below a drawn line


def signature_lines(lines: list[str]) -> set[int]:
    """The lines that belong to a signature behind "-- " or a drawn line, and those that phones add.

    A signature ends at the next sign of a quoted mail; a first line is never one.
    """
    found = {index for index, line in enumerate(lines) if is_mobile(line)}
    ends = block_ends(lines)
    seen_text = False
    for index, line in enumerate(lines):
        if index in found:
            continue
        if seen_text and (STANDARD.match(line) or RULE.match(line)):
            block = range(index + 1, ends[index])
            if is_signature(line, lines[index + 1 : min(ends[index], index + 1 + LONGEST_BLOCK)], len(block)):
                found |= {index, *block}
        seen_text = seen_text or bool(WORD.search(line.replace("_", "")))
    return found


def block_ends(lines: list[str]) -> list[int]:
    """For each line the index of the next one below it that shows that a quoted mail begins, or the end."""
    ends: list[int] = []
    end = len(lines)
    for index in range(len(lines) - 1, -1, -1):
        ends.append(end)
        if begins_quote(lines, index):
            end = index
    return ends[::-1]


def begins_quote(lines: list[str], index: int) -> bool:
    line = lines[index][: patterns.LONGEST_LINE]
    if ENDS_BLOCK.match(line) or patterns.ORIGINAL.match(line) or patterns.FORWARD.match(line):
        return True
    header = patterns.HEADER_LINE.match(line)
    if header is not None and header["from"] is not None:
        return True
    if not patterns.ATTRIBUTION_START.match(line):
        return False
    wrapped = " ".join(part.strip() for part in lines[index : index + 4])
    return patterns.WROTE_ANYWHERE.search(wrapped[: patterns.LONGEST_LINE]) is not None


def is_signature(line: str, block: list[str], length: int) -> bool:
    """Whether the block below this line of dashes, of `length` lines, is no further chapter of the text."""
    if line.rstrip("\r\n") == "-- ":
        return True
    if length > LONGEST_BLOCK:
        return False
    longest = PROSE if RULE.match(line) else LONG_PROSE
    paragraphs = ([block[index] for index in span] for span in spans(block))
    texts = [paragraph for paragraph in paragraphs if not is_disclaimer(paragraph)]
    filled = sum(len(paragraph) for paragraph in texts)
    if RULE.match(line) and filled > RULED_BLOCK:
        return False
    return not any(is_prose(paragraph, longest) for paragraph in texts)


def cut_signature(text: str) -> str:
    """The text without its closing formula and what stands below it, and without disclaimers.

    Below the formula a postscript, a quote and longer text stay. When nothing would be left, the text stays whole.
    """
    lines = text.split("\n")
    dropped: set[int] = set()
    seen, closed, legal = False, False, False
    for span in spans(lines):
        paragraph = [lines[index] for index in span]
        legal = is_disclaimer(paragraph) or (legal and bool(patterns.LEGAL_WORDS.search(" ".join(paragraph))))
        if legal:
            dropped.update(span)
        elif closed:
            dropped.update(() if stays_below(paragraph) else span)
        else:
            greeting = next((at for at, line in enumerate(paragraph) if is_greeting(line)), None)
            closed = greeting is not None and (seen or greeting > 0)
            if closed and greeting is not None:
                below = paragraph[greeting + 1 :]
                dropped.update(span[greeting : greeting + 1] if stays_below(below) else span[greeting:])
        seen = seen or not legal
        if span[0] in dropped:
            dropped.update(empty_below(lines, span.stop))
    cut = "\n".join(line for index, line in enumerate(lines) if index not in dropped).strip("\n")
    return cut.rstrip() if WORD.search(cut) else text


def empty_below(lines: list[str], start: int) -> range:
    end = start
    while end < len(lines) and not lines[end].strip():
        end += 1
    return range(start, end)


def stays_below(paragraph: list[str]) -> bool:
    if not paragraph:
        return False
    return (
        bool(patterns.POSTSCRIPT.match(paragraph[0]))
        or any(ENDS_BLOCK.match(line) for line in paragraph)
        or is_prose(paragraph, PROSE)
    )


def is_greeting(line: str) -> bool:
    return len(line) <= 120 and patterns.GREETING.match(line) is not None


def is_mobile(line: str) -> bool:
    line = line.strip()
    return (
        len(line) <= 160 and patterns.MOBILE.match(line) is not None and not patterns.NOT_MOBILE.search(line)
    )


def is_disclaimer(paragraph: list[str]) -> bool:
    return patterns.DISCLAIMER.match(" ".join(paragraph)[: patterns.LONGEST_LINE]) is not None


def is_prose(paragraph: list[str], words: int) -> bool:
    """Whether this reads as text, and not as a name, an address and telephone numbers."""
    joined = " ".join(paragraph)
    count = len(joined.split())
    contacts = len(CONTACT.findall(joined))
    return count >= words and contacts * PROSE <= count


def spans(lines: list[str]) -> list[range]:
    """The paragraphs, as runs of indices of lines that aren't empty."""
    found: list[range] = []
    start = 0
    for index, line in enumerate([*lines, ""]):
        if not line.strip():
            if start < index:
                found.append(range(start, index))
            start = index + 1
    return found
