"""The fit against second implementations: scipy's minimum, dense matrices, statsmodels."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize

from plugin import fitting
from plugin.fitting import Posterior, Prior, Rows, fit

FloatArray = NDArray[np.float64]


def some_rows(n: int = 600, p: int = 4, clinicians: int = 7, seed: int = 0, spread: float = 0.6) -> Rows:
    """Rows of a hazard model, the first column an intercept, a tenth of them without a clinician."""
    rng = np.random.default_rng(seed)
    clinician = np.sort(rng.integers(-1 if clinicians else 0, max(clinicians, 1), n)) - (0 if clinicians else 1)
    x = np.column_stack([np.ones(n), rng.normal(size=(n, p - 1))])
    effects = np.append(spread * rng.normal(size=clinicians), 0.0)
    hazard = rng.uniform(0.02, 0.5, n)
    eta = x @ np.linspace(-0.5, 0.8, p) + effects[clinician]
    left = rng.random(n) < -np.expm1(-hazard * np.exp(eta))
    return Rows(x, hazard, left, clinician)


def some_prior(p: int = 4) -> Prior:
    root = np.random.default_rng(9).normal(size=(p, p)) + 2.0 * np.eye(p)
    return Prior(np.linspace(0.3, -0.3, p), root @ root.T, clinician_variance=0.2)


def minus_log_posterior(values: FloatArray, rows: Rows, prior: Prior, variance: float) -> float:
    """As the model is written down, row by row, with nothing shared with the product."""
    p = rows.x.shape[1]
    beta, own = values[:p], np.append(values[p:], 0.0)
    total = 0.0
    for x, hazard, left, clinician in zip(rows.x, rows.hazard, rows.left, rows.clinician, strict=True):
        rate = min(hazard * np.exp(min(x @ beta + own[clinician], 50.0)), 1e6)  # a search may go anywhere
        total += -np.log(1.0 - np.exp(-rate)) if left else rate
    away = beta - prior.mean
    return float(total + away @ prior.precision @ away / 2.0 + own @ own / variance / 2.0)


def second_derivatives(values: FloatArray, rows: Rows, prior: Prior, variance: float) -> FloatArray:
    """The whole dense Hessian, by the textbook: the second derivative of each row's log-likelihood in x·β + b."""
    p, clinicians = rows.x.shape[1], rows.clinicians
    full = np.zeros((len(rows.x), p + clinicians))
    full[:, :p] = rows.x
    known = rows.clinician >= 0
    full[np.flatnonzero(known), p + rows.clinician[known]] = 1.0
    rate = rows.hazard * np.exp(full @ values)
    stay = np.exp(-rate)
    # d²/dη² of −ln(1 − exp(−Λ)) with dΛ/dη = Λ, and of Λ
    of_left = rate * stay * (rate - (1.0 - stay)) / (1.0 - stay) ** 2
    weight = np.where(rows.left, of_left, rate)
    hessian = full.T @ (full * weight[:, None])
    hessian[:p, :p] += prior.precision
    hessian[np.arange(p, p + clinicians), np.arange(p, p + clinicians)] += 1.0 / variance
    return hessian


@pytest.fixture(scope="module")
def rows() -> Rows:
    return some_rows()


@pytest.fixture(scope="module")
def fitted(rows: Rows) -> Posterior:
    return fit(rows, some_prior())


def test_the_estimate_is_the_minimum_that_scipy_finds(rows: Rows, fitted: Posterior) -> None:
    prior, variance = some_prior(), fitted.clinician_variance
    found = minimize(minus_log_posterior, np.zeros(4 + 7), (rows, prior, variance), "BFGS", options={"gtol": 1e-4})
    estimate = np.concatenate([fitted.mean, fitted.effects])
    assert estimate == pytest.approx(found.x, abs=2e-4)  # as near as the gradient's tolerance brings BFGS
    here = minus_log_posterior(estimate, rows, prior, variance)
    assert here <= found.fun + 1e-9


