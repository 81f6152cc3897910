"""Handover: the demo's samples, handed in as a portal and an old system would."""

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from services.commands.journeys import Journeys
from services.commands.sample import Sample
from services.commands.submit import refused_by
from services.commands.terminal import words

if TYPE_CHECKING:
    import httpx2

    from services.runtime.settings import Settings

PORTAL = "demo"
_REQUEST_S = 30.0


def client(settings: "Settings", key: str) -> "httpx2.AsyncClient":
    """Towards the intake of this installation, to be used as a context."""
    import httpx2

    address = f"http://{settings.host}:{settings.intake_port}"
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return httpx2.AsyncClient(base_url=address, headers=headers, timeout=_REQUEST_S)


async def hand_in(intake: "httpx2.AsyncClient", inbox: Path, journeys: Journeys) -> None:
    """One after the other; what becomes of a submission is written down in ``journeys``."""
    for sample in journeys.samples:
        if sample.submission is not None:
            await _post(intake, sample, journeys)
        elif sample.file is not None:
            await asyncio.to_thread(_drop, sample.file, inbox / sample.folder)


async def _post(intake: "httpx2.AsyncClient", sample: Sample, journeys: Journeys) -> None:
    response = await intake.post(
        "/api/v1/submissions", content=orjson.dumps(sample.submission), headers={"Idempotency-Key": sample.name}
    )
    if response.is_success:
        journeys.cases[sample.name] = response.json()["case_id"]
        return
    problems = refused_by(response.status_code, response.json()).problems
    journeys.refused[sample.name] = f"refused with {response.status_code}: {'; '.join(map(words, problems))}"


def _drop(file: Path, folder: Path) -> None:
    """As an old system should: under another name first, so that nobody takes half a file."""
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f"{file.name}.part"
    shutil.copyfile(file, half)
    half.replace(folder / file.name)
