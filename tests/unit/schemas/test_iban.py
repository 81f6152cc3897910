"""Our IBAN check says what stdnum says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban

from schemas.iban import compact_iban

GOOD = ("DE89370400440532013000", "GB29NWBK60161331926819", "NO9386011117947", "MT84MALT011000012345MTLCAST001S")
digits = st.sampled_from("0123456789")


@pytest.mark.parametrize("number", GOOD)
@pytest.mark.parametrize("written", ["{0}", " {0} ", "{0:.4} {0:.0}", "{0}."])
def test_written_in_any_way_it_is_the_same(number: str, written: str) -> None:
    text = written.format(number) if "{0:.4}" not in written else f"{number[:4]} {number[4:8]}-{number[8:]}".lower()
    assert compact_iban(text) == iban.compact(text) == number


@given(st.sampled_from(GOOD), st.integers(0, 30), digits | st.sampled_from("ABZ"))
def test_a_changed_character_is_judged_as_stdnum_does(number: str, place: int, character: str) -> None:
    place %= len(number)
    changed = number[:place] + character + number[place + 1 :]
    if changed[2:4].isdigit():
        assert (compact_iban(changed) is not None) == iban.is_valid(changed, check_country=False)


@given(st.sampled_from(["DE", "GB", "NO", "XX", "ZZ", "FR"]), st.text("0123456789AB", min_size=1, max_size=30))
def test_any_account_with_right_check_digits_is_judged_as_stdnum_does(country: str, account: str) -> None:
    number = f"{country}{iban.calc_check_digits(f'{country}00{account}')}{account}"
    assert (compact_iban(number) is not None) == iban.is_valid(number, check_country=False)


@pytest.mark.parametrize(
    "text", ["", "DE", "DE8", "DE89_370400440532013000", "DEAB370400440532013000", "ÄÖ", "²³", "D\u0660"]
)
def test_what_is_none_is_none(text: str) -> None:
    assert compact_iban(text) is None
