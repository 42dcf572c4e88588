"""The texts that the encoder is measured on; it learned from none of them."""

from collections import Counter
from dataclasses import dataclass
from itertools import product

from benchmarks.textmodel.task import rows

LEAST, DOZEN = 15, 12
_BEGIN, _END = "2017-10-26", "2022-01-10"
# The cabinet of these years; who held two posts of different ministries is left out.
_MINISTRY = {
    "AZ": ("Mark Rutte (M.)",),
    "BZ": ("Stef Blok (S.A.)", "Sigrid Kaag (S.A.M.)", "Halbe Zijlstra (H.)", "Ben Knapen (H.P.M.)"),
    "BZK": ("K.H. Ollongren", "Raymond Knops (R.W.)"),
    "DEF": ("Ank Bijleveld-Schouten (A.T.B.)", "Barbara Visser (B.)"),
    "EZK": ("E.D. Wiebes", "Mona Keijzer (M.C.G.)"),
    "FIN": ("Wopke Hoekstra (W.B.)", "M. Snel", "J.A. Vijlbrief", "A.C. van Huffelen"),
    "IW": ("Cora van Nieuwenhuizen Wijbenga (C.)", "Stientje van Veldhoven (S.)"),
    "JV": ("F.B.J. Grapperhaus", "Sander Dekker (S.)", "Ankie Broekers-Knol (A.)"),
    "LNV": ("Carola Schouten (C.J.)",),
    "OCW": ("Ingrid van Engelshoven (I.K.)", "Arie Slob (A.)"),
    "SZW": ("Wouter Koolmees (W.)",),
    "VWS": ("H.M. de Jonge", "B.J. Bruins", "P. Blokhuis", "M.J. van Rijn"),
}
# Each neighbourhood has headings of its own; what they have in common.
_THEMES = (
    ("eenzaam", "loneliness"),
    ("ontmoet", "meeting"),
    ("verbinding", "meeting"),
    ("groen", "green"),
    ("duurzaam", "green"),
    ("cultu", "arts"),
    ("kunst", "arts"),
    ("jeugd", "youth"),
    ("jongeren", "youth"),
    ("kind", "youth"),
    ("sport", "sport"),
    ("bewegen", "sport"),
    ("hard", "traffic"),
    ("verkeer", "traffic"),
    ("openbare", "streets"),
    ("straten", "streets"),
    ("armoede", "poverty"),
    ("vuil", "waste"),
    ("sociaal", "social"),
)

Labelled = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Rated:
    """Pairs of texts and how alike people find them."""

    ones: list[str]
    others: list[str]
    rating: list[float]


@dataclass(frozen=True, slots=True)
class Sought:
    """For each of `asked` the text at the same place in `among` is to be found, among the first `within`."""

    asked: list[str]
    among: list[str]
    within: int


def labelled() -> dict[str, Labelled]:
    ministries = {name: ministry for ministry, names in _MINISTRY.items() for name in names}
    found = {
        "ministries_nl": [
            (row["subject"], ministries[row["addressed_to"]])
            for row in rows("kamervragen_nl/questions.csv")
            if row["addressed_to"] in ministries and _BEGIN <= row["date"] < _END
        ],
        "themes_nl": [
            (f"{row['name']}\n{row['description']}", theme)
            for row in rows("pabulib_ideas/nl_amsterdam.csv")
            if (theme := _theme(row["category"]))
        ],
        "headings_nl": _headings(),
        "clinc150_en": [
            (row["text"], row["intent"]) for row in rows("clinc150/clinc150.csv") if row["intent"] != "oos"
        ],
        "departments_en": [
            (row["question"], row["department"]) for row in rows("uk_parliament_questions/questions.csv")
        ],
    }
    return {name: _common(ideas, DOZEN if name == "headings_nl" else LEAST) for name, ideas in found.items()}


def rated() -> dict[str, Rated]:
    found = {}
    # The part "dev" was looked at while the encoder was made; the part "train" never, nor did it learn from either.
    for part, language in product(("dev", "train"), ("nl", "en")):
        pairs = rows(f"stsb_multi/stsb_{language}_{part}.csv")
        found[f"sts_b_{language}_{part}"] = Rated(
            [row["sentence_a"] for row in pairs],
            [row["sentence_b"] for row in pairs],
            [float(row["score"]) for row in pairs],
        )
    pairs = rows("sick_nl/sick_nl.csv")
    found["sick_nl"] = Rated(
        [row["sentence_a"] for row in pairs],
        [row["sentence_b"] for row in pairs],
        [float(row["relatedness"]) for row in pairs],
    )
    return found


def sought() -> dict[str, Sought]:
    translations: dict[str, str] = {}
    for dutch, english in zip(
        rows("stsb_multi/stsb_nl_dev.csv"), rows("stsb_multi/stsb_en_dev.csv"), strict=True
    ):
        for side in ("sentence_a", "sentence_b"):
            translations.setdefault(english[side], dutch[side])
    bugs = rows("bug_duplicates/duplicate_pairs.csv")
    return {
        "translation_nl_en": Sought(list(translations.values()), list(translations), 1),
        "bug_titles": Sought([row["title_a"] for row in bugs], [row["title_b"] for row in bugs], 10),
        "bug_reports": Sought(
            [f"{row['title_a']}\n{row['description_a']}" for row in bugs],
            [f"{row['title_b']}\n{row['description_b']}" for row in bugs],
            10,
        ),
    }


def _theme(category: str) -> str | None:
    if "&" in category:  # several at once
        return None
    return next((theme for part, theme in _THEMES if part in category.lower()), None)


def _headings() -> Labelled:
    """The neighbourhoods' own headings, those with a dozen ideas: 17, of which several are nearly the same."""
    return [
        (f"{row['name']}\n{row['description']}", row["category"])
        for row in rows("pabulib_ideas/nl_amsterdam.csv")
        if row["category"] and "&" not in row["category"]
    ]


def _common(ideas: Labelled, least: int) -> Labelled:
    number = Counter(label for _, label in ideas)
    return [each for each in ideas if number[each[1]] >= least]
