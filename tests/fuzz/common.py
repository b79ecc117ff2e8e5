"""What the fuzzers share: seeds, libFuzzer's options, and where its finds are kept.

    pip install atheris==3.0.0        # Linux on x86_64, Python 3.11
    python tests/fuzz/fuzz_wire.py -max_total_time=60
    python tests/fuzz/fuzz_wire.py build/fuzz/wire-crash-…         # once more, that input only

`fuzz_wire.py`, `fuzz_replies.py`, `fuzz_outputs.py` and `fuzz_intake.py` each take libFuzzer's
options. Inputs that were new are kept in build/fuzz/, so that the next run goes on from there;
finds lie beside them. A find becomes a plain test in tests/ before it is repaired.
"""

from __future__ import annotations

import hashlib
import sys
import tracemalloc
import types
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
KEPT = ROOT / "build/fuzz"
SECONDS = 20
_MEMORY_MB = 3000


def atheris() -> types.ModuleType:
    """Return atheris, or end with what to do: few need it, so nothing installs it unasked."""
    try:
        import atheris
    except ImportError:
        sys.exit("error: atheris is missing: see tests/fuzz/common.py")
    return atheris


def fuzz(
    name: str,
    try_out: Callable[[bytes], None],
    seeds: Iterable[bytes],
    words: Iterable[str] = (),
    longest: int = 4096,
) -> None:
    """Fuzz until libFuzzer's options say stop; ends the process.

    Parameters
    ----------
    name : str
        Names the folder of inputs.
    try_out : callable
        Raises if a property does not hold for an input.
    seeds : iterable of bytes
        Inputs to begin with, made on the fly from what is real.
    words : iterable of str
        What is worth putting into an input.
    longest : int
        Longest input to try, in bytes.
    """
    corpus = KEPT / name
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    given = sys.argv[1:]
    options = [
        f"-max_len={longest}",
        f"-timeout={SECONDS}",
        f"-rss_limit_mb={_MEMORY_MB}",
        f"-artifact_prefix={KEPT}/{name}-",
    ]
    if lines := ["".join(f"\\x{byte:02x}" for byte in word.encode()) for word in words]:
        (KEPT / f"{name}.dict").write_text("".join(f'"{line}"\n' for line in lines))
        options.append(f"-dict={KEPT}/{name}.dict")
    # Inputs named by hand are tried, and nothing else.
    folders = [] if any(not word.startswith("-") for word in given) else [str(corpus)]
    atheris().Setup([sys.argv[0], *options, *given, *folders], try_out)
    atheris().Fuzz()


class Memory:
    """Holds a block to the memory it may use.

    Parameters
    ----------
    most : int
        Bytes allocated at one time, beyond what was held before.
    pause : bool
        Trace this block only: tracing makes slow what comes after it.
    """

    def __init__(self, most: int, pause: bool = False) -> None:
        self._most = most
        self._pause = pause

    def __enter__(self) -> None:
        if not tracemalloc.is_tracing():
            tracemalloc.start(1)
        tracemalloc.reset_peak()
        self._before = tracemalloc.get_traced_memory()[0]

    def __exit__(self, *error: object) -> None:
        used = tracemalloc.get_traced_memory()[1] - self._before
        if self._pause:
            tracemalloc.stop()
        if used > self._most:
            raise AssertionError(f"{used:,} bytes allocated where {self._most:,} must do")
