"""Say how a library that trialdeck can do without is added to the environment that it runs in."""

import sys
from pathlib import Path

_WAYS = {
    "pipx_metadata.json": 'pipx install --force "trialdeck[{}]"',
    "uv-receipt.toml": 'uv tool install "trialdeck[{}]"',
}
"""What installed the program, by the file that it leaves in its environment."""
_PIP = 'pip install "trialdeck[{}]"'


def install_hint(extra: str) -> str:
    """Return the command that installs an extra, for whatever installed trialdeck itself.

    The quotes are those that all shells know: in cmd.exe of Windows an apostrophe is none.
    """
    way = next((way for name, way in _WAYS.items() if Path(sys.prefix, name).is_file()), _PIP)
    return way.format(extra)
