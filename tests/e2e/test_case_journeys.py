"""Cases from the first day to the last, as a head of office would tell them; on the shipped Kochbuch, without Kafka."""

from typing import Any

from schemas.kochbuch import Kochbuch, read_kochbuch
from schemas.municipality import Absence
from schemas.recipe import Recipe
from services.commands.quality import quality
from tests.support.town_hall import SECRET, TownHall

TAX, TAX_2, TAX_3 = "sb-00000011", "sb-00000012", "sb-00000013"
ORDER, BUILDING, BUILDING_2, PLANNING, MONUMENTS = (
    "sb-00000021", "sb-00000031", "sb-00000032", "sb-00000041", "sb-00000051",
)  # fmt: skip
POST, CASHIER = "sb-00000061", "sb-00000071"

PERSON = {"family_name": SECRET, "given_names": SECRET}
HOME = {"street": SECRET, "postcode": "52349", "city": "Düren"}
DOG: dict[str, Any] = {
    "holder": PERSON | {"address": HOME},
    "breed": "Bullterrier",
    "weight_kg": 28,
    "kept_since": "2026-03-01",
    "iban": "DE02120300000000202051",
}
HOUSE: dict[str, Any] = {
    "builder": PERSON,
    "designer": {"name": SECRET, "chamber_number": "A-0001"},
    "site": {"district": "Düren", "section": "12", "parcel": "345/6"},
    "project": f"Anbau am Haus {SECRET}",
    "building_class": "1",
    "planning": "inner-34",
    "monument": True,
    "protected_area": False,
    "affects_road": False,
    "documents": ["Lageplan"],
}
PUB: dict[str, Any] = {
    "operator": {**PERSON, "birth_date": "1980-05-17"},
    "premises": {"street": SECRET, "house_number": "1", "postcode": "33330", "city": "Gütersloh"},
    "rooms": [{"name": "Gastraum", "area_sqm": 80, "seats": 40}],
    "business": "restaurant",
    "alcohol": True,
}


def test_a_dangerous_dog_is_examined_taxed_and_in_the_end_forgotten() -> None:
    hall = TownHall("dueren", "2026-03-04T09:00")
    dog = hall.submit("hundesteuer-anmeldung", DOG)
    assert dog.told() == ("RECEIVED", "2026-06-05"), "three months end on Corpus Christi, a holiday here"
    assert (dog.at("steueramt"), dog.at("ordnungsamt"), dog.at("stadtkasse")) == (["StationOpened"],) * 3
    assert "weight_kg" not in dog.letter("steueramt", "StationOpened")["form"]
    assert "iban" not in dog.letter("ordnungsamt", "StationOpened")["form"]

    hall.until("2026-03-05T08:30")
    dog.send("Claim", TAX, station="assess")
    assert dog.told()[0] == "PROCESSING"
    dog.send("GiveOpinion", ORDER, station="dangerous-dog", opinion="conditions")
    assert dog.letter("steueramt", "OpinionGiven")["text"] == f"{SECRET} hat GiveOpinion geschrieben."
    assert dog.at("steueramt")[-1] == "OpinionsComplete"

    hall.until("2026-03-20T11:00")
    assert dog.send("Decide", TAX, outcome="granted", text_ref="akte:2026/17")[0] == "CaseDecided"
    assert dog.told() == ("COMPLETED", None)
    assert dog.letter("ordnungsamt", "CaseDecided")["detail"] == "granted"

    hall.until("2026-04-24T23:59")
    assert dog.view()["status"] == "decided", "a month after the fourth day, on which the letter counts as received"
    hall.until("2026-04-25T00:01")
    assert dog.view()["status"] == "closed"
    assert hall.router.open_cases() == 0

    hall.until("2036-12-31T12:00")
    assert dog.view()["status"] == "closed"
    hall.until("2037-01-01T12:00")
    assert dog.view()["status"] == "erased"
    assert hall.state(dog.case_id) is None
    assert dog.send("Reopen", TAX, department="steueramt") == ["unknown-case"]


