from services.router.core import COMMANDS
from tests.support.clerks import SCRIPTS
from tests.support.hurry import Order


def test_while_everything_fails_every_command_is_sent() -> None:
    order = Order("", {}, (("assess", "bauamt"),), (("fire", "feuerwehr"),), four_eyes=True)
    sent = {kind for script in SCRIPTS for _ in range(50) for kind, _ in script(order)}
    assert sent == COMMANDS