def test_variances_are_those_of_the_whole_dense_matrix(rows: Rows, fitted: Posterior) -> None:
    estimate = np.concatenate([fitted.mean, fitted.effects])
    dense = np.linalg.inv(second_derivatives(estimate, rows, some_prior(), fitted.clinician_variance))
    assert fitted.covariance == pytest.approx(dense[:4, :4], rel=1e-5, abs=1e-9)
    assert fitted.variances == pytest.approx(np.diag(dense)[4:], rel=1e-5)


def test_the_spread_between_clinicians_is_the_fixed_point_it_says(rows: Rows, fitted: Posterior) -> None:
    """τ² = (Σb² + ν·s²)/(γ + ν) with γ = Σ(1 − v/τ²), v from the dense matrix."""
    prior, variance = some_prior(), fitted.clinician_variance
    estimate = np.concatenate([fitted.mean, fitted.effects])
    v = np.diag(np.linalg.inv(second_derivatives(estimate, rows, prior, variance)))[4:]
    determined = (1.0 - v / variance).sum()
    wanted = (fitted.effects @ fitted.effects + prior.clinicians * 0.2) / (determined + prior.clinicians)
    assert variance == pytest.approx(wanted, rel=1e-5)


def test_the_spread_between_clinicians_lies_where_its_marginal_posterior_is_highest() -> None:
    """Laplace's approximation of ln p(data | τ²) + ln p(τ²), searched over a grid of τ with a fit at each.

    The fixed point leaves out how the curvature moves with τ², which is little with many rows a clinician.
    """
    rows, prior = some_rows(4000, 3, 12, seed=3), some_prior(3)

    def height(variance: float) -> float:
        at = fit(rows, replace(prior, clinician_variance=variance, clinicians=1e12))  # held there
        values = np.concatenate([at.mean, at.effects])
        _, log_determinant = np.linalg.slogdet(second_derivatives(values, rows, prior, variance))
        fall = minus_log_posterior(values, rows, prior, variance)
        own = prior.clinicians * (np.log(variance) + prior.clinician_variance / variance) / 2.0
        return -fall - log_determinant / 2.0 - 12 / 2.0 * np.log(variance) - own

    grid = np.exp(np.linspace(np.log(0.05), np.log(1.5), 35))
    best = grid[np.argmax([height(variance) for variance in grid])]
    assert fit(rows, prior).clinician_variance == pytest.approx(best, rel=0.1)  # a step of the grid


def test_without_prior_and_clinicians_it_is_the_maximum_likelihood_of_statsmodels() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of on import is its own
        import statsmodels.api as sm

    rows = some_rows(2000, clinicians=0)
    assert rows.clinicians == 0
    flat = Prior(np.zeros(4), np.zeros((4, 4)), clinician_variance=0.2)
    model = sm.GLM(
        rows.left.astype(float), rows.x, sm.families.Binomial(sm.families.links.CLogLog()), np.log(rows.hazard)
    )
    theirs = model.fit(method="newton", tol=1e-12, maxiter=100)
    ours = fit(rows, flat)
    assert ours.mean == pytest.approx(theirs.params, abs=1e-6)
    # theirs is the observed information too where the method is Newton's
    assert np.sqrt(np.diag(ours.covariance)) == pytest.approx(np.sqrt(np.diag(np.linalg.inv(-model.hessian(
        theirs.params, observed=True
    )))), rel=1e-5)  # fmt: skip


