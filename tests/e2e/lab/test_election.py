# SPDX-License-Identifier: Apache-2.0
"""Two gateways: exactly one owns the VIPs, whatever dies, hangs, or is commanded."""

import contextlib
import re
import time

import pytest
from labs import VIP, VIP6, Download, checked, foreign_program
from lossy import lossy
from pairs import ADVERT_MS, VIPS, up
from programs import wait_until


@pytest.fixture(scope="module")
def pair_up():
    with up() as one:
        yield one


def test_one_gateway_owns_the_vips_and_answers_for_them(pair):
    assert pair.who_has() == ["gw1"]
    assert pair.requests(5) == pair.requests(5, VIP6) == 5
    group1, group2 = pair.gw1.group(), pair.gw2.group()
    assert group1["owner"] == group2["owner"] == "10.0.0.1"
    assert group2["heard"]["priority"] == 200
    assert not any(group2["discards"].values()), group2["discards"]
    status = pair.gw2.vipctl.json("show", "status")
    assert [vip["owned"] for vip in status["vips"]] == [False, False]


def test_the_owner_advertises_evenly(pair):
    with pair.watched() as watch:
        time.sleep(40 * ADVERT_MS / 1000)
    adverts = [one for one in watch.adverts() if watch.began < one["at"] < watch.ended]
    assert {one["priority"] for one in adverts} == {200}
    expected = (watch.ended - watch.began) * 1000 / ADVERT_MS
    assert 0.8 * expected < len(adverts) < 1.2 * expected
    assert not watch.lost()


def test_the_death_of_a_dataplane_moves_the_vips_at_once(pair):
    with pair.watched() as watch:
        pair.gw1.stop("dataplane", kill=True)
        pair.await_states("down", "active")
        assert pair.who_has() == ["gw2"]
        assert pair.requests(5) == pair.requests(5, VIP6) == 5
    assert 0 in [one["priority"] for one in watch.adverts("gw1")], "control resigns for it"
    for vip in VIPS:
        assert watch.last_announcer(vip) == "gw2"
    with pair.watched() as watch:
        pair.gw1.start("dataplane")
        pair.await_states("active", "backup")
        time.sleep(0.5)
    assert watch.last_announcer() == "gw1"
    assert pair.who_has() == ["gw1"]
    assert not watch.lost(), "gw1 comes back when packets get to its dataplane, not before"


def test_a_gateway_whose_kernel_receives_the_packets_resigns(pair, tmp_path):
    checked(pair.shell("gw1", "ip", "-force", "link", "set", "up0", "xdp",
                       *foreign_program(tmp_path)))
    pair.await_states("down", "active")
    assert pair.who_has() == ["gw2"]
    assert pair.requests(5) == 5
    checked(pair.shell("gw1", "ip", "link", "set", "up0", "xdp", "off"))
    pair.await_states("active", "backup")
    assert pair.requests(5) == 5


def test_a_restart_of_control_is_not_noticed(pair):
    watch = pair.restart_control()
    assert not watch.adverts("gw2")
    assert not watch.announcements("gw2")
    assert {one["priority"] for one in watch.adverts("gw1")} == {200}
    assert watch.longest_advert_gap_ms("gw1") < 3 * ADVERT_MS
    assert not watch.lost()


def test_without_control_the_vips_are_resigned_after_the_hold_time(pair):
    pair.gw1.configure("id = 51\n", "id = 51\nhold_ms = 1000\n")
    with pair.watched() as watch:
        pair.gw1.stop("control", kill=True)
        wait_until(lambda: pair.gw2.state() == "active", "gw2 takes over")
        assert pair.who_has() == ["gw2"], "gw1 answers no more"
    resigned = [one["at"] for one in watch.adverts("gw1") if one["priority"] == 0]
    assert len(resigned) == 1 and resigned[0] - watch.began > 0.9
    assert not watch.lost(), "gw1 forwards what still comes"
    pair.gw1.start("control")
    pair.await_states("active", "backup")


