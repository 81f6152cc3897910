"""The connectors there are: by hand, in one place, alphabetical."""

from typing import Any

from connectors import portal
from connectors.base import Connector

CONNECTORS: dict[str, Connector[Any]] = {connector.name: connector for connector in (portal.CONNECTOR,)}
