"""Whether a process says that it cannot work, and why, while the broker is away."""

import signal
from pathlib import Path

import pytest

from services.runtime.probe import unready_checks
from tests.support.deadline import eventually
from tests.support.site import HOST, Site, new_site

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(180)]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return new_site(tmp_path)


def test_a_router_without_a_broker_is_not_ready_until_it_is_back(site: Site) -> None:
    cluster = {"LAUFZETTEL_KAFKA": site.bootstrap}

    def unready(service: str) -> dict[str, str] | None:
        return unready_checks(HOST, site.port_of(service))

    with site.start("broker") as broker:
        eventually(lambda: site.ready("broker") or broker.process.poll() is not None)
        assert site.run("topics", "apply", **cluster).returncode == 0
        with site.start("run", "router", **cluster) as router:
            site.await_ready(router, "router-0")
            broker.send(signal.SIGTERM)
            broker.ended()
            eventually(lambda: "no broker" in (unready("router-0") or {}).get("stage", ""))
            with site.start("broker"):
                eventually(lambda: unready("router-0") == {})
