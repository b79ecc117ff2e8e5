"""Values cross the wall as plain data: whole, or with a clear error."""

import contextlib
import enum
from collections import namedtuple
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers.checks import wire

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary()
)
KEYS = st.integers() | st.text(st.characters(exclude_categories=["Cs"]))
PLAIN = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(KEYS, inner)
        | st.frozensets(KEYS)
        | st.sets(KEYS)
    ),
    max_leaves=30,
)
ARRAYS = hnp.arrays(
    dtype=st.sampled_from(["i8", "u1", "f4", "f8", "?", "c16", "<U5", "S3", "M8[ns]"]),
    shape=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5),
)


def same(a, b):
    return type(a) is type(b) and a == b


@given(PLAIN)
def test_plain_values_come_back_equal_and_of_the_same_type(value):
    assert same(wire.decode(wire.encode(value)), value)


@given(ARRAYS)
def test_arrays_come_back_with_dtype_and_shape(array):
    back = wire.decode(wire.encode(array))
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()


@pytest.mark.parametrize("value", [np.int64(3), np.float32(0.5), np.bool_(True), np.str_("a")])
def test_numpy_scalars_become_python_scalars(value):
    assert same(wire.decode(wire.encode(value)), value.item())


def test_frames_series_indexes_and_sparse_matrices():
    frame = pd.DataFrame({"text": ["a", None, "c"], "n": [1, 2, 3], "x": [0.5, np.nan, 1.0]})
    frame.index = [10, 20, 30]
    back = wire.decode(wire.encode(frame))
    assert list(back.columns) == ["text", "n", "x"]
    assert back.index.tolist() == [10, 20, 30]
    assert back["n"].tolist() == [1, 2, 3]
    assert back["x"].isna().tolist() == [False, True, False]
    series = pd.Series([1, 2], index=["p", "q"], name="votes")
    assert wire.decode(wire.encode(series)).equals(series)
    assert wire.decode(wire.encode(series)).name == "votes"
    assert wire.decode(wire.encode(pd.Index([3, 1]))).tolist() == [3, 1]
    matrix = sp.random(6, 5, density=0.4, format="coo", random_state=0)
    assert (wire.decode(wire.encode(matrix)) != matrix.tocsr()).nnz == 0


def test_repeated_column_names_survive():
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert wire.decode(wire.encode(frame)).to_numpy().tolist() == [[1, 2]]


def test_named_tuples_become_tuples_and_ragged_objects_keep_their_items():
    Pair = namedtuple("Pair", "a b")
    assert wire.decode(wire.encode(Pair(1, 2))) == (1, 2)
    ragged = np.array([[1, 2], [3]], dtype=object)
    assert wire.decode(wire.encode(ragged)).tolist() == [[1, 2], [3]]


def test_what_is_not_plain_crosses_as_the_name_of_its_type_only():
    class Sneaky:
        def __reduce__(self):
            raise AssertionError("nobody may pickle this")

        def __eq__(self, other):
            return True

        __hash__ = None

    for value in (Sneaky(), len, lambda: 1, (i for i in [1])):
        back = wire.decode(wire.encode([value]))[0]
        assert isinstance(back, wire.Opaque)
        assert back != 1


class Source(str, enum.Enum):  # noqa: UP042 - as students write it
    WEAK = "weak"

    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


class Vote(enum.IntEnum):
    POSITIVE = 1


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Source.WEAK, "weak"),
        (Vote.POSITIVE, 1),
        ([Vote.POSITIVE], [1]),
        (enum.Flag("F", "A").A, None),
    ],
)
def test_names_of_texts_and_numbers_cross_as_what_they_name(value, plain):
    back = wire.decode(wire.encode(value))
    assert isinstance(back, wire.Opaque) if plain is None else (back == plain)
    assert type(back) in (str, int, list, wire.Opaque)


def test_a_longer_float_crosses_as_a_float():
    back = wire.decode(wire.encode(np.longdouble(0.5)))
    assert back == 0.5
    assert type(back) is float


def test_subclasses_cannot_bring_their_own_equality():
    class Liar(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    assert wire.decode(wire.encode(Liar(0.1))) == wire.Opaque("Liar")


@pytest.mark.parametrize("exact", [Decimal("0.25"), Fraction(1, 4)])
def test_exact_numbers_arrive_as_numbers(exact):
    assert wire.decode(wire.encode({"cost": exact})) == {"cost": 0.25}


@pytest.mark.parametrize("exact", [Decimal("sNaN"), Fraction(10**400)])
def test_exact_numbers_that_are_no_floats_do_not_cross(exact):
    assert wire.decode(wire.encode(exact)) == wire.Opaque(type(exact).__name__)


def test_an_integer_that_crosses_can_be_printed():
    number = 16 ** (wire.MAX_HEX - 2) - 1
    assert str(wire.decode(wire.encode(number)))
    with pytest.raises(wire.WireError, match="an integer of"):
        wire.encode(number + 1)


def test_limits_are_errors_that_say_so():
    deep = []
    for _ in range(wire.MAX_DEPTH + 2):
        deep = [deep]
    with pytest.raises(wire.WireError, match="levels deep"):
        wire.encode(deep)
    loop = []
    loop.append(loop)
    with pytest.raises(wire.WireError, match="levels deep"):
        wire.encode(loop)
    with pytest.raises(wire.WireError, match="parts"):
        wire.encode([0] * (wire.MAX_NODES + 1))
    with pytest.raises(wire.WireError, match="too large"):
        wire.encode(np.zeros(wire.MAX_BYTES // 8 + 1))
    with pytest.raises(wire.WireError, match="too long"):
        wire.encode("x" * (wire.MAX_TEXT + 1))


def test_lone_surrogates_do_not_break_the_wire():
    assert wire.decode(wire.encode("\ud800")) == "?"


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_a_wire_error(data):
    with contextlib.suppress(wire.WireError):
        wire.decode(data)


TAGS = ["list", "tuple", "set", "dict", "bigint", "opaque", "array", "objects", "frame", "series"]
NODES = st.recursive(
    st.none() | st.integers(-5, 2**40) | st.text(max_size=6) | st.binary(max_size=40),
    lambda inner: (
        st.tuples(st.sampled_from([*TAGS, "index", "csr", "frozenset"]), inner, inner, inner).map(
            list
        )
        | st.lists(inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=500)
@given(NODES)
def test_any_structure_gives_a_value_or_a_wire_error(node):
    import msgpack

    with contextlib.suppress(wire.WireError):
        wire.decode(msgpack.packb(node, use_bin_type=True))


@pytest.mark.parametrize(
    "node",
    [
        ["array", "|O", [1], b"12345678"],
        ["array", "<f8", [2**40, 2**40], b""],
        ["array", "<f8", [3], b"1234"],
        ["array", "<U1", [1], b"\xff\xff\xff\xff"],
        [
            "csr",
            [2, 2],
            ["array", "<f8", [1], b"\0" * 8],
            ["array", "<i4", [1], b"\x09\0\0\0"],
            ["array", "<i4", [3], b"\0\0\0\0\x01\0\0\0\x01\0\0\0"],
        ],
        ["_read_array", 1],
        ["system", "rm"],
        [],
    ],
)
def test_hostile_structures_are_refused(node):
    import msgpack

    with pytest.raises(wire.WireError):
        wire.decode(msgpack.packb(node, use_bin_type=True))
