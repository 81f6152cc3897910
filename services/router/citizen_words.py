"""Citizen words: what the citizen reads about a case, by the kind of the service; within ZBP's 50 and 100 characters.

Nobody grants a declaration, and a certificate is no notice. An enquiry is answered, whatever the answer: whether a
register holds nothing or must not say so is not to be seen from outside (§ 51 Abs. 2 Satz 3 BMG).
"""

from collections.abc import Mapping

from schemas.recipe import Kind

Words = Mapping[str, tuple[str, str]]
"""What has happened and what comes next, by the state of the case, or by the outcome of one that has ended."""

_NOTICE = "Den Bescheid erhalten Sie von uns: {department}."
_NOTHING = "Es ist nichts weiter zu tun."
_CERTIFIED = "Auf Verlangen bescheinigen wir Ihnen das: {department}."
_PAPERS = ("Wir brauchen noch Unterlagen von Ihnen.", "Bitte reichen Sie die Unterlagen ein.")


def _common(noun: str) -> dict[str, tuple[str, str]]:
    return {
        "ACTION_REQUIRED": _PAPERS,
        "settled": (f"{noun} hat sich erledigt.", _NOTHING),
        "withdrawn": (f"{noun} wurde zurückgenommen.", _NOTHING),
        "": (f"{noun} ist abgeschlossen.", _NOTHING),
    }


_APPLICATION: Words = {
    **_common("Ihr Antrag"),
    "RECEIVED": ("Ihr Antrag ist eingegangen.", "{department} prüft Ihren Antrag."),
    "PROCESSING": ("Ihr Antrag wird bearbeitet.", "{department} entscheidet über Ihren Antrag."),
    "granted": ("Ihr Antrag wurde bewilligt.", _NOTICE),
    "granted_in_part": ("Ihr Antrag wurde teilweise bewilligt.", _NOTICE),
    "refused": ("Ihr Antrag wurde abgelehnt.", _NOTICE),
    "deemed": ("Ihr Antrag gilt als genehmigt.", _CERTIFIED),
}
_CERTIFICATE: Words = {
    **_APPLICATION,
    "PROCESSING": ("Ihr Antrag wird bearbeitet.", "{department} bearbeitet Ihren Antrag."),
    "granted": ("Ihre Urkunde ist ausgestellt.", "Die Urkunde erhalten Sie von uns: {department}."),
    "granted_in_part": ("Ihr Antrag wurde zum Teil erfüllt.", "Näheres erhalten Sie von uns: {department}."),
}
_ANSWERED = ("Ihre Anfrage ist beantwortet.", "Die Antwort erhalten Sie von uns: {department}.")
_ENQUIRY: Words = {
    **_common("Ihre Anfrage"),
    "RECEIVED": ("Ihre Anfrage ist eingegangen.", "{department} prüft Ihre Anfrage."),
    "PROCESSING": ("Ihre Anfrage wird bearbeitet.", "{department} beantwortet Ihre Anfrage."),
    **dict.fromkeys(("granted", "granted_in_part", "refused", "deemed"), _ANSWERED),
}


def _declared(noun: str) -> Words:
    confirmed = "Bestätigung oder Bescheid erhalten Sie von uns: {department}."
    return {
        **_common(noun),
        "RECEIVED": (f"{noun} ist eingegangen.", f"{{department}} prüft {noun}."),
        "PROCESSING": (f"{noun} wird bearbeitet.", f"{{department}} bearbeitet {noun}."),
        "granted": (f"{noun} ist bearbeitet.", confirmed),
        "granted_in_part": (f"{noun} ist zum Teil angenommen.", confirmed),
        "refused": (f"{noun} konnten wir nicht annehmen.", _NOTICE),
        "deemed": (f"{noun} gilt als angenommen.", _CERTIFIED),
    }


WORDS: Mapping[Kind, Words] = {
    "application": _APPLICATION,
    "certificate": _CERTIFICATE,
    "enquiry": _ENQUIRY,
    "registration": _declared("Ihre Anmeldung"),
    "declaration": _declared("Ihre Anzeige"),
}
"""The words of each kind of service."""