def test_blocks_make_no_difference(rows: Rows, fitted: Posterior, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clinicians that go over the border of a block count once, and blocks of one row work."""
    for block in (1, 7, 64):
        monkeypatch.setattr(fitting, "_BLOCK", block)
        again = fit(rows, some_prior())
        assert again.mean == pytest.approx(fitted.mean, abs=1e-9)
        assert again.effects == pytest.approx(fitted.effects, abs=1e-9)
        assert again.covariance == pytest.approx(fitted.covariance, rel=1e-7, abs=1e-12)


def test_rows_without_a_clinician_have_no_effect_and_still_count() -> None:
    """They move the slopes as a clinician with an effect of exactly 0 would (τ² held near 0)."""
    rows = some_rows(clinicians=5)
    held = replace(some_prior(), clinician_variance=1e-9, clinicians=1e12)
    anonymous = fit(Rows(rows.x, rows.hazard, rows.left, np.full(len(rows.x), -1)), held)
    assert anonymous.effects.shape == (0,)
    assert fit(rows, held).mean == pytest.approx(anonymous.mean, abs=1e-5)


@pytest.mark.parametrize("all_left", [True, False])
def test_a_prior_holds_where_everybody_did_the_same(all_left: bool) -> None:
    rows = some_rows(200)
    found = fit(replace(rows, left=np.full(200, all_left)), some_prior())
    estimate = np.concatenate([found.mean, found.effects])
    assert np.isfinite(estimate).all()
    assert (np.diag(found.covariance) > 0.0).all()


def test_a_start_far_away_is_left_by_shortened_steps() -> None:
    """A prior mean at which the rate overflows, held by nothing: the estimate is that from a near start."""
    rows = some_rows(2000, clinicians=0)
    weak = np.eye(4) * 1e-8
    far = fit(rows, Prior(np.full(4, 8.0), weak, 0.2))
    near = fit(rows, Prior(np.zeros(4), weak, 0.2))
    assert far.mean == pytest.approx(near.mean, abs=1e-4)


def test_slopes_that_nothing_settles_are_refused() -> None:
    rows = some_rows(200)
    twice = replace(rows, x=np.column_stack([rows.x, rows.x[:, 1]]))
    with pytest.raises(ArithmeticError, match="settle"):
        fit(twice, Prior(np.zeros(5), np.zeros((5, 5)), 0.2))


def test_clinicians_with_few_rows_are_drawn_to_the_middle_and_know_less() -> None:
    """Two clinicians whose clients all left, one with 3 rows and one with 60, among others with none of note."""
    rows = some_rows(3000, clinicians=10, spread=0.0)
    first, second = np.flatnonzero(rows.clinician == 0)[:3], np.flatnonzero(rows.clinician == 1)[:60]
    others = np.flatnonzero(rows.clinician > 1)
    kept = np.concatenate([first, second, others])
    left = rows.left.copy()
    left[np.concatenate([first, second])] = True
    found = fit(Rows(rows.x[kept], rows.hazard[kept], left[kept], rows.clinician[kept]), some_prior())
    assert 0.0 < found.effects[0] < found.effects[1]
    assert found.variances[1] < found.variances[0] < found.clinician_variance


@given(
    n=st.sampled_from([1, 5, 60, 800]),
    clinicians=st.sampled_from([0, 1, 3, 40]),
    spread=st.floats(0.0, 3.0),
    rare=st.integers(-6, 2),
    share=st.floats(0.0, 1.0),
    seed=st.integers(0, 10**6),
)
@settings(max_examples=60)
def test_with_a_prior_it_always_settles_where_the_gradient_is_zero(
    n: int, clinicians: int, spread: float, rare: int, share: float, seed: int
) -> None:
    """Also where everybody left, nobody did, or the published hazard is off by orders of magnitude."""
    rows = some_rows(n, 4, clinicians, seed, spread)
    left = np.random.default_rng(seed).random(n) < share
    rows, prior = Rows(rows.x, rows.hazard * 10.0**rare, left, rows.clinician), some_prior()
    found = fit(rows, prior)
    own = np.append(found.effects, 0.0)
    rate = rows.hazard * np.exp(rows.x @ found.mean + own[rows.clinician])
    slope = np.where(left, -rate / np.expm1(rate), rate)
    gradient = slope @ rows.x + prior.precision @ (found.mean - prior.mean)
    error = np.sqrt(np.diag(found.covariance))
    assert np.abs(gradient * error).max() < 1e-5  # in standard deviations
    for place in range(rows.clinicians):
        own_gradient = slope[rows.clinician == place].sum() + found.effects[place] / found.clinician_variance
        assert abs(own_gradient) * np.sqrt(found.variances[place]) < 1e-5
