"""The evidence of a comparison as tables of text: the verdict and the ratio in the first columns."""

from __future__ import annotations

import pandas as pd

from dashboard import wording

VERDICTS = ["slower", "faster", "unsure", "same", "not compared"]


def compared(frame: pd.DataFrame) -> pd.DataFrame:
    """Every series that both sides measured: what differs most first."""
    if frame.empty:
        return frame
    rank = frame["verdict"].map(VERDICTS.index)
    away = -frame["ratio"].where(frame["ratio"] > 1, 1 / frame["ratio"])
    rows = frame.assign(rank=rank, away=away).sort_values(["rank", "away"]).to_dict("records")
    table = pd.DataFrame(
        {
            "Verdict": [row["verdict"] for row in rows],
            "Ratio": [wording.ratio(row) for row in rows],
            "Workload": [row["workload"] for row in rows],
            "Case": [wording.case(row["case_key"], row["size_name"]) for row in rows],
            "Variant": [wording.variant_text(row["variant"]) for row in rows],
            "First side": [_seconds(row, "before") for row in rows],
            "Second side": [_seconds(row, "after") for row in rows],
        }
    )
    if "looks" in frame and (frame["looks"] > 1).any():
        table["Looks"] = [row["looks"] for row in rows]
    if "values" in frame and (frame["values"] != "").any():
        table["Other values"] = [row["values"] for row in rows]
    if "floor" in frame and frame["floor"].notna().any():
        table["Noise floor"] = [_share(row["floor"]) for row in rows]
    if frame["before_device"].nunique() > 1 or (frame["before_device"] != frame["after_device"]).any():
        table["Devices"] = [" and ".join(dict.fromkeys((row["before_device"], row["after_device"]))) for row in rows]
    return table


def lacks(frame: pd.DataFrame) -> pd.DataFrame:
    """What has a number on one side only."""
    rows = frame.to_dict("records")
    sides = {"after": "second", "before": "first"}
    return pd.DataFrame(
        {
            "Missing on the": [f"{sides[row['side']]} side" for row in rows],
            "Because": [row["why"] for row in rows],
            "Workload": [row["workload"] for row in rows],
            "Case": [wording.case(row["case_key"], row["size_name"]) for row in rows],
            "Variant": [wording.variant_text(row["variant"]) for row in rows],
        }
    )


def _seconds(row: wording.Row, side: str) -> str:
    return wording.duration(row[f"{side}_seconds"], row[f"{side}_low"], row[f"{side}_high"])


def _share(floor: float) -> str:
    return "–" if pd.isna(floor) else f"{floor * 100:.2g} %"
