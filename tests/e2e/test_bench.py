# SPDX-License-Identifier: Apache-2.0
"""scripts/bench compares results with targets, and reports faults in the output of programs."""

import json
import re
import sys
import xml.etree.ElementTree as ElementTree

import pytest
from programs import ROOT, run

sys.path.insert(0, str(ROOT / "scripts" / "bench.d"))

import peers  # noqa: E402
from alternate import Figures  # noqa: E402
from curves import charts, last_count  # noqa: E402
from derive import DIFFERENCES, MIXES, RATIOS, derive, over_parts  # noqa: E402
from plot import svg  # noqa: E402
from present import lines, markdown  # noqa: E402
from program import run_program  # noqa: E402
from readme import with_tables  # noqa: E402
from results import (Failure, Result, file_name, parse_line, read_report,  # noqa: E402
                     write_report)
from targets import TARGETS, at_most, ratio_at_least, ratio_at_most  # noqa: E402

BENCH = ROOT / "scripts" / "bench"
CASE = ("core", "ipv4 ipip, 1 flow")
LINE = ('{"case": "ipv4 ipip, 1 flow", "unit": "clock cycles/packet", "value": 30.5, '
        '"p5": 29, "tsc": 17.5, "gated": 2, "samples": 100, '
        '"reference": "receive, transmit", "reference_value": 10, "ratio": 3.05}')
MACHINE = {"cpu": "Some CPU", "cores": 2, "kernel": "6.1", "dpdk": "22.11.1", "tsc_hz": 2.6e9}


def report_of(*results):
    return {"date": "2026-01-02T03:04:05+00:00", "machine": MACHINE, "busy": 0.25,
            "quick": False, "results": list(results)}


def figure(value, ratio=None):
    return Result("core", "some", "clock cycles/packet", value, ratio=ratio)


@pytest.mark.parametrize("bound, result, is_met", [
    (at_most(56, "clock cycles/packet"), figure(56), True),
    (at_most(56, "clock cycles/packet"), figure(56.01), False),
    (ratio_at_most(1.15), figure(500, 1.15), True),
    (ratio_at_most(1.15), figure(1, 1.2), False),
    (ratio_at_least(0.6), figure(0, 0.6), True),
    (ratio_at_least(0.6), figure(9, 0.59), False),
    (ratio_at_least(0.6), figure(9), False),
])
def test_a_bound_is_judged(bound, result, is_met):
    assert bound.is_met(result) == is_met


def test_a_result_has_the_target_of_its_case():
    part, case = CASE
    assert Result(part, case, "clock cycles/packet", 56).met is True
    assert Result(part, case, "clock cycles/packet", 57).met is False
    assert Result(part, "no such case", "clock cycles/packet", 57).met is None
    assert Result("tables", case, "clock cycles/packet", 57).met is None


def test_only_figures_of_the_targets_unit_are_judged():
    assert Result(*CASE, "TSC cycles/packet", 1).met is None
    assert Result(*CASE, "clock cycles/packet", None, gated=95, samples=100).met is None
    assert Result("dataplane", "memif, 64 K flows", "Mpps", None, gated=9, samples=9).met is None


def test_figures_of_two_cases_are_derived_once():
    few = Result("core", "ipv4 ipip, 64 K flows", "clock cycles/packet", 40)
    many = Result("core", "ipv4 ipip, 64 K flows, 4096 services", "clock cycles/packet", 50)
    gue = Result("core", "ipv4 gue, 64 K flows", "clock cycles/packet", 47.5)
    assert [(one.case, one.value, one.ratio, one.met) for one in derive([few, many, gue])] == [
        ("4096 services over few", 50, 1.25, False), ("gue over ipip, extra", 7.5, None, True)]
    extra = Result("core", "gue over ipip, extra", "clock cycles/packet", 5)
    assert list(derive([few, gue, extra])) == list(derive([many, gue])) == []


