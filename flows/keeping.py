"""Commands about what is kept: `crossover reanalyse` and `crossover prune`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from flows import deriving, retaining
from flows.cli import OK, WrongOptions, app, say
from flows.home import open_home
from flows.settings import MOST_NIGHTS, read_settings


@app.command
def reanalyse(*, everything: Annotated[bool, Parameter(name="--all", show_default=False)] = False) -> int:
    """Work out anew what follows from stored runs: scores, changes. After an upgrade that changed how; it resumes.

    Parameters
    ----------
    everything
        Drop all of it first. What was measured stays as it is.
    """
    count = deriving.reanalyse(open_home().database_url, say, everything=everything)
    say(f"{count} runs analysed" if count else "nothing to do: all runs are analysed")
    return OK


@app.command
def prune(
    *,
    samples_nights: int | None = None,
    dry_run: Annotated[bool, Parameter(show_default=False)] = False,
) -> int:
    """Remove the samples of old runs from the database. Medians, intervals, ratios and reasons stay for ever.

    The bundles in the home are not touched, and do not bring the samples back when they are taken in again. A file does
    not become smaller: the room is used again. On a team's Postgres, this is the owner's.

    Example:

      crossover prune --samples-nights 365 --dry-run

    Parameters
    ----------
    samples_nights
        Keep the samples of the last so many nights. Default: `samples_nights` under [retention] in crossover.toml.
    dry_run
        Say what would be removed, and remove nothing.
    """
    nights = read_settings().retention.samples_nights if samples_nights is None else samples_nights
    if nights is None:
        raise WrongOptions("say how long samples are kept: --samples-nights, or samples_nights under [retention]")
    if not 1 <= nights <= MOST_NIGHTS:
        raise WrongOptions(f"--samples-nights is from 1 to {MOST_NIGHTS:,}")
    say(retaining.prune(open_home().database_url, nights, datetime.now(UTC).date(), say, dry_run=dry_run))
    return OK
