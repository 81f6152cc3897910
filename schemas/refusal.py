"""Refusal: what a reason in CommandRefused means to whoever sent the command, and what to do; German and English.

The reasons are those of services/router/refusal.py; a test holds the two to each other.
"""

from collections.abc import Mapping

_WORDS: Mapping[str, tuple[str, str]] = {
    "unknown-case": (
        "Diesen Vorgang gibt es nicht, oder seine Aufbewahrung ist abgelaufen.",
        "There is no such case, or its retention has ended.",
    ),
    "stale": (
        "Der Vorgang hat sich inzwischen geändert; bitte neu ansehen und erneut entscheiden.",
        "The case has changed meanwhile; look at it again, then decide again.",
    ),
    "wrong-state": (
        "In diesem Stand nimmt der Vorgang den Befehl nicht an; „laufzettel case commands“ sagt, wann.",
        "The case does not take this command in its present state; “laufzettel case commands” says when.",
    ),
    "malformed": (
        "Der Befehl ist nicht lesbar: Kürzel, Verweis oder Angabe haben nicht die verlangte Form.",
        "The command cannot be read: an actor's key, a reference or a value does not have the required form.",
    ),
    "too-long": ("Ein Text ist zu lang; bitte kürzen.", "A text is too long; shorten it."),
    "unknown-station": (
        "Diese Station hat der Laufzettel dieses Vorgangs nicht, oder sie ist noch nicht an der Reihe.",
        "This case's routing slip has no such station, or its turn has not come.",
    ),
    "station-not-open": (
        "Die Station ist nicht mehr oder noch nicht offen.",
        "The station is no longer open, or not yet.",
    ),
    "unknown-department": (
        "Diese Stelle gibt es in der Kommune nicht.",
        "The municipality has no such department.",
    ),
    "same-department": ("Die Stelle hat den Vorgang bereits.", "The department has the case already."),
    "not-your-department": (
        "Die Station liegt bei einer anderen Stelle, und die eigene vertritt sie nicht.",
        "The station is with another department, for which the actor's own does not stand in.",
    ),
    "not-allowed": (
        "Wer so handelt, darf das nicht; der Befehl ist für jemand anderen gedacht.",
        "This actor may not do that; the command is meant for somebody else.",
    ),
    "claimed-by-another": (
        "Jemand anderes hat die Station übernommen; vertreten lässt sich nur eine gemeldete Abwesenheit.",
        "Somebody else has claimed the station; one stands in only for a recorded absence.",
    ),
    "not-claimed": ("Niemand hat die Station übernommen.", "Nobody has claimed the station."),
    "no-substitute": (
        "Für diese Person oder Stelle ist heute keine Vertretung gemeldet.",
        "Nobody is recorded today as standing in for this person or department.",
    ),
    "same-person": (
        "Die zweite Person muss eine andere sein als die erste und darf sie nicht vertreten.",
        "The second person must be another than the first, and must not stand in for the first.",
    ),
    "returned-before": (
        "Diese Stelle hat schon gesagt, dass sie nicht zuständig ist.",
        "This department has said before that the case is not theirs.",
    ),
    "not-returned": ("Niemand hat diese Station zurückgegeben.", "Nobody has returned this station."),
    "loop": (
        "Der Vorgang wandert im Kreis; bitte miteinander sprechen.",
        "The case goes round in circles; please talk to each other.",
    ),
    "too-many": ("Mehr geht bei einem Vorgang nicht.", "One case takes no more of these."),
    "already-done": ("Das ist bereits geschehen.", "That has been done already."),
    "not-revocable": (
        "Zurücknehmen lässt sich nur eine Frage, die jemand selbst gestellt hat; diese stellt das Rezept.",
        "Only a question that somebody asked can be revoked; this one is asked by the recipe.",
    ),
    "no-proposal": (
        "Es liegt kein Entscheidungsvorschlag vor, den eine zweite Person prüfen könnte.",
        "There is no proposed decision for a second person to look at.",
    ),
    "reason-missing": (
        "Es fehlt, was gesagt werden muss: Grund, Frage, Text oder Unterlagen.",
        "What must be said is missing: reason, question, text or papers.",
    ),
    "date": (
        "Das Datum passt nicht: Es liegt zurück, oder das Ende vor dem Anfang.",
        "The date does not fit: it has passed, or the end lies before the beginning.",
    ),
    "no-extension": (
        "Diese Frist lässt sich so nicht verlängern.",
        "This deadline cannot be extended, or not by that.",
    ),
}
REASONS = frozenset(_WORDS)


def refusal_words(reason: str) -> tuple[str, str]:
    """German and English; the reason itself where a newer router has one that is unknown here."""
    return _WORDS.get(reason, (reason, reason))
