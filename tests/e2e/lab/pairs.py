# SPDX-License-Identifier: Apache-2.0
"""Two or three gateways in the lab that hold an election, and what the client notices of it.

gw1 has priority 200, gw2 100, gw3 50. See scripts/lab.
"""

import json
import re
import sys
import time
from pathlib import Path

import labs
from labs import HERE, VIP, VIP6, checked, frozen
from programs import ROOT, Vipctl, run, wait_until

sys.path.insert(0, str(ROOT / "scripts" / "lab.d"))

import observers  # noqa: E402
from observers import MAC, NAME  # noqa: E402

ADVERT_MS = 50
ADDRESS = {"gw1": "10.0.0.1", "gw2": "10.0.0.2"}
KEY = bytes(range(32))


def up(suffix="-pair", make=None, options=(), advert_ms=ADVERT_MS, **settings):
    make = make or Pair
    return labs.up(suffix, make, ("--gateways", str(make.SIZE), *options), ADVERT_MS=advert_ms,
                   **settings)


def group_text(name, number, vip, priority=100, port="uplink", advert_ms=ADVERT_MS):
    return (f'\n[[group]]\nname = "{name}"\nport = "{port}"\nid = {number}\npriority = {priority}\n'
            f'advert_interval_ms = {advert_ms}\nvips = ["{vip}"]\n')


def write_key(gateway, key):
    path = gateway.directory / f"{gateway.name}.{key[0]}.key"
    path.write_bytes(key)
    path.chmod(0o600)
    return path


def peers_of(gateway):
    other = next(name for name in ADDRESS if name != gateway.name)
    return f'peers = ["{ADDRESS[other]}"]\n'


def key_line(gateway):
    return f'auth_key_file = "{write_key(gateway, KEY)}"\n'


def add_keys(pair):
    """To the original configurations, which the gateways run once they are restored."""
    for gateway in pair.gateways:
        gateway.original = gateway.original.replace(
            "id = 51\n", "id = 51\n" + peers_of(gateway) + key_line(gateway))


def send_packets(pair, node, packets):
    """Sends IP packets from the client's machine to that node."""
    checked(pair.shell("client", HERE / "wire.py", "send", "eth0", MAC[node],
                       *(packet.hex() for packet in packets)))


def reannounce_delay_s(watch, thawed, owner, vip):
    """The time from the rival's last announcement (or from when the gateway was thawed, if that is
    later) to the next one of the owner. None if the rival announced nothing."""
    rivals = watch.announcements("gw2" if owner == "gw1" else "gw1", vip)
    if not rivals:
        return None
    since = max(thawed, rivals[-1]["at"])
    return next(one["at"] for one in watch.announcements(owner, vip) if one["at"] > since) - since


class Gateway:
    def __init__(self, scripts_lab, name):
        self.scripts_lab = scripts_lab
        self.name = name
        self.config = Path(checked(run(*scripts_lab, "config", name)).strip())
        self.original = self.config.read_text()
        self.directory = self.config.parent
        self.vipctl = Vipctl(prefix=("env", f"VIPFWD_RUN_DIR={self.directory / name}"))

    def start(self, process):
        checked(run(*self.scripts_lab, "start", self.name, process))

    def stop(self, process, kill=False):
        checked(run(*self.scripts_lab, "stop", *(["-9"] if kill else []), self.name, process))

    def pid_file(self, process):
        return self.directory / f"{self.name}.{process}.pid"

    def pid(self, process):
        return int(self.pid_file(process).read_text())

    def is_running(self, process):
        return labs.runs(self.pid_file(process), f"{self.directory.name}-{self.name}")

    def frozen(self, *processes):
        return frozen(*map(self.pid, processes))

    def groups(self):
        """The groups by name, or None while control does not answer."""
        answer = self.vipctl("-j", "show", "groups")
        if answer.returncode != 0:
            return None
        return {group["name"]: group for group in json.loads(answer.stdout)}

    def group(self):
        groups = self.groups()
        return groups["edge"] if groups else None

    def state(self):
        group = self.group()
        return group["state"] if group else None

    def owns(self, vip):
        status = self.vipctl.status()
        return status is not None and any(one["owned"] for one in status["vips"]
                                          if one["address"] == vip)

    def waiting(self):
        """What of the file waits for the dataplane's next start."""
        return self.vipctl.status()["config"]["waiting"]

    def configure(self, old, new):
        text = self.config.read_text()
        assert old in text
        self.config.write_text(text.replace(old, new))
        applied = self.vipctl("config", "apply")
        assert applied.returncode == 0, applied.stderr

    def restore(self):
        self.config.write_text(self.original)
        for process in ("control", "dataplane"):
            if not self.is_running(process):
                self.start(process)
        wait_until(lambda: self.vipctl("config", "apply", "--force").returncode == 0,
                   "the old configuration")
        if self.waiting():
            self.stop("dataplane")
            self.start("dataplane")
        for command in (["enable", "edge"], ["priority", "edge", "configured"]):
            checked(self.vipctl("group", *command))


