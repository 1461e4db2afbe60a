# SPDX-License-Identifier: Apache-2.0
"""The tables of tests/bench/README.md. Each is between two comments, the first of which names the
results files that the table shows side by side, one for each kind of processor (results-amd.json):

  <!-- results -->
  <!-- end -->
"""

import re

from present import markdown
from results import read_report

TABLE = re.compile(r"(?P<begin><!-- (?P<name>(?!end )[a-z]+) -->\n).*?(?P<end><!-- end -->)",
                   re.DOTALL)


def with_tables(text, folder):
    """The text, with every table replaced by that of its results files in `folder`."""
    def table(found):
        reports = [read_report(path) for path in sorted(folder.glob(f"{found['name']}-*.json"))]
        lines = "\n".join(markdown(reports) if reports else ["There are no results yet."])
        return f"{found['begin']}{lines}\n{found['end']}"

    return TABLE.sub(table, text)
