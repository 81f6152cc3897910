"""Membership: who this worker is in its group, frozen at the moment of one assignment."""

from typing import Self


class Membership(str):
    """The group's name that carries generation and member along.

    aiokafka hands the group id of ``send_offsets_to_transaction`` through to its request as it is, so a str that
    knows more reaches the wire. It is bound when partitions are assigned and never read again later: a worker that
    slept and rejoined must not send old offsets under its new generation.
    """

    __slots__ = ("generation", "instance_id", "member_id")

    generation: int
    member_id: str
    instance_id: str | None

    def __new__(cls, group: str, generation: int, member_id: str, instance_id: str | None) -> Self:
        """A group id that is also a membership."""
        self = super().__new__(cls, group)
        self.generation, self.member_id, self.instance_id = generation, member_id, instance_id
        return self
