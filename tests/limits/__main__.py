"""`python -m tests.limits`: a million decisions over several workers, while the store fails, judged afterwards."""

import asyncio
import sys

import click

from tests.limits.run import FAULTS, Plan, Verdict, run
from tests.limits.stores import STORES


def lines(verdict: Verdict) -> list[str]:
    """For people."""
    return [
        f"decisions         {verdict.decisions} in {verdict.seconds:.1f} s, "
        f"{verdict.decisions / verdict.seconds:,.0f} a second",
        f"violations        {len(verdict.violations)}",
        f"false refusals    {verdict.false_refusals.total()} {dict(verdict.false_refusals) or ''}",
        f"lies              {verdict.lies} of Retry-After",
        f"round trips       {verdict.questions}, "
        f"one for {verdict.decisions / max(1, verdict.questions):.1f} decisions; "
        f"on busy keys one for {verdict.busy / max(1, verdict.busy_questions):.1f}",
        f"p99               {verdict.p99 * 1e3:.2f} ms; of decisions asked for {verdict.asked_p99 * 1e3:.2f} ms",
        f"store was down    for {verdict.down} decisions, {verdict.down_while_well} without a fault: "
        f"slowest {verdict.slowest_down * 1e3:.1f} ms, "
        f"p99 once noticed {verdict.down_p99 * 1e3:.3f} ms; the last {verdict.heals:.2f} s after it was well",
        f"told operators    {verdict.told} times",
        *(f"violation         {wrong}" for wrong in verdict.violations[:10]),
    ]


@click.command()
@click.option("--decisions", default=1_000_000, show_default=True, help="How many.")
@click.option("--workers", default=4, show_default=True, help="Processes.")
@click.option("--rate", default=20_000.0, show_default=True, help="Decisions a second.")
@click.option(
    "--fault", type=click.Choice(FAULTS), default="none", show_default=True, help="What happens to the store."
)
@click.option("--store", type=click.Choice(STORES), default="redis", show_default=True, help="Where counts are kept.")
@click.option("--seed", default=1, show_default=True, help="Of the keys.")
def main(decisions: int, workers: int, rate: float, fault: str, store: str, seed: int) -> None:
    """Count as several gateways do, on one store, and check that no window ever held too much."""
    if store == "host" and fault != "none":
        raise click.UsageError("the memory of a host has none of these faults")
    verdict = asyncio.run(run(Plan(decisions, workers, rate, fault, store, seed)))
    for line in lines(verdict):
        click.echo(line)
    sys.exit(bool(verdict.violations or verdict.lies or verdict.false_refusals))


if __name__ == "__main__":
    main()