class Pair:
    SIZE = 2

    def __init__(self, scripts_lab):
        self.scripts_lab = scripts_lab
        self.gateways = [Gateway(scripts_lab, f"gw{number}") for number in range(1, self.SIZE + 1)]
        self.gw1, self.gw2 = self.gateways[:2]

    def shell(self, node, *words, **options):
        return run(*labs.inside(self.gw1.directory, node), *words, **options)

    def set_link(self, node, state):
        """Sets the node's link at the bridge "up" or "down"."""
        checked(run(*labs.bridge(self.gw1.directory), "ip", "link", "set", node, state))

    def states(self):
        return tuple(gateway.state() for gateway in self.gateways)

    def await_states(self, *states):
        wait_until(lambda: self.states() == states, f"gateways are {' and '.join(states)}")

    def split(self):
        """Moves the IPv6 VIP into a group of its own, "six"; both groups are in one sync_set."""
        for gateway in self.gateways:
            [priority] = re.findall(r"^priority = .*$", gateway.original, re.MULTILINE)
            gateway.configure(f', "{VIP6}"]', f']\nsync_set = "all"\n\n[[group]]\nname = "six"\n'
                              f'port = "uplink"\nid = 52\n{priority}\n'
                              f'advert_interval_ms = {ADVERT_MS}\n'
                              f'vips = ["{VIP6}"]\nsync_set = "all"')

    def restart_control(self):
        """Kills gw1's control and starts it again; it must adopt its state. Returns a Watch over
        that."""
        with self.watched() as watch:
            self.gw1.stop("control", kill=True)
            time.sleep(1)
            self.gw1.start("control")
            self.await_states("active", *["backup"] * (self.SIZE - 1))
            time.sleep(0.5)
        assert self.gw1.group()["cause"] == "adopted"
        return watch

    def await_groups(self, *states):
        """As await_states(), for all groups."""
        wait_until(lambda: [{group["state"] for group in (gateway.groups() or {}).values()}
                            for gateway in self.gateways] == [{state} for state in states],
                   f"all groups of the gateways are {' and '.join(states)}")

    def restore(self):
        """Restores all gateways: gw1 owns the VIPs, the others are backups."""
        for gateway in self.gateways:
            gateway.restore()
        self.await_states("active", *["backup"] * (self.SIZE - 1))

    def who_has(self, vip=VIP, interface="eth0"):
        answered = checked(self.shell("client", HERE / "who_has.py", interface, vip, "0.3"))
        return sorted({NAME.get(mac, mac) for mac in json.loads(answered)})

    def requests(self, count, address=VIP):
        answers = [self.shell("client", "curl", "-s", "-o", "/dev/null", "-m", "5", "-g", "-w",
                              "%{http_code}", f"http://{address}/" if ":" not in address
                              else f"http://[{address}]/").stdout for _ in range(count)]
        return answers.count("200")

    def owners_of(self, vip):
        """The gateways that claim to own the VIP."""
        return [gateway.name for gateway in self.gateways if gateway.owns(vip)]

    def await_owners(self):
        """Waits until each VIP has one owner, checks that it alone answers, and returns the owners
        by VIP."""
        owners = {}
        for vip in VIPS:
            wait_until(lambda: len(self.owners_of(vip)) == 1, f"one gateway owns {vip}")
        for vip in VIPS:
            [owners[vip]] = self.owners_of(vip)
            self.check_answers(vip, owners[vip])
        return owners

    def check_answers(self, vip, owner):
        if ":" not in vip:
            assert self.who_has(vip) == [owner]

    def listening(self):
        return observers.watched(self.scripts_lab, probes=False)

    def client(self, script, *arguments, node="client"):
        return observers.client(self.scripts_lab, script, *arguments, node=node)

    def watched(self, probes=True):
        """Yields a Watch of the client over the block, with or without probes."""
        return observers.watched(self.scripts_lab, probes)


class Trio(Pair):
    SIZE = 3


VIPS = (VIP, VIP6)
