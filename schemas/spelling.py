"""Spelling: when two free texts say the same, although one is spelt with other capitals, accents, blanks or signs.

An applicant writes bullterrier, Bull-Terrier, Mastino Espanol, Halle/Saale or Dueren; a list that knew its own spelling
alone could be evaded, or missed by mistake.
"""

import unicodedata

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def folded(text: str) -> str:
    """The letters and digits of the text without what spelling differs in: capitals, umlauts (ä is ae), accents."""
    spelt = unicodedata.normalize("NFC", text).casefold().translate(_GERMAN)
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", spelt)))
