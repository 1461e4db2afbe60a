# SPDX-License-Identifier: Apache-2.0
"""Gateways with two workers: if one of them is stuck, its flows are not served, so the gateway
resigns."""

import time

import pytest
from labs import HERE, worker_thread
from pairs import ADVERT_MS, up
from programs import wait_until

# A worker without a heartbeat for this long counts as stuck; see dataplane/abi/limits.h.
STUCK_MS = 500


@pytest.fixture(scope="module")
def pair_up():
    with up(DRIVER="af_packet", WORKERS=2) as one:
        yield one


def alive(gateway):
    return [row["alive"] for row in gateway.vipctl.json("show", "workers")]


@pytest.mark.parametrize("worker", [0, 1], ids=["the one that advertises", "another"])
def test_a_gateway_with_a_stuck_worker_loses_the_vips(pair, worker):
    with pair.watched() as watch:
        with pair.client(HERE / "stall.py", worker_thread(pair.gw1, worker), node="gw1"):
            stalled = time.time()
            pair.await_states("down", "active")
            wait_until(lambda: alive(pair.gw1) == [number != worker for number in range(2)],
                       "it is told which one")
            assert pair.who_has() == ["gw2"]
            assert pair.requests(5) == 5
            assert pair.gw1.group()["priority"]["hindrances"] == ["the dataplane is not forwarding"]
        pair.await_states("active", "backup")
        time.sleep(0.3)
    assert watch.last_announcer() == "gw1"
    taken = watch.adverts("gw2")[0]["at"]
    said = [one["at"] - stalled for one in watch.adverts("gw1") if one["at"] < taken]
    assert said[-1] < 2 * (STUCK_MS + ADVERT_MS) / 1000, "no adverts of a gateway like this"
    wait_until(lambda: alive(pair.gw1) == [True, True], "both work again")
