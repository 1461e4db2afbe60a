# SPDX-License-Identifier: Apache-2.0
"""Two gateways in the lab that hold an election: gw1 is ours, gw2 runs keepalived.

gw1 has priority 200, gw2 priority 100. gw2 has the VIPs on its interface while it owns them.
"""

import json
import time
from pathlib import Path

import labs
import pairs
from labs import CLIENT, HERE, VIP, checked, frozen
from programs import run, wait_until

ADVERT_MS = 100
INTERVAL_S = ADVERT_MS / 1000


def up():
    return pairs.up("-mixed", MixedPair, ("--keepalived", "gw2"), ADVERT_MS)


class Ours(pairs.Gateway):
    """gw1, our gateway."""

    def __init__(self, scripts_lab):
        super().__init__(scripts_lab, "gw1")
        self.known_discards = {}

    def set_priority(self, priority):
        checked(self.vipctl("group", "priority", "edge", str(priority)))

    def disable(self):
        checked(self.vipctl("group", "disable", "edge"))

    def enable(self):
        checked(self.vipctl("group", "enable", "edge"))

    def cause(self):
        return self.group()["cause"]

    def forget_discards(self):
        self.known_discards = self.group()["discards"]

    def new_discards(self):
        """Discarded adverts by reason, since forget_discards()."""
        return {reason: count - self.known_discards.get(reason, 0)
                for reason, count in self.group()["discards"].items()
                if count != self.known_discards.get(reason, 0)}

    def transitions(self):
        """The transitions, oldest first, without their ages, which change all the time."""
        return [(one["from"], one["to"], one["cause"])
                for one in reversed(self.group()["transitions"])]


class Keepalived:
    """gw2, which runs keepalived."""

    def __init__(self, scripts_lab):
        self.scripts_lab = scripts_lab
        self.name = "gw2"
        self.config = Path(checked(run(*scripts_lab, "config", "gw2")).strip())
        self.original = self.config.read_text()
        self.directory = self.config.parent
        self.log = self.directory / "gw2.keepalived.log"
        self.namespace = f"{self.directory.name}-gw2"
        self.log_known = 0

    def start(self):
        before = len(self.log.read_text())
        checked(run(*self.scripts_lab, "start", "gw2", "keepalived"))
        wait_until(lambda: all(words in self.log.read_text()[before:]
                               for words in ("Startup complete", "STATE (init)")),
                   "keepalived participates")

    def stop(self, kill=False):
        checked(run(*self.scripts_lab, "stop", *(["-9"] if kill else []), "gw2", "keepalived"))

    def restart(self, config):
        self.stop(kill=True)
        self.config.write_text(config)
        self.start()

    def reconfigure(self, changes):
        text = self.original
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        self.restart(text)

    def restore(self):
        if self.config.read_text() != self.original or not self.is_running():
            self.restart(self.original)

    def is_running(self):
        return labs.runs(self.directory / "gw2.keepalived.pid", self.namespace)

    def frozen(self):
        return frozen(int((self.directory / "gw2" / "vrrp.pid").read_text()))

    def state(self):
        """Its state, with the names of our own states."""
        if not self.is_running():
            return "down"
        links = json.loads(checked(run("ip", "-n", self.namespace, "-j", "address", "show", "up0")))
        has_vip = any(address["local"] == VIP for link in links for address in link["addr_info"])
        return "active" if has_vip else "backup"

    def owns(self, _vip):
        return self.state() == "active"

    def forget_log(self):
        self.log_known = len(self.log.read_text())

    def new_log(self):
        """The lines of the log since forget_log()."""
        return self.log.read_text()[self.log_known:].splitlines()


class MixedPair(pairs.Pair):
    def __init__(self, scripts_lab):
        self.scripts_lab = scripts_lab
        self.gw1 = Ours(scripts_lab)
        self.gw2 = Keepalived(scripts_lab)
        self.gateways = [self.gw1, self.gw2]

    def restore(self):
        super().restore()
        self.forget()

    def forget(self):
        """Ignores what either gateway has complained about so far."""
        self.gw1.forget_discards()
        self.gw2.forget_log()

    def reconfigure(self, ours, keepaliveds):
        """Changes both configurations, and waits until gw1 owns the VIPs again."""
        self.gw2.stop(kill=True)
        text = self.gw1.config.read_text()
        for old, new in ours.items():
            assert old in text
            text = text.replace(old, new)
        self.gw1.config.write_text(text)
        checked(self.gw1.vipctl("config", "apply"))
        self.gw2.reconfigure(keepaliveds)
        self.await_states("active", "backup")
        self.forget()

    def advertise_every(self, interval_ms, ours=None, keepaliveds=None):
        """Sets the advert interval of both, with further changes as for reconfigure()."""
        self.reconfigure(
            {"advert_interval_ms = 100\n": f"advert_interval_ms = {interval_ms}\n", **(ours or {})},
            {"advert_int 0.100": f"advert_int {interval_ms / 1000}", **(keepaliveds or {})})

    def check_answers(self, vip, owner):
        """Checks only while keepalived runs: a killed one leaves the VIPs, so its kernel answers as
        well."""
        if self.gw2.is_running():
            super().check_answers(vip, owner)

    def forge(self, *kinds):
        """Sends forged adverts from the client to gw1; see forge.py."""
        checked(self.shell("client", HERE / "forge.py", "eth0", CLIENT, pairs.MAC["gw1"], *kinds))

    def watched(self):
        """Watches without probes, because gw2 serves nothing."""
        return super().watched(probes=False)

    def check_nothing_changes(self, for_s, insisting=()):
        """Checks for that time that the VIPs do not move, and that only their owner advertises,
        except the gateways in `insisting`: former owners that advertise until they are answered."""
        transitions, states = self.gw1.transitions(), self.states()
        lines = len(self.gw2.new_log())
        with self.watched() as watch:
            time.sleep(for_s)
        assert self.states() == states
        assert self.gw1.transitions() == transitions
        owner = "gw1" if states[0] == "active" else "gw2"
        assert {pairs.NAME[one["mac"]] for one in watch.adverts()} - {*insisting} == {owner}
        assert not any("Entering" in line for line in self.gw2.new_log()[lines:])

    def answers_pings(self, vip):
        return checked(self.shell("client", HERE / "ping.py", vip, "5")).strip() == "5"


def takeover_s(watch, lost, won):
    """The time from the last advert of `lost`, resignations included, to the next advert of
    `won`."""
    last = watch.adverts(lost)[-1]["at"]
    return next(one["at"] for one in watch.adverts(won) if one["at"] > last) - last
