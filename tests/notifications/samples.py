"""Letters as they come from the outbox, one or more of each kind, about invented people."""

from datetime import UTC, datetime
from typing import Any

from kader.links import Links
from kader.settings import Settings
from models.words import MessageKind
from notifications.letter import IdeaSnapshot, Letter, Recipient
from pipeline.asking import Asks

CREATED = datetime(2026, 11, 9, 8, 15, 30, tzinfo=UTC)
LINKS = Links(secret="a key for tests only", pages="https://kader.example", days=60)
SETTINGS = Settings(
    _env_file=None, organisation="Gemeente Waterland", mail_from="ideeen@waterland.example", language="nl"
)

IDEA = IdeaSnapshot(
    id=42,
    reference="K-2026-0042",
    title="Deelfietsen voor huisbezoeken",
    text="Voor een huisbezoek pak ik nu de auto.\n\nMet twee deelfietsen bij de ingang ben ik sneller & gezonder.",
    received_at=datetime(2026, 11, 8, 23, 30, tzinfo=UTC),  # already Monday 9 November in Amsterdam
)
MANAGER = Recipient(7, "Sanne de Boer", "sanne@waterland.example", "nl")
SUBMITTER = Recipient(9, "Youssef Amrani", "youssef@waterland.example", "nl")

PROMISE = {"manager": "Sanne de Boer", "deputy_for": None, "due_on": "2026-12-04"}
DEPUTY = {"manager": "Pieter Kok", "deputy_for": "Sanne de Boer", "due_on": "2026-12-04"}
FRAMEWORK = {
    "title": "Duurzaam onderweg",
    "description": "Ideeën waarmee we schoner en gezonder naar het werk en naar inwoners reizen.",
    "goal": "In 2030 de helft minder autokilometers",
    "limits": [
        {"title": "Geen hogere reiskosten", "reason": "die staan in de cao"},
        {"title": "Geen nieuwe parkeerplaatsen", "reason": "daar is geen grond voor"},
    ],
}
TWIN = {"reference": "K-2026-0017", "title": "Fietsen bij de balie", "state": "confirmed"}
EARLIER = {"reference": "K-2026-0009", "title": "Leenfiets"}
TOUCHED = {"title": "Geen hogere reiskosten", "sentence": "Betaal dan ook de kilometers."}
ASKS = {
    "framework": "Fietsen & lopen", "sure": 62, "needed": None, "is_close": False, "labelled": 12,
}  # fmt: skip
DECISION = {
    "by": "Sanne de Boer", "reason": "De helft van de ritten kan op de fiets.\nWe beginnen met twee.",
    "framework": "Duurzaam onderweg", "parked_until": None, "due_on": None, "progress": None, "linked_to": None,
}  # fmt: skip

