# SPDX-License-Identifier: Apache-2.0
"""The part "change": what users feel of reloads, with two gateways of the lab that have thousands
of services and backends. gw1 owns the VIPs."""

import contextlib
import itertools
import statistics
import subprocess
import threading
import time

import failover
import observers
from control_socket import Control
from gateways import gateways
from lab import ROOT
from observers import ECHO_PORT, VIP
from results import Failure, Result
from stolen import Sample, disturbed, sample, valid

POOLS, BACKENDS_PER_POOL, SERVICES = 1000, 65, 4000
ROUTED = "10.16.0.0/12"  # the network of the backends, behind a router
SERVER, ROUTER = "be2", "10.0.0.12"  # the same host
APPLIES = 60  # control serves 64 clients at a time


def run(build, quick):
    times = 2 if quick else 20
    with gateways(build, 10) as pair:
        gateways_ = [Changing(pair.gw1), Changing(pair.gw2)]
        owner, backup = gateways_
        for gateway in gateways_:
            gateway.route(pair)
            gateway.apply(all_pools=True)
        yield from rows("apply, all rings new, in force",
                        [owner.ms_to_apply(all_pools=True) for _ in range(times)])
        yield from rows("apply, one pool changed, in force",
                        [owner.ms_to_apply(all_pools=False) for _ in range(times)])
        yield from back_to_back(owner)
        yield from rows(f"show backends, {POOLS * BACKENDS_PER_POOL}",
                        [owner.ms_to_show() for _ in range(times)])
        yield round_trips(pair, owner, 3 if quick else 30)
        yield from rows("longest advert gap, the owner reloads all pools",
                        [advert_gap(pair, owner) for _ in range(times)])
        for name, all_pools in (("one pool", False), ("all pools", True)):
            with backup.changing(all_pools):
                yield from rows(f"silence to announcement, the backup reloads {name}",
                                [failover.silence(pair) for _ in range(times)])


def rows(case, samples):
    return failover.figure(case, samples, part="change")


class Changing:
    """A gateway, and the variants of its configuration."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.control = Control(gateway.config.parent / gateway.name / "control.sock")
        self.base = gateway.config.read_text()
        self.variants = itertools.count(1)
        self.weights = [100] * POOLS

    def route(self, pair):
        subprocess.run(["ip", "-n", f"{pair.lab.name}-{self.gateway.name}", "route", "add", ROUTED,
                        "via", ROUTER], check=True)

    def write(self, all_pools):
        """Gives the first backend of the first pool, or of each pool, another weight."""
        weight = 100 + next(self.variants) % 50
        self.weights[:POOLS if all_pools else 1] = [weight] * (POOLS if all_pools else 1)
        self.replace_config(many_pools(self.weights))

    def replace_config(self, added):
        """Writes the lab's own configuration, and what is added to it."""
        written = self.gateway.config.with_suffix(".new")
        written.write_text(self.base + added)
        written.rename(self.gateway.config)

    def apply(self, all_pools):
        self.write(all_pools)
        self.control.ask("config apply")
        return self.control.await_workers()

    def ms_to_apply(self, all_pools):
        """Until all workers forward by the new tables."""
        self.write(all_pools)

        def apply():
            self.control.ask("config apply")
            self.control.await_workers()

        return sample_ms(apply)

    def apply_at_once(self, times):
        """Asks for all of them before it reads the first answer. Returns the answers."""
        with contextlib.ExitStack() as stack:
            asked = [stack.enter_context(self.control.begin("config apply")) for _ in range(times)]
            return [one.answer() for one in asked]

    def ms_to_show(self):
        """vipctl prints all rows as JSON."""
        vipctl = self.gateway.lab.build / "control" / "cli" / "vipctl"
        command = [vipctl, "--run-dir", self.control.path.parent, "-j", "show", "backends"]
        return sample_ms(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))

    @contextlib.contextmanager
    def changing(self, all_pools):
        """Reloads without pause during the block."""
        stopping = threading.Event()
        failures = []

        def go_on():
            while not stopping.is_set():
                try:
                    self.write(all_pools)
                    self.control.ask("config apply")
                except (Failure, OSError) as failure:
                    failures.append(failure)
                    return

        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()
        if failures:
            raise Failure(f"reloads: {failures[0]}")


def sample_ms(act):
    """The time that act() takes."""
    def measure():
        began = time.monotonic()
        act()
        return (time.monotonic() - began) * 1000

    return sample(measure)


def serve_routed(pair):
    """The server has all addresses of ROUTED."""
    subprocess.run(["ip", "-n", f"{pair.lab.name}-{SERVER}", "route", "add", "local", ROUTED,
                    "dev", "lo"], check=True)


def routed_address(number):
    """In ROUTED, for numbers below a million."""
    return f"10.{16 + number // 65025}.{number // 255 % 255}.{number % 255}"


def many_pools(weights):
    lines = []
    for pool, weight in enumerate(weights):
        lines.append(f'[[pool]]\nname = "many{pool}"\nbackend = [')
        for index in range(BACKENDS_PER_POOL):
            number = pool * BACKENDS_PER_POOL + index
            address = routed_address(number)
            lines.append(f'  {{ name = "b{index}", address = "{address}", '
                         f'weight = {100 if index else weight} }},')
        lines.append("]")
    lines += [service(number, number % POOLS) for number in range(SERVICES - 20)]  # the lab has 20
    return "\n".join(["", *lines, ""])


def service(number, pool):
    return (f'[[service]]\nname = "many{number}"\nvip = "{VIP}"\nprotocol = "tcp"\n'
            f'port = {2000 + number}\npool = "many{pool}"\nforward = "ipip"')


def back_to_back(changing):
    """All applies at once: until the last is answered and in use."""
    changing.write(all_pools=True)
    answers = []

    def apply():
        answers.extend(changing.apply_at_once(APPLIES))
        changing.control.await_workers()

    one = sample_ms(apply)
    answered = sum(answer["applied"] for answer in answers)
    yield Result("change", f"{APPLIES} applies at once, answered", "applies", answered)
    yield next(rows(f"{APPLIES} applies at once, the last in force", [one]))


def round_trips(pair, changing, seconds):
    def quantile():
        with observers.client(pair.lab.command, ROOT / "scripts/bench.d/round_trips.py", VIP,
                              ECHO_PORT) as client:
            time.sleep(seconds)
        if client["output"]["lost"]:
            raise Failure(f"{client['output']['lost']} datagrams were lost")
        trips = [Sample(*one) for one in client["output"]["trips"]]
        return statistics.quantiles(valid(trips), n=1000)[998], trips

    idle_us, idle_trips = quantile()
    with changing.changing(all_pools=True):
        us, trips = quantile()
    return Result("change", "round trip p99.9 during reloads of all pools", "us", us, None,
                  "without reloads", idle_us, us / idle_us, gated=len(trips) - len(valid(trips)),
                  samples=len(trips), stolen=disturbed(trips),
                  reference_stolen=disturbed(idle_trips))


def advert_gap(pair, changing):
    pair.settle()
    with pair.watched() as watch:
        changing.ms_to_apply(all_pools=True)
        time.sleep(0.2)
    failover.expect_no_takeover(watch, "gw1 reloaded")
    return Sample(watch.longest_advert_gap_ms("gw1"),
                  watch.stolen.between(watch.began, watch.ended))
