"""A procedure with everything: parallel and later stations, silence, four eyes, papers, an extension, a copy."""

from pathlib import Path

from schemas.kochbuch import Kochbuch, read_kochbuch
from tests.support.book import write
from tests.support.casework import Office

SERVICE = "99012008001001"
RECIPE = """
    recipe: permit
    version: 1
    service: "99012008001001"
    title: {de: Genehmigung, en: Permit}
    legal_basis: [§ 64 BauO]
    form:
      applicant: {type: person}
      height_m: {type: integer, min: 0, max: 400}
      near_water: {type: boolean}
      income: {type: money, optional: true, personal: true}
      starts_on: {type: date, optional: true}
    deadline:
      {within: 3 months, basis: § 71 BauO, extension: 1 month, remind: 1 week, on_expiry: escalate}
    route:
      - station: assess
        role: building
        task: decide
        four_eyes: true
        sees: [applicant, height_m, near_water, income]
      - station: fire
        role: fire
        task: consult
        sees: [height_m]
        due: {within: 2 months, basis: § 36 BauGB, on_silence: consent, extension: 1 month, remind: 1 week}
      - station: water
        role: water
        task: consult
        when: {near_water: true}
        sees: [near_water]
        due: {within: 10 working days, on_silence: inform-lead}
      - station: council
        role: council
        task: consult
        when: {opinion.water: objects}
        sees: [height_m, near_water]
        due: {within: 1 month, on_expiry: escalate}
      - {station: cashier, role: cashier, task: inform, after: assess, sees: [applicant.family_name]}
    on_request: {sees: [height_m]}
    retention: {years: 2, basis: Aktenordnung}
    examples:
      - name: dry
        form: {applicant: {family_name: Muster, given_names: Erika}, height_m: 9, near_water: false}
        stations: [assess, fire]
      - name: wet
        form: {applicant: {family_name: Muster, given_names: Max}, height_m: 9, near_water: true}
        stations: [assess, fire, water]
"""
TOWN = """
    municipality: town
    code: TW
    name: {de: Stadt, en: Town}
    ars: "053580008008"
    departments:
      building: {name: {de: Bauamt}, roles: [building], contact: {phone: 02421 25-1}}
      planning: {name: {de: Planungsamt}}
      fire: {name: {de: Feuerwehr}, roles: [fire]}
      water: {name: {de: Wasserbehörde}, roles: [water]}
      council: {name: {de: Rat}, roles: [council]}
      cashier: {name: {de: Kasse}, roles: [cashier]}
      post: {name: {de: Poststelle}, roles: [triage]}
    recipes: {permit: live}
    absences:
      - {who: sb-00000001, deputy: sb-00000002, since: 2026-03-01, until: 2026-03-10}
"""
AWAY = f"{TOWN}      - {{who: building, deputy: planning, since: 2026-03-09, until: 2026-03-10}}\n    "
"""The same town, of which one department is away from tomorrow on."""
DRY = {"applicant": {"family_name": "Muster", "given_names": "Erika"}, "height_m": 9, "near_water": False, "income": 7}
WET = {**DRY, "near_water": True}
ONE, TWO, THREE = "sb-00000001", "sb-00000002", "sb-00000003"


def procedure_book(folder: Path, recipe: str = RECIPE, town: str = TOWN) -> Kochbuch:
    """This recipe and its town."""
    write(folder / "kochbuch", "permit", recipe)
    write(folder / "municipalities", "town", town)
    return read_kochbuch(folder / "kochbuch", folder / "municipalities")


def building_office(book: Kochbuch) -> Office:
    """A router whose commands come from the building department unless said otherwise."""
    return Office(book, SERVICE, department="building")
