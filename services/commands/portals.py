"""laufzettel portals: who may submit."""

from pathlib import Path
from typing import Annotated, Any

import typer

from schemas.errors import Misconfigured, Problem
from services.commands.installation import Installation
from services.commands.terminal import Json, emit, emit_or_table, out, say

app = typer.Typer(help="Portals and their API keys.", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The portal: small letters, digits and dashes.")], as_json: Json = False
) -> None:
    """Makes another API key for a portal and prints it once; only its SHA-256 is kept. Old keys stay valid."""
    path = Installation.from_environment().settings.portal_keys
    key = add_key(path, name)
    if as_json:
        emit({"portal": name, "key": key})
    else:
        out().print(key)
        say(f"Give it to the portal now, it is not kept. Its SHA-256 stands in {path}.")


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Lists the portals and how many keys each has."""
    path = Installation.from_environment().settings.portal_keys
    rows = [{"portal": name, "keys": len(entry["keys"])} for name, entry in sorted(_read(path).items())]
    emit_or_table(as_json, rows, ("portal", "keys"), f"No portals in {path} yet: laufzettel portals add NAME")


def add_key(path: Path, name: str) -> str:
    """Adds a fresh key to the file and returns it. Raises Misconfigured when the file cannot be read or written."""
    import yaml

    from services.intake.keyring import PortalsFile, new_key

    portals = _read(path)
    key, digest = new_key()
    portals.setdefault(name, {"keys": []})["keys"].append(digest)
    PortalsFile.model_validate({"portals": portals})
    text = yaml.safe_dump({"portals": portals}, allow_unicode=True, sort_keys=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(path)
    except OSError as error:
        german = f"Kann nicht geschrieben werden: {error.strerror}."
        raise Misconfigured(Problem(str(path), german, f"cannot be written: {error.strerror}")) from error
    return key


def _read(path: Path) -> dict[str, Any]:
    """The portals as plain data, checked; empty when there is no file yet."""
    from schemas.document import read_document
    from services.intake.keyring import PortalsFile

    if not path.exists():
        return {}
    portals = read_document(path).into(PortalsFile).portals
    return {name: portal.model_dump(exclude_none=True, mode="json") for name, portal in portals.items()}