def test_figures_of_two_cases_do_not_depend_on_the_speed_of_the_machine():
    few = Result("core", "ipv4 ipip, 64 K flows", "clock cycles/packet", 40, None, "copy", 10, 4)
    gue = Result("core", "ipv4 gue, 64 K flows", "clock cycles/packet", 90, None, "copy", 20, 4.5)
    assert [one.value for one in derive([few, gue])] == [10]


def test_figures_in_clock_cycles_are_compared_as_they_are():
    few = Result("core", "ipv4 ipip, 64 K flows", "clock cycles/packet", 40, None, "copy", 10, 4, 24)
    gue = Result("core", "ipv4 gue, 64 K flows", "clock cycles/packet", 50, None, "copy", 11, 5, 29)
    assert [(one.value, one.tsc) for one in derive([few, gue])] == [(10, 5)]


def test_nothing_is_derived_from_a_case_without_a_figure():
    few = Result("core", "ipv4 ipip, 64 K flows", "clock cycles/packet", None, gated=9, samples=9)
    gue = Result("core", "ipv4 gue, 64 K flows", "clock cycles/packet", 50)
    assert not list(derive([few, gue]))


def test_a_mix_is_compared_with_its_parts():
    mix, whole, others = ("ipv4 ipip, 64 K flows, 30 % ICMP errors mixed in",
                          "ipv4 ipip, 64 K flows",
                          "ipv4 ipip, 64 K flows, ICMP errors about them")
    unit = "clock cycles/packet"
    results = [Result("core", mix, unit, 80), Result("core", whole, unit, 50),
               Result("core", others, unit, 100)]
    parts, each = derive(results)
    assert parts.case == "30 % ICMP errors mixed in, over its parts"
    assert (parts.reference_value, parts.met) == (0.7 * 50 + 0.3 * 100 * 1.1, False)
    assert each.case == "30 % ICMP errors mixed in, a whole packet"
    assert each.value == pytest.approx(50 / 0.7) and each.ratio == pytest.approx(1 / 0.7)
    assert not list(derive(results[:2]))
    assert not list(derive([*results, parts, each]))


def test_figures_of_two_cases_have_unique_names():
    names = [*RATIOS, *DIFFERENCES, *((part, over_parts(case)) for part, case in MIXES)]
    assert all(name in TARGETS for name in names)
    assert not set(case for _, case in names) & {case for pair in RATIOS.values() for case in pair}


def test_bounds_are_printed_with_limit_and_unit():
    assert str(at_most(16 << 20, "bytes")) == "≤ 16,777,216 bytes"
    assert str(ratio_at_least(0.6)) == "≥ 0.6 ×"


def test_a_line_of_a_program_is_read():
    assert parse_line("core", LINE) == Result(*CASE, "clock cycles/packet", 30.5, 29,
                                              "receive, transmit", 10, 3.05, 17.5, 2, 100)
    assert parse_line("core", '{"case": "a", "unit": "ms", "value": 1, "ratio": null}') == Result(
        "core", "a", "ms", 1)
    gated = '{"case": "a", "unit": "clock cycles", "gated": 95, "samples": 100}'
    assert parse_line("core", gated) == Result("core", "a", "clock cycles", None, gated=95,
                                               samples=100)


@pytest.mark.parametrize("line, message", [
    ("ipv4 1 flow: 33 cycles/packet", "not JSON: ipv4 1 flow: 33 cycles/packet"),
    ("[1]", "not a JSON object: [1]"),
    ('{"case": "a", "value": 1}', "no 'unit'"),
    ('{"case": "a", "unit": "clock cycles/packet", "value": null}', "no 'value'"),
    ('{"case": "a", "unit": "clock cycles/packet", "gated": 0}', "no 'value'"),
    ('{"case": "a", "unit": "clock cycles/packet", "value": "1"}', "'value' is not a number"),
    ('{"case": "a", "unit": "clock cycles/packet", "value": NaN}', "'value' is not a number"),
    ('{"case": "a", "unit": "clock cycles/packet", "value": true}', "'value' is not a number"),
    ('{"case": 1, "unit": "clock cycles/packet", "value": 1}', "'case' is not a text"),
    ('{"case": "a", "unit": "clock cycles/packet", "value": 1, "p50": 1}', "unknown key 'p50'"),
])
def test_a_line_that_is_no_result_is_reported(line, message):
    with pytest.raises(Failure, match=re.escape(message)):
        parse_line("core", line)


