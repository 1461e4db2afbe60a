# SPDX-License-Identifier: Apache-2.0
"""scripts/bench finds the highest rate over a memif without loss, and what an attack leaves of it.
"""

import itertools
import sys

import pytest
from programs import ROOT

sys.path.insert(0, str(ROOT / "scripts" / "bench.d"))

import under_attack  # noqa: E402
from gateway import judge_worker  # noqa: E402
from loss_free import TOLERANCE, TRIAL_S, TRIES, LossFree, loss_free, share_lost  # noqa: E402
from pair import Trial  # noqa: E402
from results import Failure  # noqa: E402

MIX = "plain+fragments"


def trial_of(offered, lost=0, plain=None, plain_lost=0):
    plain = offered if plain is None else plain
    return Trial(offered, offered, offered, offered - lost, plain, plain - plain_lost, 1, 2, 3)


class Wire:
    """A pair that loses nothing up to some rate, except in the first `unlucky` trials: 1 %, which
    is 0.5 ms. Linux tells that time as a disturbance if `is_told`."""

    def __init__(self, most_pps, unlucky=0, is_told=False):
        self.most_pps = most_pps
        self.unlucky = unlucky
        self.is_told = is_told
        self.disturbances_ms = 0

    def capacity_pps(self, duration_s, traffic):
        return 1.1 * self.most_pps

    def trial(self, rate_pps, duration_s, traffic):
        offered = round(rate_pps * duration_s)
        self.unlucky -= 1
        if self.unlucky >= 0 and self.is_told:
            self.disturbances_ms += 0.5
        whole = rate_pps <= self.most_pps and self.unlucky < 0
        plain = offered if traffic == "plain" else offered * 7 // 10
        lost = 0 if whole else plain // 100
        return trial_of(offered, lost, plain, lost)

    def disturbed_ms(self):
        return self.disturbances_ms


@pytest.mark.parametrize("unlucky, is_told", [(0, False), (TRIES - 1, False), (3 * TRIES, True)])
def test_the_loss_free_rate_is_found(unlucky, is_told):
    found = loss_free(Wire(7e6, unlucky, is_told))
    assert 6.95e6 < found.frames_pps <= 7e6
    assert found.plain_pps == pytest.approx(found.frames_pps)
    assert found.is_sure


def test_a_rate_is_not_sure_if_higher_ones_had_no_trial_that_counts():
    wire = Wire(7e6)
    wire.disturbed_ms = itertools.count(0, 1).__next__  # each time 1 ms later
    found = loss_free(wire)
    assert 6.95e6 < found.frames_pps <= 7e6
    assert not found.is_sure


def test_the_rate_of_plain_packets_is_their_share_of_the_frames():
    found = loss_free(Wire(7e6), MIX)
    assert found.plain_pps == pytest.approx(0.7 * found.frames_pps, rel=1e-3)


def test_a_rate_that_always_loses_packets_is_a_failure():
    with pytest.raises(Failure, match="loses packets even at"):
        loss_free(Wire(7e6, unlucky=10_000))


@pytest.mark.parametrize("trial, is_whole", [
    (trial_of(1_000_000), True),
    (trial_of(1_000_000, lost=10, plain_lost=10), True),
    (trial_of(1_000_000, lost=11, plain_lost=11), False),
    (trial_of(1_000_000, lost=300_000, plain=700_000), True),  # all of them frames of the attack
    (trial_of(1_000_000, lost=300_000, plain=0), False),  # nothing but the attack
    (trial_of(990_000), False),  # the peer did not keep the rate
    (trial_of(0), False),
])
def test_a_trial_is_judged_by_its_plain_packets(trial, is_whole):
    assert (share_lost(trial, 1_000_000 / TRIAL_S) <= TOLERANCE) == is_whole


def rates_of(*are_sure):
    """One round for each argument."""
    def rounds(*pps):
        return [LossFree(*pps, is_sure) for is_sure in are_sure]
    attacks = under_attack.ATTACKS.values()
    return {"plain": rounds(10e6, 10e6), **{name: rounds(5e6, 0.0) for name in attacks},
            **{under_attack.mixed(name): rounds(8e6, 5.6e6) for name in attacks}}


def test_rounds_that_are_not_sure_are_left_out():
    for one in under_attack.results(rates_of(True, False)):
        assert (one.gated, one.samples) == (1, 2) and one.value
    for one in under_attack.results(rates_of(False)):
        assert (one.value, one.gated, one.met) == (None, 1, None)


def test_a_mix_is_compared_with_plain_packets_and_with_its_parts():
    found = {one.case: one for one in under_attack.results(rates_of(True))}
    assert found["memif, plain packets alone"].value == 10
    assert found["memif, fragments alone"].value == 5
    left = found["memif, 30 % fragments mixed in, plain packets"]
    assert (left.value, left.reference_value, left.ratio) == pytest.approx((5.6, 10, 0.56))
    assert found["memif, 30 % fragments mixed in, all frames"].ratio == 0.8
    parts = found["memif, 30 % ICMP errors mixed in, over its parts"]
    assert parts.reference_value == pytest.approx(1 / (0.7 / 10 + 0.3 * 1.1 / 5))
    assert parts.ratio == pytest.approx(8 * (0.07 + 0.066)) and parts.met is True


def row_of(**other):
    row = {"received": 100, "forwarded": 90, "transmitted": 90, "dropped": 2, "held": 8,
           "bytes": {"forwarded": 90 * 46, "transmitted": 90 * 80}}
    return {**row, **other}


def test_a_gateway_may_hold_fragments():
    judge_worker(row_of())


@pytest.mark.parametrize("fault, message", [
    ({"held": 9}, "not all packets were forwarded"),
    ({"bytes": {"forwarded": 90 * 46, "transmitted": 90 * 60}}, "grew by 0.0 bytes, not by 20"),
])
def test_a_gateway_that_does_not_forward_all_is_a_failure(fault, message):
    with pytest.raises(Failure, match=message):
        judge_worker(row_of(**fault))
