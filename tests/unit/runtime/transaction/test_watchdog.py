import threading

from services.runtime.transaction.watchdog import Watchdog

PATIENCE = 60.0


class Dog:
    """A watchdog whose clock and surroundings the test holds."""

    def __init__(self) -> None:
        self.waiting = False
        self.barks: list[float] = []
        self.watchdog = Watchdog(lambda: self.waiting, self.barks.append, PATIENCE)


def test_it_sleeps_while_nothing_waits() -> None:
    dog = Dog()
    for now in range(1000):
        dog.watchdog.look(float(now))
    assert dog.barks == []


def test_it_barks_when_something_waits_for_too_long() -> None:
    dog = Dog()
    dog.waiting = True
    dog.watchdog.look(0.0)
    dog.watchdog.look(PATIENCE)
    assert dog.barks == []
    dog.watchdog.look(PATIENCE + 1.0)
    assert dog.barks == [PATIENCE + 1.0]


def test_progress_starts_the_time_again() -> None:
    dog = Dog()
    dog.waiting = True
    for now in range(0, 600, 10):
        dog.watchdog.look(float(now))
        dog.watchdog.progressed()
    assert dog.barks == []


def test_what_was_finished_meanwhile_is_forgotten() -> None:
    dog = Dog()
    dog.waiting = True
    dog.watchdog.look(0.0)
    dog.waiting = False
    dog.watchdog.look(30.0)
    dog.waiting = True
    dog.watchdog.look(59.0)
    dog.watchdog.look(61.0)
    assert dog.barks == []


def test_it_does_not_need_the_event_loop() -> None:
    barked = threading.Event()
    watchdog = Watchdog(lambda: True, lambda _: barked.set(), patience=0.0, interval=0.001)
    watchdog.start()
    assert barked.wait(10)
    watchdog.stop()
