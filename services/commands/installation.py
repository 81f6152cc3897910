"""Installation: the settings, the Kochbuch and the cluster that a command works on, each opened when it is needed."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from schemas.kochbuch import Kochbuch
    from schemas.topics import Topic
    from services.runtime.admin import Admin
    from services.runtime.kafka import KafkaBus
    from services.runtime.settings import Settings

CASE_TOPICS_GROUP = "router"


@dataclass(frozen=True)
class Installation:
    """What every command needs; imports come with the first use, because ``--help`` needs none of them."""

    settings: "Settings"

    @classmethod
    def from_environment(cls, **overrides: Any) -> Self:  # noqa: ANN401 - whatever the settings take
        """Raises Misconfigured with every problem of the settings."""
        from services.runtime.settings import load_settings

        return cls(load_settings(**overrides))

    @cached_property
    def book(self) -> "Kochbuch":
        """Recipes and municipalities. Raises Misconfigured with the problems of all files."""
        from schemas.kochbuch import read_kochbuch

        return read_kochbuch(self.settings.kochbuch_dir, self.settings.municipalities_dir)

    @cached_property
    def topics(self) -> Mapping[str, "Topic"]:
        """Every topic by its real name."""
        from schemas.topics import topics_for

        return topics_for(self.book.municipalities.values())

    @property
    def departments(self) -> tuple[str, ...]:
        """The departments' topics."""
        return tuple(name for name in self.topics if name.startswith("department."))

    def admin(self, timeout_ms: int = 15_000) -> "Admin":
        """A connection for administration, to be used as a context. Raises Unavailable."""
        from services.runtime.access import require_access
        from services.runtime.admin import Admin

        require_access(self.settings.connection())
        return Admin(self.settings.connection().client(), timeout_ms)

    @asynccontextmanager
    async def bus(self) -> "AsyncIterator[KafkaBus]":
        """The bus. Raises Unavailable when the cluster does not answer."""
        import structlog

        from services.runtime.access import require_access
        from services.runtime.kafka import open_bus
        from services.runtime.log import configure_log, wants_json

        if not structlog.is_configured():
            # Unconfigured, it writes to stdout, where data goes.
            configure_log(service="laufzettel", json=wants_json(self.settings.log_format, sys.stderr))
        connection = self.settings.connection()
        require_access(connection)
        async with open_bus(connection) as bus:
            yield bus
