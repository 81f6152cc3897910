"""Explanation: what lies beside a paused file, for the person who finds it: why, and how to go on."""

from schemas.errors import Rejected


def explanation(why: Rejected, *, resumable: bool) -> str:
    """In German, then in English; ``resumable``: whether the file is still what was read of it."""
    german = "\n".join(_line(problem.where, problem.text) for problem in why.problems)
    english = "\n".join(_line(problem.where, problem.text_en) for problem in why.problems)
    text = _UNCHANGED if resumable else _CHANGED
    return text.format(german=german, english=english)


def _line(where: str, text: str) -> str:
    return f"  {where}: {text}" if where else f"  {text}"


_UNCHANGED = """\
Diese Datei wurde angehalten.
{german}
Weiter: die Ursache beheben und die Datei unverändert in den Eingangsordner zurücklegen; sie wird dort
fortgesetzt, wo sie angehalten wurde; war noch kein Satz in Ordnung, beginnt sie von vorn. Eine berichtigte Datei
ist eine neue Datei.

This file was paused.
{english}
To go on: mend the cause and move the unchanged file back into the folder; it continues where it stopped, or from its
beginning if no record was good so far. A corrected file is a new file.
"""
_CHANGED = """\
Diese Datei wurde angehalten.
{german}
Sie ist nicht mehr die, die gelesen wurde. Nicht zurücklegen: Jeder ihrer Sätze würde ein neuer Vorgang, auch
die schon gelesenen.

This file was paused.
{english}
It is no longer the one that was read. Do not move it back: each of its records would become a new case, also
those that have been read.
"""
