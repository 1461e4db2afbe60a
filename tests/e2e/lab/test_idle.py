# SPDX-License-Identifier: Apache-2.0
"""A worker without traffic waits in the kernel, until a packet comes or something else is due."""

import re
import statistics
import time
from pathlib import Path

from labs import PORTS, VIP, worker_thread
from programs import wait_until

# 10 for heartbeats; more for what this lab's nodes send each other.
MOST_WAKE_UPS_PER_S = 60


def wake_ups(lab):
    status = Path(f"/proc/{lab.pid('dataplane')}/task/{worker_thread(lab, 0)}/status").read_text()
    return int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status, re.MULTILINE)[1])


def wake_ups_per_s(lab):
    before, began = wake_ups(lab), time.monotonic()
    time.sleep(1)
    return (wake_ups(lab) - before) / (time.monotonic() - began)


def test_an_idle_worker_seldom_wakes_up_and_still_reports_that_it_is_alive(lab):
    wait_until(lambda: wake_ups_per_s(lab) <= MOST_WAKE_UPS_PER_S, "the worker sleeps")
    assert all(row["alive"] for row in lab.vipctl.json("show", "workers"))


def test_a_packet_wakes_the_worker_after_any_pause(lab):
    times = lab.client("pauses.py", VIP, str(PORTS["ipip"]), "500")
    assert None not in times
    assert statistics.median(times) < 20, "much less than what ends a wait without a packet"

