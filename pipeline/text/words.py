"""Small closed lists of words, Dutch, English, German and French, written lower case and without accents."""

from collections.abc import Iterable
from functools import cache

import numpy as np

from pipeline.text.features import WORD, Integers, occurrences

COMMON = """
de het een en van in is op te dat die voor met aan er om ook als dan bij uit nog naar over door we ik je u zij ze hij
wij jullie ons onze mijn zijn worden wordt werd was waren heeft hebben had kan kunnen zou zouden moet moeten mag wil
willen graag dit deze daar hier waar wat wie hoe of maar want dus zo al alle meer veel heel erg iedereen iemand er
staan staat komt komen gaan gaat doen doet maken maakt laten laat zodat omdat wanneer tot per tijdens binnen buiten
onder boven tussen weer steeds vaak altijd soms nu eens even the a an and of to in is it for on with as at by from that
this these those be are was were been has have had can could should would will may might must i you we they he she our
your their its us my there here what which who how or but so if then than more much very also just please let make
makes get gets do does about into out up when where while because der die das und ein eine einen im ist zu den mit von
auf fur dem des sich auch wir ihr sie es ich nicht werden wird sind le la les un une des et est pour dans sur que qui
nous vous ils elle par avec au aux ce cette ces du en
"""
NEGATIONS = """
niet geen nooit niets zonder stop stoppen stopt afschaffen verbieden verbied verbod minder weg weghalen no not never
without none ban abolish remove less nicht kein keine ohne nie verbieten pas sans jamais aucun interdire dont cannot
"""


@cache
def word_features(words: str) -> Integers:
    """The hashed features of a list of words, ascending."""
    return features_of(sorted(set(words.split())))


def features_of(words: Iterable[str]) -> Integers:
    found = occurrences(list(words))
    return np.unique(found.feature[found.kind == WORD])
