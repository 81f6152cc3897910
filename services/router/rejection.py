"""Rejection: why the router could not take a record, in words that an operator can act on; no personal data."""

from schemas.errors import Problem, Reason, Rejected
from schemas.recipe import Recipe
from services.router.case import Case
from services.router.plan import Plan


def unfilled_roles(plan: Plan) -> Rejected:
    """A role of the recipe that no department fills."""
    roles, town = ", ".join(plan.missing), plan.town.municipality
    file = f"deploy/municipalities/{town}.yaml"
    german = f"In {town} füllt keine Stelle diese Rolle: {roles}. Bitte in {file} zuordnen, dann erneut einspielen."
    english = f"no department of {town} fills {roles}; give the role to one in {file}, then replay"
    return Rejected(Reason.UNROUTABLE, Problem("route", german, english))


def no_lead(plan: Plan) -> Rejected:
    """No deciding station's condition holds."""
    german = (
        f"Keine entscheidende Station von {plan.recipe.recipe} passt auf diesen Antrag; bitte die Bedingungen (when) "
        "ihrer Stationen mit task: decide ergänzen, dann erneut einspielen."
    )
    english = (
        f"no deciding station of {plan.recipe.recipe} fits this submission; complete the conditions (when) of its "
        "stations with task: decide, then replay"
    )
    return Rejected(Reason.UNROUTABLE, Problem("route", german, english))


def other_content() -> Rejected:
    """A known case id with another submission."""
    german = (
        "Unter dieser Vorgangsnummer ist schon ein anderer Antrag eingegangen: derselbe Idempotency-Key oder dieselbe "
        "Dateiposition wurde für anderen Inhalt verwendet. Bitte mit neuem Schlüssel einreichen."
    )
    english = (
        "another submission came under this case id: the same idempotency key or file position was used for other "
        "content; submit it under a new key"
    )
    return Rejected(Reason.CONFLICT, Problem("case_id", german, english))


def recipe_gone(case: Case) -> Rejected:
    """A running case whose recipe version or municipality this installation no longer has."""
    file, town = f"{case['recipe']}.v{case['recipe_version']}.yaml", case["municipality"]
    german = (
        f"Der Vorgang läuft nach {file} in {town}; eines von beiden fehlt hier. Bitte die Fassung nach "
        "kochbuch/earlier oder die Kommune zurücklegen, dann erneut einspielen."
    )
    english = (
        f"the case runs under {file} in {town}; one of them is missing here. Put the version back into "
        "kochbuch/earlier, or the municipality, then replay"
    )
    return Rejected(Reason.UNROUTABLE, Problem("recipe", german, english))


def other_service(recipe: Recipe) -> Rejected:
    """A record whose schema and content name different services."""
    name = f"{recipe.recipe} {recipe.version}"
    german = f"Das Schema gehört zu {name}; der Satz selbst nennt eine andere Leistung oder ein anderes Rezept."
    english = f"the schema is that of {name}, whereas the record itself names another service or recipe"
    return Rejected(Reason.UNKNOWN_SERVICE, Problem("service", german, english))


def unknown_municipality() -> Rejected:
    """A municipality without a file."""
    german = "Diese Kommune ist hier nicht bekannt; bitte deploy/municipalities ergänzen, dann erneut einspielen."
    english = "unknown municipality; add its file to deploy/municipalities, then replay"
    return Rejected(Reason.UNKNOWN_MUNICIPALITY, Problem("municipality", german, english))


def no_request(name: str) -> Rejected:
    """Something else than a submission or a command."""
    german = f"{name} ist kein Auftrag; auf dieses Topic gehören nur Anträge und Befehle."
    english = f"{name} is no request; only submissions and commands belong on this topic"
    return Rejected(Reason.INVALID, Problem("value", german, english))


def long_facts() -> Rejected:
    """Facts of a size that nobody of ours writes."""
    german = "Aktenzeichen, Kanal, Quelle oder Prüfsumme sind länger als ein Ereignis es zulässt."
    english = "reference, channel, source or digest is longer than an event allows"
    return Rejected(Reason.OVERSIZE, Problem("value", german, english))


def no_case_id() -> Rejected:
    """A record without a case id."""
    return Rejected(Reason.INVALID, Problem("case_id", "Die Vorgangsnummer ist keine UUID.", "the case id is no UUID"))


def wrong_key() -> Rejected:
    """A record that would lose its place in the case's order."""
    german = "Der Schlüssel des Satzes ist nicht seine Vorgangsnummer; so ginge die Reihenfolge verloren."
    english = "the record's key is not its case id; a case's records would lose their order"
    return Rejected(Reason.INVALID, Problem("case_id", german, english))
