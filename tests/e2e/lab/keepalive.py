#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs on the client: keeps HTTP connections open. For each line that it reads, it sends a request
on each of them, all at once, and prints a JSON list of the backends that answered, with null for a
broken connection.

  keepalive.py ADDRESS PORT COUNT
"""

import http.client
import json
import resource
import sys

TIMEOUT_S = 60


def main():
    address, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, count + 100))
    connections = [http.client.HTTPConnection(address, port, timeout=TIMEOUT_S)
                   for _ in range(count)]
    for connection in connections:
        connection.connect()
        connection.auto_open = 0  # a broken connection stays broken
    for _ in sys.stdin:
        asked = [ask(connection) for connection in connections]
        print(json.dumps([answer(*pair) for pair in zip(connections, asked)]), flush=True)


def ask(connection):
    try:
        connection.request("GET", "/")
        return True
    except (OSError, http.client.HTTPException):
        return False


def answer(connection, asked):
    if not asked:
        return None
    try:
        response = connection.getresponse()
        response.read()
        return response.getheader("X-Backend") if response.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None


if __name__ == "__main__":
    main()
