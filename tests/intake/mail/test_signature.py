import pytest

from intake.mail.reply import own_words

IDEA = "Laat de verwarming in het weekend lager staan. Dat scheelt geld."


@pytest.mark.parametrize(
    "ending",
    [
        "-- \nNoor de Wit\nTel. 010 123 45 67",
        "--\nNoor de Wit",
        "Met vriendelijke groet,\n\nNoor de Wit\nAfdeling Gebouwen\nT 010 - 123 45 67\nE noor@werk.example",
        "Met vriendelijke groet,\nNoor",
        "Vriendelijke groeten, Noor",
        "Groetjes Noor",
        "mvg,\nNoor",
        "Hartelijke groet,\n\nNoor",
        "Kind regards,\n\nNoor de Wit",
        "Mit freundlichen Grüßen\nNoor",
        "Cordialement,\nNoor",
        "Verstuurd vanaf mijn iPhone",
        "Verzonden met mijn Samsung-smartphone.",
        "Sent from my iPhone",
        "Outlook voor Android downloaden",
        "Download Outlook voor iOS<https://aka.example/1>",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Dit bericht is vertrouwelijk en alleen bestemd voor de geadresseerde.\nAan dit bericht kunnen geen rechten worden ontleend.",
        "De informatie in dit e-mailbericht is uitsluitend bestemd voor de geadresseerde.\n\nVerspreiding aan derden is onbevoegd.",
        "Groet,\nNoor\n\nDisclaimer: dit bericht is vertrouwelijk.",
        "This e-mail is confidential and intended for the addressee only.",
        "Denk aan het milieu voordat je deze mail print.",
    ],
)
def test_ending_is_cut(ending: str):
    assert own_words(f"{IDEA}\n\n{ending}\n") == IDEA


def test_warning_above_the_text_is_cut():
    assert own_words(f"LET OP: deze e-mail komt van buiten de organisatie.\n\n{IDEA}") == IDEA


def test_postscript_and_longer_text_below_the_greeting_stay():
    text = f"{IDEA}\n\nGroeten,\nNoor\n\nPS: ook in de kantine.\n\n"
    more = "Nog een ander plan: laat de zonwering vanzelf zakken zodra de zon op de ramen staat."
    assert own_words(text + more) == f"{IDEA}\n\nPS: ook in de kantine.\n\n{more}"


def test_a_mail_that_is_only_a_greeting_stays_whole():
    assert own_words("Met vriendelijke groet,\nNoor") == "Met vriendelijke groet,\nNoor"


@pytest.mark.parametrize(
    "text",
    [
        "Groet bezoekers bij de balie.\n\nDat is vriendelijk.",
        "Sent from my desk, is much easier then my mobile phone.",
        "Dit is een plan.\n\nVerzonden pakketten raken kwijt.",
    ],
)
def test_text_that_resembles_an_ending_stays(text: str):
    assert own_words(text) == text
