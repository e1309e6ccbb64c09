"""GeoReport v2 as its specification says it (wiki.open311.org/GeoReport_v2), and what it never tells."""

from dataclasses import replace
from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hotline import AGENT, DRAFT
from surface import Surface, surface_app

from service.identity.api_keys import Scope
from service.settings import Settings
from tickets.moves import Verb
from tickets.ticket import Kind

ROOT = "/open311/v2"
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
FORM = {
    "service_code": "住房和物业-电梯",
    "lat": "36.651234",
    "long": "117.120987",
    "description": "阳光小区3号楼王建国家门口的电梯坏了，电话13800138000",
    "first_name": "芳",
    "last_name": "王",
    "phone": "13800138000",
    "email": "wang@example.com",
}
REQUEST_FIELDS = {
    "service_request_id": str,
    "status": str,
    "status_notes": str,
    "service_name": str,
    "service_code": str,
    "description": type(None),
    "agency_responsible": (str, type(None)),
    "service_notice": type(None),
    "requested_datetime": str,
    "updated_datetime": str,
    "expected_datetime": str,
    "address": (str, type(None)),
    "address_id": type(None),
    "zipcode": type(None),
    "lat": (float, type(None)),
    "long": (float, type(None)),
    "media_url": type(None),
}


@pytest.fixture
async def portal(surface):
    return await surface.key(Scope.OPEN311)


async def get(surface, path, **params):
    response = await surface.client.get(f"{ROOT}/{path}", params=params)
    assert response.content_type == "application/json", await response.text()
    return response.status, await response.json()


async def get_xml(surface, path, **params):
    response = await surface.client.get(f"{ROOT}/{path}", params=params)
    assert (response.content_type, response.charset) == ("text/xml", "utf-8")
    return response.status, ElementTree.fromstring(await response.text())


async def post(surface, form, kind="json", **headers):
    return await surface.client.post(f"{ROOT}/requests.{kind}", data=form, headers=headers)


def tags(element):
    return [child.tag for child in element]


@ON_SQLITE
async def test_discovery_names_this_endpoint(surface):
    status, found = await get(surface, "discovery.json")
    assert status == 200
    assert found.keys() == {"changeset", "contact", "key_service", "endpoints"}
    endpoint = found["endpoints"][0]
    assert endpoint.keys() == {"specification", "url", "changeset", "type", "formats"}
    assert endpoint["url"].endswith(ROOT)
    assert endpoint["formats"] == ["application/json", "text/xml"]

    _, xml = await get_xml(surface, "discovery.xml")
    assert xml.tag == "discovery"
    assert tags(xml.find("endpoints")) == ["endpoint"]
    assert tags(xml.find("endpoints/endpoint/formats")) == ["format", "format"]


@ON_SQLITE
async def test_services_and_their_definition_have_the_specified_fields(surface):
    _, services = await get(surface, "services.json")
    for service in services:
        assert list(service) == [
            "service_code",
            "service_name",
            "description",
            "metadata",
            "type",
            "keywords",
            "group",
        ]
        assert (service["metadata"], service["type"]) == (True, "realtime")
    _, xml = await get_xml(surface, "services.xml")
    assert xml.tag == "services"
    assert [each.find("service_code").text for each in xml] == [service["service_code"] for service in services]
    assert (xml[0].tag, xml[0].find("metadata").text) == ("service", "true")

    _, definition = await get(surface, f"services/{services[0]['service_code']}.json")
    assert definition.keys() == {"service_code", "attributes"}
    first = definition["attributes"][0]
    assert list(first) == [
        "variable",
        "code",
        "datatype",
        "required",
        "datatype_description",
        "order",
        "description",
        "values",
    ]
    assert first["datatype"] in {"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"}
    assert all(value.keys() == {"key", "name"} for value in first["values"])
    _, xml = await get_xml(surface, f"services/{services[0]['service_code']}.xml")
    assert (xml.tag, tags(xml)) == ("service_definition", ["service_code", "attributes"])
    assert tags(xml.find("attributes/attribute/values/value")) == ["key", "name"]


