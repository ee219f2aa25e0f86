"""The Huffman code of strings in HPACK (RFC 7541 section 5.2): four bits a step, in tables made at import."""

from typing import Final

from app.infrastructure.downstream.hpack_errors import HpackError
from app.infrastructure.downstream.hpack_tables import CODE_LENGTHS, END_OF_STRING

MAX_PADDING: Final = 7


def code_words() -> list[str]:
    """The code of each octet and of EOS, as digits."""
    words = [""] * len(CODE_LENGTHS)
    code = 0
    longest = 0
    for length, symbol in sorted((length, symbol) for symbol, length in enumerate(CODE_LENGTHS)):
        code <<= length - longest
        longest = length
        words[symbol] = f"{code:0{length}b}"
        code += 1
    return words


WORDS: Final = code_words()
SYMBOLS: Final = {word: symbol for symbol, word in enumerate(WORDS)}
PREFIXES: Final = sorted({word[:length] for word in WORDS for length in range(len(word))})
"""What has been read of a code that is not complete: the states of the decoder. The first one is empty."""
BROKEN: Final = len(PREFIXES) * 16
"""The state after EOS, which no further bit leaves."""


def transitions() -> tuple[list[int], list[bytes]]:
    """For each state and four bits more: the next state (times 16), and the octet that they complete, if any."""
    numbers = {prefix: number * 16 for number, prefix in enumerate(PREFIXES)}
    states = []
    octets = []
    for prefix in PREFIXES:
        for nibble in range(16):
            state, octet = after(prefix, f"{nibble:04b}", numbers)
            states.append(state)
            octets.append(octet)
    states.extend([BROKEN] * 16)
    octets.extend([b""] * 16)
    return states, octets


def after(prefix: str, bits: str, numbers: dict[str, int]) -> tuple[int, bytes]:
    """The state in which `bits` leave the decoder, and the octet that they complete, if any."""
    octet = b""
    for bit in bits:
        prefix += bit
        symbol = SYMBOLS.get(prefix)
        if symbol == END_OF_STRING:
            return BROKEN, b""
        if symbol is not None:
            octet = bytes((symbol,))
            prefix = ""
    return numbers[prefix], octet


STATES, OCTETS = transitions()
ENDS: Final = frozenset(
    number * 16
    for number, prefix in enumerate(PREFIXES)
    if len(prefix) <= MAX_PADDING and prefix == WORDS[END_OF_STRING][: len(prefix)]
)
"""The states in which a string may end: nothing but padding is left over."""


def decode_huffman(data: bytes) -> bytes:
    """The string that `data` stands for.

    Raises HpackError when EOS is in it, or padding is longer than 7 bits or not all ones (RFC 7541 section 5.2).
    """
    states: list[int] = STATES
    octets: list[bytes] = OCTETS
    state = 0
    pieces: list[bytes] = []
    for octet in data:
        step = state + (octet >> 4)
        pieces.append(octets[step])
        step = states[step] + (octet & 15)
        pieces.append(octets[step])
        state = states[step]
    if state not in ENDS:
        raise HpackError("A Huffman-coded string in the header block is not sound")
    return b"".join(pieces)


def encode_huffman(data: bytes) -> bytes:
    """The code of a string, padded to whole octets with ones."""
    if not data:
        return b""
    words: list[str] = WORDS
    bits = "".join([words[octet] for octet in data])
    padding = -len(bits) % 8
    return int(bits + "1" * padding, 2).to_bytes((len(bits) + padding) // 8, "big")


def huffman_length(data: bytes) -> int:
    """How many octets the code of a string has."""
    return (sum([CODE_LENGTHS[octet] for octet in data]) + 7) // 8
