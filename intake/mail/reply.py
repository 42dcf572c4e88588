"""What a person wrote themselves, apart from what they answer to or forward.

Line by line, in time linear in the text. Unsure cases keep text: a quote too much is a nuisance to a reader,
an answer too few is an idea lost.
"""

import re
from dataclasses import dataclass

from intake.mail import patterns
from intake.mail.signature import cut_signature, signature_lines

WORD = re.compile(r"\w")
# The third form is The Bat!'s: the initials of the person quoted.
QUOTE = re.compile(r"^\s{0,3}(?:>|\|(?:\s|$)|[A-Z]{1,3}>(?:\s|$))")
# Gmail puts this letter below a mail that is being tracked.
TRACKER = "ᐧ"
UNQUOTE = re.compile(r"^\s{0,3}[>|] ?")
TEXT, BLANK, QUOTED, DECORATION, ATTRIBUTION, HEADER, ORIGINAL, FORWARD, SIGNATURE = "tbqdahofs"

LONGEST_ATTRIBUTION = 8  # lines, some of them empty: programs wrap and indent it
LONGEST_HEADER_BLOCK = 15  # lines
LITTLE = 40  # words with which one passes on a mail, rather than writes one's own
DEEPEST_FORWARD = 3


@dataclass(frozen=True, slots=True)
class Reply:
    """`own`: the person's own words; `forwarded`: what was passed on, None when nothing was."""

    own: str
    forwarded: str | None = None


def own_words(text: str, *, forwarded: bool = False, depth: int = 0) -> str:
    """The text worth reading: without quoted mails and signatures.

    `forwarded` says that the subject calls the mail a forward. With little text of their own, a person who
    forwards means what they forward: that is kept, cleaned in the same way. When cutting leaves nothing, the
    whole text stays.
    """
    reply = split_reply(text, forwarded=forwarded)
    own = cut_signature(reply.own)
    if reply.forwarded and depth < DEEPEST_FORWARD and len(own.split()) < LITTLE:
        inner = own_words(reply.forwarded, depth=depth + 1)
        own = f"{own}\n\n{inner}".strip()
    return own if WORD.search(own) else text.strip()


def split_reply(text: str, *, forwarded: bool = False) -> Reply:
    """Tell own words from quoted and forwarded ones. Signatures after "-- " and of phones go as well."""
    lines = text.replace("\r\n", "\n").split("\n")
    kinds = classify(lines)
    for index, kind in enumerate(kinds):
        ends = kind in (HEADER, ORIGINAL, FORWARD) or (kind == ATTRIBUTION and unmarked(lines, kinds, index))
        if not ends:
            continue
        before = TEXT in kinds[:index]
        if kind == ATTRIBUTION and not before:
            continue
        own = answer(lines[:index], kinds[:index])
        if before and kind != FORWARD and not forwarded:
            hinted = len(own.split()) < LITTLE and patterns.INLINE_HINT.search(own)
            return Reply(tidy(lines) if hinted else own)
        if TEXT in kinds[index:] or QUOTED in kinds[index:]:
            return Reply(own if before else "", passed_on(lines[index:]))
        return Reply(own if before else tidy(lines))
    return Reply(answer(lines, kinds) or tidy(lines))


def answer(lines: list[str], kinds: list[str]) -> str:
    """Own words where quotes carry marks: below the quote, above it, or between its lines."""
    if TEXT not in kinds:
        return ""
    texts = [index for index, kind in enumerate(kinds) if kind == TEXT]
    quotes = [index for index, kind in enumerate(kinds) if kind == QUOTED]
    attributions = [index for index, kind in enumerate(kinds) if kind == ATTRIBUTION]
    kept = {TEXT, BLANK, DECORATION}
    start, end = 0, len(lines)
    if quotes and attributions and attributions[0] < quotes[0] and quotes[-1] < texts[0]:
        start = texts[0]  # "On … wrote:", the quote, and the answer below it
    elif quotes:
        end = texts[-1] + 1
        kept.add(QUOTED)  # quotes above or between answers are needed to understand these
    return tidy([lines[index] for index in range(start, end) if kinds[index] in kept])


def classify(lines: list[str]) -> list[str]:
    """One kind for each line. What belongs to an attribution of several lines is ATTRIBUTION throughout."""
    signatures = signature_lines(lines)
    kinds = [SIGNATURE if index in signatures else kind_of(line) for index, line in enumerate(lines)]
    index = 0
    while index < len(lines):
        if kinds[index] not in (TEXT, DECORATION, SIGNATURE):
            index += 1
            continue
        length = attribution_length(lines, kinds, index)
        if length:
            kinds[index : index + length] = [ATTRIBUTION] * length
        elif is_header_block(lines, index):
            kinds[index] = HEADER
        index += max(1, length)
    return kinds


