"""How much of the large matrices of tests is run: a part that has every kind of fault in it, or all."""

import os

IS_FULL = os.environ.get("TRIALDECK_FULL", "") not in {"", "0"}
"""Whether everything was asked for: `TRIALDECK_FULL=1 make test`."""