def test_a_control_that_was_frozen_does_not_fight_for_lost_vips(pair):
    pair.gw1.configure("id = 51\n", "id = 51\nhold_ms = 500\npreempt = false\n")
    with pair.watched() as watch:
        with pair.gw1.frozen("control"):
            wait_until(lambda: pair.gw2.state() == "active", "gw2 takes over")
            time.sleep(0.2)
        pair.await_states("backup", "active")
        time.sleep(0.5)
    assert watch.last_announcer() == "gw2"
    assert pair.who_has() == ["gw2"]
    assert not watch.lost()


def test_a_short_freeze_of_control_is_not_noticed(pair):
    with pair.watched() as watch:
        for _ in range(3):
            with pair.gw1.frozen("control"):
                time.sleep(0.3)
            with pair.gw2.frozen("control"):
                time.sleep(0.3)
        time.sleep(0.5)
    assert not watch.adverts("gw2")
    assert not watch.announcements("gw2")
    assert not watch.lost()


def test_a_handover_loses_nothing(pair):
    with pair.watched() as watch:
        handed_over = pair.gw1.vipctl("group", "handover", "edge")
        assert re.fullmatch(r"group edge: handed over to 10\.0\.0\.\d+\n", handed_over.stdout)
        assert pair.states() == ("backup", "active"), "that is what it waits for"
        time.sleep(0.5)
    assert pair.who_has() == ["gw2"], "and it stays there"
    assert not watch.lost()
    assert pair.gw1.group()["transitions"][0]["cause"] == "handover"
    again = pair.gw1.vipctl("group", "handover", "edge")
    assert again.returncode == 1 and "not active here" in again.stderr


def test_a_dataplane_that_is_asked_to_stop_hands_over(pair):
    with pair.watched() as watch:
        pair.gw1.stop("dataplane")
        pair.await_states("down", "active")
        time.sleep(0.5)
        pair.gw1.start("dataplane")
        pair.await_states("active", "backup")
        time.sleep(0.5)
    assert not watch.lost()
    assert watch.last_announcer() == "gw1"


def test_a_handover_that_no_peer_accepts_is_cancelled(pair):
    pair.gw2.vipctl("group", "disable", "edge")
    pair.await_states("active", "down")
    with pair.watched() as watch:
        refused = pair.gw1.vipctl("group", "handover", "edge")
        assert refused.returncode == 1
        assert "no other gateway has taken the VIPs over" in refused.stderr
        assert pair.gw1.group()["cause"] == "no_successor"
    assert pair.who_has() == ["gw1"]
    assert not watch.lost()


def test_the_operator_sets_the_priority_and_disables_a_group(pair):
    pair.gw2.vipctl("group", "priority", "edge", "250")
    pair.await_states("backup", "active")
    pair.gw2.vipctl("group", "disable", "edge")
    pair.await_states("active", "down")
    pair.gw2.stop("control", kill=True)
    pair.gw2.start("control")
    wait_until(lambda: (pair.gw2.group() or {}).get("priority", {}).get("chosen") == 250,
               "the next control knows what was ordered")
    assert pair.gw2.group()["priority"]["hindrances"] == ["disabled by the operator"]
    pair.gw2.vipctl("group", "enable", "edge")
    pair.await_states("backup", "active")
    pair.gw2.vipctl("group", "priority", "edge", "configured")
    pair.await_states("active", "backup")


def test_adverts_with_the_checksum_of_the_rfc_are_accepted(pair):
    for gateway in pair.gateways:
        gateway.configure("id = 51\n", "id = 51\nchecksum_pseudo_header = false\n")
    before = [gateway.group() for gateway in pair.gateways]
    for states in (("backup", "active"), ("active", "backup")):
        mover = pair.gateways[states.index("backup")]
        assert mover.vipctl("group", "handover", "edge").returncode == 0
        pair.await_states(*states)
    for gateway, group in zip(pair.gateways, before):
        assert gateway.group()["adverts_received"] > group["adverts_received"]
        assert gateway.group()["discards"] == group["discards"]


def test_no_gateway_owns_the_vips_before_its_startup_delay_is_over(pair):
    pair.gw1.configure("id = 51\n", "id = 51\nstartup_delay_ms = 1500\n")
    for process in ("control", "dataplane"):
        pair.gw1.stop(process, kill=True)
    for process in ("control", "dataplane"):
        pair.gw1.start(process)
    pair.await_states("active", "backup")
    active, backup = pair.gw1.group()["transitions"][:2]
    assert (backup["to"], active["to"]) == ("backup", "active")
    assert backup["age_ms"] - active["age_ms"] >= 1500


