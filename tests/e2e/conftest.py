# SPDX-License-Identifier: Apache-2.0
"""Settings for all end-to-end tests."""

import logging

logging.getLogger("scapy").setLevel(logging.ERROR)  # it warns of missing IPv6 routes
