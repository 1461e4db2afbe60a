# SPDX-License-Identifier: Apache-2.0
"""Every packet case, through the real gateway.

Cases share a replay if they have the same configuration and the same outcomes without an output
frame (to the kernel, or one drop reason), so that counters show the outcome of each frame. If a
shared replay differs from what its cases expect, each case is replayed alone, to find the one at
fault.
"""

import re
from collections import defaultdict

import cases
import pytest
from cases.gateways import GATEWAYS
from judge import problems
from programs import ROOT
from replaying import replay_frames

RUNS = defaultdict(list)
for each in cases.ALL:
    RUNS[each.gateway, each.unseen()].append(each)


def run_name(key):
    gateway, unseen = key
    return " ".join([gateway, *sorted(unseen)])


@pytest.fixture(scope="session")
def judged(tmp_path_factory):
    """Replays cases together; returns the differences."""
    known = {}

    def judge(some):
        key = tuple(case.id for case in some), some[0].gateway
        if key not in known:
            folder = tmp_path_factory.mktemp("cases")
            gateway = GATEWAYS[some[0].gateway]
            config = folder / "gateway.toml"
            config.write_text(gateway.text)
            frames = [step.frame for case in some for step in case.steps]
            known[key] = problems(some, gateway, replay_frames(frames, config, folder))
        return known[key]

    return judge


@pytest.mark.parametrize("case", cases.ALL, ids=lambda case: case.id)
def test_case(judged, case):
    if judged(RUNS[case.gateway, case.unseen()]):
        assert not judged([case]), "\n".join(judged([case]))


@pytest.mark.parametrize("key", RUNS, ids=run_name)
def test_cases_together(judged, key):
    assert not judged(RUNS[key]), "\n".join(judged(RUNS[key])[:10])


def test_every_case_of_the_list_is_there():
    numbers = {case.number for case in cases.ALL} - {None}
    assert numbers | cases.TESTED_ELSEWHERE.keys() == set(range(1, cases.LAST + 1))


@pytest.mark.parametrize("number", cases.TESTED_ELSEWHERE)
def test_a_case_elsewhere_exists(number):
    path, pattern = cases.TESTED_ELSEWHERE[number]
    assert re.search(pattern, (ROOT / path).read_text())


def test_names_of_cases_are_unique():
    names = [case.id for case in cases.ALL]
    assert sorted(set(names)) == sorted(names)
