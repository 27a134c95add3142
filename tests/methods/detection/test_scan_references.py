"""The scan finds what SaTScan, scanstatistics and smerc find: the same places, the same days, the same ratio."""

import csv
import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from pumphandle.detection.adjustments import day_of_week, standardised
from pumphandle.detection.clusters import Overlap, ratio_of
from pumphandle.detection.layout import Windows, lay_out
from pumphandle.detection.models import (
    Cases,
    bernoulli,
    cases_at,
    cases_of,
    forecast,
    poisson,
    space_time_permutation,
    spatially_stratified,
    time_stratified,
)
from pumphandle.detection.scan import Chance, scan
from pumphandle.detection.zones import circles, listed

NONE = Chance(replicates=0)
THREE_WEEKS = Windows("prospective", 21)


@dataclass(frozen=True)
class Study:
    """A reference data set. positives, tests : (places, days)."""

    codes: list[str]
    points: np.ndarray
    population: np.ndarray
    days: list[str]
    positives: np.ndarray
    tests: np.ndarray

    @property
    def cases(self):
        return cases_of(self.positives)

    def zones(self, share, by="population", **limits):
        sizes = {"population": self.population, "tests": self.tests.sum(1), "cases": self.positives.sum(1)}
        return circles(self.points, sizes[by], max_share=share, **limits)

    def model(self, name):
        models = {
            "poisson": lambda: poisson(self.cases, self.population),
            "tests": lambda: poisson(self.cases, self.tests),
            "bernoulli": lambda: bernoulli(self.cases, self.tests),
            "time": lambda: time_stratified(self.cases, self.population),
            "space": lambda: spatially_stratified(self.cases),
            "permutation": lambda: space_time_permutation(self.cases),
        }
        return models[name]()


@pytest.fixture(scope="module")
def outbreak(shared: Path) -> Path:
    folder = shared / "reference" / "outbreak"
    if not folder.is_dir():
        pytest.skip("needs the reference outputs in shared/reference/outbreak")
    return folder


def rows_of(path):
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def study(outbreak, name):
    areas, lines = (rows_of(outbreak / "scan" / f"scan_{name}_{part}.csv") for part in ("areas", "tests"))
    codes = [one["area"] for one in areas]
    days = sorted({one["date"] for one in lines})
    tables = np.zeros((2, len(codes), len(days)), dtype=int)
    at, when = {code: n for n, code in enumerate(codes)}, {day: n for n, day in enumerate(days)}
    for one in lines:
        tables[:, at[one["area"]], when[one["date"]]] = int(one["positives"]), int(one["tests"])
    points = np.array([[float(one["x"]), float(one["y"])] for one in areas])
    return Study(codes, points, np.array([float(one["population"]) for one in areas]), days, *tables)


@pytest.fixture(scope="module")
def synth(outbreak):
    return study(outbreak, "synth")


@pytest.fixture(scope="module")
def satscan(outbreak):
    return json.loads((outbreak / "scan" / "scan_synth_satscan_expected.json").read_text())["results"]


@pytest.fixture(scope="module")
def classic(outbreak):
    return json.loads((outbreak / "scan" / "classic_satscan_expected.json").read_text())["results"]


@pytest.fixture(scope="module")
def r_packages(outbreak):
    return json.loads((outbreak / "scan" / "scan_R_packages_expected.json").read_text())


def printed_ratio(cluster):
    return float(cluster.get("LLR") or cluster["TEST_STAT"])


def same(found, expected, codes, days=None, *, near=6e-7):
    """Places, days, cases, expected cases to two decimals, and the ratio to six."""
    assert {codes[place] for place in found.members} == set(expected["members"])
    assert found.observed == int(expected["OBSERVED"])
    assert found.expected == pytest.approx(float(expected["EXPECTED"]), abs=0.0051)
    assert found.ratio == pytest.approx(printed_ratio(expected), abs=near)
    if days:
        first, last = (
            "-".join(part.zfill(2) for part in expected[end].split("/")) for end in ("START_DATE", "END_DATE")
        )
        assert (days[found.first_day], days[found.last_day]) == (first, last)


