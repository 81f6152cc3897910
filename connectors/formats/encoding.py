"""Encoding: always declared, never guessed; but a file that contradicts its declaration is refused as a whole.

A UTF-8 file read as ISO-8859-1 decodes without any error, and every Müller becomes a MÃ¼ller in every department.
"""

import codecs
from typing import Literal

from schemas.errors import Problem, Reason, Rejected

Encoding = Literal["utf-8", "iso-8859-1", "iso-8859-15", "cp1252", "cp850", "cp437", "cp273", "cp500", "cp1140"]
EBCDIC = frozenset({"cp273", "cp500", "cp1140"})
SAMPLE = 1 << 16

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def start_of_text(head: bytes, encoding: str) -> int:
    """Where the text begins: after a BOM. Raises Rejected when the first bytes contradict the declared encoding."""
    if encoding in EBCDIC:
        return 0
    if head.startswith(_WIDE):
        raise _contradiction(encoding, "UTF-16")
    marked = head.startswith(codecs.BOM_UTF8)
    if encoding != "utf-8" and (marked or _reads_as_utf8(head)):
        raise _contradiction(encoding, "UTF-8")
    return len(codecs.BOM_UTF8) if marked else 0


def _reads_as_utf8(head: bytes) -> bool:
    """Whether there are umlauts and all of them are UTF-8; German text in another encoding never looks like that."""
    if head.isascii():
        return False
    try:
        # Where a long file is cut off, half a character is no error; at the end of a file it is.
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < SAMPLE)
    except UnicodeDecodeError:
        return False
    return True


def _contradiction(declared: str, found: str) -> Rejected:
    german = f"Die Datei ist als {declared} angegeben, aber offenbar {found}. Abhilfe: „encoding“ berichtigen."
    english = f"the file is declared as {declared} but is {found}; remedy: correct “encoding”"
    return Rejected(Reason.UNDECODABLE, Problem("encoding", german, english))
