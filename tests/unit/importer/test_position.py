"""The position survives its own encoding, and stays small."""

from services.importer.position import KEPT_DONE, KEPT_OPEN, Count, Position, Progress, decode, encode

PROGRESS = Progress(7, (120, 4), Count(2, 1), Count(1, 1), 1)


def test_a_source_that_never_committed_is_at_the_beginning() -> None:
    assert decode(None) == Position()


def test_a_position_survives_encoding() -> None:
    position = Position().at("one", PROGRESS).finished("two").at("three", Progress(8))
    assert decode(encode(position)) == position


def test_what_is_finished_is_no_longer_open() -> None:
    position = Position().at("one", PROGRESS).finished("one")
    assert position == Position({}, ("one",))


def test_the_position_of_a_source_that_runs_for_years_stays_small() -> None:
    position = Position()
    for number in range(2 * KEPT_DONE):
        position = position.finished(f"{number:032x}")
    for number in range(2 * KEPT_OPEN):
        position = position.at(f"{number:032x}", PROGRESS)
    assert (len(position.done), len(position.open)) == (KEPT_DONE, KEPT_OPEN)
    assert f"{2 * KEPT_OPEN - 1:032x}" in position.open
    assert len(encode(position)) < 50_000
