from pathlib import Path

import pytest

from schemas.kochbuch import Kochbuch
from tests.support.casework import Office
from tests.support.procedure import building_office, procedure_book


@pytest.fixture(scope="session")
def procedure(tmp_path_factory: pytest.TempPathFactory) -> Kochbuch:
    return procedure_book(Path(tmp_path_factory.mktemp("procedure")))


@pytest.fixture
def desk(procedure: Kochbuch) -> Office:
    return building_office(procedure)
