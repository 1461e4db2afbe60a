# SPDX-License-Identifier: Apache-2.0
"""The part "failover": how VIPs move between two gateways of the lab, as a client sees it: times
between events, and probes that are lost meanwhile. For comparison, keepalived takes over."""

import contextlib
import statistics
import subprocess
import time

from gateways import gateways, takeovers, took_over
from observers import VIP
from results import Failure, Result
from stolen import Sample, disturbed, valid

SPINNERS = 32
MANY_VIPS = 1000


def run(build, quick):
    times = 2 if quick else 20
    with gateways(build, 10) as pair:
        ours = {10: repeat(silence, pair, times)}
        yield from figure("death of a dataplane to announcement, 10 ms adverts",
                          repeat(death, pair, times))
        yield from spinning(pair, 10 if quick else 300)
    with gateways(build, 100) as pair:
        ours[100] = repeat(silence, pair, times)
        yield from figure("planned handover", repeat(handover, pair, times), "probes lost")
        yield from figure("control killed and restarted", repeat(restart_of_control, pair, times),
                          "probes lost")
        yield from figure("reload with changes, longest advert gap", repeat(reload, pair, times),
                          "intervals")
        first_to_last, gap = zip(*many_vips(pair, times))
        yield from figure(f"{MANY_VIPS} VIPs, first to last announcement", first_to_last)
        yield from figure(f"{MANY_VIPS} VIPs, longest advert gap, 100 ms adverts", gap)
    with gateways(build, 1000) as pair:
        ours[1000] = repeat(silence, pair, times)
    for advert_ms in ours:
        with gateways(build, advert_ms, keepalived=True) as pair:
            theirs = repeat(silence, pair, times)
        yield from figure(f"silence to announcement, {advert_ms} ms adverts", ours[advert_ms],
                          reference=theirs)


def repeat(measure, pair, times):
    return [measure(pair) for _ in range(times)]


def figure(case, samples, unit="ms", reference=None, part="failover"):
    """Yields the median and the worst value of the samples during which no CPU time was stolen. If
    those are too few, all samples count; either way the result lists the others."""
    values = valid(samples)
    for name, of in ((case, statistics.median), (f"{case}, worst", max)):
        one = Result(part, name, unit, of(values), gated=len(samples) - len(values),
                     samples=len(samples), stolen=disturbed(samples))
        if reference:
            theirs = of(valid(reference))
            one = one._replace(reference="keepalived", reference_value=theirs,
                               ratio=one.value / theirs, reference_stolen=disturbed(reference))
        yield one


def ms(seconds):
    return seconds * 1000


def silence(pair):
    """Time from the last advert of gw1 that could be received to gw2's announcement."""
    pair.settle()
    with pair.watched() as watch:
        pair.sleep_adverts(3)
        pair.cut(True)
        pair.sleep_adverts(6)
        time.sleep(0.2)
    pair.cut(False)
    taken = took_over(watch, "gw2")
    last = max(one["at"] for one in watch.adverts("gw1") if one["at"] < taken)
    return Sample(ms(taken - last), watch.stolen.between(last, taken))


def death(pair):
    """Time from kill -9 of the dataplane to the announcement of a peer with priority 200."""
    for gateway, priority in ((pair.gw1, "250"), (pair.gw2, "200")):
        gateway.vipctl("group", "priority", "edge", priority)
    pair.settle()
    with pair.watched() as watch:
        killed = pair.gw1.kill("dataplane")
        pair.await_states("down", "active")
    pair.gw1.start("dataplane")
    for gateway in (pair.gw1, pair.gw2):
        gateway.vipctl("group", "priority", "edge", "configured")
    taken = took_over(watch, "gw2")
    return Sample(ms(taken - killed), watch.stolen.between(killed, taken))


