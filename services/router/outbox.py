"""Outbox: a decision as messages: events to ``case-events``, slips and notices to the departments' topics."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from schemas.cloudevent import shared_headers
from schemas.codec import Codec, Schema
from schemas.events import event_schema, event_schemas
from schemas.message import Headers, Message
from schemas.slices import compose, encode_long, encode_text
from schemas.template import Template, instant, octets, text
from schemas.topics import CASE_EVENTS
from services.router.event import Event
from services.router.letter import Notice, Slip
from services.router.request import Context, Decision
from services.router.way import EVENT_HOLES, WAYS_KEPT, Way

_SOURCE = "router"
_DIGITS = 19
"""No instant has more; a longer header is somebody else's idea of time."""

_NOTICE = "DepartmentNotice"
SLIP = "StationOpened"
"""The event type in the headers of every station's message; its schema has the recipe's and station's names."""

Record = dict[str, Any]
Encoder = Callable[[Record], bytes]


class Outbox:
    """Encodes decisions; one encoder for each schema, made when first needed."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._encoders = {
            schema.name.rpartition(".")[2]: codec.encoder(schema) for schema in event_schemas() if schema in codec
        }
        self._types = {name: name.encode() for name in (*self._encoders, SLIP)}
        self._slips: dict[int, Encoder] = {}
        self._templates = lru_cache(maxsize=WAYS_KEPT)(self._templates_of)

    def messages(
        self, case_id: str, decision: Decision, now: int, *, context: Context | None = None, headers: Headers = ()
    ) -> list[Message]:
        """Everything that the decision writes but the state; ``headers`` are those of the request."""
        given = dict(headers)
        received = given.get("received_at") or b""
        received_at = int(received) if received.isdigit() and len(received) <= _DIGITS else now
        shared = shared_headers(_SOURCE, case_id, now, received_at, given.get("traceparent"))
        key = case_id.encode()
        if decision.way is not None:
            out = self._events_on(decision.way, decision.events, key, shared)
        else:
            out = [self._event(event, key, shared) for event in decision.events]
        if decision.letters and context is not None:
            out += self._letters(decision, context, key, shared)
        return out

    def _event(self, event: Event, key: bytes, shared: list[tuple[str, bytes]]) -> Message:
        kind, body = event
        headers = [("ce_id", body["event_id"].encode()), ("ce_type", self._types[kind]), *shared]
        return Message(CASE_EVENTS, key, self._encoders[kind](body), headers)

    def _events_on(self, way: Way, events: list[Event], key: bytes, shared: list[tuple[str, bytes]]) -> list[Message]:
        received = events[0].body
        filled = {
            "case_id": octets(key), "at": instant(received["at"]), "reference": text(received["reference"]),
            "received_at": instant(received["received_at"]), "started_at": instant(received["started_at"]),
        }  # fmt: skip
        out = []
        for (kind, body), template in zip(events, self._templates(way), strict=True):
            event_id = body["event_id"].encode()
            filled["event_id"] = octets(event_id)
            headers = [("ce_id", event_id), ("ce_type", self._types[kind]), *shared]
            out.append(Message(CASE_EVENTS, key, template.fill(filled), headers))
        return out

    def _templates_of(self, way: Way) -> list[Template]:
        return [Template(self._codec, event_schema(kind), body, EVENT_HOLES) for kind, body in way.events]

    def _letters(
        self, decision: Decision, context: Context, key: bytes, shared: list[tuple[str, bytes]]
    ) -> list[Message]:
        town = context.plan.town
        first = decision.events[0].body
        raw = decision.case["submission"] if decision.case else b""
        ends: list[int] = []
        out: list[Message] = []
        for number, letter in enumerate(decision.letters, start=1):
            letter_id = f"{first['case_id']}:{first['version']}:d{number}"
            if isinstance(letter, Slip):
                ends = ends or context.plan.slicer.cut(raw)
                kind, value = SLIP, self._slip(letter, decision, context, raw, ends)
            else:
                kind, value = _NOTICE, self._notice(letter, letter_id, decision)
            headers = [("ce_id", letter_id.encode()), ("ce_type", self._types[kind]), *shared]
            out.append(Message(town.topic(letter.to), key, value, headers))
        return out

    def _slip(self, slip: Slip, decision: Decision, context: Context, raw: bytes, ends: list[int]) -> bytes:
        view, rule = context.plan.views[slip.view], context.plan.rule(slip.station)
        version = decision.events[0].body["version"]
        if view.pieces is not None:
            return compose(view.frame, raw, ends, _station_facts(slip, rule, version), view.pieces)
        content = decision.content or {}
        record = {
            **content, "case_version": version, "station": slip.station,
            "department": slip.department, "task": slip.task, "rule": rule,
            "due_at": slip.due_at, "opened_by": slip.opened_by, "form": view.filtered(content["form"]),
        }  # fmt: skip
        return self._encoder(view.schema)(record)

    def _notice(self, notice: Notice, notice_id: str, decision: Decision) -> bytes:
        body = decision.events[0].body
        case = decision.case
        record = {
            **notice._asdict(), "notice_id": notice_id, "case_id": body["case_id"],
            "reference": case["reference"] if case else "", "case_version": body["version"], "at": body["at"],
            "actor": body["actor"], "acted_for": body["acted_for"],
        }  # fmt: skip
        return self._encoders[_NOTICE](record)

    def _encoder(self, schema: Schema) -> Encoder:
        encode = self._slips.get(schema.id)
        if encode is None:
            encode = self._slips[schema.id] = self._codec.encoder(schema)
        return encode


@lru_cache(maxsize=16_384)
def _station_facts(slip: Slip, rule: str, version: int) -> bytes:
    """The fields between the case facts and the form, as schemas.avro orders them."""
    due = b"\x00" if slip.due_at is None else b"\x02" + encode_long(slip.due_at)
    words = map(encode_text, (slip.station, slip.department, slip.task, rule))
    return b"".join((encode_long(version), *words, due, encode_text(slip.opened_by)))
