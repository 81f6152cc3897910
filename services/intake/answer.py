"""Answer: what goes back to the client, ready to be sent."""

from dataclasses import dataclass

import orjson
from starlette.types import Send

JSON = b"application/json"
Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer; its length and the ban on guessing its type are added when it is sent."""

    status: int
    body: bytes
    content_type: bytes = JSON
    headers: tuple[Header, ...] = ()


def json_answer(status: int, content: object, *headers: Header) -> Answer:
    """The content as JSON."""
    return Answer(status, orjson.dumps(content), JSON, headers)


async def send_answer(answer: Answer, send: Send, *, body: bool = True) -> None:
    """Sends it; without ``body`` as HEAD wants it."""
    headers = [
        (b"content-type", answer.content_type),
        (b"content-length", b"%d" % len(answer.body)),
        (b"x-content-type-options", b"nosniff"),
        *answer.headers,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body if body else b""})
