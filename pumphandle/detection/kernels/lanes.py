"""One loop in vector registers: add eight words a visit, stop where a lane's top bit comes up.

Numba leaves eight scalar additions where the machine has one vector addition (two to four on older machines):
measured 2.5 times slower. The loop is therefore written as instructions (LLVM), the same on every machine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, cast

import numpy as np
from numba.core import types
from numba.core.cgutils import ir
from numba.extending import intrinsic

from pumphandle.detection.kernels.instructions import Array, Block, Builder, Context, Signature, Type, Value

WORDS: Final = 8  # one cache line
WORD: Final = cast("Type", ir.IntType(64))
NUMBER: Final = cast("Type", ir.IntType(32))
ROW: Final = cast("Type", ir.VectorType(ir.IntType(64), WORDS))
ANY_LANE: Final = cast("Type", ir.FunctionType(ir.IntType(64), [ROW]))
NOTHING: Final = cast("Value", ir.Constant(ROW, None))
FIRST_LANE: Final = cast("Value", ir.Constant(ir.VectorType(ir.IntType(32), WORDS), [0] * WORDS))
ARRAYS: Final = 7
NUMBERS: Final = 5

Code = Callable[[Context, Builder, Signature, Sequence[Value]], Value]


class Walk(Protocol):
    """What the intrinsics below look like to those who call them."""

    def __call__(
        self,
        rows: Array,
        row_of: Array,
        member: Array,
        bucket: Array,
        table: Array,
        buffer: Array,
        sums: Array,
        visit: np.uint64,
        visits: np.uint64,
        first: int,
        offset: int,
        tops: int,
        /,
    ) -> np.uint64: ...


@dataclass(frozen=True)
class Loop:
    """The blocks of the loop: ask whether there is another visit, make it, go on; or leave."""

    head: Block
    body: Block
    more: Block
    done: Block


def _word(number: int) -> Value:
    return cast("Value", ir.Constant(WORD, number))


def _element(builder: Builder, data: Value, at: Value) -> Value:
    """One unsigned element, widened to a word."""
    return builder.zext(builder.load(builder.gep(data, [at])), WORD)


def _row(builder: Builder, data: Value, at: Value) -> Value:
    """Eight words from row `at`."""
    spot = builder.gep(data, [builder.mul(at, _word(WORDS))])
    return builder.load(builder.bitcast(spot, ROW.as_pointer()), align=8)


def _everywhere(builder: Builder, word: Value) -> Value:
    """The same word in all eight."""
    one = builder.insert_element(NOTHING, word, cast("Value", ir.Constant(NUMBER, 0)))
    return builder.shuffle_vector(one, NOTHING, FIRST_LANE)


def _any(builder: Builder, row: Value) -> Value:
    """True where any bit of the eight words is set."""
    united = builder.module.declare_intrinsic("llvm.vector.reduce.or.v8i64", (), ANY_LANE)
    return builder.icmp_unsigned("!=", builder.call(united, [row]), _word(0))


def _walk(
    context: Context, builder: Builder, signature: Signature, arguments: Sequence[Value], by_bucket: bool
) -> Value:
    data = [context.make_array(signature.args[at])(context, builder, arguments[at]).data for at in range(ARRAYS)]
    rows, row_of, member, bucket, table, buffer = data[:6]
    visit, visits, first, offset, tops = arguments[ARRAYS:]
    sums = builder.bitcast(data[6], ROW.as_pointer())
    begin, mask = builder.load(sums, align=8), _everywhere(builder, tops)
    entry = builder.block
    loop = Loop(*(builder.append_basic_block(name) for name in ("head", "body", "more", "done")))
    builder.branch(loop.head)

    builder.position_at_end(loop.head)
    at, held = builder.phi(WORD), builder.phi(ROW)
    at.add_incoming(visit, entry)
    held.add_incoming(begin, entry)
    builder.cbranch(builder.icmp_unsigned("<", at, visits), loop.body, loop.done)

    builder.position_at_end(loop.body)
    k = builder.add(first, _element(builder, buffer, at))
    row = _element(builder, row_of, _element(builder, member, k))
    grown = builder.add(held, _row(builder, rows, row))
    smallest = _row(builder, table, builder.add(offset, _element(builder, bucket, k)) if by_bucket else k)
    reached = _any(builder, builder.and_(builder.add(grown, smallest), mask))
    builder.cbranch(reached, loop.done, loop.more)

    builder.position_at_end(loop.more)
    at.add_incoming(builder.add(at, _word(1)), loop.more)
    held.add_incoming(grown, loop.more)
    builder.branch(loop.head)

    builder.position_at_end(loop.done)
    final = builder.phi(ROW)
    final.add_incoming(held, loop.head)
    final.add_incoming(grown, loop.body)
    builder.store(final, sums, align=8)
    return at


def _walker(by_bucket: bool) -> Walk:
    def typed(  # Numba wants every argument by name
        _typing: object,
        rows: object,
        row_of: object,
        member: object,
        bucket: object,
        table: object,
        buffer: object,
        sums: object,
        _visit: object,
        _visits: object,
        _first: object,
        _offset: object,
        _tops: object,
    ) -> tuple[object, Code]:
        def code(context: Context, builder: Builder, signature: Signature, arguments: Sequence[Value]) -> Value:
            return _walk(context, builder, signature, arguments, by_bucket)

        word = cast("Callable[..., object]", types.uint64)
        return word(rows, row_of, member, bucket, table, buffer, sums, *[types.uint64] * NUMBERS), code

    return cast("Walk", intrinsic(typed))


class Step(Protocol):
    """What add_and_test looks like to those who call it."""

    def __call__(
        self, rows: Array, table: Array, sums: Array, row: np.int64, entry: int, at: np.int64, tops: int, /
    ) -> np.uint64: ...


class Count(Protocol):
    """What ones_in and zeros_below look like."""

    def __call__(self, word: np.uint64, /) -> np.uint64: ...


def _step(
    _typing: object,
    rows: object,
    table: object,
    sums: object,
    _row_number: object,
    _entry: object,
    _at: object,
    _tops: object,
) -> tuple[object, Code]:
    def code(context: Context, builder: Builder, signature: Signature, arguments: Sequence[Value]) -> Value:
        data = [context.make_array(signature.args[at])(context, builder, arguments[at]).data for at in range(3)]
        number, entry, at, tops = arguments[3:]
        spot = builder.bitcast(builder.gep(data[2], [builder.mul(at, _word(WORDS))]), ROW.as_pointer())
        grown = builder.add(builder.load(spot, align=8), _row(builder, data[0], number))
        builder.store(grown, spot, align=8)
        reached = builder.and_(builder.add(grown, _row(builder, data[1], entry)), _everywhere(builder, tops))
        return builder.zext(_any(builder, reached), WORD)

    word = cast("Callable[..., object]", types.uint64)
    return word(rows, table, sums, *[types.uint64] * 4), code


def _ones(_typing: object, _given: object) -> tuple[object, Code]:
    def code(_context: Context, builder: Builder, _signature: Signature, arguments: Sequence[Value]) -> Value:
        return builder.ctpop(arguments[0])

    return cast("Callable[..., object]", types.uint64)(types.uint64), code


def _zeros(_typing: object, _given: object) -> tuple[object, Code]:
    def code(_context: Context, builder: Builder, _signature: Signature, arguments: Sequence[Value]) -> Value:
        return builder.cttz(arguments[0], cast("Value", ir.Constant(ir.IntType(1), 1)))

    return cast("Callable[..., object]", types.uint64)(types.uint64), code


# Adds row `row` to row `at` of the sums; 1 where a lane then reaches what row `entry` of the table asks for, else 0.
add_and_test: Final = cast("Step", intrinsic(_step))
# How many bits of a word are set; how many zeros lie below the lowest that is (the word is not zero).
ones_in: Final = cast("Count", intrinsic(_ones))
zeros_below: Final = cast("Count", intrinsic(_zeros))

# Number of the next visit that hits, or `visits`; `sums` goes along. Row of the table: offset + bucket of the entry,
# or for next_entry_hit one row an entry.
next_hit: Final = _walker(True)
next_entry_hit: Final = _walker(False)
