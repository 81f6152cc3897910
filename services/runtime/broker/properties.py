"""Properties: what the one node of the embedded broker is told at each start."""

import json
from pathlib import Path

# A single node needs no replicas; small pools and a small cleaner buffer fit a heap of 256 MB. Its session lasts a day,
# because nobody could take its place: a machine that slept must not lose its leadership (see fencing.py).
_FIXED = """\
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=86400000
broker.heartbeat.interval.ms=250
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.dedupe.buffer.size=4194304
auto.create.topics.enable=false
metric.reporters=
"""

_CONTROLLER_ALONE = """\
process.roles=controller
node.id=1
controller.listener.names=CONTROLLER
broker.session.timeout.ms=200
broker.heartbeat.interval.ms=100
metric.reporters=
"""


def server_properties(host: str, port: int, controller_port: int, log_dir: Path) -> str:
    """server.properties; static voters, so that the controller may have another port at every start."""
    return (
        f"{_FIXED}listeners=PLAINTEXT://{host}:{port},CONTROLLER://127.0.0.1:{controller_port}\n"
        f"advertised.listeners=PLAINTEXT://{host}:{port}\n"
        f"controller.quorum.voters=1@127.0.0.1:{controller_port}\n"
        f"log.dirs={_escaped(log_dir)}\n"
    )


def controller_properties(controller_port: int, log_dir: Path) -> str:
    """The same node without its broker, and with little patience for one."""
    return (
        f"{_CONTROLLER_ALONE}listeners=CONTROLLER://127.0.0.1:{controller_port}\n"
        f"controller.quorum.voters=1@127.0.0.1:{controller_port}\n"
        f"log.dirs={_escaped(log_dir)}\n"
    )


def _escaped(path: Path) -> str:
    """Java reads properties as Latin-1 with the escapes of JSON strings."""
    return json.dumps(str(path))[1:-1]
