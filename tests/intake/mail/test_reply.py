import pytest

from intake.mail.reply import own_words, split_reply

IDEA = "Zet bij elke afdeling een bak voor lege batterijen.\nNu liggen ze overal."

QUOTED = "> Beste Noor,\n>\n> Heb je nog een idee voor ons?"
PLAIN_QUOTE = "Beste Noor,\n\nHeb je nog een idee voor ons?"

ATTRIBUTIONS = [
    "Op ma 3 mei 2021 om 10:11 schreef Jan Jansen <jan@werk.example>:",
    "Op 3 mei 2021 10:11 schreef Jan Jansen <\njan@werk.example>:",
    "Op 3 mei 2021 om 10:11 heeft Jan Jansen <jan@werk.example> het volgende geschreven:",
    "On Mon, May 3, 2021 at 10:11 AM Jan Jansen <jan@werk.example> wrote:",
    "On Mon, May 3, 2021 at 10:11 AM Jan Jansen\n<jan@werk.example>\nwrote:",
    "Am 03.05.2021 um 10:11 schrieb Jan Jansen <jan@werk.example>:",
    "Jan Jansen <jan@werk.example> schrieb am Mo., 3. Mai 2021 um 10:11 Uhr:",
    "Le lun. 3 mai 2021 à 10:11, Jan Jansen <jan@werk.example> a écrit :",
]
HEADER_BLOCKS = [
    "Van: Jan Jansen <jan@werk.example>\nVerzonden: maandag 3 mei 2021 10:11\nAan: Noor\nOnderwerp: Ideeën",
    "________________________________\nVan: Jan Jansen\nVerzonden: maandag 3 mei 2021 10:11\nAan: Noor\nOnderwerp: Ideeën",
    "-----Oorspronkelijk bericht-----\nVan: Jan Jansen\nVerzonden: maandag 3 mei 2021 10:11\nAan: Noor\nOnderwerp: Ideeën",
    "-------- Oorspronkelijk bericht --------\nVan: Jan Jansen <jan@werk.example>\nDatum: 03-05-2021 10:11 (GMT+01:00)\nAan: Noor",
    "*From:* Jan Jansen\n*Sent:* Monday, May 3, 2021 10:11\n*To:* Noor\n*Subject:* Ideas",
    "-----Original Message-----\nFrom: Jan Jansen\nSent: Monday, May 3, 2021 10:11",
    "Von: Jan Jansen\nGesendet: Montag, 3. Mai 2021 10:11\nAn: Noor\nBetreff: Ideen",
    "De : Jan Jansen\nEnvoyé : lundi 3 mai 2021 10:11\nÀ : Noor\nObjet : Idées",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_marked_quote_below_is_cut(attribution: str):
    assert own_words(f"{IDEA}\n\n{attribution}\n\n{QUOTED}\n") == IDEA


@pytest.mark.parametrize("attribution", ATTRIBUTIONS + HEADER_BLOCKS)
def test_unmarked_quote_below_is_cut(attribution: str):
    assert own_words(f"{IDEA}\n\n{attribution}\n\n{PLAIN_QUOTE}\n") == IDEA


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_answer_below_the_quote_is_kept(attribution: str):
    assert own_words(f"{attribution}\n{QUOTED}\n\n{IDEA}\n") == IDEA


def test_answers_between_the_lines_are_kept_with_their_questions():
    text = (
        "Hoi Jan,\n\nOp 3 mei 2021 om 10:11 schreef Jan <jan@werk.example>:\n> Wat is het idee?\nEen bak.\n"
        "> En waar?\nBij de ingang.\n\n> Groeten, Jan"
    )
    assert own_words(text) == "Hoi Jan,\n\n> Wat is het idee?\nEen bak.\n> En waar?\nBij de ingang."


def test_answers_announced_between_unmarked_lines_are_kept():
    text = f"Zie mijn antwoorden hieronder in rood.\n\n{HEADER_BLOCKS[0]}\n\nWaar?\nBij de ingang."
    assert own_words(text).endswith("Bij de ingang.")


def test_a_text_that_is_only_quote_stays_whole():
    assert own_words(QUOTED) == QUOTED


@pytest.mark.parametrize(
    "line",
    [
        "Vorige week schreef Jan drie dingen op het bord:",
        "Op maandag 3 mei gebeurt dit:",
        "Mijn plan voor 2025:",
        "Van: de voordeur\nTot aan de achterdeur is het donker.",
        "Idee 1\n------\nMeer fietsen bij het station, want de auto's staan er nu in de weg en iedereen klaagt erover.",
        "- een\n- twee",
    ],
)
def test_own_text_that_resembles_a_mark_is_kept(line: str):
    text = f"Beste mensen,\n\n{line}\n\nDat moet anders."
    assert own_words(text) == text


@pytest.mark.parametrize(
    "marker",
    [
        "---------- Forwarded message ---------\nFrom: Piet <piet@werk.example>\nDate: Mon, 3 May 2021\nSubject: idee\nTo: Noor",
        "Begin doorgestuurd bericht:\n\nVan: Piet <piet@werk.example>\nOnderwerp: idee\nDatum: 3 mei 2021\nAan: Noor",
        "-------- Doorgestuurd bericht --------\nOnderwerp: idee\nDatum: 3 mei 2021\nVan: Piet <piet@werk.example>",
    ],
)
def test_forwarded_idea_is_kept_without_its_header(marker: str):
    assert own_words(f"Ter info, van Piet.\n\n{marker}\n\n{IDEA}\n") == f"Ter info, van Piet.\n\n{IDEA}"
    assert own_words(f"{marker}\n\n{IDEA}\n\nMet vriendelijke groet,\nPiet\n") == IDEA


def test_outlook_forward_is_told_from_a_reply_by_its_subject():
    text = f"Mooi idee van Piet.\n\n{HEADER_BLOCKS[0]}\n\n{IDEA}"
    assert own_words(text) == "Mooi idee van Piet."
    assert own_words(text, forwarded=True) == f"Mooi idee van Piet.\n\n{IDEA}"


def test_with_much_text_of_ones_own_the_forwarded_part_goes():
    much = "Wij willen dit graag. " * 15
    reply = split_reply(f"{much}\n\n---------- Forwarded message ---------\nFrom: a@b.example\n\n{IDEA}")
    assert reply.forwarded == IDEA
    assert (
        own_words(f"{much}\n\n---------- Forwarded message ---------\nFrom: a@b.example\n\n{IDEA}")
        == much.strip()
    )


@pytest.mark.parametrize(
    "line",
    [
        "--\nOp 3 mei\n",
        "Op 3 mei 2021\n",
        "Van: x\n",
        "> Op 3 mei schreef\n",
        "*_" * 50 + "\n",
        "met vriendelijke ",
        "-- \n",
    ],
)
def test_hostile_text_takes_linear_time(line: str):
    # A quadratic rule would need minutes for this and run into the time limit of the test.
    text = "hoi\n" + line * (200_000 // len(line))
    assert own_words(text)
