"""Values across the wall, as plain data.

A student's values are looked at by code that must not run in the student's process,
so they travel as bytes. Pickle would let the bytes choose what code runs at the other
end; here the bytes can only choose between the plain types listed below, each with a
limit on its size and depth.

What arrives is a *copy in plain types*: numbers, text, lists, tuples, sets, dicts, NumPy
arrays, pandas frames, series and indexes, SciPy CSR matrices. A value of any other
type arrives as an `Opaque`, which carries the type's name and nothing else.
"""

from __future__ import annotations

from typing import Any

import msgpack

from .decoder import Decoder, Parts
from .encoder import Encoder
from .limits import MAX_BYTES, MAX_DEPTH, MAX_HEX, MAX_NODES, MAX_TEXT, Opaque, WireError

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_HEX",
    "MAX_NODES",
    "MAX_TEXT",
    "Opaque",
    "Reader",
    "WireError",
    "decode",
    "encode",
]


def encode(value: Any) -> bytes:
    """Encode a value as plain data.

    Parameters
    ----------
    value : object
        Anything. What is not plain data is encoded by the name of its type.

    Returns
    -------
    bytes
        At most `MAX_BYTES` long.

    Raises
    ------
    WireError
        If the value is too large or nested too deeply.
    """
    packed = msgpack.packb(Encoder().node(value, 0), use_bin_type=True)
    if len(packed) > MAX_BYTES:
        raise WireError(f"the value is too large to check ({len(packed):,} bytes)")
    return packed


def decode(data: bytes) -> Any:
    """Decode what `encode` made; safe on hostile bytes.

    Parameters
    ----------
    data : bytes
        Untrusted.

    Returns
    -------
    object
        A copy of the value in plain types.

    Raises
    ------
    WireError
        If the bytes are not a value, or pass a limit. No other error is raised.
    """
    return Reader().decode(data)


class Reader:
    """Decodes many values that together have no more parts than one may have.

    A part takes time to decode, and it is not the time of who has made it.
    """

    def __init__(self) -> None:
        self._parts = Parts()
        self._decoder = Decoder()

    def decode(self, data: bytes) -> Any:
        """As the function of this name."""
        if len(data) > MAX_BYTES:
            raise WireError(f"the value is too large to check ({len(data):,} bytes)")
        try:
            node = msgpack.unpackb(
                data,
                raw=False,
                strict_map_key=True,
                use_list=True,
                max_ext_len=0,
                # msgpack makes room for as many items as are announced, before it has seen one.
                max_array_len=min(MAX_NODES, len(data)),
                max_map_len=0,
                list_hook=self._parts.count,
            )
            return self._decoder.value(node, 0)
        except WireError:
            raise
        except Exception as error:  # noqa: BLE001 - NumPy, pandas and SciPy raise what they like
            raise WireError(f"not a value: {type(error).__name__}: {str(error)[:200]}") from None