@pytest.mark.parametrize(
    ("name", "model", "share", "by", "limits", "overlap"),
    [
        ("poisson_prosp_M50", "poisson", 0.5, "population", {}, "none"),
        ("poisson_prosp_M10", "poisson", 0.1, "population", {}, "none"),
        ("poisson_prosp_radius10_M50", "poisson", 0.5, "population", {"max_radius": 10.0}, "none"),
        ("poisson_prosp_M10_overlap_nocenters", "poisson", 0.1, "population", {}, "no_centre_inside"),
        ("poisson_prosp_timestrat_M10", "time", 0.1, "population", {}, "none"),
        ("poisson_prosp_spatialstrat_M10", "space", 0.1, "cases", {}, "none"),
        ("poisson_prosp_testspop_M10", "tests", 0.1, "tests", {}, "none"),
        ("bernoulli_prosp_M10", "bernoulli", 0.1, "tests", {}, "none"),
        ("stp_prosp_M50", "permutation", 0.5, "cases", {}, "none"),
        ("stp_prosp_M10", "permutation", 0.1, "cases", {}, "none"),
    ],
)
def test_prospective_scans_and_their_null_agree_with_satscan(
    synth, satscan, name, model, share, by, limits, overlap
) -> None:
    found = scan(
        synth.model(model),
        synth.zones(share, by, **limits),
        THREE_WEEKS,
        rng=np.random.default_rng(1854),
        chance=Chance(replicates=999, threads=2),
        overlap=overlap,
    )
    expected = satscan[name]
    assert len(expected["clusters"]) <= len(found.clusters)
    for ours, theirs in zip(found.clusters, expected["clusters"], strict=False):
        same(ours, theirs, synth.codes, synth.days)
        assert ours.p_value == pytest.approx(float(theirs["P_VALUE"]), abs=0.08)
    null = expected["null_max_llr"]
    error = np.hypot(null["sd"], found.maxima.std()) / np.sqrt(999)
    assert abs(found.maxima.mean() - null["mean"]) < 3.5 * error
    assert abs(np.quantile(found.maxima, 0.95) - null["q95"]) < 0.6


def test_early_stopping_leaves_satscan_s_clusters_and_p_values(synth, satscan) -> None:
    """Besag and Clifford with h = 50, as SaTScan: the first cluster is never reached, so all 999 are drawn."""
    found = scan(
        synth.model("poisson"),
        synth.zones(0.1),
        THREE_WEEKS,
        rng=np.random.default_rng(5),
        chance=Chance(replicates=999, stop_after=50, threads=2),
    )
    assert len(found.maxima) == satscan["poisson_prosp_M10_sequential"]["null_max_llr"]["n"]
    for ours, theirs in zip(found.clusters, satscan["poisson_prosp_M10_sequential"]["clusters"], strict=False):
        same(ours, theirs, synth.codes, synth.days)
        assert ours.p_value == pytest.approx(float(theirs["P_VALUE"]), abs=0.08)


def test_gumbel_p_values_have_satscan_s_order_of_size(synth, satscan) -> None:
    found = scan(
        synth.model("poisson"),
        synth.zones(0.1),
        THREE_WEEKS,
        rng=np.random.default_rng(1),
        chance=Chance(replicates=999, threads=2),
    )
    expected = satscan["poisson_prosp_M10_gumbel"]["clusters"]
    for at, (ours, theirs) in enumerate(zip(found.clusters, expected, strict=False)):
        same(ours, theirs, synth.codes, synth.days)
        assert ours.gumbel_p_value is not None
        if 1 <= at < 4:  # far out in the tail, where the fit's own chance moves the power of ten
            assert abs(np.log10(ours.gumbel_p_value) / np.log10(float(theirs["P_VALUE"])) - 1) < 0.1
        elif at:
            assert 1 / 3 < ours.gumbel_p_value / float(theirs["P_VALUE"]) < 3


