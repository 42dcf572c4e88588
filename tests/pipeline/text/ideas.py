"""An invented organisation with four frameworks and some ideas, for the tests of the text model."""

import numpy as np

from pipeline.core import FrameworkText, IdeaText, LabelledIdea, LimitText

FRAMEWORKS = (
    FrameworkText(
        slug="mobiliteit",
        title="Anders naar het werk",
        description="Ideeën over fietsen, openbaar vervoer, samen rijden en parkeren bij onze gebouwen.",
        goal="Minder mensen alleen in de auto.",
        limits=(
            LimitText(
                "Geen leaseauto's", "Over leaseauto's en een hogere reiskostenvergoeding beslist de cao."
            ),
        ),
        examples=("Een overdekte fietsenstalling bij de ingang",),
    ),
    FrameworkText(
        slug="energie",
        title="Zuinig met energie",
        description="Ideeën om stroom, gas en warmte te besparen: verlichting, verwarming, zonnepanelen.",
        limits=(LimitText("Geen windmolens", "Op ons terrein mogen geen windmolens staan."),),
    ),
    FrameworkText(
        slug="zorg",
        title="Meer tijd voor patiënten",
        description="Ideeën die verpleegkundigen minder laten registreren en meer tijd aan het bed geven.",
    ),
    FrameworkText(
        slug="digitaal",
        title="Digitaal werken",
        description="Ideas about software, passwords, laptops and digital forms that make office work easier.",
    ),
)

TEXTS = {
    "mobiliteit": (
        "Maak de fietsenstalling groter, hij is altijd vol",
        "Laat een bus rijden van het station naar het ziekenhuis",
        "Samen rijden met collega's uit hetzelfde dorp",
        "Oplaadpunten voor elektrische fietsen bij de ingang",
        "Minder parkeerplaatsen en meer plek voor fietsen",
        "Vergoed een treinabonnement voor wie de auto laat staan",
    ),
    "energie": (
        "Zet de verwarming om vijf uur lager",
        "Vervang de lampen in de gang door led",
        "Zonnepanelen op het dak van de parkeergarage",
        "Lichten uit met een bewegingsmelder in het magazijn",
        "Isoleer de leidingen in de kelder, daar gaat warmte verloren",
        "Computers 's nachts uit om stroom te besparen",
    ),
    "zorg": (
        "Laat patiënten zelf hun gegevens vooraf invullen, dat scheelt registreren",
        "Minder lijstjes op de afdeling, meer tijd aan het bed",
        "Een vast maatje voor elke verpleegkundige in de nachtdienst",
        "Dekens op de afdeling zodat verpleegkundigen niet hoeven te lopen",
        "Overdracht aan het bed samen met de patiënt",
        "Eén formulier voor opname in plaats van vier",
    ),
    "digitaal": (
        "One password for all software",
        "Let the laptop start faster in the morning",
        "Digital forms instead of paper ones in the office",
        "Eén keer inloggen voor alle programma's",
        "Search inside documents on the intranet",
        "Automatic backups of every laptop",
    ),
}

NONE_TEXTS = (
    "Mijn buurman heeft een nieuwe hond gekregen",
    "Wie wint dit jaar het voetbalkampioenschap",
    "Recept voor appeltaart met rozijnen",
    "De koning opent een museum in Lissabon",
)

CORPUS = tuple(text for texts in TEXTS.values() for text in texts) + NONE_TEXTS


def labelled(per_framework: int = 6, nones: int = 0) -> list[LabelledIdea]:
    """Labelled ideas: the first few of every framework, and the first few that fit none."""
    known = [
        LabelledIdea(IdeaText(f"{slug}-{number}", text), slug)
        for slug, texts in TEXTS.items()
        for number, text in enumerate(texts[:per_framework])
    ]
    none = [
        LabelledIdea(IdeaText(f"none-{number}", text), None) for number, text in enumerate(NONE_TEXTS[:nones])
    ]
    return known + none


class Letters:
    """An encoder that counts letters."""

    name = "letters"
    dimensions = 26

    def encode(self, texts):
        counts = np.array(
            [[text.lower().count(chr(97 + letter)) for letter in range(26)] for text in texts],
            dtype=np.float32,
        ).reshape(len(texts), 26)
        return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-6)
