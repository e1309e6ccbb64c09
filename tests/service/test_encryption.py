import base64
import os
import stat

import pytest

from service.encryption import Undecipherable, open_keyring


def test_what_one_purpose_seals_another_cannot_open(keyring):
    sealed = keyring.cipher("tickets").encrypt("幸福路12号".encode())

    assert keyring.cipher("tickets").decrypt(sealed).decode() == "幸福路12号"
    with pytest.raises(Undecipherable):
        keyring.cipher("conversations").decrypt(sealed)


def test_altered_or_cut_bytes_do_not_open(keyring):
    cipher = keyring.cipher("tickets")
    sealed = cipher.encrypt(b"13800138000")

    for broken in (b"", sealed[:5], sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1]), b"\x02" + sealed[1:]):
        with pytest.raises(Undecipherable):
            cipher.decrypt(broken)


def test_sealing_twice_gives_different_bytes_but_the_hash_finds_it(keyring):
    cipher = keyring.cipher("tickets")

    assert cipher.encrypt(b"same") != cipher.encrypt(b"same")
    assert cipher.keyed_hash("same") == cipher.keyed_hash("same")


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    sealed = open_keyring("", tmp_path).cipher("x").encrypt(b"kept")

    assert open_keyring("", tmp_path).cipher("x").decrypt(sealed) == b"kept"
    assert stat.S_IMODE(os.stat(tmp_path / "secret.key").st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.key"]


@pytest.mark.parametrize("key", ["short", "not base64 !!", base64.b64encode(b"x" * 31).decode()])
def test_a_malformed_key_is_refused(key, tmp_path):
    with pytest.raises(ValueError, match="32 字节"):
        open_keyring(key, tmp_path)
