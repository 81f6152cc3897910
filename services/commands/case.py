"""laufzettel case: look at a case, send it a command, see which commands there are."""

import typer

from services.commands.case_commands import commands
from services.commands.case_send import send
from services.commands.case_show import show

app = typer.Typer(help="Cases: look at one, send it a command.", no_args_is_help=True)
app.command()(show)
app.command()(send)
app.command()(commands)