def test_a_building_permit_waits_for_three_offices_one_of_which_stays_silent() -> None:
    hall = TownHall("dueren", "2026-03-04T09:00")
    house = hall.submit("baugenehmigung-vereinfacht", HOUSE)
    assert house.at("stadtplanung") == ["StationOpened", "StationOpened"], "planning, and the municipality's agreement"
    assert house.at("denkmalschutz") == ["StationOpened"]
    assert "builder" not in house.letter("stadtplanung", "StationOpened")["form"]
    assert house.station("municipal-consent")["due_date"] == "2026-05-04"

    hall.until("2026-03-20T10:00")
    house.send("GiveOpinion", PLANNING, station="urban-planning", opinion="consents")
    house.send("GiveOpinion", MONUMENTS, station="monuments", opinion="conditions")
    assert "OpinionsComplete" not in house.story()

    hall.until("2026-05-04T23:59")
    assert house.station("municipal-consent")["status"] == "open"
    hall.until("2026-05-05T00:01")
    lapsed = house.last("StationLapsed")
    assert (lapsed["consent"], lapsed["basis"]) == (True, "§ 36 Abs. 2 Satz 2 BauGB")
    assert house.at("bauaufsicht")[-2:] == ["StationLapsed", "OpinionsComplete"]
    assert house.last("OpinionsComplete")["opinions"] == [
        "urban-planning=consents", "municipal-consent=lapsed", "monuments=conditions",
    ]  # fmt: skip
    assert house.letter("bauaufsicht", "StationLapsed")["detail"] == "consents"

    hall.until("2026-05-22T00:01")
    assert house.at("bauaufsicht")[-1] == "ReminderDue", "two weeks before the three months end"
    house.send("Decide", BUILDING, outcome="granted", text_ref="akte:bau-7")
    assert house.view()["proposal"]["actor"] == BUILDING
    house.send("CountersignDecision", BUILDING_2, agrees="ja")
    decided = house.last("CaseDecided")
    assert (decided["decided_by"], decided["countersigned_by"]) == (BUILDING, BUILDING_2)


def test_a_permit_with_papers_missing_stands_still_goes_on_and_is_granted_by_law() -> None:
    hall = TownHall("guetersloh", "2026-03-04T09:00")
    pub = hall.submit("gaststaettenerlaubnis", PUB)
    hall.until("2026-03-10T09:00")
    papers = ["Führungszeugnis", "Grundriss"]
    pub.send("AskApplicant", ORDER, papers=papers, until="2026-04-10")
    assert pub.told() == ("ACTION_REQUIRED", "2026-04-10")
    assert pub.letter("ordnung", "ApplicantAsked")["papers"] == papers

    hall.until("2026-04-11T08:00")
    assert pub.at("ordnung")[-1] == "ApplicantDeadlineExpired"
    assert pub.told()[0] == "ACTION_REQUIRED", "nobody decides against somebody because a day has passed"
    hall.until("2026-08-03T10:00")
    assert "CaseDecided" not in pub.story(), "the clock stands still"
    pub.send("SupplyDocuments", "system-portal", papers=papers)
    supplied = pub.last("DocumentsSupplied")
    assert (supplied["late"], supplied["clock"]) == (True, "restarts")
    assert pub.told() == ("PROCESSING", "2026-11-03"), "three months from complete papers"

    hall.until("2026-10-20T00:01")
    assert pub.at("ordnung")[-1] == "ReminderDue"
    hall.until("2026-11-04T00:01")
    decided = pub.last("CaseDecided")
    assert (decided["outcome"], decided["deemed"], decided["decided_by"]) == ("granted", True, "router")
    assert "§ 42a" in decided["basis"]
    assert pub.told() == ("COMPLETED", None)
    assert pub.view()["citizen"]["details"] == "Ihr Antrag gilt als genehmigt."
    assert pub.letter("ordnung", "CaseDecided")["detail"] == "deemed"


def test_not_ours_goes_to_triage_whose_correction_names_the_rule_that_erred() -> None:
    hall = TownHall("dueren", "2026-03-04T09:00")
    dog = hall.submit("hundesteuer-anmeldung", DOG)
    dog.send("Return", ORDER, station="dangerous-dog")
    assert dog.at("ordnungsamt") == ["StationOpened", "AccessEnded"]
    assert dog.at("poststelle") == ["StationOpened", "CaseReturned"]
    assert dog.letter("steueramt", "CaseReturned")["detail"] == "poststelle", "the lead knows whom it waits for"
    assert dog.letter("steueramt", "CaseReturned")["text"] is None
    assert dog.letter("poststelle", "StationOpened")["form"].keys() == {"holder", "breed", "kept_since"}
    assert dog.send("AddNote", ORDER, department="ordnungsamt") == ["not-your-department"]

    dog.send("Correct", POST, station="dangerous-dog", to_department="umweltamt")
    assert dog.at("umweltamt") == ["StationOpened", "RoutingCorrected"]
    (rule,) = quality(hall.all_events())
    assert (rule.recipe, rule.station, rule.opened, rule.returned, rule.corrected) == (
        "hundesteuer-anmeldung", "dangerous-dog", 1, 1, 1,
    )  # fmt: skip
    assert "Bullterrier" in rule.rule
    assert rule.belonged_to == {"umweltamt": 1}
    assert dog.send("Forward", "sb-00000081", station="dangerous-dog", to_department="ordnungsamt") == [
        "returned-before"
    ]


