"""Recipe template: a small, sound recipe to start from; ``laufzettel check`` passes it as it is."""

from schemas.check.placeholders import PLACEHOLDER
from schemas.municipality import TRIAGE

_TEMPLATE = """\
recipe: {name}
version: 1
service: "{service}"
title: {{de: {title_de}, en: {title_en}}}
legal_basis: [{placeholder}]  # the provisions on which the service rests
form:
  applicant: {{type: person, label: {{de: Antragstellende Person, en: Applicant}}}}
  request: {{type: text, max: 2000, lines: true, label: {{de: Anliegen, en: Request}}}}
  urgent: {{type: boolean, optional: true, label: {{de: Eilt, en: Urgent}}}}
  iban: {{type: iban, optional: true, label: {{de: IBAN für die Gebühr, en: IBAN for the fee}}}}
# Kinds: person address text choice integer money boolean date partial-date iban email phone list group
deadline:
  within: 3 months
  basis: § 75 Satz 2 VwGO
  suspends: false  # runs from the application, whatever papers are missing
  remind: 2 weeks
  on_expiry: escalate
  escalate_to: {told}  # the role that is told of a missed deadline
route:
  - station: decide
    role: {role}  # a role of deploy/municipalities/*.yaml, not a department
    task: decide  # exactly one station decides; others consult or inform
    sees: [applicant, request, urgent]  # the content filter: nothing else reaches this department
    title: {{de: Über den Antrag entscheiden, en: Decide on the application}}
    purpose: {{de: Bearbeitung des Antrags, en: Processing of the application}}
    basis: {placeholder}
  - station: collect-fee
    role: {treasury}
    task: inform
    when: {{iban: {{exists: true}}}}  # equals in over under between prefix exists; all any not
    sees: [applicant.family_name, applicant.given_names, iban]
    title: {{de: Gebühr einziehen, en: Collect the fee}}
    purpose: {{de: Einzug der Gebühr, en: Collection of the fee}}
    basis: {placeholder}
on_request:  # what a department may see that is asked although the recipe does not name it
  sees: [request]
  purpose: {{de: Rückfrage zum Anliegen, en: Question about the request}}
  basis: {placeholder}
retention: {{years: 2, basis: Aktenplan der Kommune}}
book:
  steckbrief: {{de: Worum es geht und was herauskommt., en: What it is about and what comes out.}}
  nutzen: {{de: Wem es was erspart., en: Who is spared what.}}
  entscheidung: {{de: Wer entscheidet und wer was sieht., en: Who decides and who sees what.}}
  prozess: {{de: Antrag; Entscheidung; Gebühr., en: Application; decision; fee.}}
  bausteine: {{de: Formular und Lastschrift., en: Form and direct debit.}}
  einfuehrung: {{de: Was vor dem Einsatz zu klären ist., en: What must be settled before going live.}}
examples:
  - name: the ordinary case
    form: {{applicant: {{family_name: Muster, given_names: Erika}}, request: Bitte prüfen}}
    stations: [decide]
  - name: whoever pays by direct debit also reaches the treasury
    form:
      applicant: {{family_name: Đorđević, given_names: Łukasz}}
      request: Bitte prüfen
      iban: DE02120300000000202051
    stations: [decide, collect-fee]
  - name: an urgent case goes the same way
    form: {{applicant: {{family_name: Muster, given_names: Max}}, request: Bitte rasch prüfen, urgent: true}}
    stations: [decide]
  - name: without a request there is nothing to decide
    form: {{applicant: {{family_name: Muster, given_names: Max}}}}
    rejected: form.request
"""


def template(name: str, service: str, title: tuple[str, str], role: str, treasury: str) -> str:
    """The text of a new recipe's file; of a missed deadline triage is told, which every municipality has."""
    german, english = (_quoted(text) for text in title)
    told = {"told": TRIAGE, "placeholder": PLACEHOLDER}
    return _TEMPLATE.format(
        name=name, service=service, title_de=german, title_en=english, role=role, treasury=treasury, **told
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
