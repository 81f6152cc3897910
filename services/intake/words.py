"""Words: what kind of answer a form field wants, for the people who build portals; German and English."""

from schemas import fields
from schemas.fields import FormField

_PLAIN: dict[str, tuple[str, str]] = {
    "person": ("Person", "person"),
    "address": ("Anschrift", "address"),
    "integer": ("ganze Zahl", "whole number"),
    "money": ("Betrag in Cent", "amount in cents"),
    "boolean": ("true oder false", "true or false"),
    "date": ("Datum JJJJ-MM-TT", "date YYYY-MM-DD"),
    "partial-date": ("Datum, auch JJJJ oder JJJJ-MM", "date, also YYYY or YYYY-MM"),
    "iban": ("IBAN", "IBAN"),
    "email": ("E-Mail-Adresse", "e-mail address"),
    "phone": ("Telefonnummer", "telephone number"),
    "group": ("Gruppe", "group"),
}


def kind_of(field: FormField) -> tuple[str, str]:
    """The kind with its limits."""
    if isinstance(field, fields.Text):
        return f"Text, {field.min} bis {field.max} Zeichen", f"text, {field.min} to {field.max} characters"
    if isinstance(field, fields.Choice):
        german, english = (", ".join(quotes.format(choice) for choice in field.of) for quotes in ("„{}“", "“{}”"))
        return f"eines von: {german}", f"one of: {english}"
    if isinstance(field, fields.ListOf):
        german, english = kind_of(field.of)
        return f"Liste, höchstens {field.max}: {german}", f"list, at most {field.max}: {english}"
    return _PLAIN[field.type]
