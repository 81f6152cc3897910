from tests.support.casework import Office
from tests.support.procedure import DRY


def report(desk: Office, kind: str, case: str, **more: object) -> list[str]:
    given = {"station": "fire", "department": "fire", "actor": "system-delivery", "expected_version": None, **more}
    return desk.do(kind, case, **given)


def test_a_system_confirms_once(desk: Office) -> None:
    case = desk.submit(DRY)
    assert report(desk, "ConfirmDelivery", case) == ["DeliveryConfirmed"]
    report(desk, "ConfirmDelivery", case)
    assert desk.refusal() == "already-done"


def test_a_failure_is_told_to_triage_and_can_still_be_confirmed(desk: Office) -> None:
    case = desk.submit(DRY)
    assert report(desk, "ReportDeliveryFailure", case) == ["DeliveryFailed"]
    assert desk.inbox("post")[0].body["detail"] == "unreachable"
    assert report(desk, "ConfirmDelivery", case) == ["DeliveryConfirmed"]


def test_what_went_wrong_is_a_code(desk: Office) -> None:
    case = desk.submit(DRY)
    report(desk, "ReportDeliveryFailure", case, problem="Frau Muster war nicht da")
    assert desk.refusal() == "malformed"


def test_people_do_not_confirm_deliveries(desk: Office) -> None:
    case = desk.submit(DRY)
    report(desk, "ConfirmDelivery", case, actor="sb-00000001")
    assert desk.refusal() == "not-allowed"
    report(desk, "ConfirmDelivery", case, department="water")
    assert desk.refusal() == "not-your-department"
