"""Imports and their undo, on both databases."""

import pytest

from knowledge_base.entry import Entry
from knowledge_base.formats import read_file, write_entries
from knowledge_base.imports import EntryImports, Left, UndoRefused
from knowledge_base.store import EntryStore


@pytest.fixture
def store(database, clock):
    return EntryStore(database, clock)


@pytest.fixture
def imports(database, store, clock):
    return EntryImports(database, store, clock)


def entries(count, answer="1"):
    return [Entry(slug=f"e{number:05}", question=f"第 {number} 问", answer=answer) for number in range(count)]


async def told(store):
    return await store.walk(lambda found, count: ([(entry.slug, entry.answer) for entry in found], count))


async def test_a_large_import_is_previewed_put_and_undone_as_one(imports, store, clock):
    before = await imports.put(entries(600, "旧"))
    clock.forward(minutes=1)
    found = await imports.preview(entries(600, "旧")[:100] + entries(1200, "新")[100:])
    assert (len(found.new), len(found.changed), len(found.same)) == (600, 500, 100)

    shares = []
    batch = await imports.put(found.to_put, progress=shares.append)
    assert batch == before + 1
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert (await told(store))[1] == 1200

    clock.forward(minutes=1)
    assert (await imports.undo(batch)).entries == 1100
    assert await told(store) == ([(entry.slug, "旧") for entry in entries(600)], 600)
    changes = await store.changes_since(batch)
    assert (len(changes.put), len(changes.removed)) == (500, 600)

    clock.forward(minutes=1)
    await imports.undo(before)
    assert await told(store) == ([], 0)


async def test_an_import_of_one_moment_steps_back_one_version(imports, store):
    await imports.put(entries(1, "甲"))
    await imports.put(entries(1, "乙"))
    batch = await imports.put(entries(1, "丙"))

    await imports.undo(batch)
    assert await told(store) == ([("e00000", "乙")], 1)


async def test_a_failing_import_leaves_nothing_behind(imports, store):
    def fail(share):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await imports.put(entries(600), progress=fail)
    assert await told(store) == ([], 0)
    assert await store.changes_since(0) is None


async def test_all_published_entries_are_walked_in_order_and_written(imports, store, tmp_path):
    await imports.put(entries(1100))
    await store.remove(["e00003"])

    found, count = await told(store)
    assert count == len(found) == 1099
    assert found == sorted(found)
    await store.walk(lambda read, _: write_entries(read, tmp_path / "kb.jsonl"))
    assert (tmp_path / "kb.jsonl").read_text("utf-8").count("\n") == 1099


async def test_an_undo_is_whole_or_spares_what_was_changed_since(imports, store, clock):
    await imports.put(entries(3, "旧"))
    clock.forward(minutes=1)
    batch = await imports.put(entries(4, "新"))
    clock.forward(minutes=1)
    await imports.put(entries(1, "更新"), actor="li.hua")
    everything = ([("e00000", "更新"), *((f"e0000{n}", "新") for n in (1, 2, 3))], 4)
    changed = (Left("e00000", "后来发布了第 3 版（li.hua）"),)

    with pytest.raises(UndoRefused, match=rf"e00000：后来发布了第 3 版[\s\S]*撤销其余 3 条.*undo {batch} --rest"):
        await imports.undo(batch)
    found = await imports.preview_undo(batch)
    assert (found.entries, found.left) == (3, changed)
    assert await told(store) == everything

    assert await imports.undo_rest(batch) == found
    assert await told(store) == ([("e00000", "更新"), ("e00001", "旧"), ("e00002", "旧")], 3)

    again = await imports.undo_rest(batch)
    assert again.entries == 0
    assert again.left[1] == Left("e00001", "导入的那一版已撤下")


async def test_a_table_without_a_column_leaves_what_is_told_of_it(imports, store, tmp_path):
    told_before = Entry(
        slug="card", question="卡丢了", answer="补。", similar_questions=("卡不见了",), facets={"fee": "20 元"}
    )
    await imports.put([told_before])
    file = tmp_path / "kb.csv"
    file.write_text("编号,问题,答案,费用\ncard,卡丢了,到网点补。,\n", "utf-8")
    reading = read_file(file)
    found = await imports.preview(reading.entries, silent=reading.silent)

    (entry,) = found.to_put
    assert (entry.answer, entry.facets.fee, entry.similar_questions) == ("到网点补。", "", ("卡不见了",))
