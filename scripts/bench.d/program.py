# SPDX-License-Identifier: Apache-2.0
"""Parts that are a program of their own, which prints a JSON object for each case."""

import subprocess

from results import Failure, parse_line

TIMEOUT_S = 900
LAST_WORDS = 10  # lines


def run_program(part, command, note=lambda result: None):
    """Its results, each shown to `note` as it comes."""
    name = command[0]
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, errors="replace")
    except OSError as error:
        raise Failure(f"{name}: {error.strerror}") from None
    with child:
        try:
            results = read_results(part, child, note)
        except BaseException:
            child.kill()
            raise
    if not results:
        raise Failure(f"{name}: printed no result")
    return results


def read_results(part, child, note):
    results, others = [], []
    for line in filter(None, map(str.rstrip, child.stdout)):
        try:
            results.append(parse_line(part, line))
            note(results[-1])
        except Failure as failure:
            others.append((line, failure))
    code = child.wait(TIMEOUT_S)
    name = child.args[0]
    if code != 0:
        words = "\n".join(line for line, _ in others[-LAST_WORDS:])
        how = f"exit code {code}" if code > 0 else f"signal {-code}"
        raise Failure(f"{name}: failed with {how}\n{words}".rstrip())
    if others:
        raise Failure(f"{name}: {others[0][1]}")
    return results