@pytest.fixture
def program(tmp_path):
    """Runs a shell script as the program of a part."""
    def results_of(script):
        path = tmp_path / "some_bench"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return run_program("core", [str(path)])

    return results_of


def test_results_of_a_program_are_read_one_by_one(program):
    results = program(f"echo '{LINE}'; echo; echo '{LINE}'; exit 1")
    assert next(results) == next(results) == parse_line("core", LINE)
    with pytest.raises(Failure):
        next(results)


@pytest.mark.parametrize("script, message", [
    (":", "some_bench: printed no result"),
    ("echo no memory >&2; exit 3", "some_bench: failed with exit code 3\nno memory"),
    (f"echo '{LINE}'; kill -9 $$", "some_bench: failed with signal 9"),
    (f"echo '{LINE}'; echo warning", "some_bench: not JSON: warning"),
])
def test_a_program_that_fails_is_a_failure(program, script, message):
    with pytest.raises(Failure, match=re.escape(message)):
        list(program(script))


def test_a_missing_program_is_a_failure(tmp_path):
    with pytest.raises(Failure, match="nowhere: No such file"):
        list(run_program("core", [str(tmp_path / "nowhere")]))


def test_ratios_compare_slices_of_one_round():
    rates = Figures({"ours": [1.0, 10.0, 3.0], "theirs": [2.0, 20.0, 6.0]})
    assert rates.median("ours") == 3.0
    assert rates.ratio("ours", "theirs") == 0.5


def test_cpu_time_at_a_peer_is_the_difference_to_no_gateway():
    ways = {"direct": [(1000, 40), (1000, 40)], "haproxy": [(200, 140), (400, 140)],
            "vipfwd": [(900, 60), (900, 60)]}
    figures = {name: [peers.Figure(*one) for one in of] for name, of in ways.items()}
    assert [(one.case, one.value, one.reference, one.ratio)
            for one in peers.judge("keep-alive", figures)] == [
        ("keep-alive, haproxy", 300, "no gateway", 0.3),
        ("keep-alive, vipfwd", 900, "no gateway", 0.9),
        ("keep-alive, CPU at haproxy", 100, "vipfwd", 5),
        ("keep-alive, CPU at vipfwd", 20, "vipfwd", 1),
    ]


def test_a_report_is_read_as_it_was_written(tmp_path):
    report = report_of(parse_line("core", LINE), Result("core", "extra", "clock cycles/packet", 1.5))
    write_report(tmp_path / "results.json", report)
    assert read_report(tmp_path / "results.json") == report
    first, second = json.loads((tmp_path / "results.json").read_text())["results"]
    assert (first["target"], first["met"]) == ("≤ 56 clock cycles/packet", True)
    assert "target" not in second and "p5" not in second


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"date": "", "results": [1]}'])
def test_a_file_that_is_no_report_is_an_error(tmp_path, text):
    path = tmp_path / "results.json"
    path.write_text(text)
    answer = run(BENCH, "--table", path)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == f"scripts/bench: {path}: not a results file of scripts/bench\n"


