"""The year 2024 as one would script it in Polars: the people are one data frame, and each round
filters it, takes the best and writes back who holds an invitation until when."""

import time
from pathlib import Path

import numpy as np
import polars as pl

NEVER = 2**32 - 1
COLUMNS = ["score", "submitted", "eligibility", "leaves", *(f"answer_{nth}" for nth in range(5))]


def people_of(folder: Path) -> pl.DataFrame:
    columns = {name: np.load(folder / f"{name}.npy") for name in COLUMNS}
    rows = len(columns["score"])
    return pl.DataFrame(
        {
            "row": np.arange(rows, dtype=np.uint32),
            **columns,
            "busy_until": np.zeros(rows, dtype=np.uint32),
            "invitations": np.zeros(rows, dtype=np.uint8),
        }
    )


def hold(people: pl.DataFrame, at: int, any_of: int, none_of: int, places: int):
    """The invited of one round in order of rank, and the people after it."""
    in_pool = (pl.col("submitted") <= at) & (pl.col("leaves") > at) & (pl.col("busy_until") <= at)
    eligible = ((pl.col("eligibility") & any_of) != 0) & ((pl.col("eligibility") & none_of) == 0)
    invited = (
        people.lazy()
        .filter(in_pool & eligible)
        .sort(["score", "submitted", "row"], descending=[True, False, False])
        .head(places)
        .collect()
    )
    # A declined invitation makes the candidate free again; an accepted or lapsed one never does.
    wait = pl.coalesce(
        pl.when(pl.col("invitations") == nth).then(pl.col(f"answer_{nth}")) for nth in range(5)
    ).cast(pl.Int64)
    answered = invited.select(
        "row",
        busy_until=pl.when(wait == NEVER).then(NEVER).otherwise(at + wait).cast(pl.UInt32),
        invitations=pl.col("invitations") + 1,
    )
    return invited["row"], people.update(answered, on="row", how="left")


def run_year(folder: Path):
    """Milliseconds for the rounds of the year, and all who were invited, round by round."""
    people = people_of(folder)
    rounds = np.load(folder / "rounds.npy").reshape(-1, 6)
    start = time.perf_counter()
    invited = []
    for at, any_of, none_of, places, _, _ in rounds.tolist():
        rows, people = hold(people, at, any_of, none_of, places)
        invited.append(rows)
    took = (time.perf_counter() - start) * 1e3
    return took, pl.concat(invited).to_numpy()
