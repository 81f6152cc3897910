import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.length import Length, Unit, parse_length


def _half_month(whole: int) -> Length:
    return Length(whole, Unit.MONTHS, half_month=True)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("3 months", Length(3, Unit.MONTHS)),
        ("1 month", Length(1, Unit.MONTHS)),
        ("3 Monate", Length(3, Unit.MONTHS)),
        ("ein Monat", Length(1, Unit.MONTHS)),
        ("10 working days", Length(10, Unit.ARBEITSTAGE)),
        ("1 working day", Length(1, Unit.ARBEITSTAGE)),
        ("10 Arbeitstage", Length(10, Unit.ARBEITSTAGE)),
        ("3 Werktage", Length(3, Unit.WERKTAGE)),
        ("1 Werktag", Length(1, Unit.WERKTAGE)),
        ("48 hours", Length(48, Unit.HOURS)),
        ("48 Stunden", Length(48, Unit.HOURS)),
        ("14 days", Length(14, Unit.DAYS)),
        ("drei Tage", Length(3, Unit.DAYS)),
        ("zwei Wochen", Length(2, Unit.WEEKS)),
        ("1 week", Length(1, Unit.WEEKS)),
        ("2 Jahre", Length(2, Unit.YEARS)),
        ("1 year", Length(1, Unit.YEARS)),
        ("  3\tMONTHS ", Length(3, Unit.MONTHS)),
        ("halbes Jahr", Length(6, Unit.MONTHS)),
        ("Vierteljahr", Length(3, Unit.MONTHS)),
        ("halber Monat", Length(0, Unit.MONTHS, half_month=True)),
        ("anderthalb Monate", Length(1, Unit.MONTHS, half_month=True)),
        ("1,5 Monate", Length(1, Unit.MONTHS, half_month=True)),
        ("2½ months", Length(2, Unit.MONTHS, half_month=True)),
    ],
)
def test_a_length_is_read_in_german_and_english(text: str, length: Length) -> None:
    assert parse_length(text) == length


@pytest.mark.parametrize(
    "text", ["", "3", "months", "3 moons", "-3 days", "1.5 days", "½ weeks", "3 month s", "²  days"]
)
def test_what_is_no_length_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="keine Dauer") as caught:
        parse_length(text)
    assert "is no length; for example: 3 months" in str(caught.value)


@pytest.mark.parametrize("text", ["0 days", "1001 years", "99999999999999999999 days"])
def test_a_length_has_bounds(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        parse_length(text)


@given(st.builds(Length, st.integers(1, 1000), st.sampled_from(Unit)) | st.builds(_half_month, st.integers(0, 1000)))
def test_what_a_length_says_is_read_again(length: Length) -> None:
    assert parse_length(length.en) == parse_length(length.de) == length


def test_singular_and_plural_are_told_apart() -> None:
    assert [Length(n, Unit.MONTHS).de for n in (1, 2)] == ["1 Monat", "2 Monate"]
    assert [str(Length(n, Unit.ARBEITSTAGE)) for n in (1, 2)] == ["1 working day", "2 working days"]
    assert Length(0, Unit.MONTHS, half_month=True).de == "½ Monat"
    assert Length(1, Unit.MONTHS, half_month=True).en == "1½ months"
