import pytest

from kader.cli.organisation_file import read_organisation
from kader.errors import UserError

PEOPLE = """
people:
  - {email: noor@organisatie.example, name: Noor Voorbeeld}
  - {email: sam@organisatie.example, name: Sam Voorbeeld, active: false}
  - {email: lou@organisatie.example, name: Lou Voorbeeld, active: true, coordinator: true}
"""


def test_a_file_says_who_has_left(tmp_path):
    path = tmp_path / "organisation.yaml"
    path.write_text(PEOPLE, encoding="utf-8")
    assert [each.is_active for each in read_organisation(path).people] == [True, False, True]


def test_a_file_that_leads_back_into_itself_is_refused(tmp_path):
    path = tmp_path / "organisation.yaml"
    path.write_text("people: &all\n  - *all\n", encoding="utf-8")
    with pytest.raises(UserError, match="people: this must have names with values"):
        read_organisation(path)


def test_what_is_no_yes_or_no_is_refused_with_its_place(tmp_path):
    path = tmp_path / "organisation.yaml"
    path.write_text(PEOPLE.replace("active: false", "active: soon"), encoding="utf-8")
    with pytest.raises(UserError, match=r"line \d+: people, active"):
        read_organisation(path)
