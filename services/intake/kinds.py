"""Kinds: the catalogue of every problem that the HTTP interface answers with, in German and English.

OpenAPI and the documentation page are made from it.
"""

from dataclasses import dataclass

from services.intake.answer import Header


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its anchor on the documentation page, its status, and what it says."""

    slug: str
    status: int
    title: tuple[str, str]
    detail: tuple[str, str]
    headers: tuple[Header, ...] = ()


MALFORMED_HTTP = Kind(
    "malformed-http",
    400,
    ("Das ist keine lesbare HTTP-Anfrage", "This is not a readable HTTP request"),
    (
        "Erwartet wird HTTP/1.1; der Kopf der Anfrage darf bis zu 64 KiB groß sein.",
        "HTTP/1.1 is expected; the head of a request may have up to 64 KiB.",
    ),
    ((b"connection", b"close"),),
)
MALFORMED_JSON = Kind(
    "malformed-json",
    400,
    ("Der Inhalt ist kein lesbares JSON", "The body is not readable JSON"),
    (
        "Erwartet wird genau ein JSON-Objekt nach RFC 8259 in UTF-8, in dem kein Name zweimal steht.",
        "Exactly one JSON object by RFC 8259 in UTF-8 is expected, with no name given twice.",
    ),
)
IDEMPOTENCY_KEY = Kind(
    "idempotency-key",
    400,
    ("Der Idempotency-Key fehlt oder ist unbrauchbar", "The Idempotency-Key is missing or unusable"),
    (
        (
            "Bitte genau einen Header Idempotency-Key senden: 1 bis 128 Zeichen, erlaubt sind Buchstaben ohne "
            "Umlaute, Ziffern und . _ ~ : / + = -; für jeden Antrag ein neuer, bei einer Wiederholung derselbe."
        ),
        (
            "Send exactly one Idempotency-Key header: 1 to 128 characters, ASCII letters, digits and . _ ~ : / + = - "
            "are allowed; a new one for each submission, the same one for a repeat."
        ),
    ),
)
UNAUTHORIZED = Kind(
    "unauthorized",
    401,
    ("Der API-Schlüssel fehlt oder ist unbekannt", "The API key is missing or unknown"),
    (
        (
            "Bitte den Schlüssel des Portals als „Authorization: Bearer …“ oder „X-API-Key: …“ senden, nur in einem "
            "der beiden Header."
        ),
        "Send the portal's key as “Authorization: Bearer …” or “X-API-Key: …”, in one of the two headers only.",
    ),
    ((b"www-authenticate", b'Bearer realm="laufzettel"'),),
)
NOT_FOUND = Kind(
    "not-found",
    404,
    ("Das gibt es hier nicht", "There is nothing here"),
    (
        "Diese Adresse gehört nicht zur Schnittstelle; alle Adressen stehen unter /api/v1/docs.",
        "This address is not part of the interface; all addresses are listed at /api/v1/docs.",
    ),
)
UNKNOWN_CASE = Kind(
    "unknown-case",
    404,
    ("Dieser Vorgang ist hier nicht bekannt", "This case is not known here"),
    (
        (
            "Die Annahmestelle kennt nur Vorgänge, die dieses Portal in den letzten 24 Stunden eingereicht hat. Für "
            "ältere gilt das Aktenzeichen: bitte bei der Kommune nachfragen."
        ),
        (
            "Intake knows only the cases that this portal submitted in the last 24 hours. For older ones use the "
            "reference: please ask the municipality."
        ),
    ),
)
UNKNOWN_SERVICE = Kind(
    "unknown-service",
    404,
    ("Diese Leistung wird hier nicht angeboten", "This service is not offered here"),
    (
        "Alle Leistungen mit ihrem LeiKa-Schlüssel stehen unter /api/v1/services.",
        "All services with their LeiKa keys are listed at /api/v1/services.",
    ),
)
METHOD_NOT_ALLOWED = Kind(
    "method-not-allowed",
    405,
    ("Diese Methode gibt es hier nicht", "This method is not available here"),
    ("Der Header Allow nennt die möglichen Methoden.", "The Allow header names the methods that are."),
)
TOO_SLOW = Kind(
    "too-slow",
    408,
    ("Der Inhalt kam nicht rechtzeitig an", "The body did not arrive in time"),
    (
        "Bitte die Anfrage mit demselben Idempotency-Key wiederholen.",
        "Send the request again with the same Idempotency-Key.",
    ),
    ((b"connection", b"close"),),
)
TOO_LARGE = Kind(
    "too-large",
    413,
    ("Der Antrag ist zu groß", "The submission is too large"),
    (
        "Die zulässige Größe steht unter /api/v1/docs; Anlagen gehören nicht in den Antrag.",
        "The size limit is stated at /api/v1/docs; attachments do not belong into the submission.",
    ),
)
MEDIA_TYPE = Kind(
    "media-type",
    415,
    ("Dieses Format wird nicht angenommen", "This format is not accepted"),
    (
        "Erwartet wird „Content-Type: application/json“ in UTF-8 ohne Content-Encoding.",
        "“Content-Type: application/json” in UTF-8 without Content-Encoding is expected.",
    ),
    ((b"accept", b"application/json"), (b"accept-encoding", b"identity")),
)
INVALID = Kind(
    "invalid-submission",
    422,
    ("Der Antrag ist unvollständig oder fehlerhaft", "The submission is incomplete or wrong"),
    (
        "„errors“ nennt jede Stelle, die zu ändern ist. Nach der Korrektur bitte erneut senden.",
        "“errors” names every place to be mended. Send it again when corrected.",
    ),
)
KEY_REUSED = Kind(
    "key-reused",
    422,
    (
        "Dieser Idempotency-Key gehört schon zu einem anderen Antrag",
        "This Idempotency-Key already belongs to another submission",
    ),
    (
        "Ein neuer Antrag braucht einen neuen Schlüssel; der erste Antrag bleibt, wie er ist.",
        "A new submission needs a new key; the first submission stays as it is.",
    ),
)
TOO_MANY = Kind(
    "too-many-requests",
    429,
    ("Zu viele Anfragen dieses Portals", "Too many requests from this portal"),
    (
        "Bitte die Zeit in Retry-After abwarten und mit demselben Idempotency-Key wiederholen.",
        "Wait as long as Retry-After says and repeat with the same Idempotency-Key.",
    ),
)
INTERNAL = Kind(
    "internal",
    500,
    ("Hier ist ein Fehler passiert", "Something went wrong here"),
    (
        "Er steht im Protokoll des Betriebs. Bitte später mit demselben Idempotency-Key wiederholen.",
        "The operators find it in their log. Repeat later with the same Idempotency-Key.",
    ),
)
UNAVAILABLE = Kind(
    "unavailable",
    503,
    ("Die Annahme ist gerade nicht möglich", "Submissions cannot be accepted at the moment"),
    (
        (
            "Der Antrag ist nicht bestätigt. Bitte nach der Zeit in Retry-After mit demselben Idempotency-Key "
            "wiederholen: daraus entsteht nie ein zweiter Vorgang."
        ),
        (
            "The submission is not confirmed. Repeat after Retry-After with the same Idempotency-Key: that never makes "
            "a second case."
        ),
    ),
)
BUSY = Kind(
    "busy",
    503,
    ("Die Annahmestelle ist ausgelastet", "Intake is busy"),
    (
        "Bitte nach der Zeit in Retry-After mit demselben Idempotency-Key wiederholen.",
        "Repeat after Retry-After with the same Idempotency-Key.",
    ),
)

KINDS = (
    MALFORMED_HTTP,
    MALFORMED_JSON,
    IDEMPOTENCY_KEY,
    UNAUTHORIZED,
    NOT_FOUND,
    UNKNOWN_CASE,
    UNKNOWN_SERVICE,
    METHOD_NOT_ALLOWED,
    TOO_SLOW,
    TOO_LARGE,
    MEDIA_TYPE,
    INVALID,
    KEY_REUSED,
    TOO_MANY,
    INTERNAL,
    UNAVAILABLE,
    BUSY,
)
"""Every kind, by status."""