async def test_a_request_of_a_portal_becomes_a_ticket_and_is_told_without_its_requester(surface, portal, hotline):
    response = await post(surface, FORM | {"api_key": portal, "attribute[KIND]": "complaint"})
    made = await response.json()
    assert response.status == 201
    assert list(made[0]) == ["service_request_id", "service_notice", "account_id"]
    number = made[0]["service_request_id"]

    ticket = await hotline.desk.find(number, phone="13800138000")
    assert (ticket.kind, ticket.category, ticket.requester_name) == (Kind.COMPLAINT, "住房和物业/电梯", "王芳")
    assert (ticket.channel, ticket.conversation.startswith("open311:key-")) == ("open311", True)
    assert "wang@example.com" in ticket.description

    status, found = await get(surface, f"requests/{number}.json")
    assert (status, len(found)) == (200, 1)
    assert list(found[0]) == list(REQUEST_FIELDS)
    assert all(isinstance(found[0][name], kind) for name, kind in REQUEST_FIELDS.items())
    assert (found[0]["status"], found[0]["service_code"]) == ("open", FORM["service_code"])
    assert (found[0]["lat"], found[0]["long"]) == (36.651, 117.121)
    assert datetime.fromisoformat(found[0]["requested_datetime"]).utcoffset() == timedelta(hours=8)
    secrets = ("王", "芳", "建国", "阳光小区", "138", "wang@", "3号楼")
    for form in ("json", "xml"):
        for path in (f"requests/{number}", "requests"):
            told = await (await surface.client.get(f"{ROOT}/{path}.{form}")).text()
            assert number in told
            assert not [secret for secret in secrets if secret in told]
    _, xml = await get_xml(surface, f"requests/{number}.xml")
    assert (xml.tag, tags(xml), tags(xml[0])) == ("service_requests", ["request"], list(REQUEST_FIELDS))


@ON_SQLITE
async def test_posted_requests_are_answered_in_xml_too(surface, portal):
    response = await post(surface, FORM | {"api_key": portal}, "xml")

    xml = ElementTree.fromstring(await response.text())
    assert (xml.tag, tags(xml[0])) == ("service_requests", ["service_request_id", "service_notice", "account_id"])
    number = xml[0].find("service_request_id").text
    status, token = await get(surface, f"tokens/{number}.json")
    assert (status, token) == (200, [{"service_request_id": number, "token": number}])


@ON_SQLITE
async def test_a_request_sent_twice_is_registered_once(surface, portal):
    form = FORM | {"api_key": portal}
    first, again = [await (await post(surface, form, **{"Idempotency-Key": "a"})).json() for _ in range(2)]

    assert first == again
    other = await post(surface, form | {"phone": ""}, **{"Idempotency-Key": "a"})
    assert other.status == 422


async def test_requests_are_listed_by_time_service_and_status(surface, hotline, clock):
    old = await hotline.submitted(replace(DRAFT, id="old"))
    clock.forward(days=91)
    elevator = await hotline.submitted(replace(DRAFT, id="a", category="住房和物业/电梯"))
    unsorted = await hotline.submitted(replace(DRAFT, id="b"))
    closed = await hotline.submitted(replace(DRAFT, id="c", category="供水/停水"))
    await hotline.do(AGENT, closed, Verb.ANSWER, text="阳光小区的电梯今晚八点前修好，维修单位已经到场。")

    async def listed(**params):
        status, found = await get(surface, "requests.json", **params)
        assert status == 200, found
        return [each["service_request_id"] for each in found]

    assert await listed() == [closed.number, unsorted.number, elevator.number]
    assert await listed(status="closed") == [closed.number]
    assert await listed(status="open,closed", service_code="住房和物业-电梯,供水-停水") == [
        closed.number,
        elevator.number,
    ]
    assert await listed(service_code="其他-其他诉求") == [unsorted.number]
    assert await listed(service_request_id=f"{old.number},{closed.number}", status="open") == [
        closed.number,
        old.number,
    ]
    start = old.created_at.isoformat()
    assert await listed(start_date=start) == [old.number]
    assert await listed(start_date=start.replace("+00:00", " 00:00")) == [old.number]
    assert await listed(end_date=start) == [old.number]
    assert await listed(start_date="2026-11-21T00:00:00Z", end_date="2026-11-22T00:00:00Z") == [old.number]


