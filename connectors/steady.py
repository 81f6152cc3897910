"""Steady: reading a file that nobody may write on meanwhile, and noticing when somebody does."""

import os
from collections.abc import Iterator
from typing import BinaryIO

from connectors.base import Delivery, Item
from schemas.errors import Problem, Reason, Rejected


def steady(stream: BinaryIO, delivery: Delivery, items: Iterator[Item], line: int) -> Iterator[Item]:
    """The items, from ``line`` on. Raises Rejected when the file turns out not to be what its fingerprint says.

    The last one is held back until then: in a file that somebody is still writing it may be the half of a record.
    """
    before = os.fstat(stream.fileno())
    last: Item | None = None
    unreadable: Rejected | None = None
    try:
        for item in items:
            if last is not None:
                yield last
            last, line = item, item.place.line
    except Rejected as error:
        unreadable = error
    after = os.fstat(stream.fileno())
    if (before.st_size, after.st_size, after.st_mtime_ns) != (delivery.size, delivery.size, before.st_mtime_ns):
        raise _changed(line)
    if last is not None:
        yield last
    if unreadable is not None:
        raise unreadable


def _changed(line: int) -> Rejected:
    german = (
        f"Die Datei wurde verändert, während sie gelesen wurde. Alles vor Zeile {line} ist übernommen. Abhilfe: was ab "
        f"Zeile {line} steht, als neue Datei einlegen; künftig erst als .part schreiben, dann umbenennen."
    )
    english = (
        f"the file was changed while it was being read; everything before line {line} has been taken; remedy: hand in "
        f"what stands from line {line} on as a new file; from now on, write it as .part, then rename it"
    )
    return Rejected(Reason.MALFORMED_ROW, Problem("file", german, english))
