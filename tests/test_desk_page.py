"""The desk's files: nothing of elsewhere, nothing that a text could run, the same words in every language."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

import svodka.serve.desk
from svodka.serve.desk.page import assets
from svodka.serve.desk.routes import Desk, desk_router

FOLDER = Path(svodka.serve.desk.__file__).parent / "assets"
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
SCRIPTS = [name for name in TEXTS if name.endswith(".js")]
LANGUAGES = ("ru", "en", "kk")


class Page(HTMLParser):
    """The elements of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


PAGE = Page(TEXTS["desk.html"])


@pytest.fixture(scope="module")
def client() -> TestClient:
    async def nobody() -> None:
        raise AssertionError("a file asks nobody")

    app = FastAPI()
    app.include_router(desk_router(Desk(None, None), reader=nobody, editor=nobody))  # type: ignore[arg-type]
    return TestClient(app)


@pytest.mark.parametrize("name", ["", *(f"desk/files/{name}" for name in sorted(assets()))])
def test_every_file_is_served_under_a_policy_that_allows_nothing_of_elsewhere(client: TestClient, name: str) -> None:
    answer = client.get(f"/{name}")
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert answer.status_code == 200
    assert policy.pop("default-src") == policy.pop("frame-ancestors") == policy.pop("base-uri") == "'none'"
    assert policy.pop("form-action") == "'none'"
    assert policy.pop("require-trusted-types-for") == "'script'"
    assert set(policy.values()) == {"'self'"}
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["routes.py", "../desk.html", "%2e%2e%2froutes.py", "none.js"])
def test_no_other_file_is_served(client: TestClient, name: str) -> None:
    assert client.get(f"/desk/files/{name}").status_code == 404


def test_the_page_holds_no_script_and_no_style_of_its_own() -> None:
    for tag, attributes in PAGE.elements:
        assert tag != "style"
        assert tag != "script" or attributes.get("src")
        assert [name for name in attributes if name == "style" or name.startswith("on")] == []


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_nothing_is_loaded_from_elsewhere(name: str) -> None:
    assert re.findall(r"(?:https?:)?//\w[\w.-]+\.\w+", TEXTS[name].replace("http://www.w3.org/2000/svg", "")) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_makes_markup_of_a_text(name: str) -> None:
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function|\.srcdoc"
    assert re.findall(sinks, TEXTS[name]) == []


def test_what_the_page_loads_is_there() -> None:
    wanted = [
        attributes.get("src") or attributes.get("href")
        for tag, attributes in PAGE.elements
        if tag in ("script", "link")
    ]
    wanted += [f"desk/files/{name}" for text in TEXTS.values() for name in re.findall(r'from "\./(\w+\.js)"', text)]
    assert {name.removeprefix("desk/files/") for name in wanted if name} <= set(assets())


def words(language: str) -> dict[str, str]:
    """Name -> what is said, as it stands in the script: a string, or an object of plural forms."""
    block = TEXTS["words.js"].split(f"const {language} = {{\n")[1].split("\n};")[0]
    found = re.findall(r'(\w+): ("(?:[^"\\]|\\.)*"|\{(?: \w+: "[^"]*",?)+ \})', block)
    return dict(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_with_the_same_values(language: str) -> None:
    russian, other = words("ru"), words(language)
    assert list(other) == list(russian)
    for name, said in other.items():
        assert set(re.findall(r"\{\w+\}", said)) == set(re.findall(r"\{\w+\}", russian[name])), name


def test_the_page_says_nothing_that_its_languages_lack() -> None:
    asked = {
        attributes[key]
        for _, attributes in PAGE.elements
        for key in ("data-t", "data-t-placeholder")
        if key in attributes
    }
    asked |= {name for text in TEXTS.values() for name in re.findall(r'\bt\("(\w+)"', text)}
    assert asked - set(words("ru")) == set()


def test_the_page_is_written_in_russian_as_its_script_says_it() -> None:
    told = words("ru")
    page = re.sub(r"\s+", " ", TEXTS["desk.html"])
    for name, said in re.findall(r'data-t="(\w+)"[^>]*>([^<]+)<', page):
        assert told[name].strip('"') == said.strip(), name


def test_every_field_has_a_label() -> None:
    labelled = {attributes.get("for") for tag, attributes in PAGE.elements if tag == "label"}
    inside = re.findall(
        r'<label[^>]*>(?:(?!</label>).)*?<(?:select|input)[^>]*id="([\w-]+)"', TEXTS["desk.html"], re.DOTALL
    )
    fields = {attributes["id"] for tag, attributes in PAGE.elements if tag in ("input", "select", "textarea")}
    assert fields - labelled - set(inside) == set()
