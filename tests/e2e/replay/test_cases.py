# SPDX-License-Identifier: Apache-2.0
"""Every packet case, through the real gateway.

Cases share a run if they share the configuration and the ways in which their frames vanish (to the
kernel, or for a reason), so that counters tell each frame's fate; what is sent tells its own. If a
run is not as all its cases have it, each of them gets one of its own, to find the culprit.
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
    """What is wrong with cases that are sent together."""
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


def test_names_of_cases_are_their_own():
    names = [case.id for case in cases.ALL]
    assert sorted(set(names)) == sorted(names)
