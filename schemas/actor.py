"""Actor: who did something, by a key that names nobody: staff by pseudonym, the applicant, a system, the router."""

import re

APPLICANT = "applicant"
ROUTER = "router"
STAFF = r"sb-[0-9a-f]{8,32}"
"""A member of staff; which person that is knows the municipality's directory alone."""

_STAFF = re.compile(STAFF)
_ACTOR = re.compile(rf"{APPLICANT}|{ROUTER}|system-[a-z0-9]+(-[a-z0-9]+)*|{STAFF}")


def is_staff(key: str) -> bool:
    """Whether the key stands for a member of staff."""
    return _STAFF.fullmatch(key) is not None


def is_actor(key: str) -> bool:
    """Whether the key can stand in an event; a name cannot."""
    return _ACTOR.fullmatch(key) is not None


def is_system(key: str) -> bool:
    """Whether the key stands for a connected system."""
    return key.startswith("system-") and is_actor(key)
