"""What the organisation's own mail server found about the sender (Authentication-Results, RFC 8601).

A header of that name may be written by anyone. Only the topmost one that carries the own server's name counts,
and only when a name is configured; the server must remove foreign headers that carry its name (RFC 8601, section 5).
"""

from collections.abc import Sequence


def sender_verified(results: Sequence[str], authserv_id: str, from_domain: str) -> bool | None:
    """True: the domain of the sender is proven; False: it was tried and failed; None: nothing is known."""
    if not authserv_id or not from_domain:
        return None
    for value in results:
        server, *statements = split_statements(value)
        if server.split()[:1] == [authserv_id.lower()]:
            return judge(statements, from_domain.lower())
    return None


def split_statements(value: str) -> list[str]:
    """The parts between semicolons in lower case, without comments, and with quoted text made harmless.

    The sender chooses what stands in quoted text and comments: a semicolon in there must not start a statement.
    """
    plain: list[str] = []
    quoted, depth, escaped = False, 0, False
    for letter in value:
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif quoted:
            quoted = letter != '"'
        elif letter == '"' and depth == 0:
            quoted = True
            plain.append("?")
        elif letter in "()":
            depth = max(0, depth + (1 if letter == "(" else -1))
        elif depth == 0:
            plain.append(letter)
    return [statement.strip().lower() for statement in "".join(plain).split(";")]


def judge(statements: list[str], from_domain: str) -> bool | None:
    failed = False
    for statement in statements:
        pairs = dict(word.split("=", 1) for word in statement.split() if "=" in word)
        for method, domains in (
            ("dmarc", ("header.from",)),
            ("dkim", ("header.d", "header.i")),
            ("spf", ("smtp.mailfrom", "smtp.mail")),
        ):
            result = pairs.get(method)
            named = [pairs[domain].rpartition("@")[2] for domain in domains if domain in pairs]
            proven = result == "pass" and any(aligned(domain, from_domain) for domain in named)
            if proven or (method == "dmarc" and result == "pass" and not named):
                return True
            failed = failed or result in {"fail", "softfail", "pass", "permerror"}
    return False if failed else None


def aligned(domain: str, from_domain: str) -> bool:
    """The same domain, or one within the other (DMARC's relaxed alignment, without the public suffix list)."""
    return "." in domain and (
        domain == from_domain or from_domain.endswith("." + domain) or domain.endswith("." + from_domain)
    )
