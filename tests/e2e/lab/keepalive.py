#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs in the client's namespace: keeps HTTP connections open, and on each line that it reads sends
a request on every one of them. Prints the backends that answered, as a JSON list; null for a
connection that broke.

  keepalive.py ADDRESS COUNT
"""

import http.client
import json
import sys


def main():
    address, count = sys.argv[1], int(sys.argv[2])
    connections = [http.client.HTTPConnection(address, timeout=5) for _ in range(count)]
    for connection in connections:
        connection.connect()
        connection.auto_open = 0  # a broken connection stays broken
    for _ in sys.stdin:
        print(json.dumps([ask(connection) for connection in connections]), flush=True)


def ask(connection):
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        answer.read()
        return answer.getheader("X-Backend") if answer.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None


if __name__ == "__main__":
    main()