def test_the_table_has_every_target_of_the_parts_that_were_run(tmp_path):
    shared = Result("dataplane", "memif, 64 K flows", "Mpps", 9, None, "testpmd macswap", 10, 0.9)
    write_report(tmp_path / "results.json", report_of(Result(*CASE, "clock cycles/packet", 57.3, tsc=33.1), shared))
    table = run(BENCH, "--table", tmp_path / "results.json").stdout
    assert table.splitlines() == list(markdown([read_report(tmp_path / "results.json")]))
    of_these = [part for part, _ in TARGETS if part in ("core", "dataplane")]
    assert table.count("\n| ") == len(of_these) + 1
    assert "failover" not in table
    assert ("| core: ipv4 ipip, 1 flow | ≤ 56 clock cycles/packet "
            "| 57.3 clock cycles/packet (TSC 33.1) | no |") in table
    assert ("| dataplane: memif, 64 K flows | ≥ 0.85 × "
            "| 0.90 × (9.00 Mpps; testpmd macswap: 10.0) | yes |") in table
    assert "| core: ipv4 ipip, 64 K flows | ≤ 58 clock cycles/packet | – | – |" in table
    assert ("2026-01-02: 2 cores of Some CPU, TSC 2.60 GHz, Linux 6.1, DPDK 22.11.1; 25% busy with "
            "something else.") in table.replace("\n", " ")


def test_reports_of_two_processors_are_beside_each_other():
    amd, intel = (report_of(Result(*CASE, "clock cycles/packet", cycles)) for cycles in (50, 60))
    intel = {**intel, "machine": {**MACHINE, "cpu": "Other CPU"}, "note": "It was tired."}
    table = list(markdown([amd, intel]))
    assert table[0] == "| work | target | Some CPU | met | Other CPU | met |"
    assert ("| core: ipv4 ipip, 1 flow | ≤ 56 clock cycles/packet | 50.0 clock cycles/packet | yes "
            "| 60.0 clock cycles/packet | no |") in table
    assert " ".join(table).count("2 cores of") == 2
    assert " ".join(table).endswith("It was tired.")


@pytest.mark.parametrize("name", ["results", "failover"])
def test_the_readme_shows_the_results_in_the_tree(name):
    readme = ROOT / "tests" / "bench" / "README.md"
    text = readme.read_text()
    reports = [read_report(path) for path in sorted(readme.parent.glob(f"{name}-*.json"))]
    assert "\n".join(markdown(reports)) in text
    assert with_tables(text, readme.parent) == text, "run scripts/bench --readme"


@pytest.mark.parametrize("parts, name", [
    (["core", "tables"], "results-amd.json"), (["core"], "results-amd.json"),
    (["failover"], "failover-amd.json"), (["change"], "change-amd.json"),
    (["checks"], "checks-amd.json"), (["idle"], "idle-amd.json"), (["soak"], "soak-amd.json"),
])
def test_results_of_the_slow_parts_have_their_own_file(parts, name):
    assert file_name(parts, "amd") == name


def test_results_of_the_tree_are_of_the_processor_in_their_name():
    for path in (ROOT / "tests" / "bench").glob("*-*.json"):
        assert path.stem.endswith(f"-{read_report(path)['machine']['kind']}")


def test_only_the_tables_of_a_readme_are_replaced(tmp_path):
    reports = [report_of(parse_line("core", LINE)), report_of(Result(*CASE, "ms", 1))]
    for report, kind in zip(reports, ("amd", "intel")):
        write_report(tmp_path / f"results-{kind}.json", report)
    text = "before\n<!-- results -->\nold\n<!-- end -->\nbetween <!-- end -->\n"
    table = "\n".join(markdown(reports))
    assert with_tables(text, tmp_path) == text.replace("old", table)
    assert "There are no results yet." in with_tables(text, tmp_path / "empty")


def test_lines_are_aligned():
    head, first, second = lines([parse_line("core", LINE), Result("core", "b", "ms", 1234)])
    assert first.split() == ("ipv4 ipip, 1 flow 30.5 clock cycles/packet 17.5 2 of 100 "
                             "receive, transmit 10.0 3.05 ≤ 56 clock cycles/packet met").split()
    assert second.split() == ["b", "1,234", "ms"]
    assert head.index("target") == first.index("≤")