def spinning(pair, seconds):
    """How often gw2 took over although nothing was wrong with gw1. While the host runs something
    else on the owner's CPU, the owner is silent, and to take over from it is right. It is not known
    whose CPU was stolen, so a theft from any of them excuses a takeover."""
    pair.settle()
    with pair.watched() as watch, contextlib.ExitStack() as spinners:
        for _ in range(SPINNERS):
            spinner = spinners.enter_context(
                subprocess.Popen(["/usr/bin/python3", "-c", "while True: pass"]))
            spinners.callback(spinner.kill)
        time.sleep(seconds)
    taken = takeovers(watch, "gw2", pair.advert_ms)
    silence_s = 5 * pair.advert_ms / 1000  # before a takeover; 3 intervals and skew at least
    excused = sum(watch.stolen.between(at - silence_s, at) > 0 for at in taken)
    for what, count in (("without cause", len(taken) - excused),
                        ("while CPU time was stolen", excused)):
        yield Result("failover", f"takeovers {what}, {pair.advert_ms} ms adverts, {SPINNERS} "
                     "spinning processes", "takeovers", count)


def handover(pair):
    """Probes lost during a handover to gw2 and one back."""
    pair.settle()
    with pair.watched(probes=True) as watch:
        for gateway, states in ((pair.gw1, ("backup", "active")), (pair.gw2, ("active", "backup"))):
            gateway.vipctl("group", "handover", "edge")
            pair.await_states(*states)
            time.sleep(0.3)
    return probes_lost(watch)


def restart_of_control(pair):
    """Probes lost while gw1's control is killed and started again."""
    pair.settle()
    with pair.watched(probes=True) as watch:
        pair.gw1.kill("control")
        time.sleep(0.5)
        pair.gw1.start("control")
        pair.await_states("active", "backup")
        time.sleep(0.3)
    expect_no_takeover(watch, "gw1's control restarted")
    return probes_lost(watch)


def probes_lost(watch):
    return Sample(len(watch.lost()), watch.stolen.between(watch.began, watch.ended))


def reload(pair):
    """The longest gap between adverts during reloads, in advert intervals."""
    pair.settle()
    text = pair.gw1.config.read_text()
    with pair.watched() as watch:
        for weight in (50, 60, 70):
            pair.gw1.configure(replace(text, '"10.0.0.11" }', f'"10.0.0.11", weight = {weight} }}'))
            time.sleep(0.2)
        pair.gw1.configure(text)
        time.sleep(0.2)
    expect_no_takeover(watch, "gw1 reloaded")
    return Sample(watch.longest_advert_gap_ms("gw1") / pair.advert_ms,
                  watch.stolen.between(watch.began, watch.ended))


def expect_no_takeover(watch, when):
    if watch.adverts("gw2") or watch.announcements("gw2"):
        raise Failure(f"gw2 took over while {when}")


def many_vips(pair, times):
    """Takeovers with MANY_VIPS VIPs. Yields two samples each: the time from first to last
    announcement, and the longest gap between adverts of the gateway that took over."""
    vips = ", ".join(f'"10.0.{1 + i // 250}.{1 + i % 250}"' for i in range(MANY_VIPS))
    for gateway in (pair.gw1, pair.gw2):
        gateway.configure(replace(gateway.config.read_text(), f'vips = ["{VIP}"',
                                  f'vips = ["{VIP}", {vips}'))
    for _ in range(times):
        pair.settle()
        with pair.watched() as watch:
            pair.gw1.kill("dataplane")
            pair.await_states("down", "active")
            time.sleep(1)
        # Announcements are repeated; the first one of each VIP counts.
        announced = {one["vip"]: one["at"] for one in reversed(watch.announcements("gw2"))}.values()
        if len(announced) < MANY_VIPS:
            raise Failure(f"only {len(announced)} VIPs were announced")
        yield (Sample(ms(max(announced) - min(announced)),
                      watch.stolen.between(min(announced), max(announced))),
               Sample(watch.longest_advert_gap_ms("gw2"),
                      watch.stolen.between(watch.began, watch.ended)))
        pair.gw1.start("dataplane")


def replace(text, old, new):
    if old not in text:
        raise Failure(f"the lab's configuration has no {old}")
    return text.replace(old, new)
