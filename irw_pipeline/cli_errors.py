"""How the command line ends: every error is one line on stderr and exit code 1."""

from __future__ import annotations

import sys
from typing import Any

import click

from irw_pipeline.errors import IrwError

FAILED = 1


class OneLineErrors(click.Group):
    """Turns our errors into one line on stderr and exit code 1; wrong usage exits with 1 too."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line and exit with its code."""
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
        except IrwError as error:
            click.echo(f"irw: {error}", err=True)
            sys.exit(FAILED)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.ctx.get_help() if error.ctx else "", err=True)
            sys.exit(FAILED)
        except click.ClickException as error:
            click.echo(f"irw: {error.format_message().rstrip('.')}; see `irw --help`", err=True)
            sys.exit(FAILED)
        except (click.Abort, KeyboardInterrupt):
            click.echo("irw: stopped; run the same command again to complete it", err=True)
            sys.exit(FAILED)
        except Exception as error:  # noqa: BLE001 - the last boundary: a traceback may hold values
            click.echo(f"irw: unexpected {type(error).__name__}; please report it", err=True)
            sys.exit(FAILED)
        sys.exit(code if isinstance(code, int) else 0)
