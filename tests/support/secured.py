"""Secured: a broker that asks who is there, on listeners with SASL, with TLS and both, with certificates of its own."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest
from kafka import KafkaAdminClient
from kafka.admin import UserScramCredentialUpsertion

from services.runtime.broker.node import embedded_broker
from services.runtime.broker.properties import server_properties
from services.runtime.folders import cache_dir
from tests.support.site import HOST, free_ports

USER, PASSWORD = "laufzettel", "a secret, with; signs=in it"
_MODULE = "org.apache.kafka.common.security"
_LISTENERS = {"PLAINTEXT": "PLAINTEXT", "PLAIN": "SASL_PLAINTEXT", "SCRAM": "SASL_SSL", "CERT": "SSL"}


@dataclass(frozen=True, slots=True)
class Secured:
    """The ports by listener, and the files of its certificates."""

    ports: Mapping[str, int]
    folder: Path

    def bootstrap(self, listener: str) -> str:
        return f"{HOST}:{self.ports[listener]}"

    def settings(self, listener: str) -> dict[str, str]:
        """What an operator sets to reach this listener."""
        common = {"KAFKA": self.bootstrap(listener), "KAFKA_SECURITY": _LISTENERS[listener]}
        known = {"KAFKA_USERNAME": USER, "KAFKA_PASSWORD": PASSWORD}
        trust = {"KAFKA_CA_FILE": str(self.folder / "ca.pem")}
        more: dict[str, dict[str, str]] = {
            "PLAINTEXT": {},
            "PLAIN": {**known, "KAFKA_SASL_MECHANISM": "PLAIN"},
            "SCRAM": {**known, **trust},
            "CERT": {
                **trust,
                "KAFKA_CERT_FILE": str(self.folder / "client.pem"),
                "KAFKA_KEY_FILE": str(self.folder / "client.key"),
            },
        }
        return {f"LAUFZETTEL_{name}": value for name, value in {**common, **more[listener]}.items()}


@contextmanager
def secured_broker(folder: Path) -> Iterator[Secured]:
    """Skips the test where there is no openssl to make certificates with."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificates, and there is none")
    folder.mkdir(parents=True, exist_ok=True)
    _certificates(folder)
    first = free_ports(len(_LISTENERS))
    secured = Secured(dict(zip(_LISTENERS, range(first, first + len(_LISTENERS)), strict=True)), folder)

    def properties(host: str, port: int, controller_port: int, log_dir: Path) -> str:
        return server_properties(host, port, controller_port, log_dir) + _security(secured, controller_port)

    with (
        mock.patch("services.runtime.broker.node.server_properties", properties),
        embedded_broker(folder / "data", cache_dir(), port=first) as broker,
    ):
        with closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap)) as admin:
            admin.alter_user_scram_credentials([UserScramCredentialUpsertion(USER, "SCRAM-SHA-512", PASSWORD)])
        yield secured


def _security(secured: Secured, controller_port: int) -> str:
    """Java's properties: of two lines with the same name the later one holds."""
    served = ",".join(f"{name}://{HOST}:{port}" for name, port in secured.ports.items())
    protocols = ",".join(f"{name}:{protocol}" for name, protocol in _LISTENERS.items())
    known = f'user_{USER}="{PASSWORD}"'
    lines = {
        "listeners": f"{served},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": served,
        "listener.security.protocol.map": f"CONTROLLER:PLAINTEXT,{protocols}",
        "listener.name.plain.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.plain.plain.sasl.jaas.config": f"{_MODULE}.plain.PlainLoginModule required {known};",
        "listener.name.scram.sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.scram.scram-sha-512.sasl.jaas.config": f"{_MODULE}.scram.ScramLoginModule required;",
        "listener.name.cert.ssl.client.auth": "required",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(secured.folder / "server.both"),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(secured.folder / "ca.pem"),
    }  # fmt: skip
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def _certificates(folder: Path) -> None:
    """An authority, and what it has signed for the server and for a client."""
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    signs = ("-addext", "keyUsage=critical,keyCertSign")
    _openssl(
        folder, "req", "-x509", *new_key, *signs, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca", "-days", "2"
    )
    for name in ("server", "client"):
        (folder / "extensions").write_text(
            f"subjectAltName=IP:{HOST}\nauthorityKeyIdentifier=keyid\n", encoding="ascii"
        )
        _openssl(folder, "req", *new_key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        signing = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "extensions")
        _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-out", f"{name}.pem", *signing)
    both = (folder / "server.key").read_bytes() + (folder / "server.pem").read_bytes()
    (folder / "server.both").write_bytes(both)


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
