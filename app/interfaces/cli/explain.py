"""`gateway explain METHOD URL`."""

import click

from app.application.services.explain_service import Explanation
from app.domain.entities.units import Duration
from app.domain.errors import GatewayError
from app.domain.policies.routing_explain import Candidate
from app.interfaces.cli.output import say, say_json, say_table
from app.interfaces.cli.question import question
from app.interfaces.cli.toolbox import Toolbox

NO_ROUTE = 1


def explain_command(toolbox: Toolbox) -> click.Command:
    """Tells what would happen to a request."""

    @click.command("explain")
    @click.argument("method")
    @click.argument("url")
    @click.option("-H", "--header", "fields", multiple=True, metavar="'NAME: VALUE'", help="A field of the request.")
    @click.option("--config", metavar="FILE", help="Configuration file (default: the one of the settings).")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @click.pass_context
    def explain(
        context: click.Context, method: str, url: str, fields: tuple[str, ...], config: str | None, *, as_json: bool
    ) -> None:
        """Tell what would happen to a request: every route that was looked at, and where it would go.

        URL may be a mere path. Nothing is sent. Exit code 1 when no route matches, or the request would be refused.
        """
        loaded = toolbox.load(config, {})
        try:
            request = question(toolbox.intake({}), method, url, fields)
        except GatewayError as error:
            _refused(error, as_json=as_json)
            context.exit(NO_ROUTE)
        story = toolbox.explain(loaded.config, request)
        if as_json:
            say_json(story)
        else:
            _tell(story)
        context.exit(0 if story.route and not story.refused else NO_ROUTE)

    return explain


def _refused(error: GatewayError, *, as_json: bool) -> None:
    if as_json:
        say_json({"refused": {"status": error.status, "code": error.code, "detail": error.detail}, "route": ""})
    else:
        say(f"refused before routing: {error.status} {error.title}: {error.detail}")


def _tell(story: Explanation) -> None:
    say(f"{story.method} {story.host}{story.path}")
    if story.candidates:
        say_table(
            ["candidate", "result"],
            [(one.id, _result(one)) for one in story.candidates],
        )
        say("")
    for name, value in _facts(story):
        if value:
            say(f"{name:<11}{value}")
    if story.steps:
        say("")
        rows = [(step.does, step.place, "\n".join(step.limits)) for step in story.steps]
        say_table(["filter", "written in", "limits"], rows)


def _result(candidate: Candidate) -> str:
    if candidate.failed is not None:
        return str(candidate.failed)
    return "chosen" if candidate.chosen else "matches, but comes later"


def _facts(story: Explanation) -> list[tuple[str, str]]:
    return [
        ("route", story.route or "none"),
        ("answer", story.answer),
        ("parameters", ", ".join(f"{name}={value}" for name, value in story.params.items())),
        ("target", story.target),
        ("host", story.host_sent),
        ("targets", ", ".join(story.targets)),
        ("filters", ", ".join(story.filters)),
        ("timeouts", ", ".join(f"{name} {_length(value)}" for name, value in story.timeouts.items())),
    ]


def _length(seconds: float) -> str:
    return str(Duration(seconds)) if seconds else "none"
