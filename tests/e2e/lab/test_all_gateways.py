# SPDX-License-Identifier: Apache-2.0
"""vipctl backend ... --all: an operator's choice is in force on all gateways of the group, if they
share a key."""

import pytest
from labs import HERE, checked
from pairs import add_keys, send_packets, up
from programs import wait_until

UDP = "17"
COMMAND = b"vfp1\3"


@pytest.fixture(scope="module")
def pair_up():
    with up() as one:
        add_keys(one)
        yield one


def can_command(gateway):
    return gateway.vipctl("backend", "ready", "web", "be1", "--all").returncode == 0


@pytest.fixture
def keyed(pair):
    """Gateways that know each other; their backends are ready again afterwards."""
    pair.restore()
    for gateway in pair.gateways:
        wait_until(lambda one=gateway: can_command(one), f"{gateway.name} has heard the other", 30)
    yield pair
    for gateway in pair.gateways:
        for verb, *words in (["ready"], ["weight", "configured"]):
            gateway.vipctl("backend", verb, "web", "be1", *words)


def backends(gateway):
    return {one["name"]: one
            for one in gateway.vipctl.json("show", "backends", "--pool", "web")}


def be1(gateway):
    return backends(gateway)["be1"]


def admins(pair):
    return [be1(gateway)["admin"] for gateway in pair.gateways]


def choose(gateway, verb, *words):
    done = gateway.vipctl("backend", verb, "web", "be1", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def last_choice(gateway):
    """Not the last event: a drained backend has one more when its last connection has ended."""
    event = [one for one in gateway.vipctl.json("show", "events", "backend")
             if one["name"] == "web/be1" and one["cause"].startswith("chosen by an operator")][-1]
    return f'{event["change"]}: {event["cause"]}'


def test_a_choice_is_in_force_on_both_gateways(keyed):
    pair = keyed
    told = choose(pair.gw1, "drain", "--all")
    assert told.splitlines() == [
        "backend be1: done; 2 of 3 backends of pool web get new connections",
        "  at 10.0.0.2: done; 2 of 3 backends of pool web get new connections"]
    assert admins(pair) == ["drain", "drain"]
    assert last_choice(pair.gw1) == "drain: chosen by an operator"
    assert last_choice(pair.gw2) == "drain: chosen by an operator at 10.0.0.1"
    choose(pair.gw2, "maint", "--deadline", "10m", "--all")
    assert admins(pair) == ["maint", "maint"]
    assert be1(pair.gw1)["state"] == "draining", "its connections stay until the deadline"
    choose(pair.gw2, "ready", "--all")
    assert admins(pair) == ["ready", "ready"]
    choose(pair.gw1, "weight", "7", "--all")
    assert [be1(gateway)["weight"] for gateway in pair.gateways] == [7, 7]


def test_without_all_it_is_in_force_on_one(keyed):
    pair = keyed
    choose(pair.gw1, "drain")
    assert admins(pair) == ["drain", "ready"]


def test_other_names_of_the_other_gateway_do_not_matter(keyed):
    pair = keyed
    pair.gw2.configure('name = "be1"', 'name = "first"')
    choose(pair.gw1, "drain", "--all")
    assert last_choice(pair.gw1) == "drain: chosen by an operator"
    assert backends(pair.gw2)["first"]["admin"] == "drain"
    choose(pair.gw1, "ready", "--all")
    pair.restore()


def test_what_the_other_gateway_does_not_have_is_an_error_of_its_own(keyed):
    pair = keyed
    pair.gw2.config.write_text(pair.gw2.config.read_text().replace('"web"', '"www"'))
    checked(pair.gw2.vipctl("config", "apply", "--force"))
    done = pair.gw1.vipctl("backend", "drain", "web", "be1", "--all")
    assert done.returncode == 1
    assert "backend be1: done;" in done.stdout
    assert "  at 10.0.0.2: there is no pool 'web'" in done.stdout
    assert be1(pair.gw1)["admin"] == "drain"
    pair.restore()


def test_a_gateway_that_does_not_answer_is_told_of(keyed):
    pair = keyed
    with pair.gw2.frozen("control"):
        done = pair.gw1.vipctl("backend", "drain", "web", "be1", "--all")
        assert done.returncode == 1
        assert "  at 10.0.0.2: no answer: " in done.stdout
        assert be1(pair.gw1)["admin"] == "drain"


def test_a_recorded_command_decides_nothing(keyed):
    pair = keyed
    with pair.client(HERE / "wire.py", "hear", "up0", UDP, node="gw2") as heard:
        choose(pair.gw1, "drain", "--all")
    recorded = [packet for packet in map(bytes.fromhex, heard["output"])
                if packet[28:].startswith(COMMAND)]
    assert recorded
    choose(pair.gw1, "ready", "--all")
    for restart in (False, True):
        if restart:
            pair.gw2.stop("control", kill=True)
            pair.gw2.start("control")
            pair.await_states("active", "backup")
        with pair.client(HERE / "wire.py", "hear", "up0", UDP, node="gw2") as heard:
            send_packets(pair, "gw2", recorded)
        assert set(recorded) <= set(map(bytes.fromhex, heard["output"])), "they arrive"
        # What comes after them has an effect, so they have been read.
        wait_until(lambda: pair.gw1.vipctl("backend", "weight", "web", "be1", "9",
                                           "--all").returncode == 0, "a command of gw1", 30)
        assert admins(pair) == ["ready", "ready"]


def test_without_a_key_nothing_is_changed(keyed):
    pair = keyed
    original = pair.gw1.config.read_text()
    line = next(one for one in original.splitlines() if one.startswith("auth_key_file"))
    pair.gw1.configure(line + "\n", "")
    done = pair.gw1.vipctl("backend", "drain", "web", "be1", "--all")
    assert done.returncode == 1
    assert "group 'edge' cannot be told" in done.stderr
    assert "auth_key_file" in done.stderr
    assert admins(pair) == ["ready", "ready"]
    pair.restore()
