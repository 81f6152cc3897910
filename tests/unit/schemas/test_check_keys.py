import pytest

from schemas.check.keys import ars_problems, leika_problems

GOOD_ARS = [
    "053580008008", "057540008008", "010600063063", "055660028028", "150020000000", "071355001020", "083175010096",
    "033580021021", "055660084084", "055540064064", "055540020020", "055540004004", "055540012012", "055660060060",
    "055660036036", "055540048048", "020000000000", "081110000000", "053150000000", "097640000000", "130040000000",
    "073200000000", "110000000000", "160560000000",
]  # fmt: skip
"""The model municipalities and the towns of the joint application of Ibbenbüren."""


@pytest.mark.parametrize("ars", GOOD_ARS)
def test_right_regional_keys(ars: str) -> None:
    assert list(ars_problems(ars)) == []


@pytest.mark.parametrize(
    ("ars", "hint"),
    [
        ("05358", "this is the district (Kreis Düren), no municipality; perhaps Stadt Düren 053580008008"),
        ("053580000000", "perhaps Stadt Düren 053580008008 is meant"),
        ("05754", "Kreis Gütersloh"),
        ("083170000", "Ortenaukreis"),
        ("053340000000", "this is a district, no municipality"),
        ("083150000000", "this is a district, no municipality"),
        ("100410000000", "this is a district, no municipality"),
        ("032410000000", "this is a district, no municipality"),
        ("05358008", "AGS of 8 digits; the ARS has 12. Without an association it would be 053580008008"),
        ("15002000", "it would be 150020000000"),
        ("53580008008", "a leading zero is missing: 053580008008"),
        ("173580008008", "no Land"),
        ("003580008008", "no Land"),
        ("053580008009", "a digit is wrong"),
        ("053583008008", "the sixth digit"),
        ("05358000800", "leading zero"),
        ("0535800080081", "has 13 characters"),
        ("Düren", "has 5 characters"),
        ("٠٥٣٥٨٠٠٠٨٠٠٨", "an ARS has 12 digits"),
        ("", "has 0 characters"),
    ],
)
def test_a_wrong_regional_key_comes_with_a_hint(ars: str, hint: str) -> None:
    [problem] = ars_problems(ars)
    assert hint in problem.text_en
    assert problem.where == "ars"
    assert problem.text


@pytest.mark.parametrize("key", ["99102013104000", "99012008001001", "99107023017001"])
def test_right_service_keys(key: str) -> None:
    assert list(leika_problems(key)) == []


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("99102013000000", "parent key without an action; perhaps 99102013104000"),
        ("99102013000001", "parent key without an action; perhaps 99102013104000"),
        ("9910201310400", "has 13 characters"),
        ("98102013104000", "begins with 99"),
        ("urn:de:fim:leika:leistung:99102013104000", "give the digits only: 99102013104000"),
        ("9910201310400O", "14 digits"),
    ],
)
def test_a_wrong_service_key_comes_with_a_hint(key: str, hint: str) -> None:
    [problem] = leika_problems(key)
    assert hint in problem.text_en
