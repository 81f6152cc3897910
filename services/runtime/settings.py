"""Settings: everything that an installation may decide, from the environment, once, at start."""

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.errors import Misconfigured, Problem
from schemas.kochbuch import MUNICIPALITIES, RECIPES
from schemas.wording import sentence
from services.runtime import folders

if TYPE_CHECKING:
    from services.runtime.kafka import Connection

PREFIX = "LAUFZETTEL_"
_NOT_OURS = ("LAUFZETTEL_TEST_",)


class Security(StrEnum):
    """How clients reach the cluster."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class Mechanism(StrEnum):
    """How clients prove who they are."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class LogFormat(StrEnum):
    """How log lines look."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


def _expanded(path: Path) -> Path:
    return path.expanduser().absolute()


MAX_ROUTERS = 64
ADMIN_PORTS = MAX_ROUTERS + 4
"""Intake, importer, routers, ``laufzettel up`` and ``laufzettel broker``."""

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0)]
Location = Annotated[Path, AfterValidator(_expanded)]


class Settings(BaseSettings):
    """One value for the whole process; ``laufzettel settings`` prints it with these descriptions."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True, hide_input_in_errors=True
    )

    kafka: str = Field("", description="host:port[,host:port] of an existing cluster; empty: the embedded broker")
    kafka_security: Security = Field(Security.PLAINTEXT, description="protocol towards the cluster")
    kafka_sasl_mechanism: Mechanism = Field(Mechanism.SCRAM_SHA_512, description="with SASL: how to authenticate")
    kafka_username: str = Field("", description="with SASL: the user")
    kafka_password: SecretStr = Field(SecretStr(""), description="with SASL: the password")
    kafka_password_file: Location | None = Field(None, description="file that holds the password instead")
    kafka_ca_file: Location | None = Field(None, description="certificates to trust; empty: the system's")
    kafka_cert_file: Location | None = Field(None, description="client certificate")
    kafka_key_file: Location | None = Field(None, description="key of the client certificate")

    partitions: int = Field(4, ge=1, le=1000, description="partitions of every case topic; fixed once cases exist")
    replication_factor: int = Field(1, ge=1, le=9, description="copies of every record; the embedded broker has one")

    data_dir: Location = Field(default_factory=folders.data_dir, description="what must be kept")
    cache_dir: Location = Field(default_factory=folders.cache_dir, description="what can be fetched again")
    kochbuch_dir: Location = Field(RECIPES, description="the recipes")
    municipalities_dir: Location = Field(MUNICIPALITIES, description="the municipalities")
    inbox_dir: Location | None = Field(None, description="hot folder; empty: inbox below the data folder")
    portal_keys_file: Location | None = Field(
        None, description="YAML or JSON: portal name and SHA-256 of its API key; empty: portals.yaml in the data folder"
    )

    host: str = Field("127.0.0.1", description="address to listen on")
    intake_port: Port = Field(8400, description="where portals submit")
    admin_port: int = Field(
        8410,
        ge=1,
        le=65536 - ADMIN_PORTS,
        description="first port of /livez, /readyz and /metrics; each process takes one, up takes the 67th",
    )
    broker_port: Port = Field(19092, description="where the embedded broker listens")
    routers: int = Field(1, ge=1, le=MAX_ROUTERS, description="router processes; more than partitions stay idle")

    max_body_bytes: int = Field(
        1_000_000, ge=1024, le=1_000_000, description="larger submissions are answered with 413"
    )
    intake_buffer_bytes: int = Field(
        32 * 1024 * 1024,
        ge=1024 * 1024,
        description="submissions being read or on their way to Kafka, of one among several portals half; beyond it 503",
    )
    read_seconds: Seconds = Field(10.0, description="time to send one request; slower portals are answered with 408")
    portal_rate: float = Field(1000.0, gt=0, description="requests a second of one portal; beyond it 429")
    portal_burst: float = Field(2000.0, ge=1, description="requests that one portal may send at once")
    keys_remembered: int = Field(
        400_000,
        ge=1000,
        description="idempotency keys kept in memory for a day, about 400 bytes each; of more, the latest half is sure",
    )
    public_url: str = Field("", description="how portals reach intake, for status_url; empty: without host")
    dead_letter_ratio: float = Field(0.5, gt=0, le=1, description="share of dead letters that stops a stage")
    dead_letter_streak: int = Field(1000, ge=1, description="dead letters in a row that stop a stage")
    import_bad_records: int = Field(100, ge=0, description="bad records after which a file is paused")
    session_timeout_seconds: Seconds = Field(10.0, description="silence after which a worker has lost its partitions")
    transaction_timeout_seconds: Seconds = Field(10.0, description="age at which the broker aborts a transaction")
    drain_seconds: Seconds = Field(10.0, description="time that a process has to finish when asked to stop")
    log_format: LogFormat = Field(LogFormat.AUTO, description="auto: console on a terminal, JSON elsewhere")

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        if found := [*self._incomplete()]:
            raise ValueError("\n".join(f"{name}\t{german} | {english}" for name, german, english in found))
        return self

    def _incomplete(self) -> Iterator[tuple[str, str, str]]:
        if self.kafka_security.startswith("SASL") and not self.kafka_username:
            yield "kafka_username", "SASL verlangt einen Benutzer.", "SASL needs a user"
        if self.kafka_security.startswith("SASL") and not self.password():
            yield "kafka_password", "SASL verlangt ein Passwort.", "SASL needs a password"
        if bool(self.kafka_cert_file) != bool(self.kafka_key_file):
            yield "kafka_cert_file", "Zertifikat und Schlüssel gehören zusammen.", "certificate and key go together"
        for name in ("kafka_password_file", "kafka_ca_file", "kafka_cert_file", "kafka_key_file"):
            path = getattr(self, name)
            if path is not None and not os.access(path, os.R_OK):
                yield name, f"{path} kann nicht gelesen werden.", f"{path} cannot be read"
        if not self.kafka and self.replication_factor > 1:
            yield "replication_factor", "Der eingebettete Broker ist nur einer.", "the embedded broker is only one"

    @property
    def embedded(self) -> bool:
        """Whether this installation runs its own broker."""
        return not self.kafka

    @property
    def bootstrap(self) -> str:
        """``host:port`` of the cluster, the own or the existing one."""
        return self.kafka or f"127.0.0.1:{self.broker_port}"

    @property
    def inbox(self) -> Path:
        """The hot folder."""
        return self.inbox_dir or self.data_dir / "inbox"

    @property
    def portal_keys(self) -> Path:
        """The file of portal keys."""
        return self.portal_keys_file or self.data_dir / "portals.yaml"

    def password(self) -> str:
        """The password from the file when there is one."""
        if self.kafka_password_file is None:
            return self.kafka_password.get_secret_value()
        try:
            return self.kafka_password_file.read_text(encoding="utf-8").strip()
        except OSError:
            return ""

    def connection(self) -> "Connection":
        """What every Kafka client of this installation needs to know."""
        from services.runtime.kafka import Connection

        return Connection(
            bootstrap=self.bootstrap,
            security_protocol=self.kafka_security,
            sasl_mechanism=self.kafka_sasl_mechanism,
            username=self.kafka_username or None,
            password=self.password() or None,
            ca_file=_text(self.kafka_ca_file),
            cert_file=_text(self.kafka_cert_file),
            key_file=_text(self.kafka_key_file),
        )


