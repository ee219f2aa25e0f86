"""Makes a request of METHOD, URL and fields on the command line. Not for what they mean: `interfaces.question`."""

from collections.abc import Sequence

import click

from app.domain.entities.request import Request
from app.interfaces.intake import Intake
from app.interfaces.question import Question, headers_of, request_of


def question(intake: Intake, method: str, url: str, fields: Sequence[str]) -> Request:
    """The request as the gateway would read it; a URL without a scheme is one of http.

    Raises GatewayError when the gateway would refuse it, and click.BadParameter for what no client could send.
    """
    whole = url if url.startswith("/") or "://" in url else f"http://{url}"
    try:
        headers = headers_of(fields)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="-H") from None
    try:
        return request_of(Question(whole, method, headers), intake)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="URL") from None
