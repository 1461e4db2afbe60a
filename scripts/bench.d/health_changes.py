# SPDX-License-Identifier: Apache-2.0
"""Of the part "change": how soon what is known of backends is in force, with 1,000 pools of 50
backends. gw1 owns the VIPs.

The first backend of each pool is the same host, the second one a host of its own, and the others are
checked at one address: so there are as few checks as possible, and what is measured is what follows
on a check's verdict."""

import contextlib
import itertools
import statistics
import subprocess
import sys
import time

import failover
from change import SERVER, Changing, routed_address, sample_ms, serve_routed, service
from gateways import gateways
from results import Failure, Result
from stolen import Sample, disturbed, sample, valid

POOLS, BACKENDS_PER_POOL = 1000, 50
# The port where the host of all pools is checked, those of one pool each, and all others.
SHARED_PORT, OWN_PORT, OTHER_PORT = 7001, 7002, 7003
SHARED, OTHER = "10.31.0.1", "10.31.0.2"
FLAP_S = 1
FLAPS = 4  # what flaps more often is held down
DEADLINE_S = 30
# Listens at all addresses. Quiet checks never complete a connection.
LISTEN = ("import signal, socket, sys\n"
          "listener = socket.create_server(('', int(sys.argv[1])), backlog=4096)\n"
          "print('listens', flush=True)\n"
          "signal.pause()\n")


def run(build, quick):
    times = 3 if quick else 20
    with gateways(build, 10) as pair:
        checking = Checking(pair)
        with checking.listening(OTHER_PORT):
            with checking.listening(OWN_PORT), checking.listening(SHARED_PORT):
                checking.start()
                backends = POOLS * BACKENDS_PER_POOL
                pools = range(20 * times)
                yield from rows(f"weight of one of {backends} backends chosen",
                                [checking.ms_to_choose(i) for i in pools])
                case = f"one of {backends} backends drained, decision to in force"
                drained = [checking.drain(i) for i in pools]
                yield from rows(case, drained)
                yield p99(case, drained)
            with checking.listening(OWN_PORT):
                falls, gaps = zip(*(checking.fall() for _ in range(times)))
            yield from rows(f"a host of {POOLS} pools down, decision to in force", falls)
            yield from rows(f"longest advert gap, a host of {POOLS} pools down", gaps)
            yield from checking.flap()


def rows(case, samples):
    return failover.figure(case, samples, part="change")