def test_a_case_with_too_few_valid_samples_says_so():
    result = Result(*CASE, "clock cycles/packet", None, gated=95, samples=100)
    assert "| ≤ 56 clock cycles/packet | – (95 of 100 samples gated) | – |" in "\n".join(
        markdown([report_of(result)]))
    assert "95 of 100" in list(lines([result]))[1]


def test_a_result_without_counts_is_on_no_curve():
    assert [last_count(case) for case in
            ["ipv4 ipip, ring only", "memory, flow table for 2^20 flows", "new flows, 1 M table",
             "decision, 100 pools, p99", "ipv6 ipip, 1 flow", "64 K flows, 16 pools"]] == [
        None, None, None, ("decision, p99", 100, "pools"), ("ipv6 ipip", 1, "flows"),
        ("64 K flows", 16, "pools")]


def test_results_that_differ_in_one_number_are_a_curve():
    cases = ["ipv4, 1 M flows", "ipv4, 1 flow", "ipv4, 1 M flows, Zipf", "ipv4, 1 flow, 4 pools",
             "ipv4, 1 flow, 1 pool", "ring only"]
    results = [Result("core", case, "clock cycles/packet", at) for at, case in enumerate(cases, 1)]
    elsewhere = Result("tables", "ipv4, 64 K flows", "clock cycles/packet", 9)
    assert [(one.part, one.over, {name: [(count, point.value) for count, point in points]
                                  for name, points in one.curves.items()})
            for one in charts([*results, elsewhere])] == [
        ("core", "flows", {"ipv4": [(1, 2), (1 << 20, 1)]}),
        ("core", "pools", {"ipv4, 1 flow": [(1, 5), (4, 4)]})]


def drawn(*results):
    """The picture, and a function that finds its elements."""
    picture = ElementTree.fromstring(svg(report_of(*results)))
    return picture, lambda tag: picture.findall(f".//{{http://www.w3.org/2000/svg}}{tag}")


def test_a_plot_has_a_bar_for_results_with_a_reference():
    _, find = drawn(parse_line("core", LINE), Result("core", "a < b", "clock cycles/packet", 3))
    assert len(find("rect")) == 2  # the background, and the bar of the first result
    assert not find("polyline")


def test_a_plot_has_a_curve_and_bars_for_its_points_with_a_target():
    points = [Result("core", f"ipv4 ipip, {flows}", "clock cycles/packet", 40, None, "copy", 4, 10)
              for flows in ("1 flow", "4 K flows", "64 K flows")]
    _, find = drawn(*points)
    assert len(find("rect")) == 1 + 2
    assert len(find("polyline")) == 1 and len(find("circle")) == 3


def test_a_plot_has_room_for_the_longest_words():
    words = "so many words that they would not fit anywhere, " * 4
    picture, find = drawn(Result("core", words, "clock cycles/packet", 3, None, words, 3, 1),
                          *(Result("core", f"{words}{flows}", "us", 3) for flows in
                            ("1 flow", "2 flows")))
    width_of = 6 * len(words)  # at least
    label = next(one for one in find("text") if one.text == f"core: {words}")
    assert float(find("rect")[1].get("x")) > float(label.get("x")) + width_of
    for text in find("text"):
        if text.get("text-anchor") == "start":
            assert float(text.get("x")) + 6 * len(text.text) < float(picture.get("width"))


@pytest.mark.parametrize("values", [(0, 0), (1, 1), (-0.5, 3), (1, 1e9), (0, 1e-3), (7, 11)])
def test_values_of_any_size_can_be_drawn(values):
    _, find = drawn(*(Result("core", f"a, {at} flows", "us", value)
                      for at, value in enumerate(values, 1)))
    assert len(find("circle")) == 2


def test_an_unknown_part_is_wrong_usage():
    answer = run(BENCH, "no-such-part")
    assert answer.returncode == 2
    assert "no part 'no-such-part': there are core, tables, dataplane, peers" in answer.stderr