# Per sample: the kind, the payload, and what both forms must mention, for nl and en alike unless they differ.
SAMPLES: dict[str, tuple[MessageKind, dict[str, Any], tuple[str, ...]]] = {
    "receipt": (MessageKind.RECEIPT, {}, ("K-2026-0042", "sneller & gezonder", "{received}")),
    "receipt_awaits_framework": (MessageKind.RECEIPT, {"awaits_framework": True}, ("K-2026-0042", "{received}")),
    "routed": (
        MessageKind.ROUTED,
        {
            "framework": FRAMEWORK, "promise": PROMISE, "reasons": ["deelfietsen", "huisbezoek"],
            "touched_limits": ["Geen hogere reiskosten"],
        },
        (
            "Sanne de Boer", "{due}", "Duurzaam onderweg", "schoner en gezonder", "minder autokilometers",
            "Geen hogere reiskosten: die staan in de cao", "Geen nieuwe parkeerplaatsen", "“deelfietsen”",
            "“huisbezoek”",
        ),
    ),
    "routed_deputy": (
        MessageKind.ROUTED,
        {
            "framework": {**FRAMEWORK, "goal": "", "limits": []}, "promise": DEPUTY, "reasons": [],
            "touched_limits": [],
        },
        ("Pieter Kok", "Sanne de Boer", "{due}", "Duurzaam onderweg"),
    ),
    "joined": (
        MessageKind.JOINED,
        {
            "original": "K-2026-0017", "original_title": "Fietsen bij de balie",
            "framework": "Duurzaam onderweg", "promise": PROMISE,
        },
        ("K-2026-0017", "Fietsen bij de balie", "Duurzaam onderweg", "Sanne de Boer", "{due}"),
    ),
    "joined_unplaced": (
        MessageKind.JOINED,
        {"original": "K-2026-0017", "original_title": "Fietsen", "framework": None, "promise": PROMISE},
        ("K-2026-0017", "Sanne de Boer", "{due}"),
    ),
    **{
        f"with_coordinator_{why}": (
            MessageKind.WITH_COORDINATOR,
            {"why": why, "promise": PROMISE},
            ("Sanne de Boer", "{due}", "{why:" + why + "}"),
        )
        for why in ("unsure", "fits_none", "no_manager", "closed", "unreadable")
    },
    "to_manager": (
        MessageKind.TO_MANAGER,
        {
            "framework": "Duurzaam onderweg", "promise": DEPUTY, "submitter": "Youssef Amrani",
            "unit": "Wijkteam Noord", "twins": [TWIN], "reasons": ["deelfietsen"],
            "against": ["auto"], "quote": "Schoner naar het werk.", "earlier": [EARLIER],
            "touched_limits": [TOUCHED], "probability": 0.871,
        },
        (
            "{due}", "{received}", "Duurzaam onderweg", "Youssef Amrani", "Wijkteam Noord", "K-2026-0017",
            "Fietsen bij de balie", "“deelfietsen”", "Betaal dan ook de kilometers.", "87", "Sanne de Boer",
            "sneller & gezonder", "“auto”", "“Schoner naar het werk”", "K-2026-0009: Leenfiets",
        ),
    ),
    "to_manager_bare": (
        MessageKind.TO_MANAGER,
        {
            "framework": "Duurzaam onderweg", "promise": PROMISE, "submitter": None, "unit": None,
            "twins": [], "reasons": [], "touched_limits": [], "probability": None,
        },
        ("{due}", "Duurzaam onderweg"),
    ),
    **{
        f"to_coordinator_{why}": (
            MessageKind.TO_COORDINATOR,
            {
                "why": why, "promise": PROMISE, "submitter": None, "unit": "Wijkteam Noord", "twins": [TWIN],
                "candidates": [
                    {
                        "title": "Duurzaam onderweg", "probability": 0.44, "reasons": ["fiets", "auto"],
                        "quote": "Op de fiets naar het werk",
                    },
                    {"title": "Minder papier", "probability": 0.004, "reasons": []},
                ],
                "earlier": [
                    {**EARLIER, "framework": "Duurzaam onderweg"},
                    {"reference": "K-2026-0010", "title": "Hond", "framework": None},
                ],
            },
            (
                "{due}", "Duurzaam onderweg (44\u00a0%): “fiets”, “auto”", "Minder papier (1\u00a0%)",
                "Wijkteam Noord", "K-2026-0017", "{why:" + why + "}",
                "“Op de fiets naar het werk”", "K-2026-0009: Leenfiets (Duurzaam onderweg)", "K-2026-0010: Hond (",
            ),
        )
        for why in ("unsure", "fits_none", "no_manager", "closed", "unreadable")
    },
    **{
        f"with_coordinator_asks_{why}": (
            MessageKind.WITH_COORDINATOR,
            {"why": "fits_none" if why == "fits_none" else "unsure", "promise": PROMISE, "asks": why},
            ("Sanne de Boer", "{due}", "{told:" + why + "}"),
        )
        for why in Asks
    },
    **{
        f"to_coordinator_asks_{name}": (
            MessageKind.TO_COORDINATOR,
            {
                "why": "fits_none" if name == "fits_none" else "unsure", "promise": PROMISE, "candidates": [],
                "submitter": None, "unit": None, "twins": [], "asks": {**ASKS, "why": name, **more},
            },
            ("{due}", "{asks:" + name + "}", *facts),
        )
        for name, more, facts in [
            ("fits_none", {}, ()),
            ("unsure", {"needed": 93}, ("62\u00a0%", "‘Fietsen & lopen’", "93\u00a0%")),
            ("no_labels", {"labelled": 0}, ()),
            ("too_little", {}, ("12",)),
            ("new_framework", {}, ("‘Fietsen & lopen’",)),
            ("too_little_here", {}, ("‘Fietsen & lopen’",)),
        ]
    },
    "to_coordinator_asks_close": (
        MessageKind.TO_COORDINATOR,
        {
            "why": "unsure", "promise": DEPUTY, "candidates": [], "submitter": None, "unit": None, "twins": [],
            "asks": {**ASKS, "why": "unsure", "sure": 94, "needed": 94, "is_close": True},
        },
        ("{due}", "Sanne de Boer", "{asks:close}", "‘Fietsen & lopen’", "94\u00a0%"),
    ),
    "to_coordinator_asks_one": (
        MessageKind.TO_COORDINATOR,
        {
            "why": "unsure", "promise": PROMISE, "candidates": [], "submitter": None, "unit": None, "twins": [],
            "asks": {**ASKS, "why": "too_little", "labelled": 1},
        },
        ("{due}", "{asks:one}"),
    ),
    "joined_parked": (
        MessageKind.JOINED,
        {
            "original": "K-2026-0017", "original_title": "Fietsen", "framework": "Duurzaam onderweg",
            "promise": {**PROMISE, "due_on": "2026-12-18"}, "parked_until": "2026-12-04",
        },
        ("K-2026-0017", "Sanne de Boer", "{due}", "{later}"),
    ),
    "joined_late": (
        MessageKind.JOINED,
        {
            "original": "K-2026-0017", "original_title": "Fietsen", "framework": None, "promise": PROMISE,
            "is_late": True,
        },
        ("K-2026-0017", "Sanne de Boer", "{sorry}"),
    ),
    **{
        f"in_review_{because}{'_linked' if linked_to else ''}": (
            MessageKind.IN_REVIEW,
            {"because": because, "framework": "Duurzaam onderweg", "promise": DEPUTY, "linked_to": linked_to},
            ("Pieter Kok", "Sanne de Boer", "{due}", "Duurzaam onderweg", *([linked_to] if linked_to else [])),
        )
        for because in ("parked", "answered")
        for linked_to in (None, "K-2026-0017")
    },
    **{
        f"routed_apart_{name}": (
            MessageKind.ROUTED,
            {
                "framework": {**FRAMEWORK, "goal": "", "limits": []}, "promise": PROMISE, "reasons": [],
                "touched_limits": [], "apart": "K-2026-0017", **more,
            },
            ("Sanne de Boer", "K-2026-0017", "{due}", *facts),
        )
        for name, more, facts in [
            ("assigned", {}, ()),
            ("parked", {"parked_until": "2026-12-18"}, ("{later}",)),
            ("asked", {"question": "Hoe vaak?"}, ("Hoe vaak?",)),
        ]
    },
    "with_coordinator_apart": (
        MessageKind.WITH_COORDINATOR,
        {"why": "unsure", "promise": PROMISE, "apart": "K-2026-0017"},
        ("Sanne de Boer", "K-2026-0017", "{due}"),
    ),
    **{
        f"to_{role}_{name}": (
            MessageKind(f"to_{role}"),
            {
                "promise": PROMISE, "submitter": None, "unit": None, "twins": [],
                **(
                    {"framework": "Duurzaam onderweg", "reasons": [], "touched_limits": [], "probability": None}
                    if role == "manager"
                    else {"why": "no_manager", "candidates": []}
                ),
                **more,
            },
            ("{due}", *facts),
        )
        for role in ("manager", "coordinator")
        for name, more, facts in [
            ("returned", {"returned": {"by": "Anna Visser", "reason": "Na de zomer."}}, ("Anna Visser", "Na de zomer.")),
            ("left", {"because": "left", "predecessor": "Anna Visser"}, ("Anna Visser", "{left}")),
            (
                "absent",
                {"because": "absent", "predecessor": "Anna Visser", "parked_until": "2026-12-18"},
                ("Anna Visser", "{absent}", "{later}"),
            ),
            (
                "asked",
                {"because": "left", "predecessor": "Anna Visser", "question": "Hoe vaak?"},
                ("Anna Visser", "{left}", "Hoe vaak?"),
            ),
            ("apart", {"apart": "K-2026-0017"}, ("K-2026-0017",)),
            ("apart_parked", {"apart": "K-2026-0017", "parked_until": "2026-12-18"}, ("{later}",)),
            ("apart_asked", {"apart": "K-2026-0017", "question": "Hoe vaak?"}, ("Hoe vaak?",)),
        ]
    },
    **{
        f"twin_joined_with_{number}": (
            MessageKind.TWIN_JOINED,
            {
                "twin": {"reference": "K-2026-0055", "title": "Leenfiets", "text": "Zet een leenfiets neer."},
                "submitter": "Anna Visser", "framework": "Duurzaam onderweg", "companions": number,
            },
            ("K-2026-0055", "Anna Visser", f"{number} {{colleague:{number}}}"),
        )
        for number in (1, 2)
    },
    "twin_joined": (
        MessageKind.TWIN_JOINED,
        {
            "twin": {"reference": "K-2026-0055", "title": "Leenfiets", "text": "Zet een leenfiets neer."},
            "submitter": "Anna Visser", "framework": "Duurzaam onderweg",
        },
        ("K-2026-0055", "Leenfiets", "Zet een leenfiets neer.", "Anna Visser", "Duurzaam onderweg"),
    ),
    "adopted": (
        MessageKind.ADOPTED,
        DECISION,
        ("Sanne de Boer", "De helft van de ritten kan op de fiets.", "Duurzaam onderweg"),
    ),
    "declined": (
        MessageKind.DECLINED,
        DECISION,
        ("Sanne de Boer", "De helft van de ritten kan op de fiets.", "We beginnen met twee.", "Duurzaam onderweg"),
    ),
    "declined_linked": (
        MessageKind.DECLINED,
        {**DECISION, "linked_to": "K-2026-0017", "framework": None},
        ("Sanne de Boer", "K-2026-0017", "We beginnen met twee."),
    ),
    "parked": (
        MessageKind.PARKED,
        {**DECISION, "parked_until": "2026-12-04"},
        ("Sanne de Boer", "{due}", "We beginnen met twee.", "Duurzaam onderweg"),
    ),
    **{
        f"progress_{step}": (
            MessageKind.PROGRESS,
            {**DECISION, "progress": step, "due_on": "2026-12-04"},
            ("Sanne de Boer", "{due}", "We beginnen met twee.", "Duurzaam onderweg"),
        )
        for step in ("start", "realise", "stop")
    },
    "extended": (
        MessageKind.EXTENDED,
        {**DECISION, "due_on": "2026-12-04"},
        ("Sanne de Boer", "{due}", "We beginnen met twee."),
    ),
    "question": (
        MessageKind.QUESTION,
        {"by": "Sanne de Boer", "question": "Hoe vaak ga je op huisbezoek?"},
        ("Sanne de Boer", "Hoe vaak ga je op huisbezoek?", "sneller & gezonder"),
    ),
    "answered": (
        MessageKind.ANSWERED,
        {"by": "Youssef Amrani", "answer": "Drie keer per week."},
        ("Youssef Amrani", "Drie keer per week.", "sneller & gezonder"),
    ),
    "answered_nameless": (
        MessageKind.ANSWERED,
        {"by": None, "answer": "Drie keer per week."},
        ("Drie keer per week.",),
    ),
    "handed_over": (
        MessageKind.HANDED_OVER,
        {
            "by": "Anna Visser", "reason": "Dit hoort bij vervoer.", "framework": "Duurzaam onderweg",
            "promise": PROMISE,
        },
        ("Anna Visser", "Dit hoort bij vervoer.", "Duurzaam onderweg", "Sanne de Boer", "{due}"),
    ),
    **{
        f"handed_over_{because}{'_linked' if linked_to else ''}": (
            MessageKind.HANDED_OVER,
            {
                "by": None, "because": because, "predecessor": "Anna Visser", "framework": "Duurzaam onderweg",
                "promise": PROMISE, "linked_to": linked_to,
            },
            ("Anna Visser", f"{{{because}}}", "Sanne de Boer", "{due}", *([linked_to] if linked_to else [])),
        )
        for because in ("left", "absent")
        for linked_to in (None, "K-2026-0017")
    },
    "handed_over_parked": (
        MessageKind.HANDED_OVER,
        {
            "by": None, "because": "left", "predecessor": "Anna Visser", "framework": None, "promise": PROMISE,
            "parked_until": "2026-12-18",
        },
        ("Anna Visser", "{left}", "{due}", "{later}"),
    ),
    **{
        f"objection{name}": (
            MessageKind.OBJECTION,
            {"by": by, "objection": "Dit gaat over lampen.", "framework": framework, "promise": DEPUTY},
            ("Dit gaat over lampen.", "Pieter Kok", "{due}", "sneller & gezonder", *([by] if by else [])),
        )
        for name, by, framework in [("", "Youssef Amrani", "Duurzaam onderweg"), ("_nameless", None, None)]
    },
    **{
        f"stays{name}": (
            MessageKind.STAYS,
            {
                "by": "Anna Visser", "reason": "De ritten horen bij vervoer.", "objection": "Dit gaat over lampen.",
                "framework": "Duurzaam onderweg", "promise": PROMISE, **more,
            },
            ("Anna Visser", "De ritten horen bij vervoer.", "Dit gaat over lampen.", "Sanne de Boer", "{due}", *facts),
        )
        for name, more, facts in [
            ("", {}, ()),
            ("_parked", {"parked_until": "2026-12-18"}, ("{later}",)),
            ("_asked", {"question": "Hoe vaak?"}, ("Hoe vaak?",)),
        ]
    },
    **{
        f"fresh_link_{purpose}": (MessageKind.FRESH_LINK, {"purpose": purpose}, (f"{{fresh:{purpose}}}",))
        for purpose in ("volg", "besluit", "bureau", "mijn")
    },
    "answered_late": (
        MessageKind.ANSWERED,
        {"by": "Youssef Amrani", "answer": "Drie keer per week.", "due_on": "2026-12-04"},
        ("Youssef Amrani", "{due}"),
    ),
}  # fmt: skip

