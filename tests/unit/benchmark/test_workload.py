from schemas.kochbuch import Kochbuch, read_kochbuch
from services.router.processor import Router
from tests.benchmark.workload import START, one_of_each, samples, stored, submissions

BOOK = read_kochbuch()
DUEREN = Kochbuch(BOOK.versions, {"dueren": BOOK.municipalities["dueren"]})


def test_the_same_seed_gives_the_same_cases_and_another_gives_others() -> None:
    first, again, other = (list(submissions(DUEREN, 50, seed=seed)) for seed in (1, 1, 2))
    assert first == again
    assert not {message.key for message in first} & {message.key for message in other}


def test_every_case_can_be_routed() -> None:
    router = Router(DUEREN)
    records = stored(one_of_each(DUEREN), partitions=1)
    router.process(0, records, START)
    assert len(records) == len(samples(DUEREN)) > 10
    assert router.account().delivered == len(records)


def test_records_stand_where_the_partitioner_puts_them() -> None:
    records = stored(submissions(DUEREN, 200), partitions=4)
    assert {record.partition for record in records} == {0, 1, 2, 3}
    for partition in range(4):
        offsets = [record.offset for record in records if record.partition == partition]
        assert offsets == list(range(len(offsets)))
