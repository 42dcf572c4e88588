import json
import os
import pty
import subprocess
import sys

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from kader.cli import cli
from kader.cli.files import read_frameworks
from models import Person
from tests.factories import make_framework, make_person

AWAY = "absences:\n  - {{person: noor@veld.example, first_day: {}}}\nframeworks:"
LONG = "duurzaam-ziekenhuis-en-een-groene-tuin-voor-iedereen-die-er-komt"
GOOD = """\
units:
  - {slug: zorg, name: Zorg}
people:
  - {email: noor@veld.example, name: Noor, coordinator: true}
frameworks:
  - slug: groen
    title: Groen
    description: Meer groen.
    managers:
      - person: noor@veld.example
"""


def bring(tmp_path, content):
    path = tmp_path / "organisation.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return CliRunner().invoke(cli, ["frameworks", "import", str(path)])


def test_what_was_published_is_counted_in_words(here, tmp_path):
    told = bring(tmp_path, GOOD)
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("1 unit and 1 person; frameworks: 1 published, 0 unchanged.\n")
    trained = CliRunner().invoke(cli, ["train"])
    assert trained.stdout.endswith(": 1 framework, 0 ideas on which a person spoke.\n")


def test_a_list_on_a_pipe_is_whole(here):
    with here.writing() as session:
        anna = make_person(session, "Anna Smit")
        make_framework(session, LONG, title=f"Een heel {'lange ' * 30}titel", managers={None: anna})
    told = CliRunner().invoke(cli, ["frameworks", "list"])
    assert told.exit_code == 0, told.output
    (line,) = [line for line in told.stdout.splitlines() if LONG in line]
    assert "lange titel" in line
    assert "…" not in told.stdout
    found = json.loads(CliRunner().invoke(cli, ["frameworks", "list", "--json"]).stdout)
    assert [each["slug"] for each in found["frameworks"]] == [LONG]


def test_a_list_on_a_narrow_terminal_is_folded_not_cut(here):
    with here.writing() as session:
        make_framework(session, LONG, title="Groen", managers={None: make_person(session, "Anna Smit")})
    inner, outer = pty.openpty()
    command = [sys.executable, "-c", "from kader.cli import main; main()", "frameworks", "list"]
    environment = {**os.environ, "COLUMNS": "60", "TERM": "dumb"}
    subprocess.run(command, stdout=outer, check=True, timeout=60, env=environment)
    os.close(outer)
    shown = os.read(inner, 100_000).decode()
    os.close(inner)
    assert "…" not in shown
    assert "..." not in shown
    cells = [line.strip("│┃ \r").split("│")[0].strip() for line in shown.splitlines() if "│" in line]
    assert "".join(cells) == LONG


