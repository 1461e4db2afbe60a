# SPDX-License-Identifier: Apache-2.0
"""The policy of a pool decides which of its backends serve: min_up, tiers, one writer, slow
start."""

import contextlib

import pytest
from labs import NODES, OpenConnections, frozen
from programs import wait_until
from test_health import web_server

CHECK = ('check = { type = "http", port = 80, path = "/healthz", interval_ms = 200, '
         'fast_interval_ms = 50, timeout_ms = 200, rise = 2, fall = 2 }')
NOTICED_S = 10


@contextlib.contextmanager
def policy(lab, keys, tiers=()):
    """The pool "web" is checked and has these keys, and some of its backends are of tier 2."""
    lab.write_config('[[pool]]\nname = "web"\n', f'[[pool]]\nname = "web"\n{CHECK}\n{keys}\n')
    for node in tiers:
        line = lab.backend_line(node)
        lab.write_config(line, line.replace("name", "tier = 2, name", 1))
    lab.apply()
    wait_until(lambda: {row.get("health") for row in lab.backends().values()} == {"up"},
               "all are up", NOTICED_S)
    lab.settle()
    yield lab


def states(lab):
    return [lab.backends()[node]["state"] for node in sorted(NODES.values())]


def wait_for_states(lab, *wanted):
    wait_until(lambda: states(lab) == list(wanted), f"the states are {wanted}", NOTICED_S)
    lab.settle()


def test_a_pool_with_too_few_backends_fails_open_and_recovers(lab):
    with policy(lab, "min_up = 2"):
        with frozen(*web_server(lab, "be1")):
            wait_for_states(lab, "down", "serving", "serving")
            with frozen(*web_server(lab, "be2")):
                wait_for_states(lab, "fail-open", "fail-open", "serving")
                assert all(row["slots"] > 0 for row in lab.backends().values())
                status = lab.vipctl("show", "status")
                assert status.returncode == 4, "degraded"
                assert "2 of 3 backends of pool 'web' are down" in status.stdout
                assert "the pool fails open" in status.stdout
                assert "FAILS OPEN" in lab.vipctl("show", "services").stdout
                events = lab.vipctl("show", "events").stdout
                assert "fails open: all its backends get new connections" in events
            wait_for_states(lab, "down", "serving", "serving")
        wait_for_states(lab, "serving", "serving", "serving")
        assert "does not fail open any more" in lab.vipctl("show", "events").stdout


def test_a_backup_tier_takes_over_and_gives_back(lab):
    with policy(lab, "", tiers=("be3",)):
        wait_for_states(lab, "serving", "serving", "standby")
        assert "be3" not in lab.get(60)
        assert lab.vipctl("backend", "drain", "web", "be1").returncode == 0
        with frozen(*web_server(lab, "be2")):
            wait_for_states(lab, "draining", "down", "serving")
            with OpenConnections(5) as connections:
                assert connections.ask() == ["be3"] * 5
                assert lab.vipctl("backend", "ready", "web", "be1").returncode == 0
                wait_for_states(lab, "serving", "down", "standby")
                assert set(lab.get(20)) == {"be1"}
                assert connections.ask() == ["be3"] * 5, "they stay"


def test_one_backend_serves_at_a_time(lab):
    with policy(lab, 'mode = "first"'):
        wait_for_states(lab, "serving", "standby", "standby")
        assert set(lab.get(20)) == {"be1"}
        with OpenConnections(5) as connections:
            assert connections.ask() == ["be1"] * 5
            with frozen(*web_server(lab, "be1")):
                wait_for_states(lab, "down", "serving", "standby")
                assert set(lab.get(20)) == {"be2"}
                assert connections.ask() == [None] * 5, "a single writer is single"
        wait_for_states(lab, "standby", "serving", "standby")
        lab.stop("control", kill=True)
        lab.start("control")
        lab.settle()
        wait_for_states(lab, "standby", "serving", "standby")
        assert set(lab.get(20)) == {"be2"}
        lab.write_config('mode = "first"', 'mode = "first"\nfailback = true')
        lab.apply()
        wait_for_states(lab, "serving", "standby", "standby")


def test_a_backend_that_is_ready_again_starts_slowly(lab):
    with policy(lab, "slow_start_ms = 3000"):
        assert lab.vipctl("backend", "maint", "web", "be1").returncode == 0
        wait_for_states(lab, "down", "serving", "serving")
        assert lab.vipctl("backend", "ready", "web", "be1").returncode == 0
        weights = []

        def has_all_of_its_weight():
            row = lab.backends()["be1"]
            if weights[-1:] != [row["weight"]]:
                weights.append(row["weight"])
            return row["weight"] == 100

        wait_until(has_all_of_its_weight, "the weight is whole", NOTICED_S)
        assert weights == sorted(weights)
        assert len(weights) >= 4 and weights[0] <= 30
        assert not lab.backends()["be1"]["starts_slowly"]


def test_a_renamed_pool_keeps_its_connections_while_it_drains(lab):
    with OpenConnections(100) as connections:
        before = connections.ask()
        assert lab.vipctl("backend", "drain", "web", "be1").returncode == 0
        lab.write_config('"web"\n', '"sites"\n')
        lab.apply()
        rows = {row["name"]: row for row in lab.vipctl.json("show", "backends", "--pool", "sites")}
        assert (rows["be1"]["state"], rows["be1"]["admin"]) == ("draining", "drain")
        assert connections.ask() == before
        assert "be1" in before and None not in before
        assert lab.vipctl("backend", "ready", "sites", "be1").returncode == 0


@pytest.mark.parametrize("lines, message", [
    ("min_up = 4", "min_up (4) exceeds the number of backends (3)"),
    ('mode = "first"\nmin_up = 1', "one backend serves at a time"),
])
def test_a_policy_that_cannot_work_is_an_error(lab, lines, message):
    lab.write_config('[[pool]]\nname = "web"\n', f'[[pool]]\nname = "web"\n{CHECK}\n{lines}\n')
    refused = lab.vipctl("config", "check")
    assert refused.returncode != 0
    assert message in refused.stderr
