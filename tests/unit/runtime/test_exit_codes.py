import pytest

from schemas.errors import Misconfigured, Unavailable
from services.runtime.exit_codes import FINAL, HALTING, MEANINGS, ExitCode, exit_code_of


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Misconfigured("x"), ExitCode.MISCONFIGURED),
        (Unavailable("x"), ExitCode.UNAVAILABLE),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (RuntimeError(), ExitCode.INTERNAL),
    ],
)
def test_an_error_ends_the_process_with_its_code(error: BaseException, code: ExitCode) -> None:
    assert exit_code_of(error) is code


def test_every_code_is_explained_in_both_languages() -> None:
    assert MEANINGS.keys() == set(ExitCode)
    assert all(german and english for german, english in MEANINGS.values())


def test_a_bug_is_restarted_and_a_wrong_installation_is_not() -> None:
    assert ExitCode.INTERNAL not in FINAL
    assert ExitCode.MISCONFIGURED in FINAL


def test_too_many_dead_letters_stop_the_service_and_not_the_installation() -> None:
    assert ExitCode.DEAD_LETTERS in HALTING - FINAL
