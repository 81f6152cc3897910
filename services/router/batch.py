"""Batch: what one call of the processor writes."""

from schemas.message import Message
from schemas.topics import ROUTER_STATE
from services.router.store import Store, text_of


class Batch:
    """Messages in order, and of each case the last state."""

    __slots__ = ("_states", "out", "store")

    def __init__(self, store: Store) -> None:
        self.store = store
        self.out: list[Message] = []
        self._states: dict[bytes, Message] = {}

    def put(self, key: bytes, case_id: str, value: bytes, known_due: int | None) -> None:
        """Keeps a case and writes it at the end of the batch."""
        if key not in self._states:
            self.store.writing(key)
        self._states[key] = Message(ROUTER_STATE, case_id.encode(), value, [])
        self.store.put(key, value, known_due)

    def erase(self, key: bytes) -> None:
        """Forgets a case, here and on the topic."""
        if key not in self._states:
            self.store.writing(key)
        self._states[key] = Message(ROUTER_STATE, text_of(key).encode(), None, [])
        self.store.erase(key)

    def finish(self) -> list[Message]:
        """All messages of the batch, states last."""
        self.out += self._states.values()
        return self.out
