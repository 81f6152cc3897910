from structlog.testing import capture_logs

from services.runtime.transaction.stable_offsets import HIDDEN, Hidden


def test_offsets_that_stay_hidden_are_told_and_then_told_again() -> None:
    now = [0.0]
    hidden = Hidden("router", lambda: now[0])

    def told(at: float) -> int:
        now[0] = at
        with capture_logs() as lines:
            hidden.still()
        return len(lines)

    assert [told(at) for at in (0, HIDDEN, HIDDEN + 1, HIDDEN + 2, 2 * HIDDEN + 3)] == [0, 0, 1, 0, 1]
    told(3 * HIDDEN)
    hidden.over()
    assert told(4 * HIDDEN + 1) == 0
