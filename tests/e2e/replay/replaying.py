# SPDX-License-Identifier: Apache-2.0
"""A capture through the real gateway, and what came of it."""

from pathlib import Path

from programs import REPLAY, run

CONFIG = Path(__file__).parent / "gateway.toml"


class Replayed:
    """What became of the frames: the counters that replay prints, and what was transmitted."""

    def __init__(self, report, out):
        self.report = report
        self.out = out

    def __getattr__(self, counter):
        return self.report[counter]

    def check_accounts(self, sent):
        """No packet without a counter, on every test."""
        assert self.received == sent
        dropped = sum(self.dropped.values())
        assert self.received == self.forwarded + self.to_kernel + self.answered + dropped
        assert self.transmitted == self.forwarded + self.answered
        if self.out is not None:
            assert self.transmitted == len(self.out)
        for rows in (self.services, self.backends):
            assert sum(row["packets"] for row in rows.values()) == self.forwarded
        assert (sum(row["bytes"] for row in self.services.values()) ==
                sum(row["bytes"] for row in self.backends.values()))

    def only_dropped(self, reason, count):
        assert self.dropped == {reason: count}
        assert self.out == []


def run_replay(config, capture, out, **options):
    return run(REPLAY, "--config", config, "--in", capture, "--out", out, **options)