def test_a_reload_disturbs_no_election(pair):
    with pair.watched() as watch:
        for weight in (50, 100):
            pair.gw1.configure('address = "10.0.0.11" }',
                               f'address = "10.0.0.11", weight = {weight} }}')
            pair.gw1.config.write_text(pair.gw1.original)
        pair.gw1.configure("advert_interval_ms = 50", "advert_interval_ms = 60")
        time.sleep(0.5)
    assert pair.states() == ("active", "backup")
    assert not watch.adverts("gw2")
    assert watch.longest_advert_gap_ms("gw1") < 3 * ADVERT_MS
    assert not watch.lost()


def test_a_new_vip_is_announced_and_answered_for(pair):
    with pair.watched() as watch:
        for gateway in (pair.gw1, pair.gw2):
            gateway.configure('vips = ["10.0.0.100",', 'vips = ["10.0.0.105", "10.0.0.100",')
        wait_until(lambda: pair.who_has("10.0.0.105") == ["gw1"], "gw1 answers for it")
    assert watch.announcements("gw1", "10.0.0.105")
    assert pair.states() == ("active", "backup")


def test_a_thousand_vips_move_together(pair):
    many = [f"10.0.{1 + i // 250}.{1 + i % 250}" for i in range(1000)]
    for gateway in (pair.gw1, pair.gw2):
        gateway.configure('vips = ["10.0.0.100",',
                          f'vips = ["10.0.0.100", {", ".join(map(repr, many))},')
    wait_until(lambda: pair.who_has(many[-1]) == ["gw1"], "gw1 answers for the last one")
    with pair.watched() as watch:
        assert pair.gw1.vipctl("group", "handover", "edge").returncode == 0
        pair.await_states("backup", "active")
        time.sleep(0.5)
    assert {one["vip"] for one in watch.announcements("gw2")} == {VIP, VIP6, *many}
    assert watch.longest_advert_gap_ms("gw2") < 3 * ADVERT_MS
    assert not watch.lost()
    assert pair.who_has(many[-1]) == pair.who_has() == ["gw2"]


def die(gateway):
    gateway.stop("dataplane", kill=True)


def lose_control(gateway):
    gateway.configure("id = 51\n", "id = 51\nhold_ms = 500\n")
    gateway.stop("control", kill=True)


def be_disabled(gateway):
    assert gateway.vipctl("group", "disable", "edge").returncode == 0


def die_as_a_whole(gateway):
    gateway.stop("control", kill=True)
    gateway.stop("dataplane", kill=True)


def stop(gateway):
    gateway.stop("dataplane")


def hand_over(gateway):
    assert gateway.vipctl("group", "handover", "edge").returncode == 0


@pytest.mark.parametrize("leave", [die, die_as_a_whole, lose_control, be_disabled, stop, hand_over])
def test_connections_survive_the_death_of_their_gateway(pair, tmp_path, leave):
    with Download(tmp_path / "download", scripts_lab=pair.scripts_lab) as download:
        leave(pair.gw1)
        wait_until(lambda: pair.gw2.state() == "active", "gw2 owns the VIPs")
        assert download.size() < download.bytes
        download.finish()


def hang(pair):
    return pair.gw1.frozen("control", "dataplane")


@contextlib.contextmanager
def lose_link(pair):
    pair.set_link("gw1", "down")
    try:
        yield
    finally:
        pair.set_link("gw1", "up")


def not_be_heard(pair):
    return lossy(pair, "gw2")


@pytest.mark.parametrize("trouble", [hang, lose_link, not_be_heard])
def test_connections_survive_a_move_of_the_vips_and_back(pair, tmp_path, trouble):
    with Download(tmp_path / "download", scripts_lab=pair.scripts_lab) as download:
        with trouble(pair):
            wait_until(lambda: pair.gw2.state() == "active", "gw2 owns the VIPs")
            download.wait_for_more()
        pair.await_states("active", "backup")
        assert download.size() < download.bytes
        download.finish()
