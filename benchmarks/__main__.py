"""`python -m benchmarks run` measures the gateway beside its peers; `report` prints what a run left behind."""

import datetime
import signal
import sys
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmarks.peers.registry import HIGHLIGHTED, SUBJECTS
from benchmarks.rig import backends, chart, cores, machine, model, table
from benchmarks.rig.alone import Routes
from benchmarks.rig.choice import UnknownName, choose_settings, choose_subjects, choose_workloads
from benchmarks.rig.model import Report, Sample, Settings
from benchmarks.rig.processes import raise_file_limit
from benchmarks.rig.runner import Plan, Runner, plan, prepare
from benchmarks.rig.workloads import WORKLOADS

LOGS_OFF = "every subject has one worker and, but for the workload policy, no access log"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
def main() -> None:
    """The gateway beside its peers, on this machine, in one run."""


@main.command()
@click.option("--only", default="", metavar="NAMES", help="Workloads, separated by commas (default: all).")
@click.option("--peers", default="", metavar="WORDS", help="Subjects by words of their names (default: all).")
@click.option("--rounds", type=click.IntRange(1), help="How often each subject is measured (default: 3).")
@click.option("--seconds", type=click.FloatRange(1), help="Measured seconds of each sample (default: 5).")
@click.option("--warmup", type=click.FloatRange(0), help="Seconds before them (default: 2).")
@click.option("--body", type=click.FloatRange(1), help="MiB of a large body (default: 1024).")
@click.option("--connections", type=click.IntRange(1), help="Idle connections (default: 10000).")
@click.option("--quick", is_flag=True, help="One round of short samples: to see that it works, not how fast it is.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("build/bench"), help="Directory of results.")
def run(only: str, peers: str, quick: bool, output: Path, **amounts: float | None) -> None:
    """Measure, print tables, and write results.json and a chart of each workload."""
    try:
        workloads = choose_workloads(only, WORKLOADS)
        subjects = choose_subjects(peers, SUBJECTS)
    except UnknownName as error:
        raise click.UsageError(str(error)) from None
    settings = choose_settings(amounts, quick=quick)
    signal.signal(signal.SIGTERM, _end)
    raise_file_limit()
    output.mkdir(parents=True, exist_ok=True)
    console = _console()
    absent = prepare(subjects, output)
    plans = [one if isinstance(one, Routes) else plan(one, subjects, absent) for one in workloads]
    for name, reason in absent.items():
        console.print(f"left out: {name}: {reason}")
    report = _begin(settings, [one for one in plans if isinstance(one, Plan) and not one.problem])
    chosen = cores.choose()
    report.notes.append(chosen.note)
    for note in report.notes:
        console.print(note)
    with cores.pinned(chosen.load):
        _measure(report, plans, chosen, (console, output))
    console.print(f"results, and a chart of each workload, are in {output}")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--markdown", is_flag=True, help="Print Markdown.")
def report(file: Path, markdown: bool) -> None:
    """Print the tables of an earlier run."""
    done = model.load(file)
    if markdown:
        click.echo(table.markdown(done))
        return
    console = _console()
    for result in done.results:
        _show(console, result)


def _console() -> Console:
    """Wide enough for the tables when nobody looks."""
    return Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else 140)


def _begin(settings: Settings, plans: list[Plan]) -> Report:
    date = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    subjects = {subject.name: subject for one in plans for subject in one.subjects}
    versions = {name: subject.version() for name, subject in subjects.items()} | machine.tools()
    return Report(date, machine.describe(), versions, settings, [LOGS_OFF, *backends.notes()])


def _measure(report: Report, plans: list[Plan | Routes], chosen: cores.Cores, to: tuple[Console, Path]) -> None:
    """Run every plan; what is done is written after each, so that a run that is cut leaves something."""
    console, output = to
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        bar = progress.add_task("", total=sum(one.steps(report.settings.rounds) for one in plans))

        def advance(sample: Sample) -> None:
            progress.advance(bar)
            if not console.is_terminal:
                console.print(_line(sample), soft_wrap=True)

        runner = Runner(report.settings, chosen, lambda text: progress.update(bar, description=text), advance)
        for planned in plans:
            result = runner.run(planned)
            report.results.append(result)
            model.save(report, output / "results.json")
            if result.samples:
                (output / f"{result.name}.svg").write_text(chart.svg(result, HIGHLIGHTED))
            _show(console, result)


def _line(sample: Sample) -> str:
    figures = ", ".join(f"{key} {value:,.2f}" for key, value in sample.metrics.items())
    wrong = f", {sample.errors} errors" if sample.errors else ""
    return f"{sample.subject}: {figures}{wrong} {sample.problem}".strip()


def _show(console: Console, result: model.Result) -> None:
    console.print()
    if result.problem:
        console.print(f"{result.title}: not measured: {result.problem}")
    else:
        console.print(table.rich_table(result, HIGHLIGHTED))


def _end(*_: object) -> NoReturn:
    """SIGTERM ends the run in order: whatever was started is ended first."""
    sys.exit(143)


if __name__ == "__main__":
    main()
