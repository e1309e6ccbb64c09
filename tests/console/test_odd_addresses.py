"""Addresses nobody's page leads to: old links, cut-off ones, ones made up. They are told so, and nothing falls over."""

import pytest

from service.identity.roles import Role

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HUGE = "9" * 30
ENDLESS = "9" * 5_000  # more digits than Python makes a number of


@pytest.fixture
async def everybody(console):
    roles = [role for role in Role if role is not Role.ADMINISTRATOR]
    return await console.staff("shen", *roles, units=["cg"])


@pytest.mark.parametrize(
    "path",
    [
        "/tickets?after=x",
        "/tickets?view=overdue&after=fDE",  # a place in the list of all
        "/tickets?since=0001-01-01",
        "/tickets?until=9999-12-31",
        "/tickets?view=to_check&state=nothing&kind=&unit=%00&street=%27",
        "/dispatching?after=fDE",
        f"/alarms?close={ENDLESS}",
        f"/audit?after={HUGE}",
        "/audit?since=0001-01-01&until=9999-12-31",
        f"/reply-templates?edit={HUGE}",
        f"/knowledge/gaps?state={HUGE}",
        f"/jobs/{HUGE}",
    ],
)
async def test_an_odd_address_shows_a_page(console, everybody, path):
    assert (await everybody.get(f"/console{path}")).status in (200, 404)


async def test_a_session_that_cannot_be_is_not_there(console, everybody):
    assert (await everybody.post(f"/console/me/sessions/{HUGE}/end")).status == 404
