from tests.support.casework import DAY, Office
from tests.support.procedure import DRY, ONE, TWO, WET


def consult(desk: Office, case: str, department: str = "planning") -> list[str]:
    return desk.do(
        "Consult", case, to_department=department, question="Passt das zum Plan?", until=desk.now + 10 * DAY,
        remind_at=desk.now + 8 * DAY,
    )  # fmt: skip


def told(desk: Office, department: str) -> list[str]:
    return [letter.body["what"] for letter in desk.inbox(department) if letter.kind == "DepartmentNotice"]


def opinion(desk: Office, case: str, station: str, says: str = "consents", department: str = "") -> list[str]:
    return desk.do(
        "GiveOpinion", case, station=station, department=department or station, opinion=says, expected_version=None,
        actor=TWO,
    )  # fmt: skip


def test_the_lead_is_told_when_all_opinions_are_in(desk: Office) -> None:
    case = desk.submit(WET)
    assert opinion(desk, case, "fire") == ["OpinionGiven"]
    assert opinion(desk, case, "water") == ["OpinionGiven", "OpinionsComplete"]
    assert desk.last("OpinionsComplete")["opinions"] == ["fire=consents", "water=consents"]
    assert told(desk, "building") == ["OpinionGiven", "OpinionGiven", "OpinionsComplete"]


def test_an_answer_opens_the_station_whose_condition_it_fulfils(desk: Office) -> None:
    case = desk.submit(WET)
    opinion(desk, case, "fire")
    assert opinion(desk, case, "water", "objects") == ["OpinionGiven", "StationsOpened"]
    slip = desk.inbox("council")[0].body
    assert (slip["station"], slip["opened_by"], slip["rule"]) == (
        "council",
        "GiveOpinion",
        "opinion.water equals objects",
    )
    assert opinion(desk, case, "council")[-1] == "OpinionsComplete"


def test_a_case_without_the_condition_does_not_wait_for_it(desk: Office) -> None:
    case = desk.submit(DRY)
    assert opinion(desk, case, "fire") == ["OpinionGiven", "OpinionsComplete"]


def test_a_department_that_the_recipe_did_not_name_is_asked(desk: Office) -> None:
    case = desk.submit(DRY)
    assert consult(desk, case) == ["DepartmentConsulted", "CitizenStatusChanged"]
    slip, notice = desk.inbox("planning")
    assert (slip.body["station"], slip.body["task"]) == ("on-request-1", "consult")
    assert slip.body["form"] == {"height_m": 9}
    assert (notice.body["text"], notice.body["due_at"]) == ("Passt das zum Plan?", desk.now + 10 * DAY)


def test_who_was_asked_is_reminded_and_then_no_longer_waited_for(desk: Office) -> None:
    case = desk.submit(DRY)
    opinion(desk, case, "fire")
    consult(desk, case)
    assert desk.wait(8 * DAY) == ["ReminderDue"]
    assert desk.wait(2 * DAY) == ["StationLapsed", "OpinionsComplete"]
    assert not desk.last("StationLapsed")["consent"]
    assert told(desk, "planning") == ["DepartmentConsulted", "ReminderDue", "StationLapsed"]


def test_a_late_answer_is_kept_and_marked(desk: Office) -> None:
    case = desk.submit(DRY)
    consult(desk, case)
    desk.wait(11 * DAY)
    assert opinion(desk, case, "on-request-1", department="planning")[0] == "OpinionGiven"
    assert (desk.last("OpinionGiven")["late"], desk.last("OpinionGiven")["counts"]) == (True, True)
    assert told(desk, "building")[-1] == "OpinionGiven"
    assert desk.inbox("building")[-1].body["mark"] == "late"


def test_an_answer_that_was_sent_in_time_is_not_late(desk: Office) -> None:
    case = desk.submit(DRY)
    consult(desk, case)
    record = desk.command(
        "GiveOpinion", case, station="on-request-1", department="planning", opinion="objects", expected_version=None
    )
    desk.wait(11 * DAY)
    desk.send("GiveOpinion", record)
    assert not desk.last("OpinionGiven")["late"]
    assert desk.inbox("building")[-1].body["mark"] is None