class Checking:
    """gw1, and the hosts that it checks."""

    def __init__(self, pair):
        self.pair = pair
        self.changing = Changing(pair.gw1)
        self.control = self.changing.control
        self.namespace = f"{pair.lab.name}-{SERVER}"
        self.timeouts_ms = itertools.cycle(range(300, 400))

    def start(self):
        serve_routed(self.pair)
        self.changing.route(self.pair)
        self.check_anew()

    def check_anew(self):
        """By checks that are new, so that what was before is no reason to hold a host down."""
        self.changing.replace_config(many_pools(next(self.timeouts_ms)))
        self.control.ask("config apply", force=True)
        self.await_health(up=True)
        return self.control.await_workers()

    @contextlib.contextmanager
    def listening(self, port):
        command = ["ip", "netns", "exec", self.namespace, sys.executable, "-c", LISTEN, str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
            server.stdout.readline()
            try:
                yield
            finally:
                server.kill()

    def await_health(self, up):
        """Of the host that all pools have, after an attempt of a check that is new."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            row = self.control.ask("show backends", pool="many0")[0]
            if row["last"] and (row["health"] == "up") == up:
                return
            if time.monotonic() > deadline:
                raise Failure(f"backend {row['name']} is {row['health']} after {DEADLINE_S} s")
            time.sleep(0.05)

    def ms_to_choose(self, number):
        """From an operator's command until all workers forward by it."""
        def choose():
            self.control.ask("backend weight", pool=f"many{number}", backend="own", weight="50")
            self.control.await_workers()

        self.control.await_workers()
        time.sleep(0.02)
        return sample_ms(choose)

    def drain(self, number):
        """Time from control's decision until it knows that all workers forward by it, while nothing
        else is asked of it."""
        def drain():
            self.control.ask("backend drain", pool=f"many{number}", backend="own")
            time.sleep(0.02)
            change = self.control.ask("show status")["dataplane"]["last_change"]
            return change["acknowledged_us"] / 1e3

        self.control.await_workers()
        time.sleep(0.02)
        return sample(drain)

    def fall(self):
        """Time from a host's failed check to tables without it, and the owner's longest advert gap
        meanwhile."""
        with contextlib.ExitStack() as host:
            host.enter_context(self.listening(SHARED_PORT))
            before = self.check_anew()
            self.pair.settle()
            with self.pair.watched() as watch:
                closed = time.time()
                host.close()
                decided = in_force = None
                # A generation may come before the decision, for another reason.
                while decided is None or decided > in_force:
                    before, in_force = self.await_generation_after(before)
                    decided = self.time_of_fall(closed)
                time.sleep(0.1)
        failover.expect_no_takeover(watch, "a host is down")
        return (Sample(failover.ms(in_force - decided), watch.stolen.between(decided, in_force)),
                Sample(watch.longest_advert_gap_ms("gw1"),
                       watch.stolen.between(watch.began, watch.ended)))

    def time_of_fall(self, since):
        """When the host that all pools have was found down; None: not since then."""
        times = (event["time_ms"] / 1000
                 for event in self.control.ask("show events", object="backend")
                 if event["name"] == "many0/shared" and event["change"] == "down")
        return next((one for one in times if one >= since), None)

    def await_generation_after(self, before):
        """The one by which all workers forward, and the time."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            status = self.control.ask("show status")
            generation = status["dataplane"]["acknowledged_generation"]
            if generation > before:
                return generation, time.time()
            if time.monotonic() > deadline:
                raise Failure(f"no generation after {before} within {DEADLINE_S} s")
            time.sleep(0.01)

    def flap(self):
        """A host of each pool goes up and down, each by a check of its own."""
        with self.listening(SHARED_PORT), self.listening(OWN_PORT):
            before = self.check_anew()
            self.pair.settle()
        with self.pair.watched() as watch:
            for _ in range(FLAPS):
                with self.listening(OWN_PORT):
                    time.sleep(FLAP_S)
                time.sleep(FLAP_S)
        generations = self.control.await_workers() - before
        failover.expect_no_takeover(watch, "hosts flap")
        seconds = watch.ended - watch.began
        yield Result("change", f"generations a second, {POOLS} backends flap", "generations",
                     generations / seconds)
        yield Result("change", f"longest advert gap, {POOLS} backends flap", "ms",
                     watch.longest_advert_gap_ms("gw1"))


def p99(case, samples):
    return Result("change", f"{case}, p99", "ms",
                  statistics.quantiles(valid(samples), n=100)[98],
                  gated=len(samples) - len(valid(samples)), samples=len(samples),
                  stolen=disturbed(samples))


def many_pools(timeout_ms):
    lines = []
    for pool in range(POOLS):
        lines.append(f'[[pool]]\nname = "many{pool}"\ncheck = {{ type = "tcp", via = "direct", '
                     f'port = {OTHER_PORT}, interval_ms = 500, fast_interval_ms = 500, '
                     f'timeout_ms = {timeout_ms}, rise = 1, fall = 1 }}\nbackend = [\n'
                     f'  {{ name = "shared", address = "{SHARED}", check_port = {SHARED_PORT} }},\n'
                     f'  {{ name = "own", address = "{address(pool, 0)}", '
                     f'check_port = {OWN_PORT} }},')
        lines += [f'  {{ name = "b{index}", address = "{address(pool, index)}", '
                  f'check_address = "{OTHER}" }},' for index in range(1, BACKENDS_PER_POOL - 1)]
        lines += ["]", service(pool, pool)]
    return "\n".join(["", *lines, ""])


def address(pool, index):
    return routed_address(pool * BACKENDS_PER_POOL + index)
