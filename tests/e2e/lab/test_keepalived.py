# SPDX-License-Identifier: Apache-2.0
"""A gateway of ours and keepalived hold an election: one of them owns the VIPs, whatever dies, is
commanded or received. A killed keepalived keeps the VIPs on its interface, and answers ARP."""

import time

import pytest
from labs import CLIENT, HERE, VIP, VIP6
from mixed_pairs import INTERVAL_S, takeover_s, up
from pairs import MAC
from programs import wait_until

# A takeover after silence: 3 intervals and a skew of less than one interval (RFC 9568 §6.1).
SILENCE_S = 3 * INTERVAL_S
# After a resignation a takeover takes one skew, after silence at least 2 intervals longer. Delays
# of both processes must stay below that.
SKEW_S = 2 * INTERVAL_S
LATE_S = 4 * INTERVAL_S
HEARD_S = 3 * INTERVAL_S  # enough for a watch to hear an advert

MALFORMED = {"ttl": "ttl", "version": "version", "other-version": "version", "type": "type",
             "cut-short": "length", "trailing-bytes": "length", "count": "count",
             "interval": "interval", "checksum": "checksum", "unknown-id": "unknown_id"}


@pytest.fixture(scope="module")
def pair_up():
    with up() as one:
        yield one


def check_both_directions(pair):
    """Each gateway owns the VIPs once, and neither discards an advert of the other."""
    assert pair.who_has() == ["gw1"]
    pair.gw1.set_priority(50)
    pair.await_states("backup", "active")
    assert pair.who_has() == ["gw2"]
    pair.gw1.set_priority("configured")
    pair.await_states("active", "backup")
    assert pair.who_has() == ["gw1"]
    assert not pair.gw1.new_discards()
    check_log(pair)


def check_log(pair):
    """keepalived logs no complaint, except about adverts of lower priority than its own."""
    complaints = [line for line in pair.gw2.new_log()
                  if "Entering" not in line and "lower priority" not in line
                  and "higher priority" not in line]
    assert not complaints


def test_the_higher_priority_owns_and_keepalived_accepts_our_adverts(pair):
    pair.check_nothing_changes(10 * INTERVAL_S)
    assert pair.who_has() == ["gw1"]
    assert pair.answers_pings(VIP) and pair.answers_pings(VIP6)
    assert pair.gw1.group()["owner"] == "10.0.0.1"
    assert not pair.gw1.new_discards()
    assert not pair.gw2.new_log()


def test_we_follow_a_keepalived_of_higher_priority(pair):
    with pair.watched() as watch:
        pair.gw1.set_priority(50)
        pair.await_states("backup", "active")
        wait_until(lambda: pair.who_has() == ["gw2"], "only keepalived answers")
    assert pair.gw1.cause() == "higher_priority"
    assert watch.last_announcer() == watch.last_announcer(VIP6) == "gw2"
    pair.check_nothing_changes(10 * INTERVAL_S)
    group = pair.gw1.group()
    assert group["owner"] == group["heard"]["source"] == "10.0.0.2"
    assert group["heard"]["priority"] == 100
    assert pair.answers_pings(VIP) and pair.answers_pings(VIP6)
    with pair.watched() as watch:
        pair.gw1.set_priority("configured")
        pair.await_states("active", "backup")
        wait_until(lambda: pair.who_has() == ["gw1"], "only we answer")
    assert pair.gw1.cause() == "lower_priority"
    assert watch.last_announcer() == watch.last_announcer(VIP6) == "gw1"
    assert not pair.gw1.new_discards()
    check_log(pair)


def test_keepalived_takes_over_at_once_when_we_resign(pair):
    with pair.watched() as watch:
        pair.gw1.disable()
        pair.await_states("down", "active")
    assert watch.adverts("gw1")[-1]["priority"] == 0
    assert takeover_s(watch, "gw1", "gw2") < SKEW_S
    assert pair.who_has() == ["gw2"]


def test_keepalived_takes_over_at_once_when_our_dataplane_dies(pair):
    with pair.watched() as watch:
        pair.gw1.stop("dataplane", kill=True)
        pair.await_states("down", "active")
    assert watch.adverts("gw1")[-1]["priority"] == 0, "control resigns for it"
    assert takeover_s(watch, "gw1", "gw2") < SKEW_S
    assert pair.who_has() == ["gw2"]
    pair.gw1.start("dataplane")
    pair.await_states("active", "backup")
    assert pair.who_has() == ["gw1"]


