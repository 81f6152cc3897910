"""Key log: the committed records of one key, and those that came since one last looked."""

from contextlib import aclosing
from types import TracebackType
from typing import Any, Protocol, Self

from schemas.errors import Problem, Unavailable
from schemas.message import Stored, partition_for
from services.runtime.log_reader import LogReader


class News(Protocol):
    """How somebody who waits for an answer looks again."""

    async def news(self) -> list[Stored]:
        """The records since the last look, in order; all of them at the first one."""
        ...


class KafkaKeyLog:
    """The key's one partition, held open; see :class:`News`."""

    def __init__(self, client: dict[str, Any], topic: str, key: bytes) -> None:
        self._reader = LogReader(client)
        self._topic, self._key = topic, key
        self._partition, self._read_to = 0, 0

    async def __aenter__(self) -> Self:
        await self._reader.start()
        count = len(await self._reader.partitions(self._topic))
        if not count:
            await self._reader.stop()
            raise _missing(self._topic)
        self._partition = partition_for(self._key, count)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._reader.stop()

    async def news(self) -> list[Stored]:
        """See :class:`News`; a transaction that is still open is waited for."""
        place, start = self._partition, self._read_to
        end = (await self._reader.high_watermarks(self._topic, [place]))[place]
        if end <= start:
            return []
        found: list[Stored] = []
        async with aclosing(self._reader.read(self._topic, {place: end}, {place: start})) as chunks:
            async for _, records, _ in chunks:
                found += [record for record in records if record.key == self._key]
        self._read_to = end
        return found


def _missing(topic: str) -> Unavailable:
    return Unavailable(
        Problem(
            topic,
            "Dieses Topic gibt es noch nicht. Abhilfe: „laufzettel topics apply“ oder „laufzettel up“.",
            "There is no such topic yet. Remedy: “laufzettel topics apply”, or “laufzettel up”.",
        )
    )
