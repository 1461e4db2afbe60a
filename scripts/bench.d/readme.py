# SPDX-License-Identifier: Apache-2.0
"""The tables of tests/bench/README.md. Each is between two comments, the first of which names the
results file that the table shows:

  <!-- results.json -->
  <!-- end -->
"""

import re

from present import markdown
from results import read_report

TABLE = re.compile(r"(?P<begin><!-- (?P<file>[a-z]+\.json) -->\n).*?(?P<end><!-- end -->)",
                   re.DOTALL)


def with_tables(text, folder):
    """The text, with every table replaced by that of its results file in `folder`."""
    def table(found):
        lines = "\n".join(markdown(read_report(folder / found["file"])))
        return f"{found['begin']}{lines}\n{found['end']}"

    return TABLE.sub(table, text)
