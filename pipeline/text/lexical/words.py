"""Small closed lists of words, Dutch, English, German and French, written lower case and without accents."""

from collections.abc import Iterable
from functools import cache

import numpy as np

from pipeline.text.lexical.features import WORD, Integers, occurrences

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
# Words that nobody would take for a reason, beside those of COMMON: small words and ways to begin or end a letter.
SAYING_NOTHING = """
beste geachte hallo hoi dag goedemorgen goedemiddag goedendag groet groeten groetjes vriendelijke collega collega's
collegas idee ideeen voorstel bedankt dank alvast misschien gewoon eigenlijk wel toch niet geen iets niets wat zelf
hem haar hen hun jou jouw uw u me mij men deze die zulke zo'n elk elke ieder andere ander anders nooit echt beetje
hebt heb ben bent is zijn gaat ging wilt wou zegt zeg zie ziet weet vind vindt denk denken geef geven neem nemen zet
zetten doe doen lijkt blijft blijven krijgt krijgen
dear hello hi hey regards kind best thanks thank you colleague colleagues idea ideas proposal perhaps maybe just
really no not nothing something some any each every other another own him her his them me am im ive dont doesnt s t m
ll ve re don doesn isn won didn too like want wants need needs think know put take give go going come see say
hallo liebe lieber guten tag grusse danke idee vorschlag nicht kein keine er uns unser unsere mein meine dass wenn
aber oder als noch nur schon sehr mehr war hat haben kann konnen soll sollen muss mussen man bei nach vor aus
bonjour chers cheres cher merci cordialement idee proposition ne pas plus tres bien aussi mais ou donc si je tu il on
notre nos votre vos mon ma mes son sa ses leur leurs l d qu c j n s y a ete etre avoir fait faire peut
"""


@cache
def word_features(words: str) -> Integers:
    """The hashed features of a list of words, ascending."""
    return features_of(sorted(set(words.split())))


def features_of(words: Iterable[str]) -> Integers:
    found = occurrences(list(words))
    return np.unique(found.feature[found.kind == WORD])
