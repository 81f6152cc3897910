"""Spelling: when two free texts say the same, although one has other capitals, blanks or hyphens.

An applicant writes bullterrier, Pitbull-Terrier or ROTTWEILER; a list of breeds that knew its own spelling alone could
be evaded, or missed by mistake.
"""

_HYPHENS = str.maketrans(dict.fromkeys("-\u00ad\u2010\u2011\u2012\u2013\u2014", " "))


def folded(text: str) -> str:
    """The text without what spelling differs in: capitals (ß is ss), hyphens for blanks, and blanks in a row."""
    return " ".join(text.casefold().translate(_HYPHENS).split())
