"""Keys: LeiKa and ARS with hints for the usual mix-ups: the parent key, the Kreis for the town, the AGS for the ARS."""

import re
from collections.abc import Container, Iterator

from schemas.errors import Problem
from schemas.land import LAENDER

_URN = "urn:de:fim:leika:leistung:"
_LEIKA_DIGITS, _ARS_DIGITS, _AGS_DIGITS, _KREIS_DIGITS = 14, 12, 8, 5

KREISE = {
    "01060": ("Kreis Segeberg", "Norderstedt 010600063063"),
    "03358": ("Heidekreis", "Soltau 033580021021"),
    "05358": ("Kreis Düren", "Stadt Düren 053580008008"),
    "05554": ("Kreis Borken", "Borken 055540012012"),
    "05566": ("Kreis Steinfurt", "Ibbenbüren 055660028028"),
    "05754": ("Kreis Gütersloh", "Stadt Gütersloh 057540008008"),
    "07135": ("Landkreis Cochem-Zell", "Cochem 071355001020"),
    "08317": ("Ortenaukreis", "Offenburg 083175010096"),
}
"""The Kreise of the model municipalities, which are taken for the towns of their name."""


_INDEPENDENT: dict[str, Container[int]] = {
    "01": range(1, 5), "02": (0,), "03": range(1, 6), "04": (11, 12), "05": range(11, 25), "06": range(11, 15),
    "07": range(11, 21), "08": (11, 12, 21, 22, 31), "09": range(61, 66), "10": (), "11": (0,), "12": range(51, 55),
    "13": range(3, 5), "14": range(11, 14), "15": range(1, 4), "16": range(51, 57),
}  # fmt: skip
"""Digits 4 and 5 of the independent towns by Land: only they have a key that ends where that of a Kreis does."""


def leika_problems(key: str) -> Iterator[Problem]:
    """What is wrong with a service key, with a hint."""
    digits = key.removeprefix(_URN)
    if digits != key:
        yield _service(f"Bitte nur die Ziffern angeben: {digits}.", f"give the digits only: {digits}")
    elif not digits.isascii() or not digits.isdigit() or len(digits) != _LEIKA_DIGITS:
        yield _service(
            f"Ein LeiKa-Schlüssel hat 14 Ziffern; dieser hat {len(digits)} Zeichen.",
            f"a LeiKa key has 14 digits; this one has {len(digits)} characters",
        )
    elif not digits.startswith("99"):
        yield _service("Ein LeiKa-Schlüssel beginnt mit 99.", "a LeiKa key begins with 99")
    elif digits[8:11] == "000":
        yield _service(
            f"Das ist der übergeordnete Schlüssel ohne Verrichtung; gemeint ist vielleicht {digits[:8]}104000"
            f" (Anmeldung) oder {digits[:8]}001000 (Erteilung).",
            f"this is the parent key without an action; perhaps {digits[:8]}104000 (registration) or"
            f" {digits[:8]}001000 (issue) is meant",
        )


def _service(german: str, english: str) -> Problem:
    return Problem("service", german, english)


def ars_problems(ars: str) -> Iterator[Problem]:
    """What is wrong with a regional key, with a hint."""
    found = _ars_problem(ars)
    if found is not None:
        yield Problem("ars", *found)


def _ars_problem(ars: str) -> tuple[str, str] | None:
    kreis = KREISE.get(ars[:_KREIS_DIGITS])
    if kreis and re.fullmatch(r"0*", ars[_KREIS_DIGITS:]):
        return (
            f"Das ist der {kreis[0]}, keine Gemeinde; gemeint ist vielleicht {kreis[1]}.",
            f"this is the district ({kreis[0]}), no municipality; perhaps {kreis[1]} is meant",
        )
    if not re.fullmatch(r"\d+", ars, re.ASCII) or len(ars) != _ARS_DIGITS:
        return _wrong_length(ars)
    if ars[:2] not in LAENDER:
        return "Die ersten zwei Ziffern sind kein Land (01 bis 16).", "the first two digits are no Land (01 to 16)"
    if ars.endswith("0" * 7) and int(ars[3:5]) not in _INDEPENDENT[ars[:2]]:
        return (
            "Das ist ein Kreis, keine Gemeinde; gemeint ist vielleicht eine Gemeinde darin.",
            "this is a district, no municipality; perhaps a municipality within it is meant",
        )
    return _wrong_structure(ars[5:9], ars[9:])


def _wrong_length(ars: str) -> tuple[str, str]:
    if re.fullmatch(r"\d{8}", ars, re.ASCII) and ars[:2] in LAENDER:
        likely = f"{ars[:5]}0{ars[5:]}{ars[5:]}"
        return (
            f"Das ist ein AGS mit 8 Ziffern; der ARS hat 12. Ohne Gemeindeverband wäre es {likely}.",
            f"this is an AGS of 8 digits; the ARS has 12. Without an association it would be {likely}",
        )
    if re.fullmatch(r"\d{11}", ars, re.ASCII):
        return f"Vorn fehlt eine Null: 0{ars}.", f"a leading zero is missing: 0{ars}"
    return (
        f"Ein ARS hat 12 Ziffern; dieser hat {len(ars)} Zeichen.",
        f"an ARS has 12 digits; this one has {len(ars)} characters",
    )


def _wrong_structure(association: str, municipality: str) -> tuple[str, str] | None:
    if association[0] not in "059":
        return (
            "Die sechste Ziffer ist 0 (ohne Verband), 5 (Gemeindeverband) oder 9 (gemeindefrei).",
            "the sixth digit is 0 (no association), 5 (association) or 9 (unincorporated)",
        )
    if association[0] == "0" and association[1:] != municipality:
        return (
            "Ohne Gemeindeverband wiederholen die letzten drei Ziffern die drei davor; eine Ziffer ist verdreht.",
            "without an association the last three digits repeat the three before; a digit is wrong",
        )
    return None
