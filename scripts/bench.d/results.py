# SPDX-License-Identifier: Apache-2.0
"""The result of a measurement, as programs print it and as files keep it."""

import json
import math
from typing import NamedTuple, Optional

from targets import TARGETS


class Failure(Exception):
    """Its message tells the user what went wrong."""


class Result(NamedTuple):
    part: str
    case: str
    unit: str
    value: Optional[float]  # the median; None: too few samples were valid
    p5: Optional[float] = None
    reference: Optional[str] = None  # what was measured in turn with it
    reference_value: Optional[float] = None
    ratio: Optional[float] = None  # value to reference_value
    tsc: Optional[float] = None  # the value in TSC cycles, where its unit is clock cycles
    gated: Optional[int] = None  # how many samples were left out, because something disturbed them
    samples: Optional[int] = None  # how many there were in all
    # [value, stolen ms] of each sample during which CPU time was stolen. They are left out of the
    # value, unless too few others remain: then `gated` is 0.
    stolen: Optional[list] = None
    reference_stolen: Optional[list] = None  # such samples of the reference

    @property
    def target(self):
        """The bound that the result should meet, or None."""
        return TARGETS.get((self.part, self.case))

    @property
    def met(self):
        """None: there is no target, or no figure that can be compared with it."""
        comparable = self.target and self.target.applies_to(self)
        return self.target.is_met(self) if comparable else None


TEXTS = {"case", "unit", "reference"}
NUMBERS = {"value", "p5", "reference_value", "ratio", "tsc", "gated", "samples"}
REQUIRED = {"case", "unit"}
REPORT = ("date", "machine", "busy", "quick", "results")
OPTIONAL = ("note",)  # what a reader of the report must know about it


def parse_line(part, line):
    """Parses the line of a program: one JSON object."""
    try:
        fields = json.loads(line)
    except ValueError:
        raise Failure(f"not JSON: {line}") from None
    if not isinstance(fields, dict):
        raise Failure(f"not a JSON object: {line}")
    fields = {key: value for key, value in fields.items() if value is not None}
    required = REQUIRED if fields.get("gated") else REQUIRED | {"value"}
    for key in sorted(required - fields.keys()):
        raise Failure(f"no '{key}': {line}")
    for key, value in fields.items():
        if key not in TEXTS | NUMBERS:
            raise Failure(f"unknown key '{key}': {line}")
        if not (isinstance(value, str) if key in TEXTS else is_number(value)):
            raise Failure(f"'{key}' is not a {'text' if key in TEXTS else 'number'}: {line}")
    return Result(part, **{"value": None, **fields})


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def to_json(result):
    """The object for the results file, with the target and whether it is met."""
    fields = {key: value for key, value in result._asdict().items() if value is not None}
    if result.target:
        fields.update(target=str(result.target), met=result.met)
    return fields


def write_report(path, report):
    """`report` has the keys of REPORT; its results are of type Result."""
    results = [to_json(one) for one in report["results"]]
    write_file(path, json.dumps({**report, "results": results}, indent=2, ensure_ascii=False))


# Parts that run in the lab, only if they are named, and whose results are kept in a file each. The
# results of all other parts are in one file together.
OWN_FILES = ("failover", "change", "checks", "idle", "soak")


def file_name(parts, kind):
    """The name of the file in tests/bench that has the results of these parts."""
    name = parts[0] if len(parts) == 1 and parts[0] in OWN_FILES else "results"
    return f"{name}-{kind}.json"


def write_file(path, text):
    try:
        path.write_text(text + "\n")
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None


def read_report(path):
    """Reads what write_report wrote. Targets are today's, not those in the file."""
    try:
        report = json.loads(path.read_text())
        report["results"] = [Result(**{key: one.get(key) for key in Result._fields})
                             for one in report["results"]]
        return {key: report[key] for key in REPORT} | {
            key: report[key] for key in OPTIONAL if key in report}
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Failure(f"{path}: not a results file of scripts/bench") from None
