"""Deflate as zlib does at level 6, in Python.

A packed library should be the same bytes on every machine, but Pythons come with different deflate
libraries: beside zlib there are zlib-ng, Chromium's and Apple's, and each finds other matches.
zlib's own choice, which Houdini's files show too, has not changed in twenty years. Where the local
library chooses otherwise (contents.py asks it once), this module makes zlib's choice, slowly.

The names follow RFC 1951: literals, lengths and distances are symbols of two Huffman codes.
"""

import struct

# Level 6: look this long for a match (less when one is at hand), stop at a good enough one, and
# try the next position too unless the match is this long.
LONGEST_CHAIN, SHORTER_CHAIN_FROM, NICE_LENGTH, LAZY_BELOW = 128, 8, 128, 16

SHORTEST_MATCH, LONGEST_MATCH = 3, 258

# A match of three bytes from further away costs more than it saves.
TOO_FAR = 4096

WINDOW = 1 << 15
LOOK_AHEAD = LONGEST_MATCH + SHORTEST_MATCH + 1
FARTHEST = WINDOW - LOOK_AHEAD

# zlib ends a block when its buffer of 16384 symbols has one place left.
BLOCK_SYMBOLS = 16383

END_OF_BLOCK = 256
LONGEST_CODE, LONGEST_LENGTH_CODE = 15, 7

# Extra bits of the length codes from 257, the distance codes, and the codes for code lengths.
LENGTH_EXTRA = [0] * 8 + [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4 + [5] * 4 + [0]
DISTANCE_EXTRA = [0] * 4 + [extra for extra in range(1, 14) for _ in range(2)]
RUN_EXTRA = [0] * 16 + [2, 3, 7]
REPEAT, SHORT_ZEROS, LONG_ZEROS = 16, 17, 18

# The order in which a block states how long each code for code lengths is.
RUN_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)


def deflate(data):
    """Compress bytes to a raw deflate stream, byte for byte as zlib's level 6."""
    output = _Bits()
    for block in _blocks(bytearray(data)):
        block.write(output)
    return output.finished()


class _Bits(object):
    """Bits, packed into bytes from the lowest."""

    def __init__(self):
        self._bytes = bytearray()
        self._buffer = self._count = 0

    def put(self, value, count):
        self._buffer |= value << self._count
        self._count += count
        while self._count >= 8:
            self._bytes.append(self._buffer & 0xFF)
            self._buffer >>= 8
            self._count -= 8

    def put_bytes(self, data):
        """Whole bytes, from the next whole byte on."""
        if self._count:
            self.put(0, 8 - self._count)
        self._bytes += data

    def finished(self):
        self.put_bytes(b"")
        return bytes(self._bytes)


