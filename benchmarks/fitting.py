"""What fitting 100,000 episodes costs: seconds on one matrix, with a bare logistic regression as the reference.

python benchmarks/fitting.py [--episodes 100000]

Making the features is timed apart. The references get the matrix that our fit gets and know no clinicians:
scikit-learn's newton-cholesky, statsmodels' GLM with the same link and offset, and lifelines' time-varying Cox.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from statistics import median

import web  # noqa: F401 - first: it settles the number of threads, as in the product

import numpy as np  # isort: skip
import pandas as pd
from sklearn.linear_model import LogisticRegression

from plugin.covariates import covariate_specs
from plugin.fitting import Prior, Rows, fit, inverse
from plugin.hazard import design
from plugin.learning import clinicians, in_order, prior_model
from plugin.person_units import PersonUnits, person_units
from plugin.simulation import Truth, simulate

TRUTH = Truth(clinicians=300, planned_units=(8, 12, 16, 24), covariates={"age": -0.2, "referral=court": 0.4})
MOST = 3.0  # times the bare logistic regression


def seconds(call: Callable[[], object], times: int = 5) -> float:
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        found.append(time.perf_counter() - begin)
    return median(found)


def matrix(episodes: int) -> tuple[Rows, Prior, PersonUnits]:
    begin = time.perf_counter()
    caseload = in_order(simulate(TRUTH, episodes, 1).caseload)
    made = time.perf_counter()
    units = person_units(caseload)
    specs, _ = covariate_specs(caseload)
    known = units.known()
    x = design(caseload, known, specs).x
    _, clinician = clinicians(caseload, units)
    start = prior_model(specs)
    prior = Prior(start.mean, inverse(start.covariance), start.clinician_variance)
    print(
        f"{episodes:,} simulated episodes in {made - begin:.1f} s; {len(units):,} person-units, {x.shape[1]} columns, "
        f"{units.left.sum():,} dropouts; person-units and features in {time.perf_counter() - made:.1f} s"
    )
    return Rows(x, units.hazard(), units.left, clinician), prior, units


def statsmodels_glm(rows: Rows) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import statsmodels.api as sm

        family = sm.families.Binomial(sm.families.links.CLogLog())
        # the last category of referral is what the others leave over; without a prior it cannot have a slope too
        sm.GLM(rows.left.astype(float), rows.x[:, :-1], family, np.log(rows.hazard)).fit()


def lifelines_cox(rows: Rows, units: PersonUnits) -> float:
    from lifelines import CoxTimeVaryingFitter

    # without intercept and stage, which Cox's baseline takes in, and without the last category, as above
    table = pd.DataFrame(rows.x[:, 4:-1], columns=[f"c{place}" for place in range(rows.x.shape[1] - 5)])
    table["episode"], table["left"] = units.episode, units.left
    table["start"], table["stop"] = units.unit, units.unit + 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return seconds(
            lambda: CoxTimeVaryingFitter().fit(
                table, id_col="episode", event_col="left", start_col="start", stop_col="stop"
            ),
            times=1,
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--episodes", type=int, default=100_000)
    episodes = parser.parse_args().episodes
    rows, prior, units = matrix(episodes)
    ours = seconds(lambda: fit(rows, prior))
    bare = seconds(lambda: LogisticRegression(solver="newton-cholesky").fit(rows.x, rows.left))
    glm = seconds(lambda: statsmodels_glm(rows), times=1)
    print(f"fit with {rows.clinicians} clinicians and tau²: {ours:.2f} s, {fit(rows, prior).steps} passes")
    print(f"scikit-learn newton-cholesky, no clinicians: {bare:.2f} s; ratio {ours / bare:.2f} (at most {MOST:.0f})")
    print(f"statsmodels GLM, same link and offset, no clinicians: {glm:.2f} s; ratio {ours / glm:.2f} (below 1)")
    cox = lifelines_cox(rows, units)
    print(f"lifelines time-varying Cox, without clinicians and stage: {cox:.2f} s; ratio {ours / cox:.2f} (below 1)")


if __name__ == "__main__":
    main()
