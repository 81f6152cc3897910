"""Language: German unless the client prefers English."""


def preferred(accept_language: bytes) -> str:
    """``de`` or ``en`` by an Accept-Language header; German wins a tie and whatever cannot be read."""
    quality = {"de": 0.0, "en": 0.0}
    for part in accept_language.decode("latin-1").lower().split(","):
        name, _, q = part.strip().partition(";q=")
        primary = name.partition("-")[0]
        if primary in quality:
            quality[primary] = max(quality[primary], _number(q))
    return "en" if quality["en"] > quality["de"] else "de"


def _number(q: str) -> float:
    try:
        return float(q) if q else 1.0
    except ValueError:
        return 0.0
