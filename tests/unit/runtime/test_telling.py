from io import StringIO

from services.runtime.broker.telling import Telling


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_one_line_changes() -> None:
    stream = Terminal()
    telling = Telling(stream)
    for done in range(3):
        telling("Kafka", done, 2)
    assert stream.getvalue() == "\r  Kafka: 0 of 2\r  Kafka: 1 of 2\r  Kafka: 2 of 2\n"


def test_elsewhere_there_is_a_line_every_ten_seconds_and_one_at_the_end() -> None:
    stream, times = StringIO(), iter([0, 0, 5, 9, 10, 10, 11, 99])
    telling = Telling(stream, lambda: next(times))
    for done in (0, 1, 2, 3, 4, 5):
        telling("Kafka", done, 5)
    assert stream.getvalue().splitlines() == ["  Kafka: 0 of 5", "  Kafka: 3 of 5", "  Kafka: 5 of 5"]