IN_WORDS = {
    "nl": {
        "{due}": "vrijdag 4 december 2026",
        "{later}": "vrijdag 18 december 2026",
        "{sorry}": "te laat",
        "{fresh:volg}": "Volg je idee",
        "{fresh:besluit}": "Bekijk het idee",
        "{fresh:bureau}": "Open je bureau",
        "{fresh:mijn}": "Open je lijst",
        "{left}": "werkt hier niet meer",
        "{absent}": "is er voorlopig niet",
        "1 {colleague:1}": "1 collega mee die hetzelfde wil.",
        "2 {colleague:2}": "2 collega's mee die hetzelfde willen.",
        "{received}": "maandag 9 november 2026",
        "{why:unsure}": "bij welk kader",
        "{why:fits_none}": "pas",
        "{why:no_manager}": "kan beslissen",
        "{why:closed}": "gesloten",
        "{why:unreadable}": "lezen",
        "{told:fits_none}": "lijkt niet te passen bij een van de kaders",
        "{told:unsure}": "twijfelt nog bij welk kader",
        "{told:no_labels}": "Ons programma leert nog",
        "{told:too_little}": "Ons programma leert nog",
        "{told:new_framework}": "waarvan ons programma nog weinig weet",
        "{told:too_little_here}": "waarvan ons programma nog weinig weet",
        "{asks:fits_none}": "lijkt bij geen enkel open kader te passen",
        "{asks:unsure}": "niet zeker genoeg om zelf te kiezen",
        "{asks:no_labels}": "er heeft nog niemand een idee geplaatst",
        "{asks:too_little}": "Van de 12 ideeën die collega's plaatsten",
        "{asks:new_framework}": "Daar heeft nog niemand een idee geplaatst",
        "{asks:too_little_here}": "Daar weet het programma nog te weinig van",
        "{asks:close}": "net niet zeker genoeg",
        "{asks:one}": "Van het ene idee dat een collega plaatste",
    },
    "en": {
        "{due}": "Friday 4 December 2026",
        "{later}": "Friday 18 December 2026",
        "{sorry}": "is late",
        "{fresh:volg}": "Follow your idea",
        "{fresh:besluit}": "See the idea",
        "{fresh:bureau}": "Open your desk",
        "{fresh:mijn}": "Open your list",
        "{left}": "does not work here any more",
        "{absent}": "is away for now",
        "1 {colleague:1}": "1 more colleague comes along",
        "2 {colleague:2}": "2 more colleagues come along",
        "{received}": "Monday 9 November 2026",
        "{why:unsure}": "which framework",
        "{why:fits_none}": "fit",
        "{why:no_manager}": "nobody",
        "{why:closed}": "closed",
        "{why:unreadable}": "not read",
        "{told:fits_none}": "does not seem to fit one of the frameworks",
        "{told:unsure}": "not sure yet which framework",
        "{told:no_labels}": "still learning",
        "{told:too_little}": "still learning",
        "{told:new_framework}": "our program knows little about yet",
        "{told:too_little_here}": "our program knows little about yet",
        "{asks:fits_none}": "seems to fit none of the open frameworks",
        "{asks:unsure}": "not sure enough to choose by itself",
        "{asks:no_labels}": "nobody has placed an idea that it could learn from",
        "{asks:too_little}": "From the 12 ideas that colleagues placed",
        "{asks:new_framework}": "Nobody has placed an idea there yet",
        "{asks:too_little_here}": "The program knows too little of it yet",
        "{asks:close}": "just not sure enough",
        "{asks:one}": "From the one idea that a colleague placed",
    },
}


AT_DESK = {MessageKind.TO_COORDINATOR, MessageKind.OBJECTION}


def letter(name: str = "routed", language: str = "nl", **changes: Any) -> Letter:
    """A sample as a letter; `changes` replace fields."""
    kind, payload, _ = SAMPLES[name]
    to_manager = kind in {
        MessageKind.TO_MANAGER,
        MessageKind.TO_COORDINATOR,
        MessageKind.TWIN_JOINED,
        MessageKind.ANSWERED,
        MessageKind.OBJECTION,
    }
    person = MANAGER if to_manager else SUBMITTER
    fields: dict[str, Any] = {
        "kind": kind,
        "recipient": Recipient(
            person.id, person.name, person.email, language, is_coordinator=kind in AT_DESK
        ),
        "message_id": f"{name}.1@waterland.example",
        "idea": None if payload.get("purpose") in {"bureau", "mijn"} else IDEA,
        "payload": payload,
        "created_at": CREATED,
        **changes,
    }
    return Letter(**fields)


def promised(name: str, language: str) -> list[str]:
    """What a sample must mention, in words of the language."""
    return [IN_WORDS[language].get(fact, fact) for fact in SAMPLES[name][2]]
