import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tickets.similar.test_grouping import ALL, GARDEN_NOISE, GARDEN_WATER, LAMPS
from tickets.similar import index as index_module
from tickets.similar.index import SimilarIndex
from tickets.similar.repeats import Reason, find_repeats, told_to_citizen
from tickets.similar.signature import Signature, Wording, sign


@pytest.fixture
def index() -> SimilarIndex:
    filled = SimilarIndex()
    for ticket, signature in enumerate(sign(ALL), 1):
        filled.add(ticket, signature, person=900 + ticket)
    return filled


def one(wording: Wording) -> Signature:
    return sign([wording])[0]


def test_a_copy_is_found_with_why(index):
    (repeat, *_) = find_repeats(index, one(GARDEN_NOISE[0]), persons={901})

    assert repeat.ticket == 1
    assert repeat.reasons == (Reason.PERSON, Reason.PLACE, Reason.WORDING)
    assert repeat.why == "同一个人、同一地点、说法几乎一样"


def test_the_same_matter_in_other_words_is_found(index):
    repeats = find_repeats(index, one(Wording("", "丽景花园旁边的工地，每天夜里打桩到凌晨，声音太大没法睡")))

    assert repeats
    assert {repeat.ticket for repeat in repeats} <= {1, 2, 3}


def test_the_citizen_is_asked_and_told_nothing_of_others(index):
    own = find_repeats(index, one(LAMPS[0]), persons={907})
    others = find_repeats(index, one(LAMPS[0]), persons={1})

    assert "补充进去" in told_to_citizen(["20261121-00042-0"], len(own))
    assert f"已有 {len(others)} 件" in told_to_citizen([], len(others))


def test_a_new_matter_repeats_nothing(index):
    assert (
        find_repeats(index, one(Wording("广场舞音乐太响", "滨江公园晚上九点以后还放广场舞音乐，楼上听得清清楚楚。")))
        == []
    )


def test_a_request_joins_its_topic_and_a_new_one_begins_its_own(index):
    garden = index.add(100, one(Wording("夜里打桩", "丽景花园边上工地夜里打桩，凌晨还在响，没法睡觉。")))
    fresh = index.add(101, one(Wording("公交改道", "十七路公交改道后老人要走两站路，能不能改回来。")))

    assert garden == index.matches(one(GARDEN_NOISE[0]))[0].group
    assert fresh == 101


def test_what_is_removed_is_not_found_again(index):
    index.remove(1)
    index.remove(1)
    index.remove(4711)

    assert len(index) == len(ALL) - 1
    assert 1 not in {match.ticket for match in index.matches(one(GARDEN_NOISE[0]))}


def test_adding_a_ticket_again_changes_nothing(index):
    group = index.add(7, one(GARDEN_WATER[0]))

    assert len(index) == len(ALL)
    assert group in {7, 8}


def test_groups_can_be_written_anew(index):
    index.regroup({1: 77, 2: 77})
    assert {match.group for match in index.matches(one(GARDEN_NOISE[0])) if match.ticket in (1, 2)} == {77}


def test_nothing_is_lost_while_segments_grow_together(monkeypatch):
    monkeypatch.setattr(index_module, "_WAITING", 4)
    monkeypatch.setattr(index_module, "_JOINED", 2)
    wordings = random.Random(3).choices(ALL, k=150)
    texts = [Wording(wording.title, f"{wording.story}第{number:05d}号") for number, wording in enumerate(wordings)]
    index = SimilarIndex()
    for ticket, signature in enumerate(sign(texts), 1):
        index.add(ticket, signature)
        if ticket % 5 == 0:
            index.remove(ticket - 2)

    assert len(index) == 120
    found = {match.ticket for text in texts for match in index.matches(one(text), most=200)}
    assert found == {ticket for ticket in range(1, 151) if (ticket + 2) % 5 or ticket + 2 > 150}


def test_the_index_stays_within_its_bound(monkeypatch):
    monkeypatch.setattr(index_module, "_WAITING", 4)
    index = SimilarIndex(most=20)
    for ticket, signature in enumerate(sign(ALL * 3), 1):
        index.add(ticket, signature)

    assert 16 <= len(index) <= 24
    assert min(match.ticket for match in index.matches(one(LAMPS[0]))) > len(ALL)


@given(
    st.lists(st.integers(0, 2**32 - 1), unique=True, max_size=40),
    st.lists(st.integers(0, 2**32 - 1), unique=True, max_size=9),
    st.integers(1, 255),
)
def test_a_packed_signature_comes_back(grams, places, count):
    keys, names = np.array(sorted(grams), np.uint32), np.array(sorted(places), np.uint32)
    signature = Signature(keys, np.full(len(keys), count, np.uint8), names)

    back = Signature.unpack(signature.pack())

    assert (back.grams.tolist(), back.counts.tolist(), back.places.tolist()) == (
        keys.tolist(),
        signature.counts.tolist(),
        names.tolist(),
    )


def test_a_signature_of_another_version_is_refused():
    packed = one(LAMPS[0]).pack()
    with pytest.raises(ValueError, match="sign the ticket anew"):
        Signature.unpack(b"\x09" + packed[1:])
