# SPDX-License-Identifier: Apache-2.0
"""The highest rate that a forwarder on a memif takes without loss (RFC 2544, section 26.1).

The queues of a memif last for 0.1 ms. If the host or another process has the CPU of the forwarder or
of the peer for longer than that, packets are lost at any rate. A trial does not count if it lost no
more packets than are offered in the time of such disturbances, as far as Linux tells. It does not
tell all, so trials are short, each rate gets several, and one without loss is enough: within 50 ms,
a rate that is 0.3 % too high overflows a queue.
"""

from typing import NamedTuple

from processes import OTHER_CPU, bound_to
from results import Failure

TRIAL_S = 0.05
STEPS = 9
TRIES = 5
DISTURBED_TRIES = 20  # at most, which do not count
TOLERANCE = 1e-5  # of the packets may be lost
PEER_LAG = 1e-3  # of the packets the peer may not have offered yet
ABOVE_CAPACITY = 1.25


class LossFree(NamedTuple):
    frames_pps: float
    plain_pps: float  # of these, packets of plain traffic
    is_sure: bool  # else a higher rate had too few trials that count


def loss_free(pair, traffic="plain"):
    """Searches by bisection, on the peer's CPU: on the forwarder's it would be a disturbance."""
    with bound_to(OTHER_CPU):
        capacity_pps = max(pair.capacity_pps(TRIAL_S, traffic) for _ in range(3))
        low, high, best, are_sure = 0.0, ABOVE_CAPACITY * capacity_pps, None, True
        for _ in range(STEPS):
            middle = (low + high) / 2
            trial, is_sure = trial_without_loss(pair, middle, traffic)
            are_sure = are_sure and is_sure
            if trial:
                low, best = middle, trial
            else:
                high = middle
    if best is None:
        raise Failure(f"loses packets even at {middle:.0f} packets a second")
    return LossFree(low, low * best.plain_offered / best.offered, are_sure)


def trial_without_loss(pair, rate_pps, traffic):
    """The first one, or None; and whether that is sure."""
    tries = 0
    for _ in range(TRIES + DISTURBED_TRIES):
        before_ms = pair.disturbed_ms()
        trial = pair.trial(rate_pps, TRIAL_S, traffic)
        lost_share = share_lost(trial, rate_pps)
        if lost_share <= TOLERANCE:
            return trial, True
        disturbed_s = (pair.disturbed_ms() - before_ms) / 1e3
        tries += lost_share * TRIAL_S > disturbed_s
        if tries == TRIES:
            break
    return None, tries == TRIES


def share_lost(trial, rate_pps):
    """Of the plain packets, if there are any: not all frames of an attack have to come back. What
    the peer has not offered counts as lost too."""
    offered, received = ((trial.plain_offered, trial.plain_received) if trial.plain_offered
                         else (trial.offered, trial.received))
    not_offered = 1 - trial.offered / (rate_pps * TRIAL_S)
    return 1 - received / max(1, offered) + (not_offered if not_offered > PEER_LAG else 0)
