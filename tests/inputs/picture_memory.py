"""How many bytes a process grows by at most while it reads a picture: `python -m tests.inputs.picture_memory FILE…`."""

import os
import sys
from pathlib import Path

from core.cases.street_view_blurring.serve.picture_file import PhotoRefused, read_photo

SMALL = Path(__file__).parents[2] / "core/ui/static/favicon.png"
CLEAR_PEAK = "5"  # of proc(5): /proc/self/clear_refs


def bytes_of(name):
    """A line of /proc/self/status in bytes."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return 1024 * int(lines[name].split()[0])


def grown(content):
    """(bytes, what was said) of reading a file whose content is in memory already."""
    Path("/proc/self/clear_refs").write_text(CLEAR_PEAK)
    before = bytes_of("VmRSS")
    try:
        said = f"read as {read_photo(content).shape}"
    except PhotoRefused as error:
        said = str(error)
    return bytes_of("VmHWM") - before, said


def in_a_process_of_its_own(file):
    """Print what one file takes, in a child that has freed nothing yet which could be used again."""
    if child := os.fork():
        os.waitpid(child, 0)
        return
    print(file.name, *grown(file.read_bytes()), sep="\t", flush=True)
    os._exit(0)


if __name__ == "__main__":
    read_photo(SMALL.read_bytes())  # loads the decoders
    for name in sys.argv[1:]:
        in_a_process_of_its_own(Path(name))
