"""The words by which mail programs mark quotes, forwards and signatures: Dutch, English, German, French and more.

Every pattern is matched on one line, or on a few lines joined, of at most `LONGEST_LINE` characters, so that no
text can make it slow.
"""

import re

LONGEST_LINE = 500

DATE_START = r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ]+(?:\d{1,2}[-/.]|[^\W\d]{3,}\.?)\s*\d{0,4}"
WEEKDAY = (
    r"(?:ma|di|wo|do|vr|za|zo|mon|tue|wed|thu|fri|sat|sun|mo|mi|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mie|jue|vie|gio"
    r"|пн|вт|ср|чт|пт|сб|вс|пон|вто|сре|чет|пят|суб|вос|tir|ons|tor|fre|lør|søn|man)[^\W\d]*[.,]?"
)
LEAD = r"(?:-\s)?(?:op|on|at|am|le|el|il|em|den|dne|dnia|w\s+dniu|a|在)\b"
# The line on which an attribution begins: "Op 3 mei", "On Tue, 3 May", "2013/7/20", "Jan <jan@…> schreef".
ATTRIBUTION_START = re.compile(
    rf"^\W{{0,4}}(?:-{{2,}}\s*)?(?:{LEAD}\s*.{{0,25}}?\d|{LEAD}\s+{WEEKDAY}(?:\s|$)|{DATE_START}|{WEEKDAY}\s.{{0,25}}\d|在\s?\d)",
    re.IGNORECASE,
)
WROTE = (
    r"(?:wrote|writes|schreef|geschreven|schrieb|geschrieben|a\s+écrit|escribi[óo]|ha\s+scritto|escreveu|skrev"
    r"|napisał[\w()]*|napsal[\w()]*|написал[\w()]*|написав|пише|пишет|írta|kirjoitti|yazdı|写道)"
)
NAMED_START = re.compile(rf"^.{{0,80}}<[^<>\s]+@[^<>\s]+>\s*,?\s*{WROTE}\b", re.IGNORECASE)
ATTRIBUTION = re.compile(rf"\b{WROTE}(?:\W.{{0,160}})?\s*(?:[:：]|-{{2,}})\W*$", re.IGNORECASE)
AFTER_COLON = " \t*_>\"'»"
WROTE_ANYWHERE = re.compile(WROTE, re.IGNORECASE)
BARE_ATTRIBUTION = re.compile(
    r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}\s(?:\d{1,2}:\d{2}\sGMT[+-]\d\d:?\d\d\s.+|.{1,120}<\s*\S+@\S+>\s*:?)$"
)
# What makes an attribution sure enough to cut what stands below it without quote marks.
SURE = re.compile(r"\S@\S|\b\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d{2}\b")
MAIL_ADDRESS = re.compile(r"[^\s<>]@[^\s<>]+\.")

HEADER_NAMES = {
    "from": "from|van|von|de|da|från|fra|od|от|від|发件人|lähettäjä",
    "date": "sent|date|verzonden|datum|gesendet|envoyé(?: le)?|enviado(?: el| em)?|fecha|data|inviato|skickat|sendt|wysłano"
    "|отправлено|дата|发送时间|odesláno",
    "to": r"to|aan|an|à|a|para|till|til|do|komu|кому|收件人",
    "subject": "subject|onderwerp|betreff|objet|sujet|asunto|assunto|oggetto|ämne|emne|temat|předmět|тема|主题",
    "other": "cc|bcc|reply-to|kopie|kopie aan|copie à|importance|urgentie|prioriteit|priority|wichtigkeit|bijlagen?"
    "|attachments?|anlagen?|risposta|organi[sz]ation|antwoord aan|beantwoorden",
}
HEADER_LINE = re.compile(
    r"^[\s*_>|]*(?:"
    + "|".join(f"(?P<{kind}>{names})" for kind, names in HEADER_NAMES.items())
    + r")[\s*_]*[:：](?P<value>.*)$",
    re.IGNORECASE,
)
ORIGINAL = re.compile(
    r"^[\s*_>]*(?:-{2,}|_{2,})\s*(?:original message|original appointment|reply message|oorspronkelijk(?:e)? (?:bericht|e-?mail)"
    r"|origineel bericht|originele bericht|ursprüngliche (?:nachricht|mail)|originalnachricht|original-?nachricht"
    r"|message d['’]origine|message original|mensaje original|messaggio originale|mensagem original|ursprungligt meddelande"
    r"|oprindelig meddelelse|opprinnelig melding|wiadomość oryginalna)\s*(?:-{2,}|_{2,})?[\s*_]*$"
    r"|^message du\s*:\s*\d",
    re.IGNORECASE,
)
FORWARD = re.compile(
    r"^[\s*_>]*(?:-{2,}\s*(?:forwarded (?:message|by)\b.*|doorgestuurd(?:e)? (?:bericht|e-?mail)|doorgezonden bericht"
    r"|weitergeleitete nachricht|message transféré|mensaje reenviado|messaggio inoltrato|mensagem encaminhada)"
    r".{0,80}"
    r"|(?:begin forwarded message|begin doorgestuurd bericht|anfang der weitergeleiteten nachricht"
    r"|début du message (?:transféré|réexpédié)|inicio del mensaje reenviado|inizio messaggio inoltrato)\s*:?)[\s*_]*$",
    re.IGNORECASE,
)
# "See my answers below": the person wrote between lines that carry no quote marks.
INLINE_HINT = re.compile(
    r"\b(?:zie (?:mijn (?:antwoord(?:en)?|reacties?|opmerkingen) )?(?:hieronder|onder|beneden)|in (?:het )?(?:rood|blauw|groen)"
    r"|tussen de regels|in de tekst hieronder|see (?:my (?:answers?|comments?|replies) )?(?:below|inline)|answers? inline"
    r"|comments? inline|in(?:line)? below|in (?:red|blue|green)\b|siehe unten|antworten unten|in rot|voir ci-dessous|en rouge)",
    re.IGNORECASE,
)