def test_gini_selection_is_satscan_s(synth, satscan) -> None:
    found = scan(
        synth.model("poisson"),
        synth.zones(0.5),
        Windows("spatial"),
        rng=np.random.default_rng(1),
        chance=Chance(replicates=999, threads=2),
        overlap="gini",
    )
    chosen = [one for one in satscan["poisson_spatial_M50_gini"]["clusters"] if one["GINI_CLUST"] == "T"]
    assert len(found.clusters) == len(chosen) == 10
    for ours, theirs in zip(found.clusters, chosen, strict=True):
        same(ours, theirs, synth.codes)


def test_retrospective_scan_agrees_with_satscan(synth, satscan) -> None:
    zones, expected = synth.zones(0.1), satscan["poisson_retro_M10"]["clusters"]
    found = scan(
        synth.model("poisson"),
        zones,
        Windows("retrospective", 21),
        rng=np.random.default_rng(1),
        chance=Chance(replicates=199, threads=2),
        overlap="none_in_space_time",
    )
    for ours, theirs in zip(found.clusters[:5], expected[:5], strict=True):
        same(ours, theirs, synth.codes, synth.days)
    null = satscan["poisson_retro_M10"]["null_max_llr"]
    assert abs(found.maxima.mean() - null["mean"]) < 4 * null["sd"] / np.sqrt(199)


def test_every_retrospective_cluster_of_satscan_has_our_ratio(synth, satscan) -> None:
    """SaTScan does not look again for a centre's next best window; ours does, so the lists differ further down."""
    layout = lay_out(
        synth.model("poisson"), synth.zones(0.1), Windows("retrospective", 21), fewest_cases=2, centres="all"
    )
    for one in satscan["poisson_retro_M10"]["clusters"]:
        first, last = (
            synth.days.index("-".join(part.zfill(2) for part in one[end].split("/")))
            for end in ("START_DATE", "END_DATE")
        )
        members = np.array([synth.codes.index(code) for code in one["members"]], dtype=np.int32)
        assert ratio_of(layout, members, first, last) == pytest.approx(printed_ratio(one), abs=6e-7)


def with_weekdays(synth, *, as_satscan):
    weights = day_of_week(synth.cases, first_weekday=4, as_satscan=as_satscan)  # 1 March 2024 was a Friday
    return scan(
        poisson(synth.cases, synth.population, weights),
        synth.zones(0.1),
        THREE_WEEKS,
        rng=np.random.default_rng(1854),
        chance=Chance(replicates=999, threads=2),
    )


def test_day_of_week_adjustment_agrees_with_satscan(synth, satscan) -> None:
    """SaTScan lets a weekday's share run into the days beside it; with the same weights every cluster is the same."""
    found, expected = with_weekdays(synth, as_satscan=True), satscan["poisson_prosp_dow_M10"]
    assert len(expected["clusters"]) == 10 <= len(found.clusters)
    for ours, theirs in zip(found.clusters, expected["clusters"], strict=False):
        single_precision = 1e-6 * printed_ratio(theirs)  # in which SaTScan keeps the people of a weekday
        same(ours, theirs, synth.codes, synth.days, near=single_precision)
        assert ours.p_value == pytest.approx(float(theirs["P_VALUE"]), abs=0.08)
    error = np.hypot(expected["null_max_llr"]["sd"], found.maxima.std()) / np.sqrt(999)
    assert abs(found.maxima.mean() - expected["null_max_llr"]["mean"]) < 3.5 * error


def test_our_own_weekdays_stay_on_their_days_and_find_the_same_cluster(synth, satscan) -> None:
    weights = day_of_week(synth.cases, first_weekday=4)
    assert weights[-21:].sum() == pytest.approx(weights.sum() / 2.0, rel=1e-12), "three of six whole weeks hold half"
    first, theirs = with_weekdays(synth, as_satscan=False).clusters[0], satscan["poisson_prosp_dow_M10"]["clusters"][0]
    assert {synth.codes[place] for place in first.members} == set(theirs["members"])


