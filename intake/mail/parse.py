"""One raw mail to plain values.

`parse_message` stands any input, but may be slow or hungry on a hostile one: whatever comes from outside goes
through `intake.mail.sandbox.SafeParser`, which calls it where it can be killed.
"""

from intake.mail.authentication import sender_verified
from intake.mail.automatic import automatic_kind
from intake.mail.body import text_of_blocks
from intake.mail.headers import addresses, message_ids, one_line, sent_at, title_of
from intake.mail.limits import DEFAULT_LIMITS, MailLimits
from intake.mail.parsed import Attachment, AutomaticKind, ParsedMail, UnreadableMail
from intake.mail.reply import LITTLE, own_words
from intake.mail.structure import Structure, read_structure

__all__ = ["Attachment", "AutomaticKind", "MailLimits", "ParsedMail", "UnreadableMail", "parse_message"]

MOST_RECIPIENTS = 200


def parse_message(raw: bytes, limits: MailLimits = DEFAULT_LIMITS, *, authserv_id: str = "") -> ParsedMail:
    """Read one mail as it came in (RFC 5322). Raises UnreadableMail, with one sentence, and nothing else.

    `authserv_id` is the name that the organisation's own mail server puts in Authentication-Results.
    """
    mail = read_structure(raw, limits)
    subject = one_line(mail.first("subject"))
    title, forwarded = title_of(subject)
    senders = addresses(mail.all("from")) or addresses(mail.all("sender"))
    name, address = senders[0] if senders else ("", None)
    kind, sign = automatic_kind(mail)
    whole_text, cut = text_of_blocks(mail.blocks, limits.text)
    # Somebody who forwards "as an attachment" means the mail within.
    inner = "" if kind is not None and not kind.may_be_idea else text_within(mail, limits)
    text = own_words(whole_text, forwarded=forwarded)
    if inner and len(text.split()) < LITTLE:
        text = f"{text}\n\n{own_words(inner)}".strip()
    verified = sender_verified(
        mail.all("authentication-results"), authserv_id, (address or "").rpartition("@")[2]
    )
    return ParsedMail(
        message_id=next(iter(message_ids(mail.first("message-id"))), None),
        from_address=address,
        from_name=name,
        reply_to=next((each for _, each in addresses(mail.all("reply-to"))), None),
        to=tuple(each for _, each in addresses(mail.all("to") + mail.all("cc")))[:MOST_RECIPIENTS],
        subject=subject,
        title=title,
        sent_at=sent_at(mail.first("date")),
        text=text,
        whole_text="\n\n".join(part for part in (whole_text, inner) if part),
        in_reply_to=next(iter(message_ids(mail.first("in-reply-to"))), None),
        references=message_ids(" ".join(mail.all("references"))),
        automatic=kind,
        automatic_sign=sign,
        # Two senders can't both be proven by one domain's signature.
        sender_verified=verified if len(senders) == 1 or verified is None else False,
        attachments=tuple(mail.attachments),
        problems=problems(mail, whole_text, limits.text if cut else None),
    )


def text_within(mail: Structure, limits: MailLimits) -> str:
    """The text of the first mail that is attached to this one; "" when there is none that can be read."""
    for raw in mail.messages[:1]:
        try:
            return text_of_blocks(read_structure(raw, limits).blocks, limits.text)[0]
        except UnreadableMail:
            mail.problems.append(
                "Een mail die hierbij zit, is niet te lezen. / A mail that is attached to this one can't be read."
            )
    return ""


def problems(mail: Structure, text: str, cut_after: int | None) -> tuple[str, ...]:
    found = list(mail.problems)
    if cut_after is not None:
        found.append(
            f"De tekst is heel lang; er zijn hooguit {cut_after} tekens van gelezen. / "
            f"The text is very long; at most {cut_after} characters of it were read."
        )
    if "\ufffd" in text:
        found.append(
            "Sommige letters van de tekst zijn niet te lezen: de mail noemt een verkeerde tekenset. / "
            "Some letters of the text can't be read: the mail names a wrong character set."
        )
    return tuple(found)