MOBILE = re.compile(
    r"^[\s<(\[*_]*(?:"
    r"(?:verstuurd|verzonden) (?:vanaf|vanuit|van|met|via|door)\b.{1,80}"
    r"|(?:sent|send) (?:from|via|with|by|using) (?!here\b|the\b|our\b|his\b|her\b|their\b|a (?:friend|colleague)).{1,100}"
    r"|(?:get|download|ontvang|haal|télécharger|obtenir) (?:\[?outlook|bluemail|gmail)\b.{0,100}|outlook (?:voor|for|für|pour) .{0,60}"
    r"|gesendet (?:von|mit|über) .{1,80}|von mein\S* \S.{0,40} gesendet|diese nachricht wurde von mein.{1,80} gesendet\.?"
    r"|envoyé (?:de|depuis|à partir|avec) .{1,80}|enviado desde .{1,60}|inviato da(?:l|i)? .{1,60}|skickat från .{1,60}|sendt fra .{1,60}"
    r"|.{2,30} from mobile|from my i?(?:phone|pad).{0,20}|wysłano z .{1,60}|從我的.{1,40}|从我的.{1,40}"
    r")$",
    re.IGNORECASE,
)
NOT_MOBILE = re.compile(
    r"^sent from my (?:desk|office|home|heart|couch)\b|[.!?]\s+\S+\s+\S+\s+\S+\s+\S+", re.IGNORECASE
)

GREETING = re.compile(
    r"^[\s*_]*(?:"
    r"(?:met|mvg|mv\s?g)?\s*(?:(?:een\s+)?(?:hele?\s+)?(?:vriendelijke?|hartelijke?|collegiale|sportieve|warme|zonnige|beste|lieve|fijne))\s+groet(?:en|jes)?"
    r"|m\.?v\.?g\.?|groet(?:en|jes)?|hoogachtend|met (?:de )?meeste hoogachting"
    r"|(?:with )?(?:kind(?:est)?|best|warm(?:est)?|many|friendly) regards|best wishes|(?:yours )?(?:sincerely|faithfully|truly)(?: yours)?"
    r"|regards|cheers|kr"
    r"|(?:mit\s+)?(?:freundliche[nrm]?|beste[nr]?|herzliche[nr]?|viele[n]?|liebe[nr]?|schöne[nr]?)\s+gr(?:ü|ue)(?:ß|ss)e?n?|mfg|hochachtungsvoll"
    r"|(?:bien\s+)?cordialement|(?:bien\s+)?(?:à vous|cordialement)|sincères salutations|meilleures salutations|salutations distinguées"
    r")[\s*_]*(?:[,.!/|–-].{0,60}|\s(?!voor|van|over|aan|om|for|to|and|en|of|met|with)[A-ZÀ-Ý][\w.'’-]*(?:\s[\w.'’-]+){0,3})?\s*$",
    re.IGNORECASE,
)
POSTSCRIPT = re.compile(r"^\W*(?:p\.?\s?s\.?|n\.?b\.?)\b\W", re.IGNORECASE)

DISCLAIMER = re.compile(
    r"^\W*(?:disclaimer|proclaimer|vertrouwelijkheid|confidentiality(?: notice)?\s*[:.]|privileged/confidential"
    r"|(?:de |alle )?informatie (?:in|verzonden met|opgenomen in|die) .{0,30}(?:e-?mail|bericht)"
    r"|(?:dit|deze) (?:e-?mail)?\s?-?(?:bericht|e-?mail|mail)\b.{0,80}(?:vertrouwelijk|uitsluitend|bestemd|bedoeld)"
    r"|aan (?:dit|deze|de inhoud van).{0,60}(?:geen|kunnen).{0,20}rechten|aan dit (?:e-?mail)?bericht kunnen"
    r"|(?:the )?(?:information|contents?) (?:contained |transmitted )?(?:in|by|of) this (?:e-?mail|message|communication)"
    r"|this (?:e-?mail|message|communication)\b.{0,120}(?:confidential|intended|privileged)"
    r"|diese (?:e-?mail|nachricht).{0,80}(?:vertraulich|bestimmt)|ce (?:message|courriel|mail|e-mail).{0,100}confidentie"
    r"|(?:denk|denkt u|think|please consider|bitte (?:denken|prüfen)|pensez|avant d['’]imprimer).{0,40}(?:milieu|environment|umwelt|environnement)"
    r"|(?:caution|let op|external|extern|warning|waarschuwing|pas op)\s*[:!].{0,120}(?:outside|external|buiten|externe|onbekende afzender))",
    re.IGNORECASE,
)
LEGAL_WORDS = re.compile(
    r"vertrouwelijk|geadresseerde|aansprakelijk|onbevoegd|openbaarmaking|verspreiding|afzender|confidential|intended recipient"
    r"|privileged|unauthori[sz]ed|liab(?:le|ility)|prohibited|disclos|vertraulich|empfänger|destinataire|virus",
    re.IGNORECASE,
)
