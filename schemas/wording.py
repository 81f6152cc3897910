"""Wording: what pydantic found, in the words of the person who has to mend it; German first, English beside it."""

from collections.abc import Mapping
from typing import Any

_SENTENCES: Mapping[str, tuple[str, str]] = {
    "missing": ("Diese Angabe fehlt.", "this entry is missing"),
    "extra_forbidden": (
        "Dieses Feld ist hier unbekannt; bitte die Schreibweise prüfen.",
        "unknown field; check the spelling",
    ),
    "string_type": ("Hier wird Text erwartet.", "text is expected here"),
    "string_too_short": (
        "Zu kurz: mindestens {min_length} Zeichen.",
        "too short: at least {min_length} characters",
    ),
    "string_too_long": (
        "Zu lang: höchstens {max_length} Zeichen.",
        "too long: at most {max_length} characters",
    ),
    "string_pattern_mismatch": ("Hat nicht die verlangte Form.", "does not have the required form"),
    "int_type": ("Hier wird eine ganze Zahl erwartet.", "a whole number is expected here"),
    "int_parsing": ("Hier wird eine ganze Zahl erwartet.", "a whole number is expected here"),
    "int_from_float": ("Hier wird eine ganze Zahl erwartet.", "a whole number is expected here"),
    "int_parsing_size": ("Diese Zahl ist zu groß.", "this number is too large"),
    "bool_type": ("Hier wird ja oder nein erwartet (true/false).", "true or false is expected here"),
    "bool_parsing": ("Hier wird ja oder nein erwartet (true/false).", "true or false is expected here"),
    "greater_than_equal": ("Mindestens {ge}.", "at least {ge}"),
    "greater_than": ("Mehr als {gt}.", "more than {gt}"),
    "less_than_equal": ("Höchstens {le}.", "at most {le}"),
    "literal_error": ("Erlaubt ist nur: {expected}.", "allowed is only: {expected}"),
    "enum": ("Erlaubt ist nur: {expected}.", "allowed is only: {expected}"),
    "list_type": ("Hier wird eine Liste erwartet.", "a list is expected here"),
    "tuple_type": ("Hier wird eine Liste erwartet.", "a list is expected here"),
    "too_short": ("Zu wenige Einträge: mindestens {min_length}.", "too few entries: at least {min_length}"),
    "too_long": ("Zu viele Einträge: höchstens {max_length}.", "too many entries: at most {max_length}"),
    "dict_type": ("Hier werden benannte Angaben erwartet.", "named entries are expected here"),
    "model_type": ("Hier werden benannte Angaben erwartet.", "named entries are expected here"),
    "model_attributes_type": ("Hier werden benannte Angaben erwartet.", "named entries are expected here"),
    "union_tag_not_found": ("Die Angabe „type“ fehlt.", "the entry “type” is missing"),
    "union_tag_invalid": (
        "„{tag}“ ist keine bekannte Art; möglich: {expected_tags}.",
        "“{tag}” is unknown; possible: {expected_tags}",
    ),
    "date_from_datetime_parsing": ("Kein gültiges Datum (JJJJ-MM-TT).", "not a valid date (YYYY-MM-DD)"),
    "date_from_datetime_inexact": (
        "Ein Datum ohne Uhrzeit, bitte (JJJJ-MM-TT).",
        "a date without a time, please (YYYY-MM-DD)",
    ),
    "date_parsing": ("Kein gültiges Datum (JJJJ-MM-TT).", "not a valid date (YYYY-MM-DD)"),
    "date_type": ("Kein gültiges Datum (JJJJ-MM-TT).", "not a valid date (YYYY-MM-DD)"),
}


def sentence(kind: str, context: Mapping[str, Any], fallback: str) -> tuple[str, str]:
    """German and English for a pydantic error type; own validators raise with "German | English"."""
    if kind == "value_error":
        german, _, english = fallback.removeprefix("Value error, ").partition(" | ")
        return german, english or german
    german, english = _SENTENCES.get(kind, (fallback, fallback))
    return german.format_map(context), english.format_map(context)
