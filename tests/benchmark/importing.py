"""Import: CPU for each row of the importer process, beside bare csv and fastavro over the same file."""

import csv
import io
import random
from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import Any

import fastavro

from connectors.base import Raw
from connectors.folder import deliver
from connectors.hotfolder import HotFolder, items
from connectors.sources import read_sources
from schemas.submission import Acceptance, Submission
from services.commands.processes import Service
from tests.benchmark.router import quiet_memory
from tests.benchmark.running import Running, at_rest, until
from tests.benchmark.scale import Scale
from tests.benchmark.site import Rig, Site
from tests.benchmark.table import Figure
from tests.benchmark.turns import cpu_micros
from tests.support.load import now_us

_ENCODING = "cp1252"
_COLUMNS = "Kassenzeichen;Name;Vorname;Geburtsdatum;Straße;Nr;PLZ;Ort;Hund;Rasse;Gewicht;Seit;Herkunft;IBAN"
_FLOOR = "csv.reader and fastavro alone"


def importing(rig: Rig, scale: Scale) -> Iterator[Figure]:
    """The old dog tax system of one town hands in a file, again and again."""
    with rig.site() as site, site.running(Service.IMPORTER) as importer:
        bare, ours, rates = [], [], []
        path = _file(site.folder / "parts.csv", scale.rows, scale.rounds)
        for number in range(scale.rounds):
            handed_in = _file(site.folder / f"{number}.csv", scale.rows, number)
            bare.append(_bare_micros(site, handed_in, scale.rows))
            cpu, rate = _imported(site, importer, handed_in, scale.rows)
            ours.append(cpu)
            rates.append(rate)
        middle = sorted(range(len(ours)), key=lambda n: ours[n] / bare[n])[len(ours) // 2]
        yield Figure("CPU a row", ours[middle], "µs", bare[middle], _FLOOR, "≤ 22 µs")
        yield from _parts(site, path, scale.rows)
        yield Figure("rows a CPU-second", 1e6 / ours[middle], "/s", 1e6 / bare[middle], _FLOOR)
        yield Figure("rows a second", sorted(rates)[len(rates) // 2], "/s")


def _parts(site: Site, path: Path, rows: int) -> Iterator[Figure]:
    """What of a row's cost is ours, without threads and Kafka's client."""
    source = read_sources(site.book, site.installation.settings.municipalities_dir)[0]
    if not isinstance(source.config, HotFolder):
        raise TypeError("the town's first source is no hot folder")
    config = source.config
    accept = Acceptance(site.book).accept
    delivery = deliver(path)
    read: list[Submission] = []

    def reading() -> None:
        with path.open("rb") as stream:
            found = items(config, source.name, stream, delivery, (), now_us())
            read.extend(item.content for item in found if isinstance(item.content, Submission))

    def accepting() -> None:
        for submission in read:
            accept(submission)

    with quiet_memory():
        yield Figure("  of it reading and mapping", cpu_micros(reading, rows), "µs")
        yield Figure("  of it acceptance: form, ids, digest, Avro", cpu_micros(accepting, rows), "µs")


def _imported(site: Site, importer: Running, path: Path, rows: int) -> tuple[float, float]:
    """CPU µs a row, and rows a second, from the arrival of a file in the folder to its end."""
    folder = site.folder / "inbox" / "hundesteuer"
    done, seen = (importer.metric("source_files_total", state=state) for state in ("done", "seen"))
    accepted = importer.metric("ingest_records_total", outcome="accepted")
    folder.mkdir(parents=True, exist_ok=True)
    cpu = importer.cpu()
    path.rename(folder / path.name)
    until(lambda: importer.metric("source_files_total", state="seen") > seen, 0.05)
    began = time()
    until(lambda: at_rest([importer]) and importer.metric("source_files_total", state="done") > done, 0.0)
    ended = importer.metric("source_last_record_timestamp_seconds")
    taken = importer.metric("ingest_records_total", outcome="accepted") - accepted
    if taken != rows:
        raise AssertionError(f"{taken:.0f} of {rows} rows were accepted")
    return (importer.cpu() - cpu) * 1e6 / rows, rows / max(1e-3, ended - began)


def _file(path: Path, rows: int, seed: int) -> Path:
    """Rows as the old system writes them; each a case of its own."""
    chosen = random.Random(seed)
    with path.open("w", encoding=_ENCODING, newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        file.write(f"{_COLUMNS}\r\n")
        for number in range(rows):
            day, dog = f"{number % 28 + 1:02}.03.2026", chosen.choice(("DA", "SH", "BT", "MI"))
            writer.writerow(
                (
                    f"HS-{seed}{number:07}", chosen.choice(("Müster", "Beispiel", "Testmann")), "Jörg", "17.05.1961",
                    "Teststraße", number % 99 + 1, "52349", "Düren", "Waldi", dog, number % 60 + 1, day, "Zucht",
                    "DE89370400440532013000",
                )
            )  # fmt: skip
    return path


def _bare_micros(site: Site, path: Path, rows: int) -> float:
    """What no importer can save: reading the row and writing the record."""
    template, schema = _record(site, path)
    holder = template["form"]["holder"]

    def work() -> None:
        with path.open(encoding=_ENCODING, newline="") as file:
            reader = csv.reader(file, delimiter=";")
            next(reader)
            for row in reader:
                form = {
                    **template["form"], "holder": {**holder, "family_name": row[1], "given_names": row[2]},
                    "dog_name": row[8], "breed": row[9], "weight_kg": int(row[10]), "origin": row[12], "iban": row[13],
                }  # fmt: skip
                out = io.BytesIO()
                fastavro.schemaless_writer(out, schema, {**template, "reference": row[0], "form": form})
                out.getvalue()

    with quiet_memory():
        return cpu_micros(work, rows)


def _record(site: Site, path: Path) -> tuple[dict[str, Any], Any]:
    """The first row's record as the importer makes it, and its parsed schema."""
    source = read_sources(site.book, site.installation.settings.municipalities_dir)[0]
    translate = source.connector.translator(source.config, source.name)
    row = path.read_bytes().split(b"\r\n")[1]
    message = Acceptance(site.book).accept(translate(Raw(row, "0", now_us()))).message
    schema, record = site.book.codec.decode(message.value)
    return record, fastavro.parse_schema(schema.definition, named_schemas={})