def test_silence_that_counted_as_consent_is_not_undone_by_a_late_answer(desk: Office) -> None:
    case = desk.submit(DRY)
    assert "StationLapsed" in desk.wait(70 * DAY)
    assert (desk.last("StationLapsed")["consent"], desk.last("StationLapsed")["basis"]) == (True, "§ 36 BauGB")
    opinion(desk, case, "fire", "objects")
    assert (desk.last("OpinionGiven")["late"], desk.last("OpinionGiven")["counts"]) == (True, False)
    assert desk.inbox("building")[-1].body["mark"] == "too-late"


def test_an_objection_sent_in_time_counts_although_it_arrives_after_the_silence(desk: Office) -> None:
    case = desk.submit(DRY)
    record = desk.command(
        "GiveOpinion", case, station="fire", department="fire", opinion="objects", expected_version=None
    )
    assert "StationLapsed" in desk.wait(70 * DAY)
    desk.send("GiveOpinion", record)
    assert (desk.last("OpinionGiven")["late"], desk.last("OpinionGiven")["counts"]) == (False, True)
    assert desk.inbox("building")[-1].body["mark"] is None


def test_a_revoked_question_is_no_longer_waited_for_and_its_answer_is_kept(desk: Office) -> None:
    case = desk.submit(DRY)
    opinion(desk, case, "fire")
    consult(desk, case)
    revoked = desk.do("RevokeConsultation", case, station="on-request-1", reason="Erledigt")
    assert revoked == ["ConsultationRevoked", "OpinionsComplete"]
    assert desk.inbox("planning")[-1].body["text"] == "Erledigt"
    assert opinion(desk, case, "on-request-1", department="planning") == ["OpinionGiven"]
    assert desk.last("OpinionGiven")["after_revocation"]
    assert desk.inbox("building")[-1].body["mark"] == "after-revocation"
    assert told(desk, "building")[-1] == "OpinionGiven"
    opinion(desk, case, "on-request-1", department="planning")
    assert desk.refusal() == "already-done"


def test_what_the_recipe_asks_for_cannot_be_revoked(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("RevokeConsultation", case, station="fire")
    assert desk.refusal() == "not-revocable"


def test_an_opinion_is_given_once_and_by_those_who_were_asked(desk: Office) -> None:
    case = desk.submit(DRY)
    opinion(desk, case, "fire", department="water")
    assert desk.refusal() == "not-your-department"
    opinion(desk, case, "fire")
    opinion(desk, case, "fire")
    assert desk.refusal() == "already-done"
    desk.do("GiveOpinion", case, station="assess", opinion="consents")
    assert desk.refusal() == "not-allowed"


def test_an_opinion_after_the_decision_is_kept_and_late(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Withdraw", case, actor="applicant", department="")
    assert opinion(desk, case, "fire") == ["OpinionGiven"]
    assert desk.last("OpinionGiven")["late"]


def test_questions_need_words_a_future_and_somebody_else(desk: Office) -> None:
    case = desk.submit(DRY)
    later = desk.now + DAY
    desk.do("Consult", case, to_department="planning", question=" ", until=later)
    assert desk.refusal() == "reason-missing"
    desk.do("Consult", case, to_department="planning", question="?", until=desk.now)
    assert desk.refusal() == "date"
    desk.do("Consult", case, to_department="building", question="?", until=later)
    assert desk.refusal() == "same-department"
    for _ in range(20):
        desk.do("Consult", case, to_department="planning", question="?", until=later)
    desk.do("Consult", case, to_department="planning", question="?", until=later)
    assert desk.refusal() == "too-many"


def test_what_was_asked_in_time_is_judged_by_when_it_was_asked(desk: Office) -> None:
    case = desk.submit(DRY)
    consult = desk.command("Consult", case, to_department="council", question="?", until=desk.now + DAY)
    desk.now += 2 * DAY
    assert desk.send("Consult", consult)[0] == "DepartmentConsulted"
    assert "StationLapsed" in desk.wait(0)


def test_a_substitution_is_judged_by_the_day_on_which_the_deputy_acted(desk: Office) -> None:
    case = desk.submit(DRY)
    desk.do("Claim", case, station="assess", actor=ONE)
    released = desk.command("Release", case, station="assess", actor=TWO, acting_for=ONE)
    desk.now += 4 * DAY
    assert desk.send("Release", released)[0] == "StationReleased", "the absence ended on 10 March"
