from pathlib import Path

import pytest

from services.router.file import MAX_SUBSTITUTES
from services.router.stations import MAX_CORRECTIONS, MAX_HOPS
from tests.support.casework import DAY, Office
from tests.support.procedure import AWAY, DRY, ONE, THREE, TWO, WET, building_office, procedure_book


@pytest.fixture
def away(tmp_path: Path) -> Office:
    """A router whose building department is away from tomorrow on; planning stands in."""
    return building_office(procedure_book(tmp_path, town=AWAY))


def kinds(desk: Office, department: str) -> list[str]:
    return [
        letter.body["what"] if letter.kind == "DepartmentNotice" else letter.kind for letter in desk.inbox(department)
    ]


def test_claim_and_release(desk: Office) -> None:
    case = desk.submit(DRY)
    assert desk.do("Claim", case, station="assess") == ["StationClaimed", "CitizenStatusChanged"]
    assert desk.last("CitizenStatusChanged")["status"] == "PROCESSING"
    assert desk.do("Release", case, station="assess") == ["StationReleased"]
    assert desk.do("Release", case, station="assess") == ["CommandRefused"]
    assert desk.refusal() == "not-claimed"


def test_what_somebody_claimed_nobody_else_moves(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Claim", case, station="assess", actor=THREE)
    desk.do("Claim", case, station="assess", actor=TWO)
    assert desk.refusal() == "claimed-by-another"
    desk.do("Claim", case, station="assess", actor=THREE)
    assert desk.refusal() == "already-done"


def test_a_deputy_acts_for_an_absent_colleague_and_it_stays_visible(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Claim", case, station="assess", actor=ONE)
    assert desk.do("Release", case, station="assess", actor=TWO, acting_for=ONE) == ["StationReleased"]
    assert (desk.events[-1][1]["actor"], desk.events[-1][1]["acted_for"]) == (TWO, [ONE])


def test_an_absence_ends(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Claim", case, station="assess", actor=ONE)
    desk.now += 4 * 86_400_000_000
    desk.do("Release", case, station="assess", actor=TWO, acting_for=ONE)
    assert desk.refusal() == "no-substitute"


def test_an_absence_can_be_named_for_one_case(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Claim", case, station="assess", actor=THREE)
    today = desk.now // 86_400_000_000
    assert desk.do("Substitute", case, who=THREE, deputy=TWO, since=today, until=today + 1) == ["SubstituteNamed"]
    assert desk.do("Release", case, station="assess", actor=TWO, acting_for=THREE) == ["StationReleased"]


def test_while_a_department_is_away_its_deputy_receives_what_it_receives_and_acts(away: Office) -> None:
    old = away.submit(DRY, "old")
    away.do("AddNote", old, department="planning")
    assert away.refusal() == "not-your-department", "not before the absence begins"
    away.wait(DAY)
    new = away.submit(DRY, "new")
    (slip,) = away.inbox("planning")
    assert slip.body == next(each.body for each in away.inbox("building") if each.body["case_id"] == new)
    assert away.do("AddNote", new, department="planning") == ["NoteAdded"]
    assert away.last("NoteAdded")["acted_for"] == ["building"]
    assert away.do("Claim", new, station="assess", department="planning")[0] == "StationClaimed"
    assert away.last("StationClaimed")["acted_for"] == ["building"]
    away.do("Claim", new, station="fire", department="planning")
    assert away.refusal() == "not-your-department"
    away.wait(2 * DAY)
    away.do("Release", new, station="assess", department="planning")
    assert away.refusal() == "not-your-department", "nor after its end"


def test_a_deputy_that_takes_on_an_old_case_sees_what_lies_there(away: Office) -> None:
    case = away.submit(DRY)
    away.do("GiveOpinion", case, station="fire", department="fire", opinion="objects", text="Kein Hydrant")
    away.wait(DAY)
    assert not away.inbox("planning")
    away.do("Claim", case, station="assess", department="planning")
    slip, opinion = away.inbox("planning")
    assert (slip.body["department"], slip.body["form"]["income"]) == ("building", 7)
    assert (opinion.body["what"], opinion.body["text"]) == ("OpinionGiven", "Kein Hydrant")


def test_a_department_names_its_deputy_for_one_case(desk: Office) -> None:
    case = desk.submit(WET)
    today = desk.now // DAY
    desk.do("Consult", case, to_department="council", question="Warum?", until=desk.now + 9 * DAY)
    away = {"who": "council", "deputy": "planning", "since": today, "until": today}
    desk.do("Substitute", case, **away)
    assert desk.refusal() == "not-your-department"
    assert desk.do("Substitute", case, **away, department="council") == ["SubstituteNamed"]
    assert kinds(desk, "planning") == ["SubstituteNamed", "StationOpened", "DepartmentConsulted"]
    said = {"station": "on-request-1", "department": "planning", "opinion": "consents"}
    assert desk.do("GiveOpinion", case, **said)[0] == "OpinionGiven"
    assert desk.last("OpinionGiven")["acted_for"] == ["council"]


def test_whoever_stands_in_for_a_department_and_a_person_of_it_does_so_visibly(away: Office) -> None:
    case = away.submit(DRY)
    away.do("Claim", case, station="assess", actor=ONE)
    away.wait(DAY)
    done = away.do("Release", case, station="assess", department="planning", actor=TWO, acting_for=ONE)
    assert done == ["StationReleased"]
    assert away.last("StationReleased")["acted_for"] == ["building", ONE]


def test_what_a_deputy_department_took_on_its_clerk_gives_back_or_decides(away: Office) -> None:
    away.wait(DAY)
    for kind, more in (("Release", {"station": "assess"}), ("Decide", {"outcome": "granted"})):
        case = away.submit(DRY, kind)
        away.do("Claim", case, station="assess", department="planning", actor=THREE)
        away.do(kind, case, department="planning", actor=TWO, **more)
        assert away.refusal() == "claimed-by-another"
        assert away.do(kind, case, department="planning", actor=THREE, **more)[0] != "CommandRefused"


def test_an_absence_that_is_over_makes_room_for_another(desk: Office) -> None:
    case = desk.submit(DRY)
    for _ in range(MAX_SUBSTITUTES + 1):
        today = desk.now // DAY
        named = desk.do("Substitute", case, who=THREE, deputy=TWO, since=today, until=today)
    assert named == ["CommandRefused"]
    desk.wait(DAY)
    today += 1
    assert desk.do("Substitute", case, who=THREE, deputy=TWO, since=today, until=today) == ["SubstituteNamed"]


def test_forwarding_shows_the_receiver_its_own_fields_and_ends_the_senders_access(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Forward", case, station="assess", to_department="council", reason="Sache des Rates")
    slip, notice = desk.inbox("council")
    assert slip.body["form"] == {"height_m": 9, "near_water": False}
    assert (slip.body["station"], slip.body["task"], slip.body["opened_by"]) == ("assess", "decide", "CaseForwarded")
    assert notice.body["text"] == "Sache des Rates"
    assert kinds(desk, "building") == ["StationOpened", "AccessEnded"]


def test_a_department_without_any_role_sees_what_the_recipe_grants_on_request(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Forward", case, station="assess", to_department="planning")
    assert desk.inbox("planning")[0].body["form"] == {"height_m": 9}


def test_a_sender_that_stays_involved_keeps_its_access(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Forward", case, station="assess", to_department="council", stays_involved=True)
    assert "AccessEnded" not in kinds(desk, "building")
    assert desk.do("AddNote", case, text="noch dabei") == ["NoteAdded"]


def test_forwarding_changes_whom_the_citizen_calls(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Forward", case, station="assess", to_department="council")
    assert desk.last("CitizenStatusChanged")["contact"] == "Rat"


def test_a_new_lead_learns_the_opinions_given_before(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("GiveOpinion", case, station="fire", department="fire", opinion="conditions", text="Nur mit Hydrant")
    desk.do("Forward", case, station="assess", to_department="council")
    told = [letter.body["text"] for letter in desk.inbox("council") if letter.body.get("what") == "OpinionGiven"]
    assert told == ["Nur mit Hydrant"]


def test_not_ours_goes_to_triage_and_the_correction_names_the_rule_that_erred(desk: Office) -> None:
    case = desk.submit(WET)
    desk.do("Return", case, station="water", department="water", reason="Nicht unser Gewässer")
    assert desk.inbox("post")[0].body["form"] == {"height_m": 9}
    assert desk.inbox("post")[1].body["text"] == "Nicht unser Gewässer"
    assert kinds(desk, "water") == ["StationOpened", "AccessEnded"]
    done = desk.do("Correct", case, station="water", department="post", to_department="council")
    assert done == ["RoutingCorrected"]
    event = desk.last("RoutingCorrected")
    assert (event["recipe"], event["recipe_version"], event["rule"]) == ("permit", 1, "near_water equals True")
    assert (event["erred_department"], event["to_department"], event["view"]) == ("water", "council", "council")


def test_a_copy_that_went_to_the_wrong_desk_is_returned_too(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Decide", case, outcome="granted", actor=THREE)
    desk.do("CountersignDecision", case, agrees=True, actor=TWO)
    assert desk.do("Return", case, station="cashier", department="cashier") == ["CaseReturned"]
    assert kinds(desk, "cashier")[-1] == "AccessEnded"
    done = desk.do("Correct", case, station="cashier", department="post", to_department="council")
    assert done == ["RoutingCorrected"]
    assert desk.last("RoutingCorrected")["erred_department"] == "cashier"
    desk.do("Return", case, station="fire", department="fire")
    assert desk.refusal() == "station-not-open"


def test_triage_may_name_the_station_whose_department_is_right(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Return", case, station="assess")
    desk.do("Correct", case, station="assess", department="post", to_station="council")
    assert desk.last("RoutingCorrected")["to_department"] == "council"
    desk.do("Correct", case, station="assess", department="post", to_station="council")
    assert desk.refusal() == "not-your-department"


def test_only_triage_corrects_and_only_what_came_back(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Correct", case, station="assess", to_department="council")
    assert desk.refusal() == "not-allowed"
    desk.do("Forward", case, station="assess", to_department="post")
    desk.do("Correct", case, station="assess", department="post", to_department="council")
    assert desk.refusal() == "not-returned"


def test_nobody_forwards_to_a_department_that_said_not_ours(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Return", case, station="assess")
    desk.do("Correct", case, station="assess", department="post", to_department="council")
    desk.do("Forward", case, station="assess", department="council", to_department="building")
    assert desk.refusal() == "returned-before"


def test_forwarding_in_circles_ends(desk: Office) -> None:
    case = desk.submit(DRY)
    here, there = "building", "council"
    for _ in range(MAX_HOPS):
        assert desk.do("Forward", case, station="assess", department=here, to_department=there)[0] == "CaseForwarded"
        here, there = there, here
    desk.do("Forward", case, station="assess", department=here, to_department=there)
    assert desk.refusal() == "loop"


def test_returning_in_circles_ends(desk: Office) -> None:
    case = desk.submit(DRY)
    for _ in range(MAX_CORRECTIONS):
        desk.do("Return", case, station="assess")
        desk.do("Correct", case, station="assess", department="post", to_department="building")
    desk.do("Return", case, station="assess")
    assert desk.refusal() == "loop"


def test_unknown_things_are_named(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Claim", case, station="nowhere")
    assert desk.refusal() == "unknown-station"
    desk.do("Forward", case, station="assess", to_department="nowhere")
    assert desk.refusal() == "unknown-department"
    desk.do("Forward", case, station="assess", to_department="building")
    assert desk.refusal() == "same-department"
    desk.do("Forward", case, station="assess", to_department="fire", reason=" ")
    assert desk.refusal() == "reason-missing"


def test_whoever_is_asked_after_a_correction_has_the_whole_time(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.wait(50 * DAY)
    desk.do("Return", case, station="fire", department="fire")
    desk.wait(8 * DAY)
    desk.do("Correct", case, station="fire", department="post", to_department="council")
    due_at = desk.last("RoutingCorrected")["due_at"]
    assert due_at - desk.now >= 59 * DAY
    assert desk.inbox("council")[0].body["due_at"] == due_at
    assert "StationLapsed" not in desk.wait(due_at - desk.now - 1)
    assert "StationLapsed" in desk.wait(1)


def test_a_station_that_waits_for_triage_consents_to_nothing(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.wait(50 * DAY)
    desk.do("Return", case, station="fire", department="fire")
    assert "StationLapsed" not in desk.wait(20 * DAY)
    assert desk.last("DeadlineMissed")["station"] == "fire"
    assert kinds(desk, "post")[-1] == "DeadlineMissed"
    assert desk.do("Correct", case, station="fire", department="post", to_department="council") == ["RoutingCorrected"]
    assert "StationLapsed" in desk.wait(70 * DAY)
