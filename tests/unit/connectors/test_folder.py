"""The life of a file in a hot folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.base import Delivery, Item
from connectors.folder import Folder, deliver
from connectors.steady import steady
from schemas.dead_letter import Origin
from schemas.errors import Problem, Reason, Rejected, Unavailable

WHY = Rejected(Reason.MALFORMED_ROW, Problem("header", "Falsche Spalten.", "wrong columns"))


class Looking(Folder):
    """A folder that is looked at once a second, unless a test says otherwise."""

    now = 0.0

    def look(self, after: float = 1.0) -> Delivery | None:
        self.now += after
        return self.take(self.now)


@pytest.fixture
def folder(tmp_path: Path) -> Looking:
    return Looking(tmp_path, "*.csv", at_rest=2)


def put(folder: Looking, name: str, content: bytes = b"1;2\n", changed: int = 0) -> Path:
    path = folder.path / name
    path.write_bytes(content)
    if changed:
        os.utime(path, (changed, changed))
    return path


def take(folder: Looking, polls: int = 3) -> Delivery | None:
    for _ in range(polls - 1):
        assert folder.look() is None
    return folder.look()


def files(folder: Looking) -> list[str]:
    return sorted(path.relative_to(folder.path).as_posix() for path in folder.path.rglob("*") if path.is_file())


def test_a_file_is_taken_when_it_has_rested(folder: Looking) -> None:
    put(folder, "a.csv")
    delivery = take(folder)
    assert delivery is not None
    assert (delivery.name, delivery.size, delivery.taken_before) == ("a.csv", 4, False)
    assert files(folder) == ["work/a.csv"]


def test_a_file_rests_by_the_clock_however_often_it_is_looked_at(folder: Looking) -> None:
    put(folder, "a.csv")
    assert all(folder.look(after=0.1) is None for _ in range(20))
    assert folder.look(after=0.2) is not None


def test_a_growing_file_is_left_alone(folder: Looking) -> None:
    path = put(folder, "a.csv", changed=100)
    for size in range(2, 9):
        assert folder.look() is None
        path.write_bytes(b"x" * size)
        os.utime(path, (100, 100))
    assert folder.look() is None


@pytest.mark.parametrize("suffix", [".part", ".tmp", ".filepart", "~"])
def test_an_unfinished_file_is_left_alone_and_taken_at_once_when_it_is_renamed(folder: Looking, suffix: str) -> None:
    folder_of_all = Looking(folder.path, "*", at_rest=5)
    path = put(folder, f"a.csv{suffix}")
    assert take(folder_of_all, polls=8) is None
    path.rename(folder.path / "a.csv")
    assert folder_of_all.look() is not None


def test_another_file_in_the_place_of_an_unfinished_one_has_to_rest(folder: Looking) -> None:
    path = put(folder, "a.csv.part")
    assert folder.look() is None
    path.rename(folder.path / "b.csv")
    assert folder.look() is None


@pytest.mark.parametrize("name", ["a.txt", ".a.csv", "A.CSV", "a.csv.txt"])
def test_only_names_of_the_pattern_count(folder: Looking, name: str) -> None:
    put(folder, name)
    assert take(folder, polls=5) is None


def test_a_file_that_is_taken_back_while_we_look_is_not_there(folder: Looking, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "a.csv")
    assert take(folder, polls=2) is None

    def gone(path: Path, *_: object) -> object:
        raise FileNotFoundError(2, "No such file or directory", str(path))

    monkeypatch.setattr(Path, "open", gone)
    assert folder.look() is None


def test_what_a_share_hides_in_work_is_no_file(folder: Looking) -> None:
    assert folder.look() is None
    put(folder, "work/.nfs0001")
    assert folder.look() is None


def test_links_and_folders_are_no_files(folder: Looking, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.csv"
    secret.write_bytes(b"x")
    (folder.path / "link.csv").symlink_to(secret)
    (folder.path / "folder.csv").mkdir()
    assert take(folder, polls=5) is None


def test_the_oldest_comes_first_and_only_one_at_a_time(folder: Looking) -> None:
    put(folder, "a.csv", b"new", changed=2_000)
    put(folder, "b.csv", b"old", changed=1_000)
    first = take(folder)
    assert first is not None
    assert first.name == "b.csv"
    again = folder.look()
    assert again is not None
    assert (again.name, again.taken_before) == ("b.csv", True)


def test_the_fingerprint_is_of_the_content_not_of_the_name(folder: Looking) -> None:
    same, other = put(folder, "a.csv", b"x"), put(folder, "b.csv", b"x")
    assert deliver(same).fingerprint == deliver(other).fingerprint
    other.write_bytes(b"y")
    assert deliver(same).fingerprint != deliver(other).fingerprint


def test_a_new_file_of_the_same_name_does_not_touch_the_one_being_read(folder: Looking) -> None:
    put(folder, "a.csv", b"first")
    delivery = take(folder)
    assert delivery is not None
    put(folder, "a.csv", b"second")
    with folder.open(delivery) as stream:
        assert stream.read() == b"first"
    folder.put_away(delivery, duplicate=False)
    assert files(folder) == ["a.csv", "done/a.csv"]


def test_nothing_in_done_is_ever_overwritten(folder: Looking) -> None:
    for content in (b"1", b"2", b"3"):
        put(folder, "a.csv", content)
        delivery = take(folder)
        assert delivery is not None
        folder.put_away(delivery, duplicate=content == b"3")
    assert len(files(folder)) == 3
    assert {(folder.path / name).read_bytes() for name in files(folder)} == {b"1", b"2", b"3"}
    assert sum("duplicate" in name for name in files(folder)) == 1


def test_saying_done_twice_is_harmless(folder: Looking) -> None:
    put(folder, "a.csv")
    delivery = take(folder)
    assert delivery is not None
    folder.put_away(delivery, duplicate=False)
    folder.put_away(delivery, duplicate=False)
    assert files(folder) == ["done/a.csv"]


def test_a_paused_file_has_its_explanation_beside_it_in_both_languages(folder: Looking) -> None:
    put(folder, "a.csv")
    delivery = take(folder)
    assert delivery is not None
    folder.put_aside(delivery, WHY)
    assert files(folder) == ["paused/a.csv", "paused/a.csv.why.txt"]
    text = (folder.path / "paused/a.csv.why.txt").read_text(encoding="utf-8")
    assert all(part in text for part in ("Falsche Spalten.", "wrong columns", "zurücklegen", "move the unchanged file"))


def test_a_folder_that_is_away_is_unavailable_and_not_made(tmp_path: Path) -> None:
    folder = Looking(tmp_path / "share", "*", at_rest=1)
    with pytest.raises(Unavailable, match="share"):
        folder.look()
    assert not (tmp_path / "share").exists()


def test_a_folder_below_the_own_home_is_made_when_the_home_is_there(tmp_path: Path) -> None:
    home = tmp_path / "inbox"
    folder = Looking(home / "a/b", "*", at_rest=1, home=home)
    with pytest.raises(Unavailable):
        folder.look()
    home.mkdir()
    assert folder.look() is None
    assert (home / "a/b/done").is_dir()
    elsewhere = Looking(tmp_path / "share", "*", at_rest=1, home=home)
    with pytest.raises(Unavailable):
        elsewhere.look()


def test_a_file_that_may_not_be_read_is_told_but_holds_up_no_other(
    folder: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, fine = put(folder, "a.csv", changed=1_000), put(folder, "b.csv", changed=2_000)
    sound = Path.open

    def refuse(path: Path, *arguments: object, **more: object) -> object:
        if path == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return sound(path, *arguments, **more)  # type: ignore[call-overload]  # handed through

    monkeypatch.setattr(Path, "open", refuse)
    delivery = take(folder)
    assert delivery is not None
    assert delivery.name == fine.name
    folder.put_away(delivery, duplicate=False)
    with pytest.raises(Unavailable, match=r"a\.csv"):
        folder.look()


def test_a_full_disk_is_unavailable_and_the_file_stays(folder: Looking, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "a.csv")
    delivery = take(folder)
    assert delivery is not None

    def full(_path: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(target))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", full)
        with pytest.raises(Unavailable, match="No space left"):
            folder.put_away(delivery, duplicate=False)
    assert files(folder) == ["work/a.csv"]
    folder.put_away(delivery, duplicate=False)
    assert files(folder) == ["done/a.csv"]


def items(count: int) -> Iterator[Item]:
    return (Item(WHY, b"1;2\n", Origin("a.csv", n + 1, 4 * n), (4 * n + 4, n + 2)) for n in range(count))


@pytest.mark.parametrize("change", [b"1;2\n1;2\n1;2\n1;2\n1;", b"1;2\n"])
def test_a_file_that_is_written_on_while_it_is_read_is_refused_from_its_last_line_on(
    folder: Looking, change: bytes
) -> None:
    path = put(folder, "a.csv", b"1;2\n" * 3, changed=1_000)
    delivery = deliver(path)
    with path.open("rb") as stream:
        reading = steady(stream, delivery, items(3), 1)
        assert [next(reading).place.line, next(reading).place.line] == [1, 2]
        path.write_bytes(change)
        with pytest.raises(Rejected, match=r"everything before line 3 .* from line 3 on") as caught:
            next(reading)
    assert caught.value.problems[0].where == "file"


def test_a_file_changed_between_fingerprint_and_reading_is_refused(folder: Looking) -> None:
    path = put(folder, "a.csv", b"1;2\n" * 3)
    delivery = deliver(path)
    path.write_bytes(b"1;2\n")
    with path.open("rb") as stream, pytest.raises(Rejected, match="before line 1"):
        list(steady(stream, delivery, items(1), 1))


def test_what_stands_before_an_unreadable_rest_is_handed_out(folder: Looking) -> None:
    path = put(folder, "a.csv", b"1;2\n" * 3)

    def breaks() -> Iterator[Item]:
        yield from items(2)
        raise WHY

    with path.open("rb") as stream:
        reading = steady(stream, deliver(path), breaks(), 1)
        assert [next(reading).place.line, next(reading).place.line] == [1, 2]
        with pytest.raises(Rejected, match="wrong columns"):
            next(reading)


def test_a_paused_file_that_has_become_another_one_is_not_to_be_moved_back(folder: Looking) -> None:
    path = put(folder, "a.csv")
    delivery = folder.look() or take(folder, polls=2)
    assert delivery is not None
    (folder.path / "work" / path.name).write_bytes(b"1;2\n3;4\n")
    folder.put_aside(delivery, WHY)
    text = (folder.path / "paused/a.csv.why.txt").read_text(encoding="utf-8")
    assert "Nicht zurücklegen" in text
    assert "Do not move it back" in text
    assert "To go on" not in text