@dataclass(frozen=True)
class Leukaemia:
    """Upstate New York, purely spatial."""

    codes: list[str]
    points: np.ndarray
    people: np.ndarray
    cases: Cases

    def scan(self, model, share, *, chance=NONE, overlap: Overlap | Literal["gini"] = "none"):
        zones, rng = circles(self.points, self.people, max_share=share), np.random.default_rng(3)
        return scan(model, zones, Windows("spatial"), rng=rng, chance=chance, overlap=overlap)


def new_york(outbreak):
    areas = rows_of(outbreak / "scan" / "ny_leukemia_input.csv")
    return Leukaemia(
        [one["id"] for one in areas],
        np.array([[float(one["x"]), float(one["y"])] for one in areas]),
        np.array([float(one["population"]) for one in areas]),
        cases_of([int(float(one["cases"])) for one in areas]),
    )


@pytest.mark.parametrize(("share", "name"), [(0.5, "ny_leukemia_M50"), (0.1, "ny_leukemia_M10")])
def test_new_york_leukaemia(outbreak, classic, share, name) -> None:
    leukaemia = new_york(outbreak)
    chance = Chance(replicates=1999, threads=2)
    found = leukaemia.scan(poisson(leukaemia.cases, leukaemia.people), share, chance=chance, overlap="gini")
    chosen = [one for one in classic[name]["clusters"] if one["GINI_CLUST"] == "T"]
    assert len(found.clusters) == len(chosen)
    for ours, theirs in zip(found.clusters, chosen, strict=True):
        same(ours, theirs, leukaemia.codes)
    assert found.maxima.mean() == pytest.approx(classic[name]["null_mean"], abs=0.15)
    assert np.quantile(found.maxima, 0.95) == pytest.approx(classic[name]["null_q95"], abs=0.4)


@pytest.mark.parametrize(("share", "name"), [(0.5, "ny_leukemia_M50"), (0.1, "ny_leukemia_M10")])
def test_every_further_cluster_of_new_york_is_found(outbreak, classic, share, name) -> None:
    """SaTScan lists, with Gini, what every cap finds; ours lets a centre look again where its best place is taken."""
    leukaemia = new_york(outbreak)
    found = leukaemia.scan(poisson(leukaemia.cases, leukaemia.people), share, overlap="none_in_space_time")
    for ours, theirs in zip(found.clusters, classic[name]["clusters"], strict=False):
        same(ours, theirs, leukaemia.codes)


def test_new_york_leukaemia_in_r(outbreak) -> None:
    """smerc's six clusters; and SpatialEpi's, whose likelihood without expected cases is binomial."""
    leukaemia = new_york(outbreak)
    expected = json.loads((outbreak / "scan" / "classic_spatial_R_expected.json").read_text())["ny_leukemia_floor"]
    found = leukaemia.scan(poisson(leukaemia.cases, leukaemia.people), 0.5, overlap="none_in_space_time")
    assert len(expected["smerc_scan.test"]) == 6
    for ours, theirs in zip(found.clusters, expected["smerc_scan.test"], strict=False):
        assert sorted(ours.members + 1) == sorted(theirs["locids"])
        assert ours.observed == theirs["cases"]
        for value, name in [(ours.ratio, "loglikrat"), (ours.expected, "expected"), (ours.relative_risk, "rr")]:
            assert value == pytest.approx(theirs[name], rel=1e-9)
    binomial, single = expected["SpatialEpi_kulldorff"], leukaemia.scan(
        bernoulli(leukaemia.cases, leukaemia.people), 0.5
    ).clusters[0]  # fmt: skip
    assert sorted(single.members + 1) == sorted(binomial["location.IDs.included"])
    assert single.ratio == pytest.approx(binomial["log.likelihood.ratio"], rel=1e-9)
    assert single.expected == pytest.approx(binomial["expected.cases"], rel=1e-9)


def words(path):
    return [line.split() for line in path.read_text().splitlines() if line.strip()]


def located(path):
    lines = words(path)
    return [line[0] for line in lines], np.array([[float(x) for x in line[1:3]] for line in lines])


