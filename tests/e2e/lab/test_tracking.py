# SPDX-License-Identifier: Apache-2.0
"""Something that a gateway depends on fails: meanwhile another gateway owns the VIPs."""

import json
import shutil
import subprocess
import time

import pytest
from labs import VIP6, checked
from pairs import up
from programs import wait_until

GROUP = "id = 51\n"


@pytest.fixture(scope="module")
def pair_up():
    with up() as one:
        yield one


def track(pair, **keys):
    written = ", ".join(f"{key} = {json.dumps(value)}" for key, value in keys.items())
    pair.gw1.configure(GROUP, f"{GROUP}track = [{{ {written}, interval_ms = 50 }}]\n")


def tracked(gateway):
    [one] = gateway.group()["priority"]["tracks"]
    return one


def test_a_gateway_without_a_link_resigns(pair):
    pair.set_link("gw1", "down")
    try:
        pair.await_states("down", "active")
        assert pair.gw1.group()["priority"]["hindrances"] == ["the link of port uplink is down"]
        assert pair.requests(5) == pair.requests(5, VIP6) == 5
        with pair.watched() as watch:
            pair.set_link("gw1", "up")
            pair.await_states("active", "backup")
            time.sleep(0.5)
    finally:
        pair.set_link("gw1", "up")
    assert not watch.lost(), "it comes back as a backup, and takes over from there"
    assert watch.last_announcer() == "gw1"
    assert pair.who_has() == ["gw1"]
    assert pair.gw1.group()["transitions"][1]["cause"] == "tracking"


def test_a_group_is_ineligible_while_its_script_fails(pair, tmp_path):
    mark = tmp_path / "healthy"
    mark.touch()
    track(pair, script=["/usr/bin/test", "-e", str(mark)])
    wait_until(lambda: tracked(pair.gw1)["state"] == "good", "the script has been run")
    assert pair.states() == ("active", "backup")
    with pair.watched() as watch:
        mark.unlink()
        pair.await_states("down", "active")
        assert pair.gw1.group()["priority"]["hindrances"] == [
            f"script /usr/bin/test -e {mark} fails: exit status 1"]
        mark.touch()
        pair.await_states("active", "backup")
        time.sleep(0.5)
    assert not watch.lost(), "who resigns forwards what still comes"
    assert watch.last_announcer() == "gw1"


def test_a_missing_process_lowers_the_priority(pair, tmp_path):
    program = shutil.copy("/bin/sleep", tmp_path / "tracked.one")
    track(pair, process="tracked.one", weight=-150)
    pair.await_states("backup", "active")
    assert tracked(pair.gw1) == {"track": "process tracked.one", "state": "bad",
                                 "failure": "exit status 1", "weight": -150, "contribution": -150}
    with pair.watched() as watch:
        process = subprocess.Popen([program, "600"])
        try:
            pair.await_states("active", "backup")
            assert tracked(pair.gw1)["contribution"] == 0
        finally:
            process.kill()
            process.wait()
        pair.await_states("backup", "active")
        time.sleep(0.5)
    assert not watch.lost()
    assert watch.last_announcer() == "gw2"


def test_a_pool_without_backends_that_are_up_lowers_the_priority(pair):
    pair.gw1.configure(GROUP, f'{GROUP}track = [{{ pool = "web", weight = -150 }}]\n')
    wait_until(lambda: tracked(pair.gw1)["state"] == "good", "the pool is looked at")
    backends = [row["name"] for row in pair.gw1.vipctl.json("show", "backends")]
    try:
        for name in backends:
            pair.gw1.vipctl("backend", "drain", "web", name)
        pair.await_states("backup", "active")
        assert tracked(pair.gw1) == {
            "track": "pool web", "state": "bad", "failure": "none of its backends is up",
            "weight": -150, "contribution": -150}
    finally:
        for name in backends:
            pair.gw1.vipctl("backend", "ready", "web", name)
    pair.await_states("active", "backup")
    assert pair.requests(5) == 5


def test_a_restarted_control_keeps_the_vips_before_its_script_has_ended(pair, tmp_path):
    mark = tmp_path / "slow"
    track(pair, script=["/bin/sh", "-c", f"test ! -e {mark} || sleep 0.7"])
    wait_until(lambda: tracked(pair.gw1)["state"] == "good", "the script has been run")
    mark.touch()
    with pair.watched() as watch:
        pair.gw1.stop("control", kill=True)
        pair.gw1.start("control")
        pair.await_states("active", "backup")
        assert tracked(pair.gw1)["state"] == "unknown"
        wait_until(lambda: tracked(pair.gw1)["state"] == "good", "the script has been run")
    assert not watch.adverts("gw2") and not watch.lost()


def test_groups_of_a_set_move_together(pair):
    pair.split()
    pair.await_groups("active", "backup")
    with pair.watched() as watch:
        pair.gw1.vipctl("group", "disable", "six")
        pair.await_groups("down", "active")
        assert pair.gw1.group()["priority"]["hindrances"] == [
            "group 'six' of sync_set 'all' is ineligible"]
        pair.gw1.vipctl("group", "enable", "six")
        pair.await_groups("active", "backup")
        assert pair.gw1.vipctl("group", "handover", "six").returncode == 0
        pair.await_groups("backup", "active")
    assert not watch.lost()
    pair.set_link("gw2", "down")
    try:
        pair.await_groups("active", "down")
    finally:
        pair.set_link("gw2", "up")


def test_show_groups_shows_what_is_tracked(pair):
    track(pair, process="tracked.two", weight=-5)
    wait_until(lambda: tracked(pair.gw1)["state"] == "bad", "pgrep has been run")
    shown = checked(pair.shell("gw1", "vipctl", "show", "groups"))
    assert "process tracked.two" in shown and "exit status 1" in shown
    faulty = pair.gw1.config.read_text().replace("interval_ms = 50 }]", "interval_m = 50 }]")
    pair.gw1.config.write_text(faulty)
    refused = pair.gw1.vipctl("config", "apply")
    assert refused.returncode == 1 and "did you mean 'interval_ms'?" in refused.stderr
    assert tracked(pair.gw1)["state"] == "bad", "nothing has changed"