class _Block(object):
    """Symbols under one pair of Huffman codes: (byte, 0), or (length, distance) for a match."""

    def __init__(self, symbols, data, is_last):
        self.symbols = symbols
        self.data = data
        self.is_last = is_last

    def write(self, output):
        """Write in the shortest of the three ways, as zlib reckons."""
        counts, distance_counts = self._counts()
        literals = _Code(counts, LONGEST_CODE)
        distances = _Code(distance_counts, LONGEST_CODE)
        runs = _runs(literals.used_lengths()) + _runs(distances.used_lengths())
        lengths = _Code(_run_counts(runs), LONGEST_LENGTH_CODE)
        stated = max(at for at in range(3, 19) if at == 3 or lengths.lengths[RUN_ORDER[at]]) + 1
        extra = _extra_bits(counts, distance_counts)
        head = 14 + 3 * stated + lengths.cost() + sum(RUN_EXTRA[run] for run, _ in runs)
        dynamic_size = (3 + head + literals.cost() + distances.cost() + extra + 7) >> 3
        static_size = (3 + STATIC_LITERALS.cost(counts) + STATIC_DISTANCES.cost(distance_counts)
                       + extra + 7) >> 3  # fmt: skip
        if len(self.data) + 4 <= min(dynamic_size, static_size):
            self._write_stored(output)
        elif static_size <= dynamic_size:
            output.put(2 + self.is_last, 3)
            self._write_symbols(output, STATIC_LITERALS, STATIC_DISTANCES)
        else:
            output.put(4 + self.is_last, 3)
            _write_codes(output, literals, distances, lengths, stated, runs)
            self._write_symbols(output, literals, distances)

    def _counts(self):
        counts, distance_counts = [0] * 286, [0] * 30
        counts[END_OF_BLOCK] = 1
        for value, distance in self.symbols:
            counts[LENGTH_CODES[value] if distance else value] += 1
            if distance:
                distance_counts[_distance_code(distance)] += 1
        return counts, distance_counts

    def _write_stored(self, output):
        output.put(self.is_last, 3)
        size = len(self.data)
        output.put_bytes(struct.pack("<HH", size, size ^ 0xFFFF) + bytes(self.data))

    def _write_symbols(self, output, literals, distances):
        for value, distance in self.symbols:
            if not distance:
                output.put(literals.codes[value], literals.lengths[value])
                continue
            code = LENGTH_CODES[value]
            output.put(literals.codes[code], literals.lengths[code])
            output.put(value - LENGTH_BASES[code - 257], LENGTH_EXTRA[code - 257])
            code = _distance_code(distance)
            output.put(distances.codes[code], distances.lengths[code])
            output.put(distance - DISTANCE_BASES[code], DISTANCE_EXTRA[code])
        output.put(literals.codes[END_OF_BLOCK], literals.lengths[END_OF_BLOCK])


def _extra_bits(counts, distance_counts):
    lengths = sum(count * extra for count, extra in zip(counts[257:], LENGTH_EXTRA))
    return lengths + sum(count * extra for count, extra in zip(distance_counts, DISTANCE_EXTRA))


def _write_codes(output, literals, distances, lengths, stated, runs):
    output.put(len(literals.used_lengths()) - 257, 5)
    output.put(len(distances.used_lengths()) - 1, 5)
    output.put(stated - 4, 4)
    for symbol in RUN_ORDER[:stated]:
        output.put(lengths.lengths[symbol], 3)
    for run, count in runs:
        output.put(lengths.codes[run], lengths.lengths[run])
        output.put(count, RUN_EXTRA[run])


class _Code(object):
    """A Huffman code.

    Attributes:
        lengths: Bits of each symbol's code, 0 for a symbol that does not occur.
        codes: The codes, their bits reversed as the stream has them.
    """

    def __init__(self, counts, longest, lengths=None):
        self._counts = list(counts)
        self.lengths = lengths or _Tree(counts).limited_lengths(longest)
        self.codes = _codes(self.lengths)

    def cost(self, counts=None):
        """Bits that so many symbols take, without their extra bits."""
        return sum(count * length for count, length in zip(counts or self._counts, self.lengths))

    def used_lengths(self):
        """The lengths up to the last symbol that occurs."""
        last = max(symbol for symbol, length in enumerate(self.lengths) if length)
        return self.lengths[: last + 1]


