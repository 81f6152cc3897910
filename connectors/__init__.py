"""The connectors there are: by hand, in one place, alphabetical."""

from typing import Any

from connectors import hotfolder, portal
from connectors.base import Connector

CONNECTORS: dict[str, Connector[Any]] = {
    "hotfolder": hotfolder.CONNECTOR,
    "portal": portal.CONNECTOR,
}
