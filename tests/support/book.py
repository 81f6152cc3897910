"""A small Kochbuch for tests: written as people write recipes, read as the product reads them."""

from pathlib import Path
from textwrap import dedent

from schemas.kochbuch import Kochbuch, read_kochbuch

DOG = """
    recipe: dog
    version: 1
    service: "99102013104000"
    title: {de: Hund, en: Dog}
    legal_basis: [Satzung]
    form:
      holder: {type: person}
      breed: {type: text, max: 80}
      weight_kg: {type: integer, min: 0, max: 120, optional: true}
      kept_since: {type: date}
      iban: {type: iban, optional: true}
    deadline: {within: 1 month, basis: Satzung § 5, starts: receipt, on_expiry: escalate}
    route:
      - {station: assess, role: tax-office, task: decide, sees: [holder, breed, kept_since, iban]}
      - station: dangerous-dog
        role: public-order
        task: consult
        when: {any: [{breed: {in: [Pitbull Terrier, Bullterrier]}}, {weight_kg: {over: 20}}]}
        sees: [holder.family_name, breed, weight_kg]
        due: {within: 10 working days, basis: Satzung § 5, on_expiry: consent}
    examples:
      - name: small
        form: {holder: {family_name: Muster, given_names: Erika}, breed: Dackel, kept_since: 2026-03-01}
        stations: [assess]
      - name: large
        form: {holder: {family_name: Muster, given_names: Max}, breed: Dogge, weight_kg: 60, kept_since: 2026-03-01}
        stations: [assess, dangerous-dog]
"""
TOWN = """
    municipality: town
    code: TW
    name: {de: Stadt, en: Town}
    ars: "053580008008"
    departments:
      taxes: {name: {de: Steueramt}, roles: [tax-office]}
      order: {name: {de: Ordnungsamt}, roles: [public-order]}
      post: {name: {de: Poststelle}, roles: [triage]}
    recipes: {dog: live}
"""
SMALL = {"holder": {"family_name": "Muster", "given_names": "Erika"}, "breed": "Dackel", "kept_since": "2026-03-01"}
LARGE = {**SMALL, "breed": "Dogge", "weight_kg": 60}


def write(folder: Path, name: str, text: str) -> Path:
    """A YAML file of that name; the text may be indented."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    return path


def small_book(folder: Path, recipe: str = DOG, town: str = TOWN) -> Kochbuch:
    """One recipe and one municipality, as the product reads them."""
    write(folder / "kochbuch", "dog", recipe)
    write(folder / "municipalities", "town", town)
    return read_kochbuch(folder / "kochbuch", folder / "municipalities")
