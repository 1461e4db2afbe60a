# SPDX-License-Identifier: Apache-2.0
"""A packet case: input frames, and the expected outcome of each. This is data only: judge.py runs
cases through the real gateway, `export` writes their frames to files."""

from typing import NamedTuple, Optional, Union


class Forwarded(NamedTuple):
    """Forwarded unchanged to a backend of the service, in the mode of the service."""
    service: str
    # Packets with the same `flow`, of all cases, must go to one backend.
    flow: object = None


class Split(NamedTuple):
    """Forwarded in fragments, each encapsulated by itself, to a backend of the service."""
    service: str
    flow: object = None


class Answered(NamedTuple):
    """Answered by exactly this frame; the padding of the request may follow."""
    frame: bytes


class TooBig(NamedTuple):
    """Answered by "fragmentation needed" or "packet too big" with this MTU."""
    mtu: int


class Dropped(NamedTuple):
    reason: str


class ToKernel(NamedTuple):
    pass


Outcome = Union[Forwarded, Split, Answered, TooBig, Dropped, ToKernel]


class Step(NamedTuple):
    frame: bytes
    outcome: Outcome


class Case(NamedTuple):
    number: Optional[int]  # of the packet case; None: it has none
    sentence: str
    steps: tuple  # of Step, in order of arrival
    gateway: str  # the name of a configuration in gateways.py

    @property
    def id(self):
        return f"{self.number or 0:02}-{self.sentence.replace(' ', '-')}"

    def unseen(self):
        """The outcomes without an output frame: "kernel", and drop reasons."""
        outcomes = {step.outcome for step in self.steps}
        return frozenset("kernel" if isinstance(outcome, ToKernel) else outcome.reason
                         for outcome in outcomes if isinstance(outcome, (ToKernel, Dropped)))


def mixed(number, sentence, steps, gateway="usual"):
    return Case(number, sentence, tuple(Step(*step) for step in steps), gateway)


def forwarded(number, sentence, service, frames, gateway="usual", flow=None):
    outcome = Forwarded(service, flow)
    return mixed(number, sentence, [(frame, outcome) for frame in frames], gateway)


def dropped(number, sentence, reason, frames, gateway="usual"):
    return mixed(number, sentence, [(frame, Dropped(reason)) for frame in frames], gateway)


def to_kernel(number, sentence, frames, gateway="usual"):
    return mixed(number, sentence, [(frame, ToKernel()) for frame in frames], gateway)


def answered(number, sentence, pairs, gateway="usual"):
    """A case of `pairs` of frame and answer."""
    return mixed(number, sentence, [(frame, Answered(answer)) for frame, answer in pairs], gateway)
