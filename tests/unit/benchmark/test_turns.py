from tests.benchmark.turns import alternately, cpu_micros


def test_value_and_floor_take_turns_and_the_median_counts() -> None:
    order: list[str] = []
    values, floors = iter((5.0, 1.0, 9.0)), iter((2.0, 100.0, 3.0))

    def value() -> float:
        order.append("value")
        return next(values)

    def floor() -> float:
        order.append("floor")
        return next(floors)

    assert alternately(3, value, floor) == (5.0, 3.0)
    assert order == ["value", "floor"] * 3


def test_the_cpu_of_work_is_shared_out() -> None:
    whole = cpu_micros(lambda: sum(range(200_000)), 1)
    assert 0 < cpu_micros(lambda: sum(range(200_000)), 1_000) < whole