def test_who_passes_a_case_on_no_longer_sees_it_and_the_next_sees_what_is_theirs() -> None:
    hall = TownHall("dueren", "2026-03-04T09:00")
    house = hall.submit("baugenehmigung-vereinfacht", HOUSE)
    house.send("GiveOpinion", PLANNING, station="urban-planning", opinion="objects")
    house.send("Forward", MONUMENTS, station="monuments", to_department="umweltamt")
    assert house.at("denkmalschutz") == ["StationOpened", "AccessEnded"]
    slip = house.letter("umweltamt", "StationOpened")
    assert slip["form"].keys() == {"site", "project", "protected_area", "documents"}, "its own view, not the sender's"
    assert (slip["station"], slip["task"]) == ("monuments", "consult")
    assert house.letter("umweltamt", "CaseForwarded")["text"].startswith(SECRET)
    assert house.letter("bauaufsicht", "CaseForwarded")["detail"] == "umweltamt"

    house.send("Forward", BUILDING, station="permit", to_department="tiefbauamt", stays_involved="yes")
    assert "AccessEnded" not in house.at("bauaufsicht")
    assert "builder" not in house.letter("tiefbauamt", "StationOpened")["form"]
    assert house.letter("tiefbauamt", "OpinionGiven")["detail"] == "objects", "a new lead learns what was said before"
    assert house.view()["citizen"]["contact"] == "Tiefbauamt, 02421 000-250"


def test_four_eyes_are_two_people() -> None:
    hall = TownHall("dueren", "2026-03-04T09:00", with_absence(BUILDING, BUILDING_2))
    house = hall.submit("baugenehmigung-vereinfacht", HOUSE)
    house.send("Decide", BUILDING, outcome="refused", text_ref="akte:bau-8")
    assert house.send("CountersignDecision", BUILDING, agrees="yes") == ["same-person"]
    assert house.send("CountersignDecision", BUILDING_2, acting_for=BUILDING, agrees="yes") == ["same-person"]
    assert house.send("CountersignDecision", BUILDING_2, agrees="no") == ["DecisionSentBack"]
    assert house.letter("bauaufsicht", "DecisionSentBack")["text"].startswith(SECRET)
    house.send("Decide", BUILDING_2, acting_for=BUILDING, outcome="granted", text_ref="akte:bau-9")
    assert house.send("CountersignDecision", BUILDING, agrees="yes") == ["same-person"], "in whose name it was proposed"
    assert house.send("CountersignDecision", "sb-00000033", agrees="yes")[0] == "CaseDecided"
    decided = house.last("CaseDecided")
    assert (decided["decided_by"], decided["decided_for"], decided["countersigned_by"]) == (
        BUILDING_2, BUILDING, "sb-00000033",
    )  # fmt: skip


def test_who_acted_for_whom_stays_visible() -> None:
    hall = TownHall("dueren", "2026-03-04T09:00", with_absence(TAX, TAX_2))
    dog = hall.submit("hundesteuer-anmeldung", DOG)
    dog.send("Claim", TAX, station="assess")
    assert dog.send("Release", TAX_3, station="assess") == ["claimed-by-another"]
    assert dog.send("Release", TAX_3, acting_for=TAX, station="assess") == ["no-substitute"]
    dog.send("Release", TAX_2, acting_for=TAX, station="assess")
    assert who(dog.last("StationReleased")) == (TAX_2, TAX), "the municipality's file names the deputy"

    dog.send("Claim", TAX_2, station="assess")
    dog.send("Substitute", TAX_2, who=TAX_2, deputy=TAX_3, since="2026-03-05", until="2026-03-06")
    assert dog.send("Release", TAX_3, acting_for=TAX_2, station="assess") == ["no-substitute"], "from tomorrow on"
    hall.until("2026-03-06T23:59")
    dog.send("Release", TAX_3, acting_for=TAX_2, station="assess")
    assert who(dog.last("StationReleased")) == (TAX_3, TAX_2), "named for this case, to the end of the last day"

    dog.send("Claim", CASHIER, station="assess", department="stadtkasse")
    assert who(dog.last("StationClaimed")) == (CASHIER, "steueramt"), "the treasury stands in for the tax office"
    shown = [(each["actor"], each["acted_for"]) for each in dog.view()["events"] if each["acted_for"]]
    assert {(TAX_2, TAX), (TAX_3, TAX_2), (CASHIER, "steueramt")} <= set(shown)
    hall.until("2026-03-12T09:00")
    assert dog.send("Release", TAX_2, acting_for=TAX, station="assess", department="steueramt") == ["no-substitute"]


