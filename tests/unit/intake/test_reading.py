import itertools
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator

from services.intake.kinds import KINDS
from tests.support.book import SMALL
from tests.support.intake import KEY, OTHER_KEY, Desk

PAGES = (
    "/api/v1/docs",
    "/api/v1/docs.css",
    "/api/v1/openapi.json",
    "/api/v1/services",
    "/api/v1/services/99102013104000",
)


class Page(HTMLParser):
    """What a test wants to know of a page: its anchors, links, tags, languages."""

    VOID = frozenset(["meta", "link", "br"])

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids, self.links, self.tags, self.open = list[str](), list[str](), list[str](), list[str]()
        self.attributes = list[tuple[str, str | None]]()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name == "href" and value]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


async def page(desk: Desk) -> Page:
    return Page((await desk.client.get("/api/v1/docs")).text)


async def test_the_status_url_answers_with_what_is_known(desk: Desk) -> None:
    accepted = (await desk.submit()).json()
    answer = await desk.client.get(accepted["status_url"], headers={"authorization": f"Bearer {KEY}"})
    assert answer.status_code == 200
    assert (
        answer.json().items()
        >= {"case_id": accepted["case_id"], "reference": accepted["reference"], "state": "accepted"}.items()
    )


async def test_nobody_else_learns_whether_a_case_exists(desk: Desk) -> None:
    url = (await desk.submit()).json()["status_url"]
    unknown = f"/api/v1/submissions/{uuid4()}"
    assert (await desk.client.get(url)).status_code == 401
    strangers = [await desk.client.get(each, headers={"x-api-key": OTHER_KEY}) for each in (url, unknown)]
    assert [answer.status_code for answer in strangers] == [404, 404]
    assert strangers[0].content == strangers[1].content


@pytest.mark.parametrize("case_id", ["x", "1" * 200, "%00", "0' or 1=1"])
async def test_what_is_no_case_id_is_not_found(desk: Desk, case_id: str) -> None:
    answer = await desk.client.get(f"/api/v1/submissions/{case_id}", headers={"x-api-key": KEY})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/", "/api/v1", "/api/v1/submissions/", "/api/v1/docs/", "/api/v1/services/1", "/%ff"]
)
async def test_everything_else_is_not_found_in_the_readers_language(desk: Desk, path: str) -> None:
    answer = await desk.client.get(path, headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert answer.json()["title"] == answer.json()["en"]["title"]


@pytest.mark.parametrize("path", PAGES)
async def test_pages_are_for_reading(desk: Desk, path: str) -> None:
    assert (await desk.client.get(path)).headers["x-content-type-options"] == "nosniff"
    assert (await desk.client.head(path)).status_code == 200
    answer = await desk.client.post(path)
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert answer.headers["content-type"] == "application/problem+json"


async def test_services_say_where_they_are_offered_and_how_their_form_looks(desk: Desk) -> None:
    (service,) = (await desk.client.get("/api/v1/services")).json()
    assert (service["service"], service["municipalities"]) == ("99102013104000", ["town"])
    schema = (await desk.client.get(service["form_schema"])).json()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert validator.is_valid(SMALL)
    assert not validator.is_valid(SMALL | {"breed": ""})
    assert not validator.is_valid(SMALL | {"cat": True})


async def test_the_page_explains_every_service_and_every_problem(desk: Desk) -> None:
    found = await page(desk)
    assert {"service-99102013104000", *(kind.slug for kind in KINDS)} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))


async def test_no_link_of_the_page_is_dead(desk: Desk) -> None:
    found = await page(desk)
    for link in found.links:
        if link.startswith("#"):
            assert link[1:] in found.ids
        else:
            assert (await desk.client.get(f"/api/v1/{link}")).status_code == 200


async def test_the_page_needs_no_script_and_names_its_languages(desk: Desk) -> None:
    answer = await desk.client.get("/api/v1/docs")
    found = Page(answer.text)
    assert not {"script", "iframe", "img", "style"} & set(found.tags)
    assert not [name for name, _ in found.attributes if name.startswith("on") or name == "style"]
    assert ("lang", "de") in found.attributes
    assert ("lang", "en") in found.attributes
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert found.open == []


async def test_the_page_can_be_walked_by_headings_and_skipped_to_its_content(desk: Desk) -> None:
    found = await page(desk)
    levels = [int(tag[1]) for tag in found.tags if tag in {"h1", "h2", "h3"}]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert found.links[1] == "#main"
