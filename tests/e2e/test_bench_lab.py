# SPDX-License-Identifier: Apache-2.0
"""scripts/bench tells samples during which CPU time was stolen from others, and counts takeovers."""

import sys

import pytest
from programs import ROOT

sys.path.insert(0, str(ROOT / "scripts" / "bench.d"))

import stolen  # noqa: E402
from failover import figure  # noqa: E402
from gateways import takeovers  # noqa: E402
from observers import MAC, Watch  # noqa: E402
from present import figure as in_words  # noqa: E402
from results import read_report, write_report  # noqa: E402
from stolen import Sample, StolenLog, disturbed, stolen_ms, valid  # noqa: E402

ADVERT_MS = 10


def test_stolen_time_is_read_in_ms(tmp_path, monkeypatch):
    monkeypatch.setattr(stolen, "STAT", tmp_path / "stat")
    monkeypatch.setattr(stolen.os, "sysconf", lambda _: 100)
    stolen.STAT.write_text("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 88 9 10\n")
    assert stolen_ms() == 80


def test_a_sample_has_the_time_that_was_stolen_meanwhile(monkeypatch):
    totals = iter([20.0, 50.0])
    monkeypatch.setattr(stolen, "stolen_ms", lambda: next(totals))
    assert stolen.sample(lambda: 7) == Sample(7, 30)


@pytest.mark.parametrize("samples, values", [
    ([Sample(1, 0), Sample(2, 0)], [1, 2]),
    ([Sample(1, 0), Sample(9, 10)], [1]),
    ([Sample(1, 0), Sample(9, 10), Sample(8, 20)], [1, 9, 8]),
])
def test_samples_with_stolen_time_are_left_out_if_half_remain(samples, values):
    assert valid(samples) == values


def test_a_figure_lists_the_samples_that_it_leaves_out(tmp_path):
    median, worst = figure("some", [Sample(1, 0), Sample(3, 0), Sample(2, 0), Sample(90, 20)])
    assert (median.value, worst.value) == (2, 3)
    assert (worst.gated, worst.samples, worst.stolen) == (1, 4, [[90, 20]])
    assert in_words(worst) == "3.00 ms (CPU time was stolen during 1 of 4 samples: left out)"
    report = {"date": "", "machine": {}, "busy": 0, "quick": False, "results": [median, worst]}
    write_report(tmp_path / "some.json", report)
    assert read_report(tmp_path / "some.json") == report


def test_a_figure_says_that_it_includes_samples_with_stolen_time():
    _, worst = figure("some", [Sample(1, 0), Sample(90, 20), Sample(80, 10)])
    assert (worst.value, worst.gated) == (90, 0)
    assert in_words(worst) == "90.0 ms (CPU time was stolen during 2 of 3 samples: included)"


def test_samples_of_the_reference_are_judged_alike():
    median, _ = figure("some", [Sample(1, 0)], reference=[Sample(4, 0), Sample(9, 10)])
    assert (median.ratio, median.reference_stolen, median.stolen) == (0.25, [[9, 10]], None)
    assert disturbed([Sample(1, 0)]) is None


def log_of(*records):
    log = StolenLog()
    log.times, log.totals_ms = map(list, zip(*records))
    return log


@pytest.mark.parametrize("begin, end, stolen_meanwhile", [
    (1.0, 1.1, 0), (1.0, 1.3, 20), (1.25, 1.27, 20), (1.35, 1.5, 0), (1.19, 1.2, 20),
    (1.35, 9.0, 30), (0.0, 0.5, 0),
])
def test_a_log_tells_what_was_stolen_between_two_moments(begin, end, stolen_meanwhile):
    log = log_of((0.9, 0), (1.2, 0), (1.3, 20), (1.6, 20), (1.7, 50))
    assert log.between(begin, end) == stolen_meanwhile


def heard(*adverts):
    watch = Watch()
    watch.heard = [{"at": at, "mac": MAC[gateway], "priority": priority}
                   for at, gateway, priority in adverts]
    return watch


def test_each_takeover_is_counted():
    watch = heard((1.00, "gw1", 200), (1.04, "gw2", 100), (1.05, "gw2", 100), (1.06, "gw1", 200),
                  (1.07, "gw1", 200), (1.11, "gw2", 100), (1.12, "gw1", 200))
    assert takeovers(watch, "gw2", ADVERT_MS) == [1.04, 1.11]


def test_adverts_that_cross_are_one_takeover():
    watch = heard((1.00, "gw1", 200), (1.04, "gw2", 100), (1.05, "gw1", 200), (1.051, "gw2", 100),
                  (1.06, "gw1", 200))
    assert takeovers(watch, "gw2", ADVERT_MS) == [1.04]


def test_a_late_advert_of_an_owner_and_the_advert_of_one_who_resigns_are_no_takeovers():
    watch = heard((1.00, "gw1", 200), (1.04, "gw2", 100), (1.20, "gw2", 100), (1.25, "gw1", 200),
                  (1.30, "gw2", 0))
    assert takeovers(watch, "gw2", ADVERT_MS) == [1.04]
