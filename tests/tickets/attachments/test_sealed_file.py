import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.attachments.sealed_file import PIECE, Altered, SealingWriter, sealed_size, unsealed

KEY = bytes(range(32))
SIZES = st.sampled_from([0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 5])


def seal(plain, step=PIECE):
    file = io.BytesIO()
    writer = SealingWriter(file, KEY)
    for start in range(0, len(plain), step):
        writer.write(plain[start : start + step])
    writer.finish()
    return file.getvalue()


def opened(sealed, key=KEY):
    return b"".join(unsealed(io.BytesIO(sealed), key))


@given(SIZES, st.sampled_from([1000, PIECE, 5 * PIECE]))
def test_what_was_written_comes_back_however_it_was_cut(size, step):
    plain = (bytes(range(256)) * (size // 256 + 1))[:size]
    sealed = seal(plain, step)

    assert opened(sealed) == plain
    assert len(sealed) == sealed_size(size)


@given(SIZES, st.floats(0, 1, exclude_max=True))
def test_a_changed_byte_anywhere_is_noticed(size, where):
    sealed = bytearray(seal(bytes(size)))
    sealed[int(where * len(sealed))] ^= 1
    with pytest.raises(Altered):
        opened(bytes(sealed))


def test_pieces_cannot_be_left_out_exchanged_or_added():
    sealed = seal(bytes(3 * PIECE))
    mark, piece = sealed[:5], PIECE + 16
    one, two, three = (sealed[5 + n * piece : 5 + (n + 1) * piece] for n in range(3))
    for other in (mark + one + two, mark + one + three, mark + two + one + three, sealed + three, mark, b""):
        with pytest.raises(Altered):
            opened(other)


def test_another_key_does_not_open_it():
    with pytest.raises(Altered):
        opened(seal(b"plain"), bytes(32))
