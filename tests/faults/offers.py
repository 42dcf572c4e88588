"""Many invented ideas in Dutch, with exact and near repeats among them; the same for the same seed."""

from random import Random

from intake.offer import Offer
from models.words import Source

PLACES = (
    "de verpleegafdeling", "het lab", "de receptie", "de polikliniek", "de keuken", "het magazijn", "de apotheek",
    "het archief", "de kleedkamer", "het trappenhuis", "de fietsenstalling", "de wachtkamer", "de spoelkeuken",
    "de vergaderzaal", "het restaurant", "de operatiekamer", "de ambulancehal", "het dagverblijf",
)  # fmt: skip
THINGS = (
    "de linnenkar", "het rooster", "de overdracht", "de voorraadkast", "het formulier", "de printer", "de maaltijdkar",
    "de weegschaal", "het bord bij de ingang", "de bloedafname", "het belsysteem", "de werkkleding", "de koelkast",
    "het scherm", "de sleutelkast", "de rolstoel", "het overleg", "de nachtdienst", "de inwerkmap", "de afvalbak",
)  # fmt: skip
TROUBLES = (
    "raakt steeds zoek", "kost elke dag een half uur", "staat op de verkeerde plek", "wordt dubbel ingevuld",
    "is vaak leeg", "gaat te vroeg dicht", "maakt te veel lawaai", "is voor nieuwe collega's niet te vinden",
    "wordt na één keer weggegooid", "past niet bij hoe we werken", "loopt elke maandag vast", "is te zwaar",
)  # fmt: skip
PLANS = (
    "Laten we er een vaste plek voor kiezen", "Maak er één collega per week verantwoordelijk voor",
    "Vraag de leverancier om een kleinere maat", "Zet er een duidelijke foto bij", "Doe het voortaan om de week",
    "Vervang het door iets wat langer meegaat", "Begin met een proef van een maand", "Laat de planning het regelen",
    "Gebruik het formulier dat we al hebben", "Haal de helft van de stappen eruit", "Spreek een vaste tijd af",
)  # fmt: skip
GAINS = (
    "dat scheelt zoeken", "dan houden we tijd over voor patiënten", "dat bespaart papier", "dan is het veiliger",
    "dan hoeft niemand meer te wachten", "dat is beter voor je rug", "dan gooien we minder weg", "dat geeft rust",
)  # fmt: skip
EXACT, NEAR, NAMELESS = 0.08, 0.08, 0.05


def offers(number: int, seed: int) -> list[Offer]:
    """That many offers; about one in six repeats an earlier one, word for word or nearly."""
    chance = Random(seed)
    texts: list[str] = []
    for _ in range(number):
        kind = chance.random()
        if texts and kind < EXACT:
            texts.append(chance.choice(texts))
        elif texts and kind < EXACT + NEAR:
            texts.append(f"{chance.choice(texts)} Alvast bedankt.")
        else:
            texts.append(_text(chance))
    return [_offer(place, text, chance) for place, text in enumerate(texts)]


def _text(chance: Random) -> str:
    thing, other = chance.sample(THINGS, 2)
    place, trouble, plan, gain = (chance.choice(each) for each in (PLACES, TROUBLES, PLANS, GAINS))
    return (
        f"Bij {place} {chance.choice(('op verdieping', 'in vleugel', 'naast kamer'))} {chance.randrange(1, 90)} geldt: "
        f"{thing} {trouble}. {plan}, net als bij {other}: {gain}."
    )


def _offer(place: int, text: str, chance: Random) -> Offer:
    nameless = chance.random() < NAMELESS
    who = chance.randrange(400)
    return Offer(
        source=Source.API,
        title=" ".join(text.split()[:6]),
        text=text,
        submitter_email=None if nameless else f"collega{who}@elzenmeer.example",
        submitter_name=None if nameless else f"Collega {who}",
        anonymous=nameless,
        unit_slug=None,
        language="nl",
        delivery_key=f"fault-{place}",
        raw=text.encode(),
        content_type="text/plain",
    )