@pytest.mark.parametrize(
    ("instead", "by", "sentence"),
    [
        ("  - {slug: zorg, name: Zorg}", "  - zorg", "line 2: units: this must have names with values, as in 'slug: …'"),
        ("  - {slug: zorg, name: Zorg}", "  zorg: Zorg", "line 1: units: this must be a list, with a '-' before each"),
        ("  - {slug: zorg, name: Zorg}", "  - {slug: zorg}", "line 2: units, name: this is missing"),
        ("{slug: zorg, ", "{slug: Zorg 3, ", "line 2: units, slug: use small letters, digits and hyphens"),
        ("{slug: zorg, ", "{slug: 12, ", "line 2: units, slug: this must be text; put it between quotation marks"),
        ("name: Zorg", "nam: Zorg, name: x", "line 2: units, nam: this name isn't known here"),
        ("name: Zorg", 'name: ""', "line 2: units, name: this is empty"),
        ("name: Zorg", f"name: {'x' * 501}", "line 2: units, name: this is longer than 500 characters"),
        ("noor@veld.example, name", "noor, name", "line 4: people, email: this is no e-mail address"),
        ("coordinator: true", "coordinator: misschien", "line 4: people, coordinator: this must be true or false"),
        ("coordinator: true", "language: fr", "line 4: people, language: this must be nl or en"),
        ("    title: Groen", "    title: Groen\n    opens_on: morgen", "line 8: frameworks, opens_on: this must be a day, such as 2026-11-01"),
        ("    title: Groen", "    title: Groen\n    opens_on: 2026-13-01", "line 8: frameworks, opens_on: this must be a day, such as 2026-11-01"),
        ("    title: Groen", "    title: Groen\n    response_days: tien", "line 8: frameworks, response_days: this must be a whole number"),
        ("    title: Groen", "    title: Groen\n    response_days: 0", "line 8: frameworks, response_days: this must be 1 or more"),
        ("    title: Groen", "    title: Groen\n    response_days: 999", "line 8: frameworks, response_days: this must be 260 or less"),
        ("    title: Groen", "    title: Groen\n    examples: een", "line 8: frameworks, examples: this must be a list"),
        ("      - person: noor@veld.example", "      []", "line 9: frameworks, managers: at least 1 is needed"),
        ("      - person: noor@veld.example", "      - persoon: noor@veld.example", "line 10: frameworks, managers, person: this is missing"),
        ("name: Zorg", "name:", "line 2: units, name: this is empty"),
        ("name: Zorg", 'name: " "', "line 2: units, name: this is empty"),
        ("people:", "people: 3", "this isn't valid YAML"),
        ("frameworks:", "people:\n  - {email: sam@veld.example, name: Sam}\nframeworks:", "line 5: people: this name stands here twice"),
        ("name: Zorg}", "name: Zorg}\n  - {slug: zorg, name: Langdurige zorg}", "line 3: units, slug: 'zorg' stands here twice"),
        ("name: Noor,", "name: Noor}\n  - {email: Noor@veld.example, name: Noor,", "line 5: people, email: 'Noor@veld.example' stands here twice"),
        ("noor@veld.example, name", "nóór@veld.example, name", "line 4: people, email: no mail server takes this address"),
        ("frameworks:", AWAY.format("2026-12-21, last_day: 2026-12-01"), "line 6: absences, last_day: this day is before first_day"),
        ("frameworks:", AWAY.format("2026-12-21, last_day: 2026-12-31").replace("frameworks", "back: [Noor@veld.example]\nframeworks"), "line 7: back: Noor@veld.example is away as well, by 'absences'"),
        ("frameworks:", "back: [noor]\nframeworks:", "line 5: back: this is no e-mail address"),
        ("frameworks:", "back: noor@veld.example\nframeworks:", "line 5: back: this must be a list"),
        ("frameworks:", AWAY.format("2026-12-21, last_day: 2026-12-31, deputy: noor@veld.example"), "line 6: absences, deputy: who is away can't be the deputy"),
        ("    title: Groen", "    title: Groen\n    opens_on: 2026-11-01\n    closes_on: 2026-10-01", "line 9: frameworks, closes_on: this day is before opens_on"),
        ("    managers:", "    managers:\n      - person: sam@veld.example", "line 11: frameworks, managers: a manager for all units stands above already"),
        ("frameworks:", "frameworks:\n  - {slug: groen, title: Groen, description: Meer., managers: [{person: noor@veld.example}]}", "line 7: frameworks, slug: 'groen' stands here twice"),
        (GOOD, "- units", "line 1: this must have names with values"),
        ("units:", "eenheden:", "line 1: eenheden: this name isn't known here; known are units, people, absences, back, frameworks"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_told_in_plain_words(here, tmp_path, instead, by, sentence):
    assert instead in GOOD
    told = bring(tmp_path, GOOD.replace(instead, by))
    assert told.exit_code == 2
    assert "organisation.yaml, line " in told.stderr
    assert sentence in told.stderr
    assert told.stderr.count("\n") == 1
    with here.reading() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 0


def test_texts_of_frameworks_go_to_a_file_that_classify_reads(here, tmp_path):
    path = tmp_path / "frameworks.csv"
    with here.writing() as session:
        limits = [("Geen leaseauto's", "Dat regelt de cao."), ("=Loon", "")]
        make_framework(session, "fietsen", title="Op de fiets", goal="Meer fietsers", limits=limits)
        make_framework(session, "energie", description="- Lampen\n- Warmte")
    told = CliRunner().invoke(cli, ["frameworks", "list", "--json", "--csv", str(path)])
    assert told.exit_code == 0, told.output
    assert len(json.loads(told.stdout)["frameworks"]) == 2
    energie, fietsen = sorted(read_frameworks(path), key=lambda each: each.slug)
    assert (fietsen.title, fietsen.goal) == ("Op de fiets", "Meer fietsers")
    assert [limit.title for limit in fietsen.limits] == ["Geen leaseauto's: Dat regelt de cao.", "=Loon"]
    assert energie.description == "- Lampen\n- Warmte"


def test_goal_and_examples_are_read_when_they_are_there(tmp_path):
    path = tmp_path / "frameworks.csv"
    path.write_text(
        'slug,title,description,goal,examples\na,A,Een,Doel,"Eerste\n\nTweede"\n', encoding="utf-8"
    )
    (found,) = read_frameworks(path)
    assert (found.goal, found.examples, found.limits) == ("Doel", ("Eerste", "Tweede"), ())
