"""Simple mechanisms against others on the continuum: both ends, from independent computations, and spoiled certificates."""

import copy
import json
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import mechlp
from mechlp.checking.verify import verify, verify_file
from mechlp.cli import main
from mechlp.exact.saved import checksum
from mechlp.proof.cells import CellMechanism
from mechlp.proof.continuum import check, question
from mechlp.proof.invalid import InvalidCertificate
from mechlp.proof.simple_continuum import first_best, simple_bound, simple_welfare
from mechlp.study.continuum import (
    CellProgram,
    atoms_welfare,
    best_atoms,
    best_masses,
    cell_prices,
    compare_simple,
    rounded,
)

ROOT = Path(__file__).parents[2]
CASES = {
    c["id"]: c
    for c in json.loads((ROOT / "tests/data/robust-and-expost-trade.json").read_text())["cases"]
    if c["part"] == "C"
}
CERTIFICATES = sorted((ROOT / "configs").glob("*.continuum.json"))


def floats(partition):
    return np.array([float(g) for g in partition])


def middle_cells():
    """{0, 19 points from .27 to .73, 1}."""
    return [F(0), *(F(27, 100) + F(46, 1800) * k for k in range(19)), F(1)]


def by_quadrature(partition, x, prices, power, nodes):
    """Welfare of probabilities x over prices in cells by Gauss-Legendre: independent of the closed forms."""
    at, weight = np.polynomial.legendre.leggauss(nodes)
    g, p = floats(partition), floats(prices)
    n, total = len(g) - 1, 0.0
    for i in range(n):
        v = (g[i] + g[i + 1]) / 2 + at * (g[i + 1] - g[i]) / 2
        for j in range(i + 1, n):
            b = (g[j] + g[j + 1]) / 2 + at * (g[j + 1] - g[j]) / 2
            area = (g[i + 1] - g[i]) * (g[j + 1] - g[j])
            sold = (weight / 2) @ np.maximum(p - v[:, None], 0) ** power @ x[i, j]
            bought = (weight / 2) @ np.maximum(b[:, None] - p, 0) ** power @ x[i, j]
            total += area * (sold + bought)
    return total


def test_simple_atoms_on_the_continuum_have_the_known_values():
    case = CASES["C-simple-cont-0.8"]
    found = {}
    for n in case["params"]["n"]:
        grid = np.arange(n + 1) / n
        f = best_atoms(grid, 0.8)
        found[n] = atoms_welfare(grid, 0.8)(f)[0]
        assert abs(found[n] - case["expected"][f"n{n}"]) <= case["tol"][f"n{n}"]
    limit = found[120] + (found[120] - found[80]) * 80**2 / (120**2 - 80**2)
    assert abs(limit - case["expected"]["limit"]) <= case["tol"]["limit"]


def test_certified_value_of_atoms_is_the_float_one_and_that_of_a_quadrature():
    partition = [F(0), F(1, 5), F(1, 2), F(3, 4), F(1)]
    masses = [F(0), F(1, 4), F(1, 2), F(1, 4), F(0)]
    exact = float(simple_welfare(F(7, 10), partition, masses))
    assert exact == pytest.approx(atoms_welfare(floats(partition), 0.7)(floats(masses))[0], abs=1e-12)
    grid = (np.arange(400) + 0.5) / 400
    s, b = np.meshgrid(grid, grid, indexing="ij")
    t, f = floats(partition), floats(masses)
    inside = (t >= s[..., None]) & (t <= b[..., None])
    worth = [(inside * np.maximum(d, 0)) @ f for d in (t - s[..., None], b[..., None] - t)]
    assert exact == pytest.approx(sum((w**0.7).mean() for w in worth), abs=2e-3)
    with pytest.raises(InvalidCertificate):
        simple_welfare(F(7, 10), partition, [F(1), *masses[1:]])


@pytest.mark.parametrize("power", [F(3, 10), F(1, 2), F(4, 5)])
def test_the_bound_holds_for_every_distribution_and_is_not_far_away(power):
    rng = np.random.default_rng(5)
    grid = [F(k, 24) for k in range(25)]
    best = float(atoms_welfare(floats(grid), float(power))(best_atoms(floats(grid), float(power)))[0])
    for masses in (best_masses(float(power), 20, 400), rng.random((20, 3)) / 30):
        bound = float(simple_bound(power, masses))
        assert bound > best
    assert float(simple_bound(power, best_masses(float(power), 20, 400))) - best < 0.02


