"""Poison: records that no well-behaved process would write, each with the reason it must be refused for."""

import struct
from dataclasses import dataclass

from schemas.errors import Reason
from schemas.events import event_schema
from schemas.kochbuch import Kochbuch
from schemas.message import Message
from schemas.submission import Acceptance, Submission
from schemas.topics import CASE_REQUESTS
from tests.support.book import SMALL

KEY = b"7a1f6d52-8a57-5b0e-9c39-1f6f0d2b7a11"


@dataclass(frozen=True, slots=True)
class Poison:
    """One bad record of ``case-requests``."""

    name: str
    value: bytes | None
    reason: Reason
    key: bytes | None = KEY


class NoText(str):
    """A header's name as no Python client writes it, but others do: two bytes that are no UTF-8."""

    __slots__ = ()

    def encode(self, *_: str) -> bytes:
        return b"\xff\xfe"


def good(book: Kochbuch, number: int = 0) -> Message:
    """A submission that must go through, whatever stands before it."""
    submission = Submission(
        "99102013104000", "town", SMALL, "portal", "portal", f"good-{number}", 1_772_000_000_000_000
    )
    return Acceptance(book).accept(submission).message


def corpus(book: Kochbuch, victim: Message | None = None) -> list[Poison]:
    """Every way in which a record was ever seen to be bad; ``victim`` is the good one, with a Muster in it."""
    message = victim or good(book, 10_000)
    value, key = message.value or b"", message.key
    name = value.index(b"Muster")
    unknown, event = struct.pack(">bI", 0, 1), event_schema("CaseReceived")
    bad = Reason.UNDECODABLE

    def altered(original: Message, **facts: object) -> bytes:
        schema, body = book.codec.decode(original.value)
        return book.codec.encoder(schema)({**body, **facts})

    return [
        Poison("a null value", None, bad),
        Poison("an empty value", b"", bad),
        Poison("a truncated frame", value[:3], bad),
        Poison("a truncated body", value[:-7], bad, key),
        Poison("trailing bytes", value + b"\x00", bad, key),
        Poison("a wrong magic byte", b"\x01" + value[1:], bad, key),
        Poison("an unknown schema id", unknown + value[5:], Reason.UNKNOWN_SCHEMA, key),
        Poison("JSON where Avro is expected", b'{"form": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", bad),
        Poison("an XML bomb", b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><x>&a;&a;&a;</x>', bad),
        Poison("invalid UTF-8 in a name", value[:name] + b"\xff" + value[name + 1 :], bad, key),
        Poison("a length that points beyond the end", value[:5] + b"\xfe\xff\xff\xff\x0f" + value[10:], bad, key),
        Poison("a negative length", value[:5] + b"\x01" + value[6:], bad, key),
        Poison("a null key", value, Reason.INVALID, None),
        Poison("the key of another case", value, Reason.INVALID),
        Poison("a key that is no case id", value, Reason.INVALID, b"\xff\x00"),
        Poison("an event in the place of a request", event.frame + b"\x00" * 40, bad),
        Poison("another service than its schema's", altered(message, service="99"), Reason.UNKNOWN_SERVICE, key),
        Poison("a receipt beyond the calendar", altered(message, received_at=2**62), Reason.INVALID, key),
        Poison("a source of half a megabyte", altered(message, source="x" * 500_000), Reason.OVERSIZE, key),
        Poison("nearly a megabyte of nothing", b"\x00" * 900_000, Reason.UNKNOWN_SCHEMA),
    ]


def message(poison: Poison, partition: int = 0) -> Message:
    """The record, to be written to one partition whatever its key."""
    return Message(CASE_REQUESTS, poison.key, poison.value, [], partition)
