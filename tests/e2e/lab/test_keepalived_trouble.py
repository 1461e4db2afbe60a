# SPDX-License-Identifier: Apache-2.0
"""A gateway of ours and keepalived, when one of them hangs or loses adverts, when we hand over to
it, and when adverts are forged. The rightful owner announces the VIPs last."""

import contextlib
import statistics
import time

import pytest
from labs import CLIENT
from lossy import lossy
from mixed_pairs import INTERVAL_S, takeover_s, up
from pairs import VIPS, reannounce_delay_s
from programs import wait_until

FREEZES = 3
SLOW_S = 1


@pytest.fixture(scope="module")
def pair_up():
    with up() as one:
        yield one


def let_own(pair, owner):
    if owner == "gw2":
        pair.gw1.set_priority(50)
    await_owner(pair, owner)


def await_owner(pair, owner):
    pair.await_states(*(("active", "backup") if owner == "gw1" else ("backup", "active")))


@contextlib.contextmanager
def hanging(pair, owner):
    with pair.gw1.frozen("control", "dataplane") if owner == "gw1" else pair.gw2.frozen():
        yield


@pytest.mark.parametrize("owner", ["gw1", "gw2"])
@pytest.mark.parametrize("freeze_s", [0.06, 1])
def test_an_owner_that_hung_announces_last_and_at_once(pair, owner, freeze_s):
    pair.advertise_every(10)
    let_own(pair, owner)
    took_s = []
    for _ in range(FREEZES):
        with pair.watched() as watch:
            with hanging(pair, owner):
                time.sleep(freeze_s)
                thawed = time.time()
            time.sleep(0.3)
            await_owner(pair, owner)
        for vip in VIPS:
            assert watch.last_announcer(vip) in (owner, None)
            took_s.append(reannounce_delay_s(watch, thawed, owner, vip))
    took_s = [one for one in took_s if one is not None]
    assert took_s, "the other took over meanwhile"
    assert statistics.median(took_s) < 0.02, took_s


@pytest.mark.parametrize("owner", ["gw1", "gw2"])
@pytest.mark.parametrize("deaf", ["gw1", "gw2"])
def test_an_owner_announces_last_whichever_side_loses_adverts(pair, owner, deaf):
    let_own(pair, owner)
    other = "gw2" if owner == "gw1" else "gw1"
    with pair.watched() as watch:
        with lossy(pair, deaf):
            if deaf == other:
                pair.await_states("active", "active")
            time.sleep(10 * INTERVAL_S)
        await_owner(pair, owner)
        time.sleep(5 * INTERVAL_S)
    assert bool(watch.announcements(other)) == (deaf == other)
    for vip in VIPS:
        assert watch.last_announcer(vip) in (owner, None)
    pair.check_nothing_changes(10 * INTERVAL_S)


@pytest.mark.parametrize("command", ["handover", "stop"])
def test_keepalived_takes_over_at_once_when_we_hand_over(pair, command):
    with pair.watched() as watch:
        if command == "stop":
            pair.gw1.stop("dataplane")
        else:
            assert pair.gw1.vipctl("group", "handover", "edge").returncode == 0
        wait_until(lambda: pair.gw2.state() == "active", "keepalived takes over")
        pair.await_states("down" if command == "stop" else "backup", "active")
    assert watch.adverts("gw1")[-1]["priority"] == 0
    assert takeover_s(watch, "gw1", "gw2") < 2 * INTERVAL_S
    assert watch.last_announcer() == "gw2"
    assert pair.who_has() == ["gw2"]
    pair.check_nothing_changes(10 * INTERVAL_S)


def test_priority_zero_is_answered_by_the_owner_and_causes_no_takeover(pair):
    pair.advertise_every(SLOW_S * 1000)
    transitions = pair.gw1.transitions()
    with pair.watched() as watch:
        for _ in range(3):
            time.sleep(0.2 * SLOW_S)
            pair.forge("resign")
        time.sleep(0.2 * SLOW_S)
        ended = time.time()
    forged = [one["at"] for one in watch.adverts() if one["priority"] == 0]
    assert len(forged) == 3
    for begin, end in zip(forged, [*forged[1:], ended]):
        answers = [one for one in watch.adverts("gw1") if begin < one["at"] < end]
        assert answers, "long before the next one is due"
    assert pair.gw1.transitions() == transitions
    assert pair.gw1.group()["heard"]["priority"] == 0
    assert pair.gw1.group()["heard"]["source"] == CLIENT


def test_priority_zero_does_not_end_a_handover(pair):
    pair.advertise_every(SLOW_S * 1000)
    pair.gw2.stop(kill=True)
    assert pair.gw1.vipctl("group", "handover", "edge", "--no-wait").returncode == 0
    assert pair.gw1.state() == "handing_over"
    pair.forge("resign")
    wait_until(lambda: pair.gw1.group()["heard"]["priority"] == 0, "it is heard")
    assert pair.gw1.state() == "handing_over"
    wait_until(lambda: pair.gw1.cause() == "no_successor", "nobody takes over")
    pair.gw2.start()


def test_priority_zero_does_not_activate_an_ineligible_gateway(pair):
    pair.gw1.disable()
    pair.await_states("down", "active")
    received = pair.gw1.group()["adverts_received"]
    pair.forge("resign")
    wait_until(lambda: pair.gw1.group()["adverts_received"] > received, "it is heard")
    pair.check_nothing_changes(10 * INTERVAL_S)
    assert pair.gw1.state() == "down"


def test_an_advert_with_the_checksum_of_the_rfc_counts(pair):
    pair.forge("plain-checksum")
    wait_until(lambda: ("active", "backup", "higher_priority") in pair.gw1.transitions(),
               "we give way to it")
    await_owner(pair, "gw1")
    assert not pair.gw1.new_discards()