class _Tree(object):
    """The Huffman tree, built with zlib's heap, which decides among nodes of equal counts."""

    def __init__(self, counts):
        self.size = len(counts)
        self.counts = list(counts)
        self.depths = [0] * self.size
        self.parents = {}
        heap = [symbol for symbol, count in enumerate(counts) if count]
        # A code has two symbols at least, be it that one never occurs.
        while len(heap) < 2:
            last = heap[-1] if heap else -1
            heap.append(last + 1 if last < 2 else 0)
            self.counts[heap[-1]] = 1
        self.leaves = heap[:]
        self.order = self._joined([None] + heap)

    def _joined(self, heap):
        """Join the two rarest nodes until one is left; returns all, the rarest last."""
        for at in range((len(heap) - 1) // 2, 0, -1):
            self._sink(heap, at)
        order = []
        while len(heap) > 2:
            rarest = heap[1]
            last = heap.pop()
            if len(heap) > 1:
                heap[1] = last
                self._sink(heap, 1)
            second = heap[1]
            node = len(self.counts)
            self.counts.append(self.counts[rarest] + self.counts[second])
            self.depths.append(max(self.depths[rarest], self.depths[second]) + 1)
            self.parents[rarest] = self.parents[second] = node
            order += [rarest, second]
            heap[1] = node
            self._sink(heap, 1)
        return (order + [heap[1]])[::-1]

    def _sink(self, heap, at):
        node, child = heap[at], 2 * at
        while child < len(heap):
            if child + 1 < len(heap) and self._rarer(heap[child + 1], heap[child]):
                child += 1
            if self._rarer(node, heap[child]):
                break
            heap[at] = heap[child]
            at, child = child, 2 * child
        heap[at] = node

    def _rarer(self, one, other):
        if self.counts[one] != self.counts[other]:
            return self.counts[one] < self.counts[other]
        return self.depths[one] <= self.depths[other]

    def limited_lengths(self, longest):
        """Each symbol's depth, none beyond `longest`."""
        lengths = [0] * len(self.counts)
        per_length = [0] * (longest + 1)
        overflow = 0
        leaves = set(self.leaves)
        for node in self.order[1:]:
            lengths[node] = lengths[self.parents[node]] + 1
            if lengths[node] > longest:
                lengths[node] = longest
                overflow += 1
            if node in leaves:
                per_length[lengths[node]] += 1
        if overflow:
            self._shorten(lengths, per_length, overflow, longest, leaves)
        return lengths[: self.size]

    def _shorten(self, lengths, per_length, overflow, longest, leaves):
        while overflow > 0:
            shorter = longest - 1
            while not per_length[shorter]:
                shorter -= 1
            per_length[shorter] -= 1
            per_length[shorter + 1] += 2
            per_length[longest] -= 1
            overflow -= 2
        rarest_first = (node for node in reversed(self.order) if node in leaves)
        for length in range(longest, 0, -1):
            for _ in range(per_length[length]):
                lengths[next(rarest_first)] = length


def _codes(lengths):
    """Canonical codes for code lengths, bits reversed."""
    code, codes = 0, [0] * len(lengths)
    for length in range(1, LONGEST_CODE + 1):
        for symbol, own in enumerate(lengths):
            if own == length:
                codes[symbol] = int(bin(code)[2:].rjust(length, "0")[::-1], 2)
                code += 1
        code <<= 1
    return codes


def _runs(lengths):
    """Code lengths as (symbol, what its extra bits say)."""
    runs, start = [], 0
    while start < len(lengths):
        length, previous = lengths[start], lengths[start - 1] if start else None
        # zlib gathers a run of at most 138 zeros, 6 more of the same, or 7 of a new length.
        most = 138 if not length else 6 if length == previous else 7
        least = 3 if not length or length == previous else 4
        count = 1
        while count < most and lengths[start + count : start + count + 1] == [length]:
            count += 1
        runs += _run(length, previous, count, least)
        start += count
    return runs


def _run(length, previous, count, least):
    if count < least:
        return [(length, 0)] * count
    if length and length == previous:
        return [(REPEAT, count - 3)]
    if length:
        return [(length, 0), (REPEAT, count - 4)]
    return [(SHORT_ZEROS, count - 3)] if count <= 10 else [(LONG_ZEROS, count - 11)]


def _run_counts(runs):
    counts = [0] * 19
    for run, _ in runs:
        counts[run] += 1
    return counts


def _bases(extras, first):
    bases = []
    for extra in extras:
        bases.append(first)
        first += 1 << extra
    return bases


LENGTH_BASES = _bases(LENGTH_EXTRA[:-1], SHORTEST_MATCH) + [LONGEST_MATCH]
DISTANCE_BASES = _bases(DISTANCE_EXTRA, 1)
LENGTH_CODES = {
    length: 257 + max(at for at, base in enumerate(LENGTH_BASES) if base <= length)
    for length in range(SHORTEST_MATCH, LONGEST_MATCH + 1)
}
STATIC_LITERALS = _Code([0] * 286, 9, [8] * 144 + [9] * 112 + [7] * 24 + [8] * 8)
STATIC_DISTANCES = _Code([0] * 30, 5, [5] * 30)


def _distance_code(distance):
    if distance <= 4:
        return distance - 1
    bits = (distance - 1).bit_length()
    return 2 * (bits - 1) + ((distance - 1) >> (bits - 2) & 1)


def _blocks(data):
    """Cut bytes into blocks."""
    symbols, start, end = [], 0, 0
    for value, distance in _matches(data):
        symbols.append((value, distance))
        end += value if distance else 1
        if len(symbols) == BLOCK_SYMBOLS:
            yield _Block(symbols, data[start:end], 0)
            symbols, start = [], end
    yield _Block(symbols, data[start:end], 1)


def _matches(data):
    """Symbols for bytes; a match is held back while the next position may have a longer one."""
    finder = _Finder(data)
    length, where = SHORTEST_MATCH - 1, 0
    waiting = False
    at = 0
    while at < len(data):
        previous_length, previous_where = length, where
        candidate = finder.add(at)
        length = SHORTEST_MATCH - 1
        if candidate and previous_length < LAZY_BELOW and at - candidate <= FARTHEST:
            length, where = finder.longest(at, candidate, previous_length, where)
            if length == SHORTEST_MATCH and at - where > TOO_FAR:
                length = SHORTEST_MATCH - 1
        if previous_length >= SHORTEST_MATCH and length <= previous_length:
            yield previous_length, at - 1 - previous_where
            for inside in range(at + 1, at + previous_length - 1):
                finder.add(inside)
            at += previous_length - 1
            waiting, length = False, SHORTEST_MATCH - 1
            continue
        if waiting:
            yield data[at - 1], 0
        waiting = True
        at += 1
    if waiting:
        yield data[at - 1], 0


class _Finder(object):
    """Where each three bytes were seen before, the latest first."""

    def __init__(self, data):
        self._data = data
        self._latest = [0] * WINDOW
        self._before = [0] * WINDOW

    def add(self, at):
        """Note a position; returns the latest with the same hash, 0 for none (or the very first,
        which zlib does not tell from none)."""
        data = self._data
        if at + SHORTEST_MATCH > len(data):
            return 0
        key = (data[at] << 10 ^ data[at + 1] << 5 ^ data[at + 2]) & (WINDOW - 1)
        latest = self._latest[key]
        self._before[at & (WINDOW - 1)] = latest
        self._latest[key] = at
        return latest

    def longest(self, at, candidate, best, where):
        """The longest match longer than `best`: its length and position."""
        data, before = self._data, self._before
        left = len(data) - at
        most = min(LONGEST_MATCH, left)
        nice = min(NICE_LENGTH, left)
        oldest = max(at - FARTHEST, 0)
        for _ in range(LONGEST_CHAIN >> 2 if best >= SHORTER_CHAIN_FROM else LONGEST_CHAIN):
            if data[candidate + best : candidate + best + 1] == data[at + best : at + best + 1]:
                length = self._common(candidate, at, most)
                if length > best:
                    best, where = length, candidate
                    if length >= nice:
                        break
            candidate = before[candidate & (WINDOW - 1)]
            if candidate <= oldest:
                break
        return min(best, left), where

    def _common(self, one, other, most):
        data = self._data
        length = 0
        while length < most and data[one + length] == data[other + length]:
            length += 1
        return length
