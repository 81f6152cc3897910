"""Keyring: the portals that may submit, and the SHA-256 of their API keys; several keys each, for rotation.

``portals.yaml``::

    portals:
      service-portal:
        keys: [9f86d081…, 60303ae2…]   # SHA-256 in hex of the keys, the coming one beside the going one
        rate: 200                       # requests a second, optional
        burst: 400                      # at once, optional
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from schemas.document import read_document
from schemas.errors import Misconfigured, Problem
from schemas.fields import Strict
from schemas.recipe import Name

KEY_BYTES = 32
SHA256 = r"^[0-9a-f]{64}$"

Digest = Annotated[str, Field(pattern=SHA256)]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Portal(Strict):
    """One portal: its keys' digests and, where it differs from the installation's, how much it may send."""

    keys: Annotated[tuple[Digest, ...], BeforeValidator(_as_list)] = Field(min_length=1)
    rate: float | None = Field(None, gt=0)
    burst: float | None = Field(None, ge=1)


class PortalsFile(Strict):
    """The whole file."""

    portals: dict[Name, Portal] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Keyring:
    """Finds the portal to a key."""

    portals: dict[str, Portal]
    digests: tuple[tuple[bytes, str], ...]

    def portal_of(self, key: bytes) -> str | None:
        """The portal that this key belongs to. Every digest is compared in constant time, found or not."""
        presented, found = hashlib.sha256(key).digest(), None
        for digest, portal in self.digests:
            if hmac.compare_digest(digest, presented):
                found = portal
        return found


def keyring(portals: dict[str, Portal]) -> Keyring:
    """The keyring of these portals. Raises Misconfigured when one key belongs to two of them."""
    digests = [(bytes.fromhex(digest), name) for name, portal in portals.items() for digest in portal.keys]
    if len({digest for digest, _ in digests}) != len(digests):
        german, english = "Ein Schlüssel steht zweimal in der Datei.", "a key stands twice in the file"
        raise Misconfigured(Problem("portals", german, english))
    return Keyring(portals, tuple(digests))


def read_keyring(path: Path) -> Keyring:
    """The keyring in a file. Raises Misconfigured with every problem of the file."""
    if not path.exists():
        german = "Noch kein Portal darf einreichen. Abhilfe: laufzettel portals add NAME"
        english = "No portal may submit yet. Remedy: laufzettel portals add NAME"
        raise Misconfigured(Problem(str(path), german, english))
    return keyring(read_document(path).into(PortalsFile).portals)


def new_key() -> tuple[str, str]:
    """A fresh API key for a portal, and the digest that goes into the file."""
    key = secrets.token_urlsafe(KEY_BYTES)
    return key, hashlib.sha256(key.encode()).hexdigest()