def test_polynomials_of_the_bound_against_direct_integration():
    # With c = 1 everywhere K(t) is the integral of (t - s) + (b - t) over s < t < b: t (1 - t) / 2 in all, and 1/8 at most.
    n = 6
    from mechlp.proof.simple_continuum import _polygons

    control = np.array([*_polygons(np.triu(np.ones((n, n), dtype=object)))]) / (6 * n**3)
    for m in range(n):
        for place, tau in ((0, 0.0), (3, 1.0)):
            t = (m + tau) / n
            assert control[m, place] == pytest.approx((1 - t) * t**2 / 2)
        value = control[m] @ np.array([1, 3, 3, 1]) / 8
        t = (m + 0.5) / n
        assert value == pytest.approx((1 - t) * t**2 / 2 + (0.5 / n) * (0.5 / n) * 0, abs=1e-12)


def test_first_best_is_its_closed_form():
    assert float(first_best(F(1, 2))) == pytest.approx(2**0.5 / (1.5 * 2.5), abs=1e-15)


def test_mechanism_in_few_cells_is_certified_and_a_spoiled_one_is_not():
    power, partition = F(4, 5), [F(0), *(F(3, 10) + F(k, 20) for k in range(9)), F(1)]
    prices = cell_prices(partition, best_atoms(floats(partition), 0.8))
    x = CellProgram(partition, prices, 0.8, 3e-5).solve(lambda phase: None)
    mechanism = rounded(power, partition, prices, x)
    value = float(mechanism.welfare())
    assert value == pytest.approx(by_quadrature(partition, x, prices, 0.8, 40), abs=2e-5)
    assert value > atoms_welfare(floats(partition), 0.8)(best_atoms(floats(partition), 0.8))[0]
    assert (
        CellMechanism.from_json(json.loads(json.dumps(mechanism.to_json()))).welfare() == mechanism.welfare()
    )
    for change in ("more", "less", "shifted", "greedy"):
        data = copy.deepcopy(mechanism.to_json())
        key = max(data["inner"], key=lambda k: sum(F(w) for w in data["inner"][k].values()))
        row = data["inner"][key]
        price = max(row, key=lambda p: F(row[p]))
        if change == "more":
            row[price] = str(F(row[price]) * F(3, 2))
        elif change == "less":
            row[price] = str(F(row[price]) / 2)
        elif change == "shifted":
            data["inner"][key] = {"1": row[price]}
        else:
            data["nearest"][0] = "1"
        with pytest.raises(InvalidCertificate):
            CellMechanism.from_json(data).welfare()


def test_types_inside_cells_do_not_gain_either():
    """The certificate's claim about every type, on a sample of types, with probabilities recomputed in floats."""
    power, partition = F(4, 5), [F(0), *(F(3, 10) + F(k, 20) for k in range(9)), F(1)]
    prices = cell_prices(partition, best_atoms(floats(partition), 0.8))
    x = CellProgram(partition, prices, 0.8, 3e-5).solve(lambda phase: None)
    rounded(power, partition, prices, x).welfare()
    g, p = floats(partition), floats(prices)
    n = len(g) - 1
    for i in range(n):
        for v in np.linspace(g[i], g[i + 1], 7)[1:]:
            worth = x @ np.maximum(p - v, 0) ** 0.8  # (report, other)
            assert (worth[i, i + 1 :] - worth[:, i + 1 :]).min(initial=0) > -1e-8
        for v in np.linspace(g[i], g[i + 1], 7)[:-1]:
            worth = x @ np.maximum(v - p, 0) ** 0.8
            assert (worth[:i, i][:, None] - worth[:i]).min(initial=0) > -1e-8


@pytest.mark.slow
def test_nonsimple_mechanisms_have_the_known_value():
    case = CASES["C-nonsimple-0.8"]
    partition = middle_cells()
    atoms = best_atoms(floats(partition), 0.8)
    assert (
        abs(atoms_welfare(floats(partition), 0.8)(atoms)[0] - case["expected"]["simple"])
        <= case["tol"]["simple"]
    )
    prices = cell_prices(partition, atoms, apart=1e-4)
    x = CellProgram(partition, prices, 0.8, 0.0).solve(lambda phase: None)
    value = by_quadrature(partition, x, prices, 0.8, 12)
    assert abs(value - case["expected"]["lp"]) <= case["tol"]["lp"]