def test_north_humberside_leukaemia_among_controls(outbreak, classic) -> None:
    folder = outbreak / "satscan_samples"
    codes, points = located(folder / "NHumberside.geo")
    ill, all_of_them = np.zeros(len(codes), dtype=int), np.zeros(len(codes), dtype=int)
    for code, count in words(folder / "NHumberside.cas"):
        ill[codes.index(code)] += int(count)
    for code, count in words(folder / "NHumberside.ctl"):
        all_of_them[codes.index(code)] += int(count)
    tests = ill + all_of_them
    found = scan(
        bernoulli(cases_of(ill), tests),
        circles(points, tests, max_share=0.5),
        Windows("spatial"),
        rng=np.random.default_rng(1),
        chance=NONE,
    )
    expected = classic["sample_NHumbersideSpatialBernoulli"]["clusters"]
    assert [one.ratio for one in found.clusters[:6]] == pytest.approx(
        [printed_ratio(one) for one in expected], abs=6e-7
    )
    tied = {frozenset(codes[place] for place in one.members) for one in found.clusters[:2]}
    assert tied == {frozenset(one["members"]) for one in expected[:2]}


def test_new_york_fever_by_great_circle(outbreak, classic) -> None:
    folder = outbreak / "satscan_samples"
    codes, points = located(folder / "NYCfever.geo")
    place, day = [], []
    for code, count, date in words(folder / "NYCfever.cas"):
        when = (dt.date(*map(int, date.split("/"))) - dt.date(2001, 11, 1)).days
        place += [codes.index(code)] * int(count)
        day += [when] * int(count)
    cases = cases_at(place, day, places=len(codes), days=24)
    size = np.bincount(place, minlength=len(codes))
    found = scan(
        space_time_permutation(cases),
        circles(points, size, distance="great_circle", max_share=0.5, max_radius=3.0),
        Windows("prospective", 7),
        rng=np.random.default_rng(1),
        chance=Chance(replicates=1999, threads=2),
    )
    expected = classic["sample_NYCSpaceTimePermutation"]["clusters"]
    same(found.clusters[0], expected[0], codes)
    ratios = [one.ratio for one in found.clusters[:4]]
    assert ratios == pytest.approx([printed_ratio(one) for one in expected], abs=6e-7)
    p_values = [one.p_value for one in found.clusters[:4]]
    assert p_values == pytest.approx([float(one["P_VALUE"]) for one in expected], abs=0.04)


def test_new_mexico_brain_cancer_by_age_and_sex(outbreak, classic) -> None:
    """Census populations of July 1973, 1982 and 1991 in between on straight lines, as SaTScan takes them."""
    folder = outbreak / "satscan_samples"
    codes, points = located(folder / "nm.geo")
    census = np.zeros((3, len(codes), 36))
    for code, year, people, age, sex in words(folder / "nm.pop"):
        census[("73", "82", "91").index(year), codes.index(code), 2 * int(age) + int(sex) - 3] += float(people)
    place, year_of, strata = [], [], np.zeros(36)
    for code, count, year, age, sex in words(folder / "nm.cas"):
        place += [codes.index(code)] * int(count)
        year_of += [int(year) - 1973] * int(count)
        strata[2 * int(age) + int(sex) - 3] += int(count)
    july = [dt.date(year, 7, 1).toordinal() for year in (1973, 1982, 1991)]
    people = np.zeros((len(codes), 19, 36))
    for year in range(19):
        first, after = (dt.date(1973 + year + more, 1, 1).toordinal() for more in (0, 1))
        moments = first + (np.arange(2000) + 0.5) / 2000 * (after - first)
        weights = [np.interp(moments, july, one).mean() * (after - first) for one in np.eye(3)]
        people[:, year] = np.tensordot(weights, census, 1)
    expected_cases = standardised(people, strata)
    found = scan(
        poisson(cases_at(place, year_of, places=len(codes), days=19), expected_cases),
        circles(points, expected_cases.sum(1), distance="great_circle", max_share=0.5),
        Windows("retrospective", 9),
        rng=np.random.default_rng(1),
        chance=Chance(replicates=199, threads=2),
        overlap="none_in_space_time",
    )
    expected = classic["sample_NewMexicoSpaceTimePoisson"]["clusters"]
    same(found.clusters[0], expected[0], codes)
    assert (found.clusters[0].first_day, found.clusters[0].last_day) == (12, 16)
    assert found.clusters[0].p_value is not None
    assert found.clusters[0].p_value < 0.06
    ratios = [one.ratio for one in found.clusters]
    for one in expected:
        assert min(abs(ratio - printed_ratio(one)) for ratio in ratios) < 6e-7


