from services.runtime.transaction.waiting import Standstill, Waiting


def at(committed: int) -> Waiting:
    return Waiting(committed, committed + 1, committed + 10, received_us=0)


def test_a_partition_whose_offset_does_not_move_stands_still() -> None:
    still = Standstill()
    assert [still.look({0: at(5), 1: at(n)}, 30.0 * n) for n in range(3)] == [0.0, 30.0, 60.0]


def test_a_partition_that_moves_does_not_however_much_waits() -> None:
    still = Standstill()
    assert [still.look({0: at(n)}, 30.0 * n) for n in range(4)] == [0.0] * 4


def test_what_was_done_meanwhile_is_forgotten() -> None:
    still = Standstill()
    still.look({0: at(5)}, 0.0)
    still.look({}, 30.0)
    assert still.look({0: at(5)}, 60.0) == 0.0


def test_markers_behind_the_first_record_are_counted_and_those_before_it_are_not() -> None:
    assert at(5).records == 9
