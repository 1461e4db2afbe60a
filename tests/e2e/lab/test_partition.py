# SPDX-License-Identifier: Apache-2.0
"""Gateways that receive only some of each other's adverts, or none. Two may then own the VIPs, and
both forward: no packet is lost, the one of higher priority announces last, and in the end it alone
owns the VIPs."""

import contextlib
import time

import pytest
from lossy import lossy
from pairs import ADVERT_MS, MAC, VIPS, Trio, up
from programs import wait_until


@pytest.fixture(scope="module")
def pair_up():
    with up("-trio", Trio) as one:
        yield one


def judge_settled(pair, watch):
    assert {watch.last_announcer(vip) for vip in VIPS} <= {"gw1", None}
    assert pair.who_has() == ["gw1"]
    assert not watch.lost()


def has_just_heard(gateway):
    heard = gateway.group()["heard"]
    return heard and heard["age_ms"] < 1000


@pytest.mark.parametrize("percent", [1, 5, 20])
def test_occasional_loss_of_adverts_does_no_harm(pair, percent):
    with contextlib.ExitStack() as stack:
        watch = stack.enter_context(pair.watched())
        with contextlib.ExitStack() as losses:
            for gateway in pair.gateways:
                losses.enter_context(lossy(pair, gateway.name, percent))
            time.sleep(60 * ADVERT_MS / 1000)
            assert pair.gw1.state() == "active", "the higher priority keeps the VIPs"
        pair.await_states("active", "backup", "backup")
        time.sleep(0.5)
    judge_settled(pair, watch)
    if percent == 1:  # that three adverts in a row are lost happens once in days
        assert not watch.announcements("gw2") and not watch.announcements("gw3")


def test_a_gateway_that_receives_no_adverts_does_not_announce_last(pair):
    with pair.watched() as watch:
        with lossy(pair, "gw2"):
            pair.await_states("active", "active", "backup")
            time.sleep(1)
            assert "gw1" in pair.who_has()
        pair.await_states("active", "backup", "backup")
        time.sleep(0.5)
    assert watch.announcements("gw2"), "it must take over, as it receives nothing"
    judge_settled(pair, watch)


def test_an_owner_that_receives_no_adverts_stays_the_owner(pair):
    with pair.watched() as watch:
        with lossy(pair, "gw1"):
            time.sleep(1)
            assert pair.states() == ("active", "backup", "backup")
    assert {one["mac"] for one in watch.adverts()} == {MAC["gw1"]}
    judge_settled(pair, watch)


def test_each_side_of_a_partition_has_one_owner_and_so_has_the_whole_afterwards(pair):
    with pair.watched() as watch:
        with lossy(pair, "gw2", of="gw1"), lossy(pair, "gw3", of="gw1"), lossy(pair, "gw1"):
            pair.await_states("active", "active", "backup")
            time.sleep(1)
        pair.await_states("active", "backup", "backup")
        time.sleep(0.5)
    assert not watch.announcements("gw3"), "it heard gw2 all the time"
    judge_settled(pair, watch)


def test_the_owner_announces_last_even_if_it_is_the_last_to_receive_again(pair):
    pair.gw1.configure("id = 51\n", "id = 51\nannounce_interval_s = 86_400\n")
    with pair.watched() as watch:
        with lossy(pair, "gw1"):
            with lossy(pair, "gw2", of="gw1"), lossy(pair, "gw3", of="gw1"):
                pair.await_states("active", "active", "backup")
                time.sleep(1)
            pair.await_states("active", "backup", "backup")
            time.sleep(1)
        healed = time.time()
        wait_until(lambda: has_just_heard(pair.gw1), "gw2 says that it was one", timeout_s=5)
        time.sleep(0.5)
    assert [one for one in watch.announcements("gw1") if one["at"] > healed]
    judge_settled(pair, watch)


def test_a_partition_moves_the_groups_of_a_set_together(pair):
    pair.split()
    pair.await_groups("active", "backup", "backup")
    with pair.watched() as watch:
        with lossy(pair, "gw2", of="gw1"), lossy(pair, "gw3", of="gw1"), lossy(pair, "gw1"):
            pair.await_groups("active", "active", "backup")
        pair.await_groups("active", "backup", "backup")
        time.sleep(0.5)
    judge_settled(pair, watch)


def test_the_third_gateway_takes_over_when_the_first_two_are_gone(pair):
    pair.gw1.stop("dataplane", kill=True)
    pair.await_states("down", "active", "backup")
    with pair.watched() as watch:
        pair.gw2.stop("dataplane")
        pair.await_states("down", "down", "active")
        time.sleep(0.5)
    assert not watch.lost()
    assert pair.who_has() == ["gw3"]
    with pair.watched() as watch:
        pair.gw2.start("dataplane")
        pair.gw1.start("dataplane")
        pair.await_states("active", "backup", "backup")
        time.sleep(0.5)
    judge_settled(pair, watch)
