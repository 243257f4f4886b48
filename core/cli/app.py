"""`app`: serve the app."""

from __future__ import annotations

import argparse

from core.runtime.launch import serve_app

WORDS = "serve the app"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--port", type=int, help="8501 without it, or the next that is free")


def run_command(asked: argparse.Namespace) -> int:
    """Serve until it is stopped."""
    return serve_app(asked.port)
