"""Faust app: what is left of Faust's own ways once transport, commits and restart are ours."""

import tempfile
from pathlib import Path
from typing import Any

import faust
from faust.tables import TableManager

from services.runtime.kafka import Connection


class _App(faust.App):
    def _create_directories(self) -> None:
        """Nothing is kept on disk."""


class _Tables(TableManager):
    async def on_start(self) -> None:
        """As Faust's, without the second that it waits for tables to be declared: there are none."""
        await self._update_channels()
        await self.recovery.start()


def faust_app(group: str, instance: str, connection: Connection) -> Any:
    """An app without web server, leader election, tables, topics of its own, producer and commits."""
    app = _App(
        group,
        broker=[f"kafka://{server}" for server in connection.bootstrap.split(",")],
        store="memory://",
        datadir=Path(tempfile.gettempdir()) / instance,
        processing_guarantee="at_least_once",
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        table_standby_replicas=0,
        stream_buffer_maxsize=64,
        stream_recovery_delay=0.0,
        stream_wait_empty=False,
        broker_commit_interval=60.0,
        worker_redirect_stdouts=False,
        TableManager=_Tables,
    )
    app.boot_strategy.enable_kafka_producer = False
    app.finalize()
    return app