def load_settings(**overrides: Any) -> Settings:  # noqa: ANN401 - whatever the fields take
    """Settings from the environment and, before it, ``overrides``. Raises Misconfigured with every problem."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise Misconfigured(*_problems(error)) from None


def unknown_settings(environ: Mapping[str, str] = os.environ) -> list[Problem]:
    """Variables that look like settings and are none: a hint, no error, for some platforms inject such names."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    strange = (name for name in environ if name.startswith(PREFIX) and not name.startswith(_NOT_OURS))
    return [_unknown(name, known) for name in sorted(strange) if name not in known]


def _unknown(name: str, known: Iterable[str]) -> Problem:
    near = "".join(difflib.get_close_matches(name, known, n=1))
    german, english = (f" Gemeint: {near}?", f" Did you mean {near}?") if near else ("", "")
    return Problem(name, f"Diese Einstellung gibt es nicht.{german}", f"There is no such setting.{english}")


def _problems(error: ValidationError) -> Iterator[Problem]:
    for finding in error.errors(include_input=False, include_url=False):
        if not finding["loc"]:
            yield from map(_incomplete_problem, finding["msg"].removeprefix("Value error, ").splitlines())
            continue
        german, english = sentence(finding["type"], finding.get("ctx", {}), finding["msg"])
        yield Problem(PREFIX + str(finding["loc"][0]).upper(), german, english)


def _incomplete_problem(line: str) -> Problem:
    name, _, text = line.partition("\t")
    german, _, english = text.partition(" | ")
    return Problem(PREFIX + name.upper(), german, english)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
