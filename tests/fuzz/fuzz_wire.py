"""Fuzz `helpers.checks.wire`; how to run it is said in common.py.

Whatever the bytes: a value or a `WireError`, soon, in memory that is in proportion; a value that
can be looked at without ending the process; and `decode(encode(x)) == x`.
"""

from __future__ import annotations

import contextlib
import math
import warnings
from typing import Any

from common import Memory, atheris, fuzz

with atheris().instrument_imports(include=["helpers"]):
    from helpers.checks import wire

import msgpack
import numpy as np
from values import made, same, samples

FEW_BYTES = 16 * 2**20
BYTES_FOR_A_BYTE = 300
DTYPES = ["|b1", "<i8", "|u1", ">i4", "<f2", "<f4", "<f8", "<c16", "<U3", "|S4", "<M8[ns]",
          "<M8[25s]", "<m8[D]", "<m8"]  # fmt: skip
TAGS = ["list", "tuple", "set", "frozenset", "dict", "bigint", "opaque", "array", "objects",
        "frame", "series", "index", "csr"]  # fmt: skip
PIECES = ["<", ">", "|", "i", "f", "U", "S", "M8", "m8", "[", "]", "s", "/", "(", ")", ",", "0",
          "1", "8", "16", "as", "Y"]  # fmt: skip


def try_out(data: bytes) -> None:
    """Try one input; its first byte says how it is read."""
    warnings.simplefilter("ignore")
    how, rest = data[:1], data[1:]
    if how == b"s":
        read = atheris().FuzzedDataProvider(rest)
        decoded(msgpack.packb(structure(read, 4), use_bin_type=True))
    elif how == b"v":
        value = made(atheris().FuzzedDataProvider(rest), 4)
        back = wire.decode(wire.encode(value))
        assert same(back, value), f"{value!r} came back as {back!r}"
    elif how == b"r":
        # A little, many times over: what small inputs alone cannot show of time and memory.
        read = atheris().FuzzedDataProvider(rest)
        times = read.ConsumeIntInRange(1, 20_000)
        head = read.ConsumeBytes(16)
        decoded(head + read.ConsumeBytes(64) * times)
    else:
        decoded(rest)


def decoded(data: bytes) -> None:
    """Decode hostile bytes; what comes out must go through the wire once more, unchanged."""
    with Memory(FEW_BYTES + BYTES_FOR_A_BYTE * len(data)):
        try:
            value = wire.decode(data)
        except wire.WireError:
            return
    look_at(value)
    try:
        packed = wire.encode(value)
    except wire.WireError:
        return  # the limits of what goes in are a little lower than of what comes out
    back = wire.decode(packed)
    assert same(back, value), f"{value!r} came back as {back!r}"


def look_at(value: Any) -> None:
    """Do what items do with values: it may raise, but not end the process."""
    for look in (repr, len, list, np.asarray, np.mean, np.unique, lambda v: v == v):
        with contextlib.suppress(Exception):
            look(value)


def structure(read: Any, depth: int) -> Any:
    """Make something in the wire's form, or nearly."""
    kind = read.ConsumeIntInRange(0, 9)
    if depth == 0 or kind == 0:
        return read.PickValueInList([None, True, 0, -1, 2**63 - 1, math.nan, "", "a", b""])
    if kind == 1:
        return read.ConsumeInt(8)
    if kind == 2:
        return read.ConsumeBytes(read.ConsumeIntInRange(0, 16))
    if kind == 3:
        return [structure(read, depth - 1) for _ in range(read.ConsumeIntInRange(0, 3))]
    if kind == 4:
        pieces = [read.PickValueInList(PIECES) for _ in range(read.ConsumeIntInRange(1, 6))]
        return ["array", "".join(pieces), [read.ConsumeIntInRange(0, 1)], read.ConsumeBytes(8)]
    if kind in (5, 6):
        dtype = np.dtype(read.PickValueInList(DTYPES))
        count = read.ConsumeIntInRange(0, 3)
        data = read.ConsumeBytes(count * dtype.itemsize).ljust(count * dtype.itemsize, b"\0")
        return ["array", dtype.str, [count], data]
    return [read.PickValueInList(TAGS)] + [
        structure(read, depth - 1) for _ in range(read.ConsumeIntInRange(1, 4))
    ]


def seeds() -> list[bytes]:
    """Return inputs of every kind."""
    raw = [b"d" + wire.encode(value) for value in samples()]
    return [*raw, *(kind + one[1:] for one in raw for kind in (b"s", b"v", b"r"))]


if __name__ == "__main__":
    fuzz("wire", try_out, seeds())
