# SPDX-License-Identifier: Apache-2.0
"""Runs a part that is one program, which prints a JSON object for each case."""

import subprocess

from results import Failure, parse_line

LAST_LINES = 10  # of the output, that an error quotes


def run_program(part, command):
    """Yields the results while the program prints them."""
    name = command[0]
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, errors="replace")
    except OSError as error:
        raise Failure(f"{name}: {error.strerror}") from None
    with child:
        try:
            yield from read_results(part, child)
        except BaseException:
            child.kill()
            raise


def read_results(part, child):
    name, count, others = child.args[0], 0, []
    for line in filter(None, map(str.rstrip, child.stdout)):
        try:
            result = parse_line(part, line)
        except Failure as failure:
            others.append((line, failure))
        else:
            count += 1
            yield result
    code = child.wait()
    if code != 0:
        words = "\n".join(line for line, _ in others[-LAST_LINES:])
        how = f"exit code {code}" if code > 0 else f"signal {-code}"
        raise Failure(f"{name}: failed with {how}\n{words}".rstrip())
    if others:
        raise Failure(f"{name}: {others[0][1]}")
    if count == 0:
        raise Failure(f"{name}: printed no result")
