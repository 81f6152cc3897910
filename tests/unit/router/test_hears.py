from schemas.kochbuch import read_kochbuch
from tests.support.casework import Office
from tests.support.procedure import TWO


def test_whoever_hears_an_opinion_is_told_its_text_and_nobody_else_is() -> None:
    book = read_kochbuch()
    trade = book.recipes["gewerbeanmeldung"]
    desk = Office(book, trade.service, "dueren")
    case = desk.submit(trade.examples[0].form)
    desk.do(
        "GiveOpinion", case, station="screening", department="gewerbeueberwachung", opinion="objects",
        text="Zwölf Personen, eine Adresse", expected_version=None, actor=TWO,
    )  # fmt: skip
    heard = [letter for letter in desk.letters if letter.body.get("text") == "Zwölf Personen, eine Adresse"]
    departments = [letter.topic.removeprefix("department.dueren.") for letter in heard]
    assert sorted(departments) == ["gewerbeamt", "zoll"]
    assert {letter.body["station"] for letter in heard} == {"screening"}
    kinds = [letter.kind for letter in desk.inbox("zoll")]
    assert kinds == ["StationOpened", "DepartmentNotice"], "first what it is about, then what was found"
