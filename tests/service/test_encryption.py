import base64
import os
import stat

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Column, LargeBinary, MetaData, String, Table

from service.encryption import Keyring, Undecipherable, open_keyring
from service.keys.sealed_columns import Undeclared, sealed_tables
from service.migrations.tables import metadata

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


def first_version(master, purpose, plain):
    """A field as it was stored before fields told their key."""
    key = HKDF(SHA256(), 64, salt=None, info=purpose.encode()).derive(master)[:32]
    return b"\x01" + b"n" * 12 + AESGCM(key).encrypt(b"n" * 12, plain, b"\x01")


def test_what_one_purpose_seals_another_cannot_open(keyring):
    sealed = keyring.cipher("tickets").encrypt("幸福路12号".encode())

    assert keyring.cipher("tickets").decrypt(sealed).decode() == "幸福路12号"
    with pytest.raises(Undecipherable):
        keyring.cipher("conversations").decrypt(sealed)


def test_altered_or_cut_bytes_do_not_open(keyring):
    cipher = keyring.cipher("tickets")
    sealed = cipher.encrypt(b"13800138000")

    for broken in (
        b"",
        sealed[:5],
        sealed[:-1],
        sealed[:-1] + bytes([sealed[-1] ^ 1]),
        b"\x01" + sealed[1:],
        b"\x03" + sealed[1:],
    ):
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


def test_fields_of_the_first_version_still_open():
    sealed = first_version(OLD, "tickets", b"kept")

    assert Keyring(OLD).cipher("tickets").decrypt(sealed) == b"kept"
    assert Keyring(NEW, OLD).cipher("tickets").decrypt(sealed) == b"kept"
    with pytest.raises(Undecipherable):
        Keyring(NEW).cipher("tickets").decrypt(sealed)


def test_previous_keys_read_and_the_current_one_writes():
    sealed = Keyring(OLD).cipher("tickets").encrypt(b"kept")
    both = Keyring(NEW, OLD).cipher("tickets")

    assert both.decrypt(sealed) == b"kept"
    assert Keyring(NEW).cipher("tickets").decrypt(both.encrypt(b"new")) == b"new"


def test_a_value_is_looked_up_under_every_key():
    found = Keyring(NEW, OLD).cipher("tickets").keyed_hashes("13800138000")

    assert found == [Keyring(key).cipher("tickets").keyed_hash("13800138000") for key in (NEW, OLD)]


def test_a_token_of_a_previous_key_is_recognised():
    signature = Keyring(OLD).cipher("widget").sign("c.1")

    assert Keyring(NEW, OLD).cipher("widget").signature_matches("c.1", signature)
    assert not Keyring(NEW).cipher("widget").signature_matches("c.1", signature)


def test_tokens_that_would_not_outlive_a_change_of_keys_are_not_signed(keyring):
    with pytest.raises(ValueError, match="SIGNING_PURPOSES"):
        keyring.cipher("elsewhere").sign("x")


def test_keys_of_the_settings_are_read_and_complained_about(tmp_path):
    old, new = (base64.b64encode(key).decode() for key in (OLD, NEW))
    sealed = open_keyring(old, tmp_path).cipher("x").encrypt(b"kept")

    assert open_keyring(new, tmp_path, f"{old}, {new}").cipher("x").decrypt(sealed) == b"kept"
    with pytest.raises(ValueError, match="LTB_PREVIOUS_SECRET_KEYS"):
        open_keyring(new, tmp_path, "short")
    with pytest.raises(ValueError, match="一起设置"):
        open_keyring("", tmp_path, old)


def test_every_column_of_bytes_says_whether_it_is_encrypted():
    assert {sealed.table.name for sealed in sealed_tables(metadata)} >= {"tickets", "ticket_timeline", "outbox"}


def test_every_keyed_hash_says_what_it_is_of():
    hashed = {
        column.name
        for table in metadata.tables.values()
        for column in table.columns
        if column.name.endswith("phone_hash")
    }
    declared = {name for sealed in sealed_tables(metadata) for name in sealed.hashes}

    assert hashed <= declared


def test_a_column_that_does_not_say_so_is_refused():
    silent = MetaData()
    Table("silent", silent, Column("secret", LargeBinary))
    with pytest.raises(Undeclared, match=r"silent\.secret"):
        sealed_tables(silent)

    sourceless = MetaData()
    Table("sourceless", sourceless, Column("h", String(64), info={"keyed_hash_of": "phone", "cipher": "x"}))
    with pytest.raises(Undeclared, match="phone"):
        sealed_tables(sourceless)
