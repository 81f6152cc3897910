"""laufzettel recipe publish: from now on cases may begin under these recipes, and check holds them to what they say."""

from pathlib import Path
from typing import Annotated

import typer

from services.commands.installation import Installation
from services.commands.terminal import out, say

Kochbuch = Annotated[
    Path | None, typer.Option("--kochbuch", exists=True, file_okay=False, help="Folder of recipes; default: settings.")
]
Unreleased = Annotated[
    bool, typer.Option("--unreleased", help="Take out what is lost or changed: no case has ever begun under it.")
]


def publish(kochbuch: Kochbuch = None, unreleased: Unreleased = False) -> None:
    """Notes every version of every recipe in published.txt beside the Kochbuch; `laufzettel check` compares with it.

    Put the file under version control with the recipes. What has changed since it was published is refused.
    """
    from schemas.check.files import yaml_in
    from schemas.kochbuch import read_recipe
    from schemas.published import list_of, publish

    folder = kochbuch or Installation.from_environment().settings.kochbuch_dir
    path = list_of(folder)
    new = publish(map(read_recipe, yaml_in(folder)), path, unreleased=unreleased)
    out().print(str(path))
    say(f"{len(new)} new: {', '.join(entry.name for entry in new)}" if new else "Nothing new.")
