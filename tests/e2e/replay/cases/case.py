# SPDX-License-Identifier: Apache-2.0
"""A packet case: frames in, and for each what has to become of it. Data, without the means to run
it: judge.py runs cases through the real gateway, `export` writes their frames to files."""

from typing import NamedTuple, Optional, Union


class Forwarded(NamedTuple):
    """Untouched, to a backend of the service, in the service's mode."""
    service: str
    # Packets with the same `flow` have to meet at one backend, those of other cases too.
    flow: object = None


class Split(NamedTuple):
    """In fragments, each by itself, to a backend of the service."""
    service: str
    flow: object = None


class Answered(NamedTuple):
    """By exactly this frame; what pads the one that came in may follow."""
    frame: bytes


class TooBig(NamedTuple):
    """By "fragmentation needed" or "packet too big" for this MTU, to the sender."""
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
    number: Optional[int]  # in the list of packet cases; None: not in it
    sentence: str
    steps: tuple  # of Step, in order of arrival
    gateway: str  # name of one in gateways.py

    @property
    def id(self):
        return f"{self.number or 0:02}-{self.sentence.replace(' ', '-')}"

    def unseen(self):
        """What leaves no frame in the output: "kernel", and drop reasons."""
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
    """`pairs` of frame and answer."""
    return mixed(number, sentence, [(frame, Answered(answer)) for frame, answer in pairs], gateway)
