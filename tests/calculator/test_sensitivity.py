"""Which input matters: on functions whose answers are known, then on the model itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from calculator.points import sobol_points
from calculator.sensitivity import ask_next, expectations, perfect_information, sobol_indices, variance_shares
from tests.calculator.clinics import PAYING, plain, point_of, result_of, with_changes

COUNT = 8192


def split(inputs: int, seed: int = 1, count: int = COUNT) -> tuple[np.ndarray, np.ndarray]:
    """Return two independent samples of probabilities, each of shape (inputs, count)."""
    points = sobol_points(seed, tuple(range(2 * inputs)), 0, count)
    return points[:inputs], points[inputs:]


def swapped(a: np.ndarray, b: np.ndarray, row: int) -> np.ndarray:
    """Return A with one input taken from B."""
    mixed = a.copy()
    mixed[row] = b[row]
    return mixed


def ishigami(u: np.ndarray) -> np.ndarray:
    """Return sin x₁ + 7 sin² x₂ + 0.1 x₃⁴ sin x₁ for x uniform on −π to π."""
    x = math.pi * (2.0 * u - 1.0)
    return np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])


@pytest.mark.parametrize("seed", [0, 1, 20])
def test_ishigami(seed: int) -> None:
    """Ishigami & Homma (1990), a = 7, b = 0.1: S = 0.3139, 0.4424, 0; ST = 0.5576, 0.4424, 0.2437."""
    a, b = split(3, seed)
    found = sobol_indices(ishigami(a), ishigami(b), [ishigami(swapped(a, b, row)) for row in range(3)])
    assert [first for first, _ in found] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert [total for _, total in found] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


def test_additive_model_has_no_interaction() -> None:
    """y = 3 z₁ + 2 z₂ + z₃ with standard normals: variance shares 9/14, 4/14, 1/14, first order and total alike."""
    weights = np.array([3.0, 2.0, 1.0])

    def y(u: np.ndarray) -> np.ndarray:
        return weights @ stats.norm.ppf(u)

    a, b = split(3)
    found = sobol_indices(y(a), y(b), [y(swapped(a, b, row)) for row in range(3)])
    for (first, total), share in zip(found, weights**2 / 14.0, strict=True):
        assert first == pytest.approx(share, abs=0.01)
        assert total == pytest.approx(share, abs=0.01)


def test_product_is_all_interaction() -> None:
    """y = z₁·z₂: E[y | z₁] = 0, so both first-order indices are 0 and both totals 1."""

    def y(u: np.ndarray) -> np.ndarray:
        return np.prod(stats.norm.ppf(u), axis=0)

    a, b = split(2)
    found = sobol_indices(y(a), y(b), [y(swapped(a, b, row)) for row in range(2)])
    for first, total in found:
        assert first == pytest.approx(0.0, abs=0.04)
        assert total == pytest.approx(1.0, abs=0.04)


def test_a_large_mean_does_not_drown_the_variance() -> None:
    """Indices do not change when a million is added to the result."""
    a, b = split(3)
    shifted = sobol_indices(ishigami(a) + 1e6, ishigami(b) + 1e6, [ishigami(swapped(a, b, i)) + 1e6 for i in range(3)])
    assert [first for first, _ in shifted] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)


def test_nothing_that_varies_has_indices_of_zero() -> None:
    flat = np.full(64, 3.0)
    assert sobol_indices(flat, flat, [flat, flat]) == [(0.0, 0.0), (0.0, 0.0)]


def worth_of(probabilities: np.ndarray, benefit: np.ndarray) -> float:
    """Return what knowing one input is worth."""
    return perfect_information(expectations(probabilities[None, :], benefit), benefit)[0]


def share_of(probabilities: np.ndarray, benefit: np.ndarray) -> float:
    """Return the share of variance that knowing one input would remove."""
    return variance_shares(expectations(probabilities[None, :], benefit), benefit)[0]


@pytest.mark.parametrize(
    ("mean", "known", "rest"),
    [
        (0.0, 1.0, 1.0),
        (0.5, 1.0, 2.0),
        (-0.5, 1.0, 0.5),
        (1.0, 2.0, 0.0),
        (-2.0, 1.0, 1.0),
        (3.0, 1.0, 3.0),
        (0.01, 1.0, 0.2),
    ],
)
def test_perfect_information_of_a_linear_normal_decision(mean: float, known: float, rest: float) -> None:
    """Benefit = μ + σx + τe, x and e standard normal. Knowing x: E max(0, μ + σx) − max(0, μ) =

    σ·φ(μ/σ) − |μ|·Φ(−|μ|/σ) (Raiffa & Schlaifer's unit normal loss). Tolerance: the regression's sampling error, whose
    order is 1/√8192 of the spread of what is not known.
    """
    x, e = stats.norm.ppf(sobol_points(2, (0, 1), 0, COUNT))
    found = worth_of(sobol_points(2, (0,), 0, COUNT)[0], mean + known * x + rest * e)
    expected = known * stats.norm.pdf(mean / known) - abs(mean) * stats.norm.cdf(-abs(mean) / known)
    assert found == pytest.approx(expected, abs=0.01 * (known + rest))
    assert found >= 0.0


def test_perfect_information_does_not_depend_on_the_unit() -> None:
    u = sobol_points(2, (0, 1), 0, 2048)
    benefit = 0.3 + stats.norm.ppf(u).sum(axis=0)
    assert worth_of(u[0], 1e6 * benefit) == pytest.approx(1e6 * worth_of(u[0], benefit), rel=1e-9)


def test_an_input_that_does_not_matter_is_worth_nothing() -> None:
    u = sobol_points(2, (0, 1), 0, COUNT)
    benefit = 0.1 + stats.norm.ppf(u[0])
    assert worth_of(u[1], benefit) == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("mean", [100.0, -100.0])
def test_a_clear_decision_leaves_nothing_to_find_out(mean: float) -> None:
    u = sobol_points(2, (0, 1), 0, 2048)
    assert worth_of(u[0], mean + stats.norm.ppf(u).sum(axis=0)) == pytest.approx(0.0, abs=1e-9)


def test_a_curved_relation_is_followed() -> None:
    """Benefit = x² − 1 + e with x standard normal: E max(0, x² − 1) = 2φ(1) = 0.483941, since ∫ over |x| > 1 of

    (x² − 1)φ = 2[φ(1) + (1 − Φ(1)) − (1 − Φ(1))] = 2φ(1), and max(0, E benefit) = 0.
    """
    u = sobol_points(2, (0, 1), 0, COUNT)
    x, e = stats.norm.ppf(u)
    assert worth_of(u[0], x**2 - 1.0 + 0.5 * e) == pytest.approx(2.0 * stats.norm.pdf(1.0), abs=0.02)


def test_a_kinked_relation_is_followed() -> None:
    """Benefit = |x| − 1 + e: E max(0, |x| − 1) = 2[φ(1) − (1 − Φ(1))] = 0.166631, and E benefit = √(2/π) − 1 < 0.

    A cubic through the cloud would say 0.14: its best fit to |x| is (1 + x²)/√(2π).
    """
    u = sobol_points(2, (0, 1), 0, COUNT)
    x, e = stats.norm.ppf(u)
    expected = 2.0 * (stats.norm.pdf(1.0) - stats.norm.sf(1.0))
    assert worth_of(u[0], abs(x) - 1.0 + 0.3 * e) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("input_", "share"), [(0, 9.0 / 14.0), (1, 4.0 / 14.0), (2, 1.0 / 14.0), (3, 0.0)])
def test_share_of_variance_of_a_sum_of_normals(input_: int, share: float) -> None:
    """y = 3 z₁ + 2 z₂ + z₃: variance 9 + 4 + 1; a fourth input has no part."""
    u = sobol_points(3, (0, 1, 2, 3), 0, COUNT)
    y = np.array([3.0, 2.0, 1.0, 0.0]) @ stats.norm.ppf(u)
    assert share_of(u[input_], y) == pytest.approx(share, abs=0.005)
    assert share_of(u[input_], y + 1e6) == pytest.approx(share, abs=0.005)


def test_share_of_variance_of_a_curve_and_of_a_product() -> None:
    """Var(z²) = 2, so in z₁² + z₂ it has 2/3; in z₁·z₂ each alone has nothing."""
    u = sobol_points(3, (0, 1), 0, COUNT)
    first, second = stats.norm.ppf(u)
    assert share_of(u[0], first**2 + second) == pytest.approx(2.0 / 3.0, abs=0.01)
    assert share_of(u[0], first * second) == pytest.approx(0.0, abs=0.01)


def test_adjustment_takes_away_what_nine_columns_explain_by_chance() -> None:
    """Noise of 64 runs: R² is 8/63 = 0.127 on average, adjusted 0, of which the clip at 0 leaves the upper half.

    The standard deviation of R² is about √(2·8)/63 = 0.063, so the mean of that half is near 0.4·0.063 = 0.025.
    """
    u = sobol_points(3, (0,), 0, 64)[0]
    noise = np.random.default_rng(5).standard_normal((400, 64))
    assert np.mean([share_of(u, row) for row in noise]) < 0.04


def test_nothing_varies_and_nothing_is_worth_knowing() -> None:
    u = sobol_points(3, (0, 1), 0, 64)
    asks = ask_next({"a": u[0], "b": u[1]}, np.full(64, 3.0))
    assert [(ask.evppi, ask.variance_share) for ask in asks] == [(0.0, 0.0), (0.0, 0.0)]
    assert ask_next({}, np.ones(1)) == ()


@pytest.mark.parametrize("draws", [64, 100, 4097, 10_000])
def test_any_number_of_draws_will_do(draws: int) -> None:
    """The odds ratio alone varies to speak of, whatever the number of draws and how many come at a time."""
    first = result_of(with_changes(two_uncertain(), {"analysis.draws": draws})).ask_next[0]
    assert first.input == "program.odds_ratio"
    assert first.variance_share == pytest.approx(1.0, abs=0.03)


def two_uncertain() -> dict[str, object]:
    """Return a paying clinic of which everything is measured or decided but the odds ratio and the no-show rate."""
    keys = ["dropout_rate", "intakes_per_month", "intake_growth_rate", "median_dropout_unit", "backfill_rate",
            "variable_cost_per_unit", "acquisition_cost_per_intake", "clinician_hourly_cost", "payers",
            "program.fidelity", "program.adoption_rate", "program.minutes_per_unit",
            "program.training_hours_per_clinician"]  # fmt: skip
    return plain(
        **PAYING | {"program__odds_ratio": {"low": 0.6, "likely": 0.8, "high": 1.0}},
        clinic__no_show_rate={"low": 0.119, "likely": 0.12, "high": 0.121},
        clinic__measured=keys,
        analysis__draws=4096,
    )


def test_the_only_number_that_varies_has_all_the_variance() -> None:
    result = result_of(two_uncertain(), indices=True)
    assert result.sobol is not None
    assert {item.input for item in result.sobol} == {"program.odds_ratio", "clinic.no_show_rate"}
    indices = {item.input: item for item in result.sobol}
    assert indices["program.odds_ratio"].first_order == pytest.approx(1.0, abs=0.02)
    assert indices["program.odds_ratio"].total == pytest.approx(1.0, abs=0.02)
    assert indices["clinic.no_show_rate"].total == pytest.approx(0.0, abs=0.02)
    first = result.ask_next[0]
    assert first.input == "program.odds_ratio"
    assert first.variance_share == pytest.approx(1.0, abs=0.03)


def test_knowing_the_only_number_is_knowing_everything() -> None:
    """With one uncertain number EVPPI is E max(0, NPV) − max(0, E NPV) over NPV's own distribution."""
    data = two_uncertain()
    data["clinic"]["variable_cost_per_unit"] = 60.0  # a close call
    result = result_of(data)
    npv = result.distribution["npv"]
    assert npv.p5 < 0.0 < npv.p95
    worth = {item.input: item.evppi for item in result.ask_next}["program.odds_ratio"]
    # NPV by odds ratio, from point estimates; the density of the odds ratio is PERT(0.6, 0.8, 1.0) = beta(3, 3)
    grid = np.linspace(0.602, 0.998, 100)
    values = np.array([point_of(with_changes(data, {"program.odds_ratio": float(x)}))["npv"] for x in grid])
    weights = stats.beta(3.0, 3.0, 0.6, 0.4).pdf(grid)
    weights /= weights.sum()
    expected = (weights * np.maximum(values, 0.0)).sum() - max(0.0, (weights * values).sum())
    assert worth == pytest.approx(expected, rel=0.03)


def test_ask_next_is_ordered_by_worth_then_by_variance() -> None:
    for changes in ({}, PAYING):
        asks = result_of(plain(**changes)).ask_next
        worths = [item.evppi for item in asks]
        assert all(worth >= 0.0 for worth in worths)
        if any(worths):
            assert worths == sorted(worths, reverse=True)
        else:
            shares = [item.variance_share for item in asks]
            assert shares == sorted(shares, reverse=True)


def test_where_the_decision_is_clear_the_order_is_by_variance_removed() -> None:
    """A free programme with a wide margin pays in every future; nothing is worth knowing before buying it."""
    data = plain(
        **PAYING | {"program__minutes_per_unit": 0.0, "clinic__variable_cost_per_unit": 0.0},
        program__subscription_per_clinician_month=0.0,
        program__implementation_cost=0.0,
        program__training_hours_per_clinician=0.0,
    )
    result = result_of(data, indices=True)
    assert result.probability_npv_positive == 1.0
    assert result.sobol is not None
    assert all(item.evppi == 0.0 for item in result.ask_next)
    shares = [item.variance_share for item in result.ask_next]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.1
    first_order = {item.input: item.first_order for item in result.sobol}
    for item in result.ask_next:  # what knowing an input removes is its first-order index
        assert item.variance_share == pytest.approx(first_order[item.input], abs=0.1)


def test_only_what_bears_on_the_road_is_asked_for() -> None:
    for road, absent in (("program", "program.sensitivity"), ("targeted", "program.odds_ratio")):
        result = result_of(plain(program__evidence_road=road), indices=True)
        asked = {item.input for item in result.ask_next}
        assert absent not in asked
        assert {item.input for item in result.sobol or ()} == asked
