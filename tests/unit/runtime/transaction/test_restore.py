from services.runtime.transaction.restore import Ledger


def test_nothing_is_known_at_first() -> None:
    ledger = Ledger()
    assert ledger.known() == set()
    assert not ledger.current(0, 0)


def test_memory_is_current_while_nobody_has_written() -> None:
    ledger = Ledger()
    ledger.ends_at(0, 17)
    assert ledger.current(0, 17)
    assert not ledger.current(0, 18)


def test_what_was_dropped_must_be_read_again() -> None:
    ledger = Ledger()
    ledger.ends_at(0, 17)
    ledger.ends_at(1, 4)
    ledger.drop([0, 5])
    assert not ledger.current(0, 17)
    assert ledger.known() == {1}
