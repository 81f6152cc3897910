"""Fleet: what stands in the way is said at once, before a broker is fetched or a port is taken."""

import asyncio
import socket
from pathlib import Path

import pytest

from schemas.errors import Misconfigured
from services.commands.fleet import Fleet
from services.commands.installation import Installation
from services.commands.portals import add_key
from services.runtime.ports import free_port
from services.runtime.settings import load_settings
from tests.support.book import DOG, TOWN, write


def refusal(folder: Path, taken: int) -> str:
    """What is said instead of starting anything."""
    settings = load_settings(data_dir=folder, intake_port=taken, admin_port=free_port())
    with pytest.raises(Misconfigured) as caught:
        asyncio.run(Fleet(Installation(settings)).run(asyncio.Event()))
    assert not (folder / "kafka").exists()
    return str(caught.value)


def test_all_that_stands_in_the_way_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port: int = other.getsockname()[1]
        said = refusal(tmp_path, port)
        assert "laufzettel portals add NAME" in said
        assert "LAUFZETTEL_INTAKE_PORT" in said
        add_key(tmp_path / "portals.yaml", "portal")
        assert "portals" not in refusal(tmp_path, port)


UNFIT = {
    "a role that nobody fills": (TOWN.replace("roles: [public-order]", "roles: []"), "town.yaml:10: recipes.dog"),
    "a source that is none": (TOWN + "    sources: {old: {kind: floppy}}\n", "town.yaml:11: sources.old.kind"),
}


@pytest.mark.parametrize("fault", UNFIT)
def test_nothing_starts_with_an_unfit_kochbuch(tmp_path: Path, fault: str) -> None:
    town, where = UNFIT[fault]
    write(tmp_path / "kochbuch", "dog", DOG)
    write(tmp_path / "municipalities", "town", town)
    folders = {"kochbuch_dir": tmp_path / "kochbuch", "municipalities_dir": tmp_path / "municipalities"}
    installation = Installation.from_environment(**folders, data_dir=tmp_path / "data")
    with pytest.raises(Misconfigured) as caught:
        asyncio.run(Fleet(installation).run(asyncio.Event()))
    assert where in {problem.where for problem in caught.value.problems}
    assert not (tmp_path / "data" / "kafka").exists()
