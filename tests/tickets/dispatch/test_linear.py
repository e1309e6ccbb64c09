"""The linear machines: honest about tickets they have seen, sound with one unit or two."""

import numpy as np
import pytest

from tests.tickets.dispatch.towns import history
from tickets.dispatch.linear import fit_linear

CLEAR = ["路灯坏了", "公司拖欠工资"] * 10


def test_a_ticket_is_judged_by_machines_that_have_not_seen_it():
    chance = np.random.default_rng(2)
    texts = [ticket.request.text for ticket in history(200)]
    labels = chance.integers(0, 4, 200)  # nothing to be learned
    machines, judged = fit_linear(texts, labels, 4, np.arange(200))
    by_heart = machines.scores(texts).argmax(axis=1) == labels
    assert by_heart.mean() > 0.6
    assert (judged.argmax(axis=1) == labels).mean() < 0.4


def test_few_judged_tickets_are_held_out_of_a_large_history():
    texts = [*CLEAR, "噪音扰民", "噪音扰民"]
    labels = np.array([0, 1] * 10 + [2, 2])
    machines, judged = fit_linear(texts, labels, 3, np.array([20, 21]))
    assert list(judged[:, 2]) == [-1, -1]  # nobody else knows this unit
    assert machines.scores(["噪音扰民"]).argmax() == 2


@pytest.mark.parametrize("units", [2, 3])
def test_each_of_few_units_gets_its_own(units):
    texts = [*CLEAR, *["噪音扰民"] * 5 * (units - 2)]
    labels = np.array([0, 1] * 10 + [2] * 5 * (units - 2))
    machines, _ = fit_linear(texts, labels, units, np.arange(len(labels)))
    assert list(machines.scores(["路灯", "工资"]).argmax(axis=1)) == [0, 1]


def test_a_single_unit_needs_no_machine():
    machines, judged = fit_linear(["路灯坏了"], np.array([0]), 1, np.arange(1))
    assert np.isfinite(judged).all()
    assert np.isfinite(machines.scores(["路灯", ""])).all()
