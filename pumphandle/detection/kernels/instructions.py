"""The few words of LLVM's builder that the loop in lanes.py speaks: the packages that hold them carry no types."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.uint64] | npt.NDArray[np.uint32] | npt.NDArray[np.uint16]


class Type(Protocol):
    """A type of the machine."""

    def as_pointer(self) -> "Type": ...


class Block(Protocol):
    """Instructions without a jump but at their end."""

    name: str


class Value(Protocol):
    """What an instruction leaves behind."""

    type: Type


class Choice(Value, Protocol):
    """A value that depends on the block one came from."""

    def add_incoming(self, value: Value, block: Block) -> None: ...


class Module(Protocol):
    """Where functions are declared."""

    def declare_intrinsic(self, intrinsic: str, tys: Sequence[Type], fnty: Type) -> Value: ...


class Builder(Protocol):
    """Writes instructions, one after another, into a block."""

    block: Block
    module: Module

    def append_basic_block(self, name: str) -> Block: ...
    def position_at_end(self, block: Block) -> None: ...
    def branch(self, target: Block) -> object: ...
    def cbranch(self, cond: Value, truebr: Block, falsebr: Block) -> object: ...
    def phi(self, typ: Type) -> Choice: ...
    def load(self, ptr: Value, *, align: int | None = None) -> Value: ...
    def store(self, value: Value, ptr: Value, *, align: int | None = None) -> object: ...
    def gep(self, ptr: Value, indices: Sequence[Value]) -> Value: ...
    def bitcast(self, value: Value, typ: Type) -> Value: ...
    def zext(self, value: Value, typ: Type) -> Value: ...
    def add(self, lhs: Value, rhs: Value) -> Value: ...
    def mul(self, lhs: Value, rhs: Value) -> Value: ...
    def and_(self, lhs: Value, rhs: Value) -> Value: ...
    def ctpop(self, cond: Value) -> Value: ...
    def cttz(self, cond: Value, flag: Value) -> Value: ...
    def icmp_unsigned(self, cmpop: str, lhs: Value, rhs: Value) -> Value: ...
    def insert_element(self, vector: Value, value: Value, idx: Value) -> Value: ...
    def shuffle_vector(self, vector1: Value, vector2: Value, mask: Value) -> Value: ...
    def call(self, fn: Value, args: Sequence[Value]) -> Value: ...


class Struct(Protocol):
    """An array as it lies in memory."""

    data: Value


class Context(Protocol):
    """What Numba knows of the machine."""

    def make_array(self, kind: object) -> Callable[["Context", Builder, Value], Struct]: ...


class Signature(Protocol):
    """Types of a call."""

    args: Sequence[object]
