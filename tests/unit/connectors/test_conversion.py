"""Cells of old systems, and what they mean."""

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.conversion import Conversion, converter


def convert(text: str, **declared: Any) -> Any:  # noqa: ANN401 - whatever the kind makes
    return converter(Conversion.model_validate(declared))(text)


@pytest.mark.parametrize(
    ("text", "declared", "value"),
    [
        ("Müller", {}, "Müller"),
        ("Tierheim,\r\n  Bonn", {}, "Tierheim, Bonn"),
        ("Tierheim,\r\n  Bonn", {"as": "lines"}, "Tierheim,\n  Bonn"),
        ("1.3.2026", {"as": "date"}, "2026-03-01"),
        ("01.03.2026", {"as": "date"}, "2026-03-01"),
        ("00.00.1961", {"as": "date"}, "1961-00-00"),
        ("20260301", {"as": "date", "format": "%Y%m%d"}, "2026-03-01"),
        ("3/1/2026", {"as": "date", "format": "%m/%d/%Y"}, "2026-03-01"),
        ("007", {"as": "integer"}, 7),
        ("-7", {"as": "integer"}, -7),
        ("1.234,5", {"as": "cents"}, 123_450),
        ("1234567,05", {"as": "cents"}, 123_456_705),
        ("12", {"as": "cents"}, 1_200),
        ("-0,05", {"as": "cents"}, -5),
        ("1,234.50", {"as": "cents", "decimal": "."}, 123_450),
        ("j", {"as": "boolean"}, True),
        ("NEIN", {"as": "boolean"}, False),
        ("wahr", {"as": "boolean", "yes": ["wahr"], "no": ["falsch"]}, True),
        ("DA", {"values": {"DA": "Dackel"}}, "Dackel"),
        ("2", {"as": "boolean", "values": {"1": "Ja", "2": "Nein"}}, False),
        ("000, 170,", {"separator": ","}, ["000", "170"]),
        ("HW/HA", {"separator": "/", "values": {"HW": "craft", "HA": "commerce"}}, ["craft", "commerce"]),
    ],
)
def test_a_cell_becomes_a_value(text: str, declared: dict[str, Any], value: object) -> None:
    assert convert(text, **declared) == value


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("2026-03-01", {"as": "date"}),
        ("1.3.26", {"as": "date"}),
        ("2026031", {"as": "date", "format": "%Y%m%d"}),
        ("\u0661.\u0663.\u0662\u0660\u0662\u0666", {"as": "date"}),
        ("7,0", {"as": "integer"}),
        ("\u0667", {"as": "integer"}),
        ("9" * 30, {"as": "integer"}),
        ("1,234", {"as": "cents"}),
        ("1.23", {"as": "cents"}),
        ("12.34,50", {"as": "cents"}),
        ("1e3", {"as": "cents"}),
        ("vielleicht", {"as": "boolean"}),
        ("XX", {"values": {"DA": "Dackel"}}),
        ("HW/XX", {"separator": "/", "values": {"HW": "craft"}}),
    ],
)
def test_what_is_not_such_a_value_is_refused_in_both_languages_without_being_repeated(
    text: str, declared: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r" \| ") as caught:
        convert(text, **declared)
    assert text not in str(caught.value)


@pytest.mark.parametrize("format_", ["%d.%m.", "%d.%m.%y", "%d.%m.%Y %H", "", "%d.%d.%Y"])
def test_a_date_needs_day_month_and_year(format_: str) -> None:
    with pytest.raises(ValidationError, match="Datum"):
        Conversion.model_validate({"as": "date", "format": format_})
