"""HTML to text, the way it looks: blocks on lines of their own, quotes behind "> ", nothing that is hidden.

One pass over the tags without a tree, so that depth of nesting costs nothing.
"""

import re
from html.parser import HTMLParser

BLOCKS = {
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer",
    "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section",
    "table", "tr", "ul",
}  # fmt: skip
PARAGRAPHS = {"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"}
UNSEEN = {"head", "noscript", "object", "script", "style", "svg", "template", "title"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden", re.IGNORECASE)
SPACES = re.compile(r"[ \t\r\n\f]+")
DEEPEST_QUOTE = 20


class TextOfHtml(HTMLParser):
    """Collects the text. `hidden` says whether elements with a hiding style are left out."""

    def __init__(self, *, hidden: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.leave_hidden = hidden
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quotes = 0
        self.preformatted = 0
        self.skipping = ""
        self.skip_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.skipping:
            self.skip_depth += tag == self.skipping
            return
        style = next((value or "" for name, value in attrs if name == "style"), "")
        if tag in UNSEEN or (self.leave_hidden and tag not in VOID and HIDDEN.search(style)):
            self.skipping, self.skip_depth = tag, 1
            return
        if tag in BLOCKS:
            self.end_line(paragraph=tag in PARAGRAPHS)
        if tag == "br":
            self.end_line(always=True)
        elif tag == "blockquote":
            self.quotes += 1
        elif tag == "pre":
            self.preformatted += 1
        elif tag == "li":
            self.line.append("- ")
        elif tag == "hr":
            self.line.append("-----")
            self.end_line()
        elif tag in {"td", "th"} and "".join(self.line).strip():
            self.line.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if self.skipping:
            self.skip_depth -= tag == self.skipping
            if self.skip_depth == 0:
                self.skipping = ""
            return
        if tag in BLOCKS:
            # The empty line below a quote is no longer quoted.
            self.end_line(paragraph=tag in PARAGRAPHS and tag != "blockquote")
        if tag == "blockquote":
            self.quotes = max(0, self.quotes - 1)
            self.end_line(paragraph=True)
        elif tag == "pre":
            self.preformatted = max(0, self.preformatted - 1)

    def handle_data(self, data: str) -> None:
        if self.skipping:
            return
        if not self.preformatted:
            self.line.append(SPACES.sub(" ", data))
            return
        first, *others = data.replace("\r\n", "\n").split("\n")
        self.line.append(first)
        for other in others:
            self.end_line(always=True)
            self.line.append(other)

    def end_line(self, *, always: bool = False, paragraph: bool = False) -> None:
        """Close the line when it holds text, or always; an empty line follows a paragraph."""
        text = "".join(self.line)
        text = text.rstrip() if self.preformatted else SPACES.sub(" ", text).strip()
        self.line.clear()
        quote = "> " * min(self.quotes, DEEPEST_QUOTE)
        if text or always:
            self.lines.append(quote + text)
        if paragraph and self.lines and self.lines[-1].strip("> "):
            self.lines.append(quote)


def text_of_html(source: str) -> str:
    """The text of an HTML document or fragment."""
    for hidden in (True, False):
        parser = TextOfHtml(hidden=hidden)
        try:
            parser.feed(source)
            parser.close()
        except (AssertionError, ValueError, IndexError):
            # The parser stumbles over a few malformed declarations; what it read before them stays.
            parser.skipping = ""
        parser.end_line()
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(parser.lines)).strip("\n")
        if text.strip():
            # An element that hides and never closes would hide all: then hidden text is shown as well.
            return text
    return ""