def test_cells_of_a_sixth_have_the_known_values():
    # The known values are by Gauss-4 quadrature, which is 1e-5 off at the kinks: the same rule on the optimum of the closed forms.
    case = CASES["C-cells-0.7-6"]
    partition = [F(k, 6) for k in range(7)]
    atoms = best_atoms(floats(partition), 0.7)
    prices = sorted({*cell_prices(partition, atoms, apart=1e-4), *(F(k, 48) for k in range(49))})
    x = CellProgram(partition, prices, 0.7, 0.0).solve(lambda phase: None)
    assert abs(by_quadrature(partition, x, prices, 0.7, 4) - case["expected"]["lp"]) <= case["tol"]["lp"]
    simple = np.zeros((6, 6, 2))
    values = 0.0
    for i in range(6):
        for j in range(i + 1, 6):
            mass = atoms[i + 1 : j + 1].sum()
            mean = atoms[i + 1 : j + 1] @ floats(partition)[i + 1 : j + 1] / mass
            simple[:] = 0
            simple[i, j, 0] = mass**0.7
            values += by_quadrature(partition, simple, [F(float(mean)), F(0)], 0.7, 4)
    assert abs(values - case["expected"]["simple"]) <= case["tol"]["simple"]


def test_a_comparison_verifies_and_a_spoiled_one_does_not():
    partition = [F(0), *(F(3, 10) + F(k, 10) for k in range(5)), F(1)]
    found = compare_simple(F(4, 5), partition, squares=12)
    assert found.simple[0] < found.simple[1]
    assert found.general[0] >= found.simple[0]
    data = json.loads(json.dumps(found.to_json()))
    assert verify(data | {"certified": True}).accepted is False  # the checksum
    assert verify(data).accepted
    for name, place, sign in (("simple", 0, 1), ("simple", 1, -1), ("general", 0, 1), ("general", 1, -1)):
        spoiled = copy.deepcopy(data)
        spoiled[name][place] = str(F(spoiled[name][place]) + F(sign, 100))
        spoiled["sha256"] = checksum(spoiled)
        assert not verify(spoiled).accepted, (name, place)


@pytest.mark.slow
@pytest.mark.parametrize("path", CERTIFICATES, ids=[p.name.split(".")[0] for p in CERTIFICATES])
def test_shipped_certificates_prove_that_every_simple_mechanism_is_beaten(path):
    verdict = verify_file(path)
    assert verdict.accepted, verdict.problems
    found = check(json.loads(path.read_text()))
    config = mechlp.read(path.with_name(path.name.replace(".continuum.json", ".yaml"))).design
    assert (found.power, found.mechanism.partition) == question(config)
    assert found.simple[0] < found.simple[1] < found.general[0]
    assert found.gap > F(15, 10**6)


def test_certificates_are_shipped():
    assert len(CERTIFICATES) == 2


PROBLEM = """
agents: {{seller: {types}, buyer: {types}}}
outcomes: prices
prices: {{grid: [0, 1/2, 1], power: {power}}}
"""


def test_the_command_saves_what_verifies(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(PROBLEM.format(types="[0, 3/10, 1/2, 7/10, 1]", power="4/5"))
    run = CliRunner().invoke(main, ["continuum", str(path), "--squares", "8"])
    assert run.exit_code == 3, run.output  # so few cells leave it open
    assert "(open)" in run.output
    assert CliRunner().invoke(main, ["verify", str(tmp_path / "p.continuum.json")]).exit_code == 0
    run = CliRunner().invoke(
        main, ["continuum", str(path), "--squares", "8", "--powers", "1/2,9/10", "--json"]
    )
    assert [F(c["power"]) for c in json.loads(run.output)] == [F(1, 2), F(9, 10)]


@pytest.mark.parametrize(
    ("types", "power", "options", "said"),
    [
        ("[0, 1/2, 1]", "1", (), "one power below 1"),
        ("[0, 1/2]", "1/2", (), "from 0 to 1"),
        ("[0, 1, 1/2, 1]", "1/2", (), "twice"),
        ("[0, 1/2, 1]", "1/2", ("--powers", "1/2,2"), "between 0 and 1"),
        ("[0, 1/2, 1]", "1/2", ("--powers", "x"), "not a number"),
    ],
)
def test_the_command_refuses_what_it_cannot_compare(tmp_path, types, power, options, said):
    path = tmp_path / "p.yaml"
    path.write_text(PROBLEM.format(types=types, power=power))
    run = CliRunner().invoke(main, ["continuum", str(path), "--no-save", *options])
    assert run.exit_code == 2
    assert said in run.output
