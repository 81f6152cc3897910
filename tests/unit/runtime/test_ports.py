import socket

import pytest

from schemas.errors import Misconfigured
from services.runtime.ports import free_port, listen, require_free


def test_a_taken_port_is_told_with_the_setting_that_mends_it() -> None:
    with listen("127.0.0.1", 0, "LAUFZETTEL_X") as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Misconfigured, match=rf"127\.0\.0\.1:{port} .*Remedy: .*LAUFZETTEL_X"):
            require_free("127.0.0.1", port, "LAUFZETTEL_X")
    require_free("127.0.0.1", port, "LAUFZETTEL_X")


def test_a_foreign_address_is_told_the_same_way() -> None:
    with pytest.raises(Misconfigured, match="LAUFZETTEL_HOST"):
        listen("192.0.2.1", 0, "LAUFZETTEL_HOST")


def test_a_free_port_can_be_listened_on() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        assert server.getsockname()[1] > 0
