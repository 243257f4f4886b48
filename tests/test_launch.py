"""The app in a process of its own: which file, which port, and how it ends."""

import subprocess
import sys

from core.runtime import launch


def test_the_app_lies_beside_core():
    assert launch.APP.is_file() and (launch.APP.parent / "pages").is_dir()


def test_the_port_is_streamlits_own_unless_one_is_given():
    assert launch.command()[-1] == str(launch.APP)
    assert launch.command(8599)[-1] == "--server.port=8599"


def test_the_exit_code_is_that_of_the_server():
    script = (
        "import sys; from core.runtime import launch; "
        "launch.command = lambda port: [sys.executable, '-c', f'raise SystemExit({port})']; launch.serve_app(3)"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=launch.APP.parent).returncode == 3
