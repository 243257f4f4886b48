"""Draw the pictures of all tiles, or of the cases that are named."""

import sys

from core.catalog import BY_SLUG
from core.ui.home.tiles import STATIC, module_of

for slug in sys.argv[1:] or BY_SLUG:
    module = module_of(slug)
    if module is not None:
        STATIC.mkdir(parents=True, exist_ok=True)
        (STATIC / f"{slug}.svg").write_text(module.picture(), encoding="utf-8")
        print(f"{slug}: {(STATIC / f'{slug}.svg').stat().st_size:,} bytes")
