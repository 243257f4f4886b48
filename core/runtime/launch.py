"""The app: Streamlit on app.py, which lies beside core/ here and where it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

APP = Path(__file__).resolve().parents[2] / "app.py"


def serve_app(port: int | None = None) -> int:
    """Serve the app until it is stopped, at Streamlit's own port without one; returns the exit code of its process.

    This process becomes the server, so that a signal reaches it and its own imports take no memory beside it; where a
    system cannot do that, it waits for the server.
    """
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(sys.executable, command(port))
    try:
        return subprocess.call(command(port))
    except KeyboardInterrupt:  # the terminal has sent it to the server as well
        return 0


def command(port: int | None = None) -> list[str]:
    """The command line that serves the app; -P, so that no file of the folder it is started in is imported."""
    chosen = [] if port is None else [f"--server.port={port}"]
    return [sys.executable, "-P", "-m", "streamlit", "run", str(APP), *chosen]
