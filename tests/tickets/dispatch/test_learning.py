"""What is learned from closed tickets: sound with odd history, kept safely, replaced only by what is as good."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from tests.tickets.dispatch.towns import history
from tickets.dispatch.automatic import NEVER, automatic_from
from tickets.dispatch.dispatcher import Dispatcher
from tickets.dispatch.learning import learn
from tickets.dispatch.live import LiveDispatcher
from tickets.dispatch.model import NothingToLearn, train
from tickets.dispatch.model_file import ModelUnreadable, dump, load
from tickets.dispatch.model_store import ModelStore
from tickets.dispatch.request import ClosedTicket, Request
from tickets.dispatch.rules import Rule
from tickets.dispatch.selection import landmarks_of, recent
from tickets.dispatch.tables import dispatch_models

DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def model():
    return train(history(240))


def test_a_clear_request_goes_to_its_unit_with_reasons(model):
    suggestion = Dispatcher((), model).suggest(Request("新村公司拖欠工资三个月"), DAY)
    assert suggestion.units[0].unit == "人社局"
    assert suggestion.automatic
    assert any("拖欠" in reason or "工资" in reason for reason in suggestion.reasons)
    assert any("相似工单 2026" in reason for reason in suggestion.reasons)


def test_a_unit_that_was_renamed_or_succeeded_is_suggested_by_the_name_of_today(model):
    asked = Request("新村公司拖欠工资三个月")
    known = {each.unit: each.chance for each in Dispatcher((), model).suggest(asked, DAY).units}
    second = list(known)[1]
    suggestion = Dispatcher((), model, {"人社局": "民生局", second: "民生局"}).suggest(asked, DAY)
    assert suggestion.units[0].unit == "民生局"
    assert suggestion.units[0].chance == pytest.approx(known["人社局"] + known[second], abs=1e-3)
    assert "人社局" not in "".join(suggestion.reasons)


def test_a_request_that_says_nothing_is_left_to_a_dispatcher(model):
    suggestion = Dispatcher((), model).suggest(Request(""), DAY)
    assert not suggestion.automatic
    assert len(suggestion.units) == 3


def test_a_rule_goes_before_what_was_learned(model):
    rule = Rule("一", "劳动监察大队", ("人社局",), keywords=("拖欠工资",))
    suggestion = Dispatcher([rule], model).suggest(Request("公司拖欠工资"), DAY)
    assert suggestion.units[0].unit == "劳动监察大队"
    assert (suggestion.automatic, suggestion.assisting, suggestion.rule) == (True, ("人社局",), "一")


def test_rules_that_disagree_are_left_to_a_dispatcher(model):
    rules = [Rule("一", "甲", keywords=("工资",)), Rule("二", "乙", keywords=("公司",))]
    suggestion = Dispatcher(rules, model).suggest(Request("公司拖欠工资"), DAY)
    assert not suggestion.automatic
    assert {offered.unit for offered in suggestion.units} == {"甲", "乙"}


def test_without_history_and_rules_nothing_is_guessed():
    suggestion = Dispatcher().suggest(Request("路灯坏了"), DAY)
    assert (suggestion.units, suggestion.automatic) == ((), False)


@pytest.mark.parametrize(
    "known",
    [
        [ClosedTicket(Request("路灯坏了"), "甲")],
        [ClosedTicket(Request("路灯坏了"), "甲")] * 30,
        [ClosedTicket(Request(""), "甲"), ClosedTicket(Request(""), "乙")],
        [ClosedTicket(Request("路灯坏了"), f"单位{number}") for number in range(20)],
        [ClosedTicket(Request("😀 <b>"), "甲'; DROP"), ClosedTicket(Request("字" * 5000), " ")],
    ],
)
def test_odd_histories_are_learned_from(known):
    chances = train(known).chances(["路灯坏了", "", "abc"])
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-5)


def test_a_history_without_units_is_refused():
    with pytest.raises(NothingToLearn, match="没有一条写明承办单位"):
        train([ClosedTicket(Request("路灯坏了"), " ")])


def test_the_same_history_gives_the_same_bytes(model):
    assert dump(model) == dump(train(history(240)))


def test_a_unit_that_gave_a_ticket_back_is_less_probable_for_others_like_it():
    known = [ClosedTicket(Request("路灯坏了"), unit) for unit in ("甲", "乙") * 10]
    text = "公园里的路灯坏了一个月"
    known += [ClosedTicket(Request(text), "甲")] * 5
    refused = known[:-5] + [replace(known[-1], refused_by=("乙",))] * 5
    place = train(known).units.index("乙")
    assert train(refused).wide.weights[-1, place] < train(known).wide.weights[-1, place]


def test_a_loaded_model_says_the_same(model):
    texts = [ticket.request.text for ticket in history(40, seed=3)]
    assert np.allclose(load(dump(model)).chances(texts), model.chances(texts), atol=0.005)


@pytest.mark.parametrize("content", [b"", b"no model", dump(train(history(20)))[:-100]])
def test_damaged_bytes_are_no_model(content):
    with pytest.raises(ModelUnreadable):
        load(content)


def test_vectors_join_where_they_are_known():
    known = history(120)
    vectors = {unit: np.eye(8, dtype=np.float32)[place] for place, unit in enumerate(sorted({t.unit for t in known}))}
    noise = np.random.default_rng(1)
    known = [
        replace(
            ticket,
            request=replace(ticket.request, vector=(vectors[ticket.unit] + noise.normal(0, 0.1, 8)).astype(np.float32)),
        )
        for ticket in known
    ]
    model = train(known)
    chances = model.chances(["说不清"], vectors["教育局"][None, :])[0]
    assert model.units[int(chances.argmax())] == "教育局"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=200))
def test_what_goes_alone_was_right_often_enough(judged):
    chances, right = np.array([c for c, _ in judged]), np.array([r for _, r in judged], dtype=bool)
    least = automatic_from(chances, right, precision=0.9, doubt=1.0)
    alone = chances >= least
    assert least == NEVER or right[alone].mean() >= 0.85  # those just as sure as the last may add a few


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=60))
def test_small_histories_are_used_whole(labels):
    labels = np.array(labels)
    assert list(recent(labels)) == list(range(len(labels)))
    assert len(landmarks_of(labels)[0]) == len(labels)


def test_of_a_large_history_rare_units_keep_their_tickets():
    labels = np.zeros(80_000, dtype=int)
    labels[:5] = 1
    assert set(range(5)) <= set(recent(labels))
    landmarks, judged = landmarks_of(labels[recent(labels)])
    assert set(range(5)) <= set(landmarks) | set(judged)
    assert len(set(range(5)) & set(landmarks)) >= 4
    assert not set(judged) & set(landmarks)


async def test_a_night_learns_and_every_process_follows(database, keyring, clock):
    store = ModelStore(database, keyring.cipher("tickets"), clock)
    live = await LiveDispatcher.open(database, keyring)
    learned = await learn(store, history(120))
    assert learned is not None
    assert learned.used
    assert await live.refresh()
    assert not await live.refresh()
    assert live.current.suggest(Request("公司拖欠工资"), DAY).units[0].unit == "人社局"


async def test_a_worse_model_is_not_used(database, keyring, clock):
    store = ModelStore(database, keyring.cipher("tickets"), clock)
    good = history(240)
    await learn(store, good)
    number = await store.current_id()
    later = clock() + timedelta(hours=1)
    new = [replace(ticket, closed_at=later) for ticket in history(120, seed=11)]
    units = sorted({ticket.unit for ticket in good})
    muddled = [replace(ticket, unit=units[(units.index(ticket.unit) + 1) % 4]) for ticket in good + new[:60]]
    learned = await learn(store, [*muddled, *new[60:]])
    assert learned is not None
    assert not learned.used
    assert await store.current_id() == number


async def test_little_that_is_new_is_not_worth_a_night(database, keyring, clock):
    store = ModelStore(database, keyring.cipher("tickets"), clock)
    await learn(store, history(60))
    assert await learn(store, history(60)) is None


async def test_a_stored_model_tells_nothing_without_the_key(database, keyring, clock, model):
    store = ModelStore(database, keyring.cipher("tickets"), clock)
    await store.put(model, 240, {"top1": 1.0})
    content = await database.read(lambda connection: connection.scalar(select(dispatch_models.c.content)))
    assert b"told.npy" not in content


async def test_a_damaged_model_leaves_the_list_at_work_and_is_learned_anew(database, keyring, clock):
    store = ModelStore(database, keyring.cipher("tickets"), clock)
    await learn(store, history(60))
    await database.write(lambda connection: connection.execute(update(dispatch_models).values(content=b"x" * 40)))
    live = await LiveDispatcher.open(database, keyring)
    assert live.current.model is None
    assert (await learn(store, history(60))).used
    assert await live.refresh()
    assert live.current.model is not None