def kind_of(line: str) -> str:
    line = line[: patterns.LONGEST_LINE]
    if not line.strip():
        return BLANK
    if patterns.FORWARD.match(line):
        return FORWARD
    if QUOTE.match(line):
        return QUOTED
    if patterns.ORIGINAL.match(line):
        return ORIGINAL
    return TEXT if has_word(line) else DECORATION


def attribution_length(lines: list[str], kinds: list[str], start: int) -> int:
    """How many lines from `start` form "On … wrote:"; 0 when they don't."""
    first = lines[start].strip()[: patterns.LONGEST_LINE]
    dated = patterns.ATTRIBUTION_START.match(first) is not None
    quote_next = next((kind for kind in kinds[start + 1 : start + 3] if kind != BLANK), "") == QUOTED
    introduces = quote_next and first.endswith((":", "：")) and (dated or patterns.MAIL_ADDRESS.search(first))
    if introduces or patterns.BARE_ATTRIBUTION.match(first):
        return 1
    if not dated and not patterns.NAMED_START.match(first):
        return 0
    joined = first
    for end in range(start + 1, min(start + LONGEST_ATTRIBUTION, len(lines)) + 1):
        if lines[end - 1].rstrip(patterns.AFTER_COLON).endswith(
            (":", "：", "--")
        ) and patterns.ATTRIBUTION.search(joined):
            return end - start
        if end == len(lines) or ends_attribution(lines, kinds, end, joined):
            break
        joined = f"{joined} {lines[end].strip()}"
    return 0


def ends_attribution(lines: list[str], kinds: list[str], index: int, joined: str) -> bool:
    """Whether this line can't go on with the attribution begun in `joined`."""
    if len(joined) + len(lines[index]) > patterns.LONGEST_LINE:
        return True
    # A line that begins with ">" is a quote, unless it closes an address that was wrapped.
    if kinds[index] == QUOTED and joined.count("<") <= joined.count(">"):
        return True
    return not lines[index - 1].strip() and patterns.ATTRIBUTION_START.match(lines[index]) is not None


def unmarked(lines: list[str], kinds: list[str], index: int) -> bool:
    """Whether the mail below this attribution stands there without quote marks, so that all of it is quoted."""
    if index and kinds[index - 1] == ATTRIBUTION:
        return False
    end = index
    while end < len(kinds) and kinds[end] == ATTRIBUTION:
        end += 1
    below = next((kind for kind in kinds[end:] if kind not in (BLANK, DECORATION)), "")
    return below != QUOTED and bool(patterns.SURE.search(" ".join(lines[index:end])))


def is_header_block(lines: list[str], start: int) -> bool:
    """Whether "From: … Sent: … Subject: …" of a quoted mail begins on this line."""
    match = patterns.HEADER_LINE.match(lines[start][: patterns.LONGEST_LINE])
    if match is None or match.lastgroup is None or match["from"] is None:
        return False
    found = {"from"}
    misses = 0
    for line in lines[start + 1 : start + LONGEST_HEADER_BLOCK]:
        match = patterns.HEADER_LINE.match(line[: patterns.LONGEST_LINE])
        if match is None:
            misses += 1
            if misses > 2:
                break
        else:
            found |= {kind for kind in patterns.HEADER_NAMES if match[kind] is not None}
    return {"from", "date"} <= found or len(found - {"other"}) >= 3


def passed_on(lines: list[str]) -> str:
    """The mail that was passed on: without the lines that introduce it, and without quote marks before it."""
    texts = [line for line in lines if line.strip()]
    if texts and all(QUOTE.match(line) for line in texts[1:]):
        lines = [UNQUOTE.sub("", line) for line in lines]
    index = 0
    seen_header = False
    while index < min(len(lines), LONGEST_HEADER_BLOCK):
        line = lines[index][: patterns.LONGEST_LINE]
        header = patterns.HEADER_LINE.match(line) is not None
        if seen_header and not line.strip():
            break
        if not (
            header or seen_header or not line.strip() or kind_of(line) in (FORWARD, ORIGINAL, DECORATION)
        ):
            break
        seen_header = seen_header or header
        index += 1
    return tidy(lines[index:])


def has_word(line: str) -> bool:
    return WORD.search(line.replace("_", "").replace(TRACKER, "")) is not None


def tidy(lines: list[str]) -> str:
    """The lines without empty and decorative ones at either end."""
    start, end = 0, len(lines)
    while start < end and not has_word(lines[start]):
        start += 1
    while end > start and not has_word(lines[end - 1]):
        end -= 1
    # A code fence or a list's mark that closes the text belongs to it.
    while end < len(lines) and lines[end].strip().startswith("```"):
        end += 1
    return "\n".join(line.rstrip() for line in lines[start:end])