def test_keepalived_takes_over_after_silence_when_both_our_processes_die(pair):
    with pair.watched() as watch:
        time.sleep(HEARD_S)
        pair.gw1.stop("control", kill=True)
        pair.gw1.stop("dataplane", kill=True)
        wait_until(lambda: pair.gw2.state() == "active", "keepalived takes over")
    assert SILENCE_S < takeover_s(watch, "gw1", "gw2") < SILENCE_S + INTERVAL_S + LATE_S
    assert pair.who_has() == ["gw2"]


def test_we_take_over_at_once_when_keepalived_stops(pair):
    pair.gw1.set_priority(50)
    pair.await_states("backup", "active")
    with pair.watched() as watch:
        pair.gw2.stop()
        pair.await_states("active", "down")
    assert watch.adverts("gw2")[-1]["priority"] == 0
    assert pair.gw1.cause() == "priority_zero"
    assert takeover_s(watch, "gw2", "gw1") < SKEW_S
    assert watch.last_announcer() == "gw1"
    assert pair.who_has() == ["gw1"]


def test_we_take_over_after_silence_when_keepalived_is_killed(pair):
    pair.gw1.set_priority(50)
    pair.await_states("backup", "active")
    with pair.watched() as watch:
        time.sleep(HEARD_S)
        pair.gw2.stop(kill=True)
        pair.await_states("active", "down")
    assert watch.adverts("gw2")[-1]["priority"] == 100
    assert pair.gw1.cause() == "silence"
    assert SILENCE_S < takeover_s(watch, "gw2", "gw1") < SILENCE_S + INTERVAL_S + LATE_S
    assert watch.last_announcer() == watch.last_announcer(VIP6) == "gw1"
    assert "gw1" in pair.who_has()


def test_of_equal_priorities_the_owner_keeps_the_vips(pair):
    pair.gw1.set_priority(100)
    pair.gw2.restart(pair.gw2.original)
    pair.await_states("active", "backup")
    pair.check_nothing_changes(2)
    pair.gw1.disable()
    pair.await_states("down", "active")
    pair.gw1.enable()
    pair.await_states("backup", "active")
    pair.check_nothing_changes(2)
    assert not pair.gw1.new_discards()


def test_of_two_owners_of_equal_priority_the_larger_address_keeps_the_vips(pair):
    pair.gw1.set_priority(100)
    with pair.gw1.frozen("control", "dataplane"):
        wait_until(lambda: pair.gw2.state() == "active", "keepalived takes over")
    pair.await_states("backup", "active")
    assert pair.gw1.cause() == "larger_address"
    pair.check_nothing_changes(1)
    with pair.gw2.frozen():
        wait_until(lambda: pair.gw1.state() == "active", "we take over")
    pair.await_states("backup", "active")
    assert pair.gw1.cause() == "larger_address"
    pair.check_nothing_changes(1)
    assert pair.who_has() == ["gw2"]


def test_without_preempt_we_leave_the_vips_to_a_lower_priority(pair):
    pair.gw1.configure("id = 51\n", "id = 51\npreempt = false\n")
    pair.gw1.disable()
    pair.await_states("down", "active")
    pair.gw1.enable()
    pair.await_states("backup", "active")
    pair.check_nothing_changes(10 * INTERVAL_S)
    pair.gw2.stop()
    pair.await_states("active", "down")


def test_we_do_not_preempt_before_the_preempt_delay_is_over(pair):
    delay_s = 1.5
    pair.gw1.configure("id = 51\n", f"id = 51\npreempt_delay_ms = {delay_s * 1000:.0f}\n")
    pair.gw1.disable()
    pair.await_states("down", "active")
    with pair.watched() as watch:
        enabled = time.time()
        pair.gw1.enable()
        pair.await_states("active", "backup")
    first = watch.adverts("gw1")[0]["at"]
    assert delay_s < first - enabled < delay_s + INTERVAL_S + LATE_S + 0.5
    assert pair.gw1.cause() == "lower_priority"


def test_version_2(pair):
    pair.reconfigure({"advert_interval_ms = 100\n": "advert_interval_ms = 1000\nversion = 2\n"},
                     {"vrrp_version 3": "vrrp_version 2", "advert_int 0.100": "advert_int 1"})
    check_both_directions(pair)
    pair.gw1.disable()
    pair.await_states("down", "active")


@pytest.mark.parametrize("interval_ms", [10, 100, 1000])
def test_an_election_over_ipv6(pair, interval_ms):
    pair.advertise_every(
        interval_ms,
        {f'vips = ["{VIP}", "{VIP6}"]': f'vips = ["{VIP6}", "{VIP}"]'},
        {f"{VIP}/32": "FIRST", f"{VIP6}/128": f"{VIP}/32", "FIRST": f"{VIP6}/128"})
    assert pair.gw1.group()["family"] == "ipv6"
    check_both_directions(pair)
    assert pair.gw1.group()["heard"]["source"] == "fe80::ff:fe00:2"
    pair.gw1.disable()
    pair.await_states("down", "active")


