"""Faults planted into the shipped Kochbuch: each is found, at its place, in both languages; without them, none."""

import shutil
from pathlib import Path

import pytest

from schemas.check.book import Report, check_book
from schemas.kochbuch import MUNICIPALITIES, RECIPES, read_recipe


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(RECIPES, tmp_path / "kochbuch")
    shutil.copytree(MUNICIPALITIES, tmp_path / "municipalities")
    return tmp_path


def plant(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / f"{file}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def check(folder: Path) -> Report:
    return check_book(folder / "kochbuch", folder / "municipalities")


def test_the_shipped_kochbuch_has_no_faults(folder: Path) -> None:
    report = check(folder)
    assert report.problems == ()
    assert (len(report.recipes), len(report.municipalities)) == (12, 8)


DOG, TRADE, PARKING = "kochbuch/hundesteuer-anmeldung", "kochbuch/gewerbeanmeldung", "kochbuch/bewohnerparkausweis"
BIRTH, BUILD, CHILD = "kochbuch/geburtsurkunde", "kochbuch/baugenehmigung-vereinfacht", "kochbuch/kita-aufnahme"
RENT, HALT, HOME = "kochbuch/wohngeld-erstantrag", "kochbuch/halteverbotszone", "kochbuch/wohnsitz-anmeldung"
INN = "kochbuch/gaststaettenerlaubnis"
DUEREN, NORDERSTEDT, HALLE = "municipalities/dueren", "municipalities/norderstedt", "municipalities/halle"
HEIDEKREIS = "municipalities/heidekreis"

FAULTS = {  # what: file, text, text with the fault, key at which it is reported, words of the report
    "unknown field": (DOG, "holder.address, iban]", "holder.town, iban]", "route.2.sees", "no field “holder.town”"),
    "unknown role": (DOG, "role: public-order", "role: public-ordre", "route.1.role", "“public-order” is meant"),
    "part that contradicts the form": (
        DOG, "- height_cm: {at_least: 40}", "- height_cm: {over: 140}",
        "route.1.when", "never holds: height_cm over 140",
    ),
    "part that another includes": (
        DOG, "- height_cm: {at_least: 40}", "- weight_kg: {over: 30}", "route.1.when", "includes it: weight_kg over 30",
    ),
    "unreachable by contradiction": (
        DOG, "when: {iban: {exists: true}}", "when: {weight_kg: {under: 5, over: 50}}",
        "route.2.when", "“collect” can never be reached",
    ),
    "unreachable because a copy gives no opinion": (
        TRADE, "{opinion.screening:", "{opinion.ihk:", "route.15.when", "“customs” can never be reached",
    ),
    "unknown station": (
        TRADE, "{opinion.screening:", "{opinion.screning:", "route.15.when", "perhaps “screening” is meant",
    ),
    "value twice": (
        TRADE, "{equals: objects}", "{in: [objects, objects]}", "route.15.when", "stands twice",
    ),
    "value twice, spelt otherwise": (
        DOG, "Rottweiler, Tosa Inu,", "Rottweiler, Tosa Inu, rottweiler,", "route.1.when", "stands twice",
    ),
    "condition that is none": (
        PARKING, "{keeper_is_applicant: false}",
        "{any: [{keeper_is_applicant: false}, {keeper_is_applicant: true}]}", "route.2.when", "always holds",
    ),
    "no lead": (
        BIRTH, "{not: *born-here}", "{municipality: norderstedt}",
        "route", "nobody decides where: municipality = dueren, child.birth_place = Gütersloh",
    ),
    "two leads": (
        BIRTH, "{not: *born-here}", "{child.birth_place: {prefix: D}}",
        "route.1.when", "both decide where: municipality = dueren, child.birth_place = Düren",
    ),
    "circle": (
        CHILD, "station: first-choice\n", "station: first-choice\n    when: {opinion.third-choice: consents}\n",
        "route.1", "never opened: first-choice, third-choice, second-choice",
    ),
    "opinion that is not waited for": (
        TRADE, "hears: screening", "hears: permit-office", "route.15.hears", "does not wait for “permit-office”",
    ),
    "lead by opinion": (
        RENT, "role: housing-benefit\n    task: decide",
        "role: housing-benefit\n    when: {opinion.jobcentre: consents}\n    task: decide",
        "route.0.when", "settled at receipt",
    ),
    "question after the decision": (
        RENT, "role: jobcentre\n", "role: jobcentre\n    after: assess\n", "route.2", "nobody is asked any more",
    ),
    "silence grants without a statute": (
        INN, "basis: § 6a Abs. 1 und 2 GewO, § 42a Abs. 2 VwVfG", "basis: Dienstanweisung",
        "deadline.basis", "only where a statute says so",
    ),
    "silence grants from receipt": (
        INN, "starts: completeness\n  check_within: 10 working days", "starts: receipt",
        "deadline", "begins with the complete papers",
    ),
    "objection within hours": (
        RENT, "retention: ", "objection: 24 hours\nretention: ", "objection", "not counted in hours",
    ),
    "inaction that waits for papers": (
        RENT, "suspends: false, ", "", "deadline", "nothing but a court",
    ),
    "inaction that is extended": (
        RENT, "suspends: false, ", "suspends: false, extension: 1 month, ", "deadline", "nothing but a court",
    ),
    "station that starts otherwise": (
        BUILD, "extended_by: station\n", "starts: completeness\n      check_within: 1 week\n",
        "route.3.due.starts", "runs once it opens",
    ),
    "silence that ends the lead's station": (
        RENT, "four_eyes: true\n",
        "four_eyes: true\n    due: {within: 1 month, on_silence: consent, basis: Dienstanweisung}\n",
        "route.0.due.on_expiry", "not for the deciding station",
    ),
    "start of a deadline that is counted back": (
        HALT, "on_expiry: escalate\n", "on_expiry: escalate\n  starts: completeness\n  check_within: 1 week\n",
        "deadline.starts", "works with within only",
    ),
    "reminder before the beginning": (
        RENT, "remind: 2 weeks", "remind: 4 months", "deadline.remind", "before the period begins",
    ),
    "unknown role to escalate to": (
        RENT, "escalate_to: oversight", "escalate_to: oversigt", "deadline.escalate_to", "“oversight” is meant",
    ),
    "escalation of what does not escalate": (
        INN, "on_expiry: consent\n", "on_expiry: consent\n  escalate_to: oversight\n",
        "deadline.escalate_to", "works with on_expiry: escalate",
    ),
    "key given twice": (BUILD, "four_eyes: true", "task: decide", "route.0.task", "given twice"),
    "personal fields without purpose": (
        BUILD, "purpose: {de: Stellungnahme zum Brandschutz, en: Opinion on fire protection}", "four_eyes: false",
        "route.6", "without a purpose: site, project",
    ),
    "personal fields without basis": (BUILD, "basis: § 17 BNatSchG", "basis: ''", "route.4", "without a legal basis"),
    "deadline without legal basis": (RENT, "basis: § 75 Satz 2 VwGO, ", "", "deadline", "no legal basis"),
    "deadline counted back from a text": (
        HALT, "before: {field: begins_on,", "before: {field: hours,", "deadline.before.field", "no date of the form",
    ),
    "missing translation": (CHILD, "{de: Kind, en: Child}", "{de: Kind}", "form.child.label", "English translation"),
    "missing label of a choice": (
        HALT, "removal: {de: Umzug, en: Removal}", "", "form.reason.labels.removal", "in German and English",
    ),
    "missing chapter": (CHILD, "  nutzen:", "  vorteile:", "book.nutzen", "missing, in German and English"),
    "LeiKa: parent key": (HOME, '"99115005104000"', '"99115005000000"', "service", "parent key"),
    "LeiKa: a digit lost": (HOME, '"99115005104000"', '"9911500510400"', "service", "14 digits; this one has 13"),
    "LeiKa: two recipes": (HOME, '"99115005104000"', '"99102013104000"', "kochbuch", "belongs to two recipes"),
    "ARS: Kreis for Stadt": (DUEREN, '"053580008008"', '"05358"', "ars", "Kreis Düren"),
    "ARS: Kreis padded": (DUEREN, '"053580008008"', '"053580000000"', "ars", "perhaps Stadt Düren 053580008008"),
    "ARS: AGS given": (DUEREN, '"053580008008"', '"05358008"', "ars", "it would be 053580008008"),
    "ARS: zero lost": (NORDERSTEDT, '"010600063063"', '"10600063063"', "ars", "zero is missing: 010600063063"),
    "ARS: structure": (HALLE, '"150020000000"', '"150020000010"', "ars", "a digit is wrong"),
    "live without a role": (
        NORDERSTEDT, "bewohnerparkausweis: preparation", "bewohnerparkausweis: live",
        "recipes.bewohnerparkausweis", "no department fills the role “parking-office”",
    ),
    "absence of an unknown department": (
        DUEREN, "sources:",
        "absences: [{who: steueramt, deputy: stadtkase, since: 2026-03-01, until: 2026-03-02}]\nsources:",
        "absences.0", "stands in for another",
    ),
    "absence that ends before it begins": (
        DUEREN, "sources:",
        "absences: [{who: sb-00000001, deputy: sb-00000002, since: 2026-03-03, until: 2026-02-30}]\nsources:",
        "absences.0", "the first one first",
    ),
    "role without work": (
        DUEREN, "roles: civil-engineering", "roles: [civil-engineering, civil-enginering]",
        "departments.tiefbauamt.roles", "perhaps “civil-engineering” is meant",
    ),
    "unknown recipe": (DUEREN, "kita-aufnahme:", "kita-aufname:", "recipes.kita-aufname", "not in the Kochbuch"),
    "example goes elsewhere": (
        DOG, "stations: [assess, dangerous-dog]", "stations: [assess]",
        "examples.1.stations", "expected assess; found assess, dangerous-dog",
    ),
    "example is refused": (
        DOG, "rejected: [form.chip_number, form.holder.address]", "stations: [assess]",
        "examples.13.rejected", "found form.holder.address, form.chip_number",
    ),
    "example with an impossible opinion": (
        CHILD, "opinions: {first-choice: objects}", "opinions: {first-choice: refuses}",
        "examples.2.opinions.first-choice", "no “refuses” from “first-choice”",
    ),
    "length that is none": (
        RENT, "retention: {years: 10,", "objection: bald\nretention: {years: 10,", "objection", "“bald” is no length",
    ),
    "town that a recipe forgets": (
        HEIDEKREIS, "kita-aufnahme: planned", "geburtsurkunde: live",
        "recipes.geburtsurkunde", "does not name this one",
    ),
    "waiver of a decision": (
        DUEREN, "sources:", "waives: {gewerbeanmeldung: [ihk, register]}\nsources:",
        "waives.gewerbeanmeldung", "“register” is no station of this recipe that is informed only",
    ),
    "unknown municipality": (
        BIRTH, "{municipality: guetersloh}", "{municipality: gutersloh}", "route.0.when", "“guetersloh” is meant",
    ),
    "pattern that is none": (DOG, "'^[0-9]{15}$'", "'^[0-9{15}$'", "form.chip_number.pattern", "a bracket is open"),
    "pattern that looks ahead": (DOG, "'^[0-9]{15}$'", "'^(?=9)[0-9]{15}$'", "form.chip_number.pattern", "looks ahead"),
    "digits of every script": (DOG, "'^[0-9]{15}$'", r"'^\d{15}$'", "form.chip_number.pattern", "write [0-9]"),
    "text without room": (PARKING, "zone: {type: text,", "zone: {type: text, min: 50,", "form.zone", "no answer fits"),
    "number that cannot be": (
        DOG, "height_cm: {type: integer, min: 0,", "height_cm: {type: integer, min: 500,",
        "form.height_cm", "no answer fits",
    ),
    "unknown channel": (
        PARKING, "{keeper_is_applicant: false}", "{channel: {in: [portl]}}",
        "route.2.when.channel.in", "not one of the choices",
    ),
    "example of an unknown channel": (
        DOG, "- name:", "- channel: portl\n    name:", "examples.0.channel", "there is no channel “portl”",
    ),
    "ARS: any Kreis": (DUEREN, '"053580008008"', '"053340000000"', "ars", "this is a district"),
    "ARS of another town": (NORDERSTEDT, '"010600063063"', '"053580008008"', "ars", "is the same in dueren.yaml"),
    "code of another town": (NORDERSTEDT, 'code: "NO"', 'code: "DN"', "code", "is the same in dueren.yaml"),
    "LeiKa: parent key with a detail": (HOME, '"99115005104000"', '"99115005000001"', "service", "parent key"),
    "file name": (HALT, "recipe: halteverbotszone", "recipe: halteverbot", "recipe", "called halteverbot.yaml"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(folder: Path, fault: str) -> None:
    file, old, new, key, words = FAULTS[fault]
    plant(folder, file, old, new)
    problems = check(folder).problems
    found = [problem for problem in problems if words in problem.text_en and problem.where.endswith(key)]
    assert found, [(problem.where, problem.text_en) for problem in problems]
    assert all(problem.text and problem.text != problem.text_en for problem in found)
    assert key == "kochbuch" or found[0].where.startswith(f"{Path(file).name}.yaml:")


def test_two_stations_that_tell_one_role_the_same_are_found(folder: Path) -> None:
    plant(
        folder,
        "kochbuch/hundesteuer-anmeldung",
        "on_request:",
        "  - {station: again, role: treasury, task: inform, when: {dangerous: true}, sees: [iban], basis: Satzung,\n"
        "     title: {de: Noch einmal, en: Again},\n"
        "     purpose: {de: Einzug der Hundesteuer, en: Collection of the dog tax}}\n"
        "on_request:",
    )
    found = [
        problem
        for problem in check(folder).problems
        if "send the role “treasury” the same case twice" in problem.text_en
    ]
    assert len(found) == 1


def test_a_deadline_counted_back_from_a_list_is_found(folder: Path) -> None:
    days = "  days: {type: list, of: {type: date, label: {de: Tag, en: Day}}, label: {de: Tage, en: Days}}\n"
    plant(folder, HALT, "  begins_on: {type: date,", f"{days}  begins_on: {{type: date,")
    plant(folder, HALT, "before: {field: begins_on,", "before: {field: days,")
    assert "no date of the form" in " ".join(problem.text_en for problem in check(folder).problems)


def test_all_faults_of_all_files_come_together(folder: Path) -> None:
    plant(folder, "kochbuch/kita-aufnahme", "label: {de: Kind, en: Child}", "label: {de: Kind}")
    plant(folder, "kochbuch/wohnsitz-anmeldung", '"99115005104000"', '"991"')
    plant(folder, "municipalities/dueren", '"053580008008"', '"05358"')
    (folder / "kochbuch" / "half.yaml").write_text("recipe: [", encoding="utf-8")
    places = {problem.where.rpartition("/")[2].split(":")[0] for problem in check(folder).problems}
    assert {"kita-aufnahme.yaml", "wohnsitz-anmeldung.yaml", "dueren.yaml", "half.yaml"} <= places


def test_a_new_version_that_breaks_stored_events_is_refused(folder: Path) -> None:
    earlier = folder / "kochbuch" / "earlier"
    earlier.mkdir()
    current = folder / "kochbuch" / "bewohnerparkausweis.yaml"
    shutil.copy(current, earlier / "bewohnerparkausweis.v1.yaml")
    plant(folder, "kochbuch/bewohnerparkausweis", "version: 1", "version: 2")
    assert check(folder).problems == ()
    plant(folder, "kochbuch/bewohnerparkausweis", "max: 120, optional: true, label", "max: 120, label")
    found = check(folder).problems
    assert any("CaseSubmitted_v2 no longer understands stored events" in problem.text_en for problem in found)


def test_a_form_changed_without_a_new_version_is_refused(folder: Path) -> None:
    published = read_recipe(folder / "kochbuch" / "bewohnerparkausweis.yaml")
    plant(
        folder,
        "kochbuch/bewohnerparkausweis",
        "  zone: {type: text,",
        "  colour: {type: text, optional: true, label: {de: F, en: C}}\n  zone: {type: text,",
    )
    found = check_book(folder / "kochbuch", folder / "municipalities", [published.submission]).problems
    assert [problem.where for problem in found] == ["laufzettel.bewohnerparkausweis.CaseSubmitted_v1"]
    assert "its version has not" in found[0].text_en
