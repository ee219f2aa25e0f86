"""`gateway serve`."""

from collections.abc import Callable

import click

from app.interfaces.cli.output import complain, plural
from app.interfaces.cli.toolbox import Banner, SettingRow, Toolbox


def serve_command(toolbox: Toolbox) -> click.Command:
    """Runs the server. Its options are the process settings."""
    return click.Command(
        "serve",
        callback=_callback(toolbox),
        params=[_option(row) for row in toolbox.options()],
        help="Run the gateway until SIGTERM or SIGINT.\n\nEvery option can also be set in the environment: "
        "--head-timeout is GATEWAY_HEAD_TIMEOUT. `gateway settings` prints what is in force.",
        short_help="Run the gateway.",
    )


def _callback(toolbox: Toolbox) -> Callable[..., None]:
    def serve(**given: str | None) -> None:
        overrides = {name: value for name, value in given.items() if value is not None}
        code = toolbox.serve(overrides, lambda banner: complain(lines_of(banner, toolbox.version)))
        click.get_current_context().exit(code)

    return serve


def _option(row: SettingRow) -> click.Option:
    default = f"  [default: {row.value}]" if row.value else ""
    return click.Option([row.option, row.name], metavar="VALUE", help=f"{row.help}{default}")


def lines_of(banner: Banner, version: str) -> list[str]:
    """What the start looks like to people."""
    loaded = banner.loaded
    what = f": {plural(len(loaded.config.routes), 'route')}, digest {loaded.digest}" if loaded.digest else ""
    admin = [f"the admin API listens on {banner.admin}"] if banner.admin else []
    if banner.token:
        admin.append(f"its token, shown this once: {banner.token}")
    return [
        *(f"warning: {warning}" for warning in loaded.warnings),
        f"gateway {version} listens on {banner.url} ({banner.server}, {plural(banner.workers, 'worker')})",
        f"configuration {loaded.source}{what}",
        *admin,
    ]
