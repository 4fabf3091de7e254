"""A process in the place of an inspector: it answers its first order with the file `lie` beside its folder."""

import sys
import tempfile
from pathlib import Path

from bot.children.frames import read_frame

for _ in range(3):  # Hello, Begin, the first order
    read_frame(sys.stdin.buffer)
sys.stdout.buffer.write(bytes.fromhex((Path(tempfile.gettempdir()).parent / "lie").read_text()))
sys.stdout.buffer.flush()
sys.stdin.buffer.read()