def test_unicast_peers(pair):
    pair.reconfigure({"id = 51\n": 'id = 51\npeers = ["10.0.0.2"]\n'},
                     {"advert_int": "unicast_src_ip 10.0.0.2\n    unicast_peer {\n"
                                    "        10.0.0.1\n    }\n    advert_int"})
    with pair.watched() as watch:
        check_both_directions(pair)
    assert not watch.adverts(), "only the peers hear them"
    pair.forge("not-peer")
    wait_until(lambda: pair.gw1.new_discards() == {"not_peer": 1}, "it is counted")
    pair.gw1.disable()
    pair.await_states("down", "active")
    pair.gw1.enable()
    pair.await_states("active", "backup")


@pytest.mark.parametrize("interval_ms", [10, 1000])
def test_other_intervals(pair, interval_ms):
    pair.advertise_every(interval_ms)
    check_both_directions(pair)
    pair.gw1.disable()
    pair.await_states("down", "active")


def test_we_follow_a_peer_with_other_vips(pair):
    """We follow keepalived; keepalived would not follow us, since it discards adverts of other
    VIPs."""
    pair.gw1.set_priority(50)
    pair.gw2.reconfigure({f"{VIP}/32": f"{VIP}/32\n        10.0.0.105/32"})
    pair.await_states("backup", "active")
    pair.check_nothing_changes(1, insisting={"gw1"})
    assert pair.who_has() == ["gw2"]
    assert pair.gw1.group()["heard"]["vips"] == "other"
    assert "advertises other VIPs" in (pair.gw1.directory / "gw1.control.log").read_text()
    pair.gw2.stop()
    pair.await_states("active", "down")


def announce_rarely(pair):
    """Waits until gw1 announces only when provoked: a new owner repeats its announcements for some
    6 s, and then as configured."""
    pair.gw1.set_priority(50)
    pair.await_states("backup", "active")
    pair.gw1.configure("id = 51\n", "id = 51\nannounce_interval_s = 86_400\n")
    pair.gw1.set_priority("configured")
    pair.await_states("active", "backup")
    wait_until(lambda: pair.gw1.group()["state_age_ms"] > 7000, "the last repetition")
    pair.forget()


def test_malformed_adverts_are_counted_and_change_nothing(pair):
    announce_rarely(pair)
    expected = {}
    transitions = pair.gw1.transitions()
    with pair.watched() as watch:
        for kind, reason in MALFORMED.items():
            pair.forge(kind)
            expected[reason] = expected.get(reason, 0) + 1
            wait_until(lambda: pair.gw1.new_discards() == expected, f"{kind} counts as {reason}", 5)
        time.sleep(5 * INTERVAL_S)
    assert pair.gw1.transitions() == transitions
    assert pair.states() == ("active", "backup")
    assert not watch.adverts("gw2") and not watch.announcements("gw1")
    assert watch.longest_advert_gap_ms("gw1") / 1000 < SILENCE_S
    pair.gw1.set_priority(50)
    pair.await_states("backup", "active")
    transitions = pair.gw1.transitions()
    pair.forge(*MALFORMED)
    expected = {reason: 2 * count for reason, count in expected.items()}
    wait_until(lambda: pair.gw1.new_discards() == expected, "as a backup too", 5)
    time.sleep(5 * INTERVAL_S)
    assert pair.gw1.transitions() == transitions


def test_a_flood_of_resignations_does_not_delay_a_takeover(pair):
    pair.gw1.set_priority(50)
    pair.await_states("backup", "active")
    with pair.watched() as watch:
        with pair.client(HERE / "forge.py", "--flood", "eth0", CLIENT, MAC["gw1"], "resign"):
            time.sleep(5 * INTERVAL_S)
            pair.gw2.stop(kill=True)
            pair.await_states("active", "down")
    assert watch.adverts("gw1")[-1]["at"] > watch.adverts("gw2")[-1]["at"]
    pair.gw2.start()
    pair.await_states("backup", "active")
    pair.check_nothing_changes(10 * INTERVAL_S)


def test_a_forged_interval_delays_a_takeover_only_briefly(pair):
    pair.gw1.set_priority(50)
    pair.await_states("backup", "active")
    with pair.watched() as watch:
        time.sleep(HEARD_S)
        pair.gw2.stop(kill=True)
        pair.forge("longest-interval")
        forged = time.time()
        wait_until(lambda: pair.gw1.state() == "active", "we take over")
    taken = next(one["at"] for one in watch.adverts("gw1") if one["at"] > forged)
    # An interval of more than four times our own is not adopted.
    assert taken - forged < 4 * (SILENCE_S + INTERVAL_S) + LATE_S
