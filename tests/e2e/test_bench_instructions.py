# SPDX-License-Identifier: Apache-2.0
"""scripts/bench instructions compares counts of instructions with those of the tree."""

import re
import sys

import pytest
from programs import ROOT, run

sys.path.insert(0, str(ROOT / "scripts" / "bench.d"))

from instructions import Counts, differences, read_dumps, read_reference  # noqa: E402
from results import Failure  # noqa: E402

DUMP = """\
# callgrind format
version: 1
part: 3

desc: Timerange: Basic block 0 - 772403
desc: Trigger: Client Request: %s

positions: line
events: Ir
summary: 7

fn=(44) vipfwd::packet::track
47 400
totals: %d
"""
REFERENCE = Counts("g++ 12", "-O3", {"one": 300.0, "two": 400.0})


def counts(**per_packet):
    return REFERENCE._replace(per_packet=per_packet)


def test_a_dump_names_its_case_and_has_the_total():
    last = "# callgrind format\ndesc: Trigger: Program termination\n\ntotals: 12\n"
    assert read_dumps([DUMP % ("some, 1 flow", 4035), DUMP % ("other", 12), last]) == {
        "some, 1 flow": 4035, "other": 12}


def test_counts_within_one_percent_are_the_same():
    assert not list(differences(REFERENCE, counts(one=302.9, two=396.1)))


@pytest.mark.parametrize("counted, message", [
    (counts(one=306.0, two=400.0), "one: 306.0 instructions per packet, 300.0 in "
     "instructions.json: +2.0% raises the cost"),
    (counts(one=300.0, two=380.0), "two: 380.0 instructions per packet, 400.0 in "
     "instructions.json: -5.0% lowers the cost: lower the reference"),
    (counts(one=300.0), "two: is in instructions.json, but was not counted"),
    (counts(one=300.0, two=400.0, new=5.0), "new: 5.0 instructions per packet; instructions.json "
     "does not have the case"),
])
def test_a_count_that_differs_is_named(counted, message):
    assert list(differences(REFERENCE, counted)) == [message]


@pytest.mark.parametrize("other", [REFERENCE._replace(compiler="clang 14"),
                                   REFERENCE._replace(flags="-O3 -march=native")])
def test_counts_of_another_compiler_or_processor_cannot_be_compared(other):
    with pytest.raises(Failure, match="they cannot be compared"):
        list(differences(REFERENCE, other))


def test_the_counts_in_the_tree_are_for_a_fixed_processor():
    assert re.search("-march=x86-64-v3( |$)", read_reference().flags)


def test_only_instructions_can_be_checked():
    answer = run(ROOT / "scripts" / "bench", "core", "--check")
    assert answer.returncode == 2
    assert "--check and --update are of the part instructions" in answer.stderr