def nearest_twelve(points):
    far = np.linalg.norm(points[:, None] - points[None], axis=2)
    return [[int(place) for place in row] for row in np.argsort(far, axis=1, kind="stable")[:, :12]]


@pytest.mark.parametrize("key", ["scan_pb_poisson", "scan_pb_poisson_tests", "scan_eb_poisson", "scan_permutation"])
def test_scanstatistics_in_r(synth, r_packages, key) -> None:
    """Zones are the 12 nearest areas; the last 14 days; population per day spread as that package does."""
    expected = r_packages["synth"][key]
    late = synth.positives[:, 28:]
    cases = cases_of(late)
    models = {
        "scan_pb_poisson": lambda: poisson(cases, synth.population),
        "scan_permutation": lambda: poisson(cases, synth.population),  # with a population that package scores so
        "scan_pb_poisson_tests": lambda: poisson(cases, synth.tests[:, 28:] / synth.tests[:, 28:].sum(0)),
        "scan_eb_poisson": lambda: forecast(
            cases, np.repeat(np.maximum(synth.positives[:, :28].mean(1), 1e-3)[:, None], 14, axis=1)
        ),
    }
    found = scan(
        models[key](),
        listed(nearest_twelve(synth.points), np.ones(120)),
        Windows("prospective", 14),
        rng=np.random.default_rng(1),
        chance=NONE,
    )
    best = found.clusters[0]
    assert sorted(best.members + 1) == sorted(expected["locations"])
    assert best.last_day - best.first_day + 1 == expected["duration"]
    assert best.ratio == pytest.approx(expected["score"], rel=1e-6)


def test_smerc_and_spatialepi_in_r(synth, r_packages) -> None:
    found = scan(
        synth.model("poisson"),
        synth.zones(0.5),
        Windows("spatial"),
        rng=np.random.default_rng(1),
        chance=NONE,
        overlap="none_in_space_time",
    )
    assert len(r_packages["synth_smerc_scan.test"]) == 5
    for best, expected in zip(found.clusters, r_packages["synth_smerc_scan.test"], strict=False):
        assert sorted(best.members + 1) == sorted(expected["locids"])
        assert best.ratio == pytest.approx(expected["loglikrat"], rel=1e-9)
        assert best.relative_risk == pytest.approx(expected["rr"], rel=1e-9)
    likely = r_packages["synth_SpatialEpi_kulldorff"]["most_likely"]
    assert sorted(found.clusters[0].members + 1) == sorted(likely["location.IDs.included"])
    assert found.clusters[0].ratio == pytest.approx(likely["log.likelihood.ratio"], rel=1e-9)
    assert found.clusters[0].expected == pytest.approx(likely["expected.cases"], rel=1e-9)


@pytest.mark.parametrize(
    ("model", "by"), [("poisson", "population"), ("tests", "tests"), ("permutation", "cases"), ("bernoulli", "tests")]
)
def test_the_planted_outbreak_of_the_sparse_study_is_found(outbreak, model, by) -> None:
    sparse = study(outbreak, "sparse")
    truth = json.loads((outbreak / "scan" / "scan_sparse_truth.json").read_text())
    found = scan(
        sparse.model(model),
        sparse.zones(0.1, by),
        Windows("prospective", 14),
        rng=np.random.default_rng(1),
        chance=Chance(replicates=999, threads=2),
    )
    best = found.clusters[0]
    places = {sparse.codes[place] for place in best.members}
    assert len(places & set(truth["injected_areas"])) >= 4
    assert best.p_value == pytest.approx(0.001)
    assert best.gumbel_p_value is not None
    assert best.gumbel_p_value < 0.01
