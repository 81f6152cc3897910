"""Properties: what the one node of the embedded broker is told at each start."""

import json
from pathlib import Path

# A single node needs no replicas; small pools and a small cleaner buffer fit a heap of 256 MB. After a crash a node
# waits for the session of its former self to end, so that session is short. Until then its partitions have a leader
# that nobody can reach, and then none for a moment: a transaction that is aborted in that moment loses its markers,
# and what it wrote hides all that follows, for ever (seen with Kafka 4.3.1). So transactions that timed out are aborted
# every ten seconds, as by default, and not every second: no earlier than ten seconds after a start.
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
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=250
num.network.threads=2
num.io.threads=4
background.threads=2
log.cleaner.dedupe.buffer.size=4194304
auto.create.topics.enable=false
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


def _escaped(path: Path) -> str:
    """Java reads properties as Latin-1 with the escapes of JSON strings."""
    return json.dumps(str(path))[1:-1]