def test_a_late_opinion_and_one_after_revocation_are_kept_and_marked() -> None:
    hall = TownHall("dueren", "2026-03-04T09:00")
    dog = hall.submit("hundesteuer-anmeldung", DOG)
    asked = {"to_department": "umweltamt", "until": "2026-03-13", "remind_at": "2026-03-11"}
    dog.send("Consult", TAX, **asked)
    dog.send("Consult", TAX, **asked | {"to_department": "bauhof"})
    assert dog.letter("umweltamt", "DepartmentConsulted")["text"].startswith(SECRET)
    hall.until("2026-03-11T12:00")
    assert dog.at("umweltamt")[-1] == "ReminderDue"
    assert dog.send("RevokeConsultation", TAX, station="on-request-2") == ["ConsultationRevoked"]
    hall.until("2026-03-16T09:00")
    assert dog.station("on-request-1")["status"] == "lapsed"

    dog.send("GiveOpinion", "sb-00000081", station="on-request-1", opinion="objects")
    late = dog.last("OpinionGiven")
    assert (late["late"], late["after_revocation"], late["counts"]) == (True, False, True)
    dog.send("GiveOpinion", "sb-00000091", station="on-request-2", opinion="consents")
    unasked = dog.last("OpinionGiven")
    assert (unasked["after_revocation"], unasked["counts"]) == (True, False)
    marks = [body["mark"] for what, body in hall.desk("steueramt", dog.case_id) if what == "OpinionGiven"]
    assert marks == ["late", "after-revocation"], "the lead reads both, and what they are worth"


def test_a_closed_case_is_taken_up_again() -> None:
    hall = TownHall("dueren", "2026-03-04T09:00")
    dog = hall.submit("hundesteuer-anmeldung", DOG)
    dog.send("Decide", TAX, outcome="refused", text_ref="akte:1")
    hall.until("2026-06-01T09:00")
    assert (dog.view()["status"], hall.router.open_cases()) == ("closed", 0)
    assert dog.send("Decide", TAX, outcome="granted", text_ref="akte:2") == ["wrong-state"]
    hall.replace(hall.book)
    dog.send("Reopen", TAX)
    assert dog.told() == ("PROCESSING", "2026-09-01")
    assert dog.at("steueramt")[-2:] == ["StationOpened", "CaseReopened"]
    dog.send("Decide", TAX, outcome="granted", text_ref="akte:2")
    hall.until("2026-12-01T09:00")
    assert (dog.view()["status"], dog.view()["outcome"]) == ("closed", "granted")


def test_a_case_keeps_the_recipe_under_which_it_began() -> None:
    hall = TownHall("dueren", "2026-03-04T09:00")
    before = hall.submit("hundesteuer-anmeldung", DOG)
    hall.replace(with_version_2(hall.book))
    after = hall.submit("hundesteuer-anmeldung", DOG)
    assert (before.view()["recipe_version"], after.view()["recipe_version"]) == (1, 2)
    assert after.at("ordnungsamt") == [], "version 2 asks nobody about dogs"

    before.send("GiveOpinion", ORDER, station="dangerous-dog", opinion="consents")
    before.send("Return", TAX, station="assess")
    assert before.last("CaseReturned")["recipe_version"] == 1
    before.send("Correct", POST, station="assess", to_department="steueramt")
    assert before.letter("steueramt", "StationOpened")["recipe_version"] == 1
    for dog in (before, after):
        dog.send("Decide", TAX, outcome="granted", text_ref="akte:1")
    assert (before.view()["status"], after.view()["status"]) == ("decided", "decided")


def with_absence(who: str, deputy: str) -> Kochbuch:
    """The shipped Kochbuch, with somebody of Düren away for a week."""
    book = read_kochbuch()
    absence = Absence(who=who, deputy=deputy, since="2026-03-02", until="2026-03-08")
    town = book.municipalities["dueren"].model_copy(update={"absences": (absence,)})
    return Kochbuch(book.versions, {**book.municipalities, "dueren": town})


def with_version_2(book: Kochbuch) -> Kochbuch:
    """The same Kochbuch with a dog tax that no longer consults anybody."""
    old = book.recipes["hundesteuer-anmeldung"]
    route = tuple(station for station in old.route if station.task != "consult")
    unchanged = {name: getattr(old, name) for name in Recipe.model_fields}
    new = Recipe.model_validate({**unchanged, "version": 2, "route": route})
    return Kochbuch({**book.versions, (new.recipe, 2): new}, book.municipalities)


def who(event: dict[str, Any]) -> tuple[str, str]:
    """Who acted, and for whom."""
    return event["actor"], event["acted_for"]
