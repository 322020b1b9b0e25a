"""One million draws of NPV against the same model in plain numpy, and against the PyPI package monaco.

    python benchmarks/million_draws.py [--monaco]

24 units, 36 months, sampling included. The plain version draws with numpy's own samplers and is fed blocks of the same
size, which suits it best. monaco runs 2,000 cases and is scaled up. Also prints peak memory for 1 and 4 million draws.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from statistics import median

import numpy as np

from assumptions import Distribution, load_library
from calculator import parse_scenario, resolve
from calculator.resolve import Resolved
from calculator.uncertainty import npv_summary

DRAWS = 1_000_000
BLOCK = 8192
CLINIC = {
    "clinic": {
        "setting": "outpatient", "clinicians": 10, "intakes_per_month": 40.0, "planned_units": 24, "dropout_rate": 0.35,
        "median_dropout_unit": 5.0, "no_show_rate": 0.12, "backfill_rate": 0.3, "variable_cost_per_unit": 60.0,
        "acquisition_cost_per_intake": 180.0, "clinician_hourly_cost": 60.0,
    },
    "payers": [{"allowed_per_unit": 140.0, "collection_rate": 0.95}],
    "program": {"adoption_rate": 0.8, "fidelity": 0.9, "minutes_per_unit": 1.0},
}  # fmt: skip


def scenario(draws: int) -> Resolved:
    return resolve(parse_scenario({**CLINIC, "analysis": {"draws": draws}}), load_library())


def plain_numpy(resolved: Resolved, draws: int) -> tuple[float, float]:
    """The model as one would write it at first: numpy samplers, closed form over units, weights per unit."""
    random = np.random.default_rng(1)
    fixed = {path: item.value for path, item in resolved.inputs.items()}
    units, months = int(fixed["clinic.planned_units"]), resolved.horizon_months
    discount = (1 + fixed["analysis.discount_rate"]) ** (-np.arange(1, months + 1) / 12)
    ramp = np.minimum(1, np.arange(1, months + 1) / fixed["program.ramp_months"])
    delay = np.arange(units) / fixed["clinic.units_per_month"]
    weight, covered = np.zeros(units), float(ramp @ discount)
    for unit in range(units):
        whole, part = int(delay[unit]), delay[unit] % 1
        for month in range(months):
            if month + whole < months:
                weight[unit] += ramp[month] * discount[month + whole] * (1 - part)
            if month + whole + 1 < months:
                weight[unit] += ramp[month] * discount[month + whole + 1] * part
    progress = np.arange(units) / (units - 1)
    total = positive = 0.0
    for start in range(0, draws, BLOCK):
        n = min(BLOCK, draws - start)
        value = {path: fixed[path] for path in fixed}
        for path in resolved.uncertain:
            value[path] = sample(random, resolved.inputs[path].distribution, n)
        rate, odds = value["clinic.dropout_rate"], value["program.odds_ratio"] ** value["program.fidelity"]
        median = value["clinic.median_dropout_unit"] / (units - 1)
        shape = np.log(np.log(1 - rate / 2) / np.log(1 - rate)) / np.log(median)
        after_rate = odds * rate / (1 - rate + odds * rate)
        ratio = np.log(1 - after_rate) / np.log(1 - rate)
        before = (1 - rate)[:, None] ** (progress[None, :] ** shape[:, None])
        after = before ** ratio[:, None]
        intakes = value["program.adoption_rate"] * value["clinic.intakes_per_month"]
        extra = intakes * ((after - before) @ weight)
        attended = 1 - value["clinic.no_show_rate"]
        revenue = value["payers.1.allowed_per_unit"] * value["payers.1.collection_rate"]
        refill = value["clinic.backfill_rate"]
        margin = extra * attended * (1 - refill) * (revenue - value["clinic.variable_cost_per_unit"])
        saved = extra * refill / after.sum(axis=1) * value["clinic.acquisition_cost_per_intake"]
        hour = value["clinic.clinician_hourly_cost"]
        minutes = intakes * (after @ weight) * attended * value["program.minutes_per_unit"] / 60 * hour
        seats = value["clinic.clinicians"]
        once = value["program.implementation_cost"] + value["program.training_hours_per_clinician"] * seats * hour
        price = value["program.subscription_per_clinician_month"] * seats * discount.sum()
        npv = margin + saved - minutes - once - price - intakes * value["program.subscription_per_intake"] * covered
        total += npv.sum()
        positive += np.count_nonzero(npv > 0)
    return total / draws, positive / draws


def sample(random: np.random.Generator, distribution: Distribution, n: int) -> np.ndarray:
    kind, parameters = distribution.kind, distribution.parameters
    if kind == "pert":
        low, likely, high = parameters
        mode = (likely - low) / (high - low)
        return low + (high - low) * random.beta(1 + 4 * mode, 5 - 4 * mode, n)
    if kind == "lognormal":
        return np.exp(random.normal(*parameters, n))
    if kind == "logitnormal":
        return 1 / (1 + np.exp(-random.normal(*parameters, n)))
    return random.normal(*parameters, n) if kind == "normal" else random.beta(*parameters, n)


def with_monaco(resolved: Resolved, cases: int) -> float:
    """Seconds for ``cases`` cases of the same model through monaco, one process."""
    import monaco as mc
    from scipy import stats

    paths = resolved.uncertain

    def preprocess(case: mc.Case) -> tuple[float, ...]:
        return tuple(case.invals[path].val for path in paths)

    def run(*values: float) -> tuple[float]:
        raw = {path: np.array([value]) for path, value in zip(paths, values, strict=True)}
        return (float(resolved.block(raw).npv[0]),)

    def postprocess(case: mc.Case, npv: float) -> None:
        case.addOutVal(name="npv", val=npv)

    steps = mc.SimFunctions
    functions = {steps.PREPROCESS: preprocess, steps.RUN: run, steps.POSTPROCESS: postprocess}
    begin = time.perf_counter()
    sim = mc.Sim("npv", cases, functions, firstcaseismedian=False, seed=1, singlethreaded=True, verbose=False)
    for path in paths:
        kind, parameters = resolved.inputs[path].distribution.kind, resolved.inputs[path].distribution.parameters
        if kind == "pert":
            low, likely, high = parameters
            mode = (likely - low) / (high - low)
            sim.addInVar(path, stats.beta, {"a": 1 + 4 * mode, "b": 5 - 4 * mode, "loc": low, "scale": high - low})
        else:
            sim.addInVar(path, stats.lognorm, {"s": parameters[1], "scale": float(np.exp(parameters[0]))})
    sim.runSim()
    return time.perf_counter() - begin


def peak_megabytes(draws: int) -> float:
    """Peak memory of a fresh process that runs ``draws`` draws."""
    code = (
        "import resource, sys; sys.path.insert(0, 'benchmarks'); from million_draws import *; "
        f"npv_summary(scenario({draws})); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    return float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--monaco", action="store_true", help="also run monaco (pip install monaco)")
    arguments = parser.parse_args()
    resolved = scenario(DRAWS)
    ours, theirs = [], []
    for _ in range(5):  # in turn, so that a change of the machine's pace hits both
        begin = time.perf_counter()
        summary = npv_summary(resolved)
        ours.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        mean, positive = plain_numpy(resolved, DRAWS)
        theirs.append(time.perf_counter() - begin)
    print(f"uncertain inputs: {len(resolved.uncertain)}")
    print(f"mean NPV: ours {summary.spread().mean:,.1f}, plain numpy {mean:,.1f}")
    print(f"probability positive: ours {summary.share_positive:.4f}, plain numpy {positive:.4f}")
    ratio = median(a / b for a, b in zip(ours, theirs, strict=True))
    seconds = median(ours)
    print(f"1,000,000 draws: ours {seconds:.2f} s, plain numpy {median(theirs):.2f} s, ratio {ratio:.2f} (at most 2)")
    if arguments.monaco:
        cases = 2000
        monaco = with_monaco(scenario(cases), cases) * DRAWS / cases
        print(f"monaco, scaled from {cases} cases: {monaco:.0f} s, {monaco / seconds:.0f} times ours (at least 100)")
    for draws in (DRAWS, 4 * DRAWS):
        print(f"peak memory for {draws:,} draws: {peak_megabytes(draws):.0f} MB")


if __name__ == "__main__":
    main()