async def test_what_is_confidential_or_taken_back_is_not_there(surface, hotline):
    report = await hotline.submitted(replace(DRAFT, id="a", kind=Kind.REPORT))
    secret = await hotline.submitted(replace(DRAFT, id="b", confidential=True))
    gone = await hotline.desk.withdraw(await hotline.submitted(replace(DRAFT, id="c")))

    assert await get(surface, "requests.json") == (200, [])
    for ticket in (report, secret, gone):
        for path in (f"requests/{ticket.number}.json", f"tokens/{ticket.number}.json"):
            status, found = await get(surface, path)
            assert (status, found[0]["code"]) == (404, 404)


@ON_SQLITE
async def test_errors_have_the_specified_form(surface, portal):
    for change, status in (
        ({"api_key": ""}, 403),
        ({"api_key": "ltb_wrong"}, 403),
        ({"api_key": await surface.key(Scope.READ, roles=["agent"])}, 403),
        ({"service_code": ""}, 400),
        ({"service_code": "没有"}, 404),
        ({"service_code": "供水"}, 404),
        ({"lat": "", "long": ""}, 400),
        ({"lat": "91"}, 400),
        ({"lat": "nan"}, 400),
        ({"long": ""}, 400),
        ({"phone": "12"}, 400),
        ({"description": "长" * 4001}, 400),
        ({"description": "长" * 70_000}, 400),
        ({"description": "a\0b"}, 400),
        ({"attribute[KIND]": "anger"}, 400),
        ({"attribute[CONFIDENTIAL]": "maybe"}, 400),
    ):
        response = await post(surface, FORM | {"api_key": portal} | change)
        errors = await response.json()
        assert (response.status, errors[0]["code"]) == (status, status), change
        assert errors[0].keys() == {"code", "description"}
    for raw, kind in ((b"\xff%ff", "application/x-www-form-urlencoded"), (b"{}", "application/json")):
        response = await surface.client.post(f"{ROOT}/requests.json", data=raw, headers={"Content-Type": kind})
        assert response.status == 400
    for query in (
        {"start_date": "yesterday"},
        {"start_date": "0001-01-01T00:00:00Z"},
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-05-01T00:00:00Z"},
        {"start_date": "2026-05-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
        {"status": "perhaps"},
        {"service_request_id": "a\0"},
    ):
        status, xml = await get_xml(surface, "requests.xml", **query)
        assert (status, xml.tag, tags(xml), tags(xml[0])) == (400, "errors", ["error"], ["code", "description"]), query


@ON_SQLITE
async def test_a_city_can_keep_its_requests_behind_a_key_and_name_its_jurisdiction(hotline, keyring, tmp_path):
    closed = Settings(data_dir=tmp_path, open311_public=False, open311_jurisdiction="example.gov.cn")
    app = await surface_app(closed, hotline, keyring)
    async with TestClient(TestServer(app)) as client:
        surface = Surface(client, hotline, app["answered"])
        assert (await get(surface, "requests.json"))[0] == 403
        reader = await surface.key(Scope.READ, roles=["agent"])
        assert await get(surface, "requests.json", api_key=reader) == (200, [])
        assert (await get(surface, "services.json", jurisdiction_id="example.gov.cn"))[0] == 200
        assert (await get(surface, "services.json", jurisdiction_id="other.gov.cn"))[0] == 404
