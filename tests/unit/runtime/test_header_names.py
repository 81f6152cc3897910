import pytest
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from services.runtime.header_names import tolerate_any_name
from tests.support.poison import NoText


@pytest.fixture(autouse=True)
def _tolerant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetcher, "MemoryRecords", fetcher.MemoryRecords)
    tolerate_any_name()


def batch(*names: str, base: int = 0, compression: int = 0) -> bytes:
    builder = _DefaultRecordBatchBuilderPy(2, compression, 0, -1, -1, -1, 1 << 20)
    for number, name in enumerate(names):
        builder.append(number, None, b"k%d" % number, b"v", [(name, b"x")])
    data = bytearray(builder.build())
    data[:8] = base.to_bytes(8)
    return bytes(data)


def read(data: bytes) -> list[tuple[int, bytes, str]]:
    records = fetcher.MemoryRecords(data)
    found = []
    while records.has_next():
        found += [(record.offset, record.key, record.headers[0][0]) for record in records.next_batch()]
    return found


@pytest.mark.parametrize("compression", [0, 1])
def test_a_name_that_is_no_text_is_read_with_replacements_and_stops_nothing(compression: int) -> None:
    data = batch("a", NoText(), "c", base=7, compression=compression) + batch("d", base=10)
    assert read(data) == [(7, b"k0", "a"), (8, b"k1", "\ufffd\ufffd"), (9, b"k2", "c"), (10, b"k0", "d")]


def test_the_client_alone_would_stop() -> None:
    with pytest.raises(UnicodeDecodeError):
        list(fetcher.MemoryRecords(batch("a", NoText())).next_batch()._batch)


def test_what_else_is_asked_of_a_batch_is_answered_by_the_client() -> None:
    records = fetcher.MemoryRecords(batch("a", "b", base=3))
    one = records.next_batch()
    assert (one.base_offset, one.next_offset, one.validate_crc(), one.is_control_batch) == (3, 5, True, False)
    assert records.next_batch() is None
    assert fetcher.MemoryRecords(b"\x00" * 5).size_in_bytes() == 5
