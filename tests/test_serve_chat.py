"""Prompts of readers and bookmark managers, written by us after what their documentation and users show."""

import json
from typing import Any

import pytest

from svodka.article import Annotation, Summary, Tag, Topic
from svodka.serve.chat.prompt import read_prompt
from svodka.serve.chat.wanted import read_wanted

BODY = "Мост через Ишимку открыли после ремонта.\n\nОтветственные довольны: первым по нему проехал автобус."

# A bookmark manager asks for tags as JSON; the page stands between marks.
BOOKMARKS_TAGS = f"""
You help to tag what people save for later.
Read the TEXT_CONTENT below and suggest tags for it. These are the rules:
- Tags must be in russian.
- Do not suggest tags about:
    - cookie banners
- Three to five of them.


<TEXT_CONTENT>
{BODY}
</TEXT_CONTENT>
You must respond in JSON with the key "tags" and an array of strings."""

# The same for a summary; nothing but the rules tells where the page begins.
BOOKMARKS_SUMMARY = f"""
Summarize the following content and respond ONLY with the summary. These rules MUST be followed:
- The summary must be in russian.

    {BODY}"""

# A feed reader: the order is the user's own, and stands in the system message.
READER = f"Title: Мост открыт\nAuthor: Отдел новостей\n\nContent: ## Мост\n\n{BODY}\n\nimg: `автобус`\n"

# An archive of documents names the tags that it has.
ARCHIVE = f"""I give you the content of a document. Select the tags that fit it.

Available Tags:
мосты, транспорт, спорт

Document Content:
{BODY}

Respond only with the selected tags as a list with commas, without any explanation."""

# Another archive shows the object that it expects, and refuses one without any of its keys; the user's message is the
# document alone.
ANALYST = """You analyse documents. Find out what is asked for in the JSON below.
Return the result EXCLUSIVELY as a JSON object, with tags in Russian:

{
  "title": "xxxxx",
  "correspondent": "xxxxxxxx",
  "tags": ["Tag1", "Tag2", "Tag3"],
  "document_date": "YYYY-MM-DD",
  "language": "en/de/ru"
}"""


def anything(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("system", "user", "kind"),
    [
        ("", BOOKMARKS_TAGS, "tags"),
        ("", BOOKMARKS_SUMMARY, "summary"),
        ("", ARCHIVE, "tags"),
        ("", f"Кратко перескажи статью.\n\n{BODY}", "summary"),
        ("", f"Придумай заголовок для новости:\n{BODY}", "headline"),
        ("", f"Generate tags for this news item: {anything(BODY)}", "tags"),
        ("", f'Summarize:\n"""\n{BODY}\n"""\nReturn only the summary.', "summary"),
        ("You write tags.", BODY, "tags"),
        ("Ты — редактор. Составь теги.", BODY, "tags"),
        ("", f"Summarize this article.\n\nTitle: Мост\nURL: https://a.example\n\nContent:\n{BODY}\n\n"
             "Provide only the summary, please.", "summary"),
        ("", BODY, "summary"),
    ],
)  # fmt: skip
def test_orders_and_article_are_told_apart(system: str, user: str, kind: str) -> None:
    prompt = read_prompt(system, user)
    assert anything(prompt.article.text) == anything(BODY)
    assert read_wanted(prompt.orders, None).kind == kind


def test_a_readers_labels_give_the_title_and_its_markdown_goes() -> None:
    prompt = read_prompt("Дай краткое содержание в 25 словах.", READER)
    assert prompt.article.title == "Мост открыт"
    assert anything(prompt.article.text) == f"Мост {anything(BODY)}"
    wanted = read_wanted(prompt.orders, None)
    assert (wanted.kind, wanted.words) == ("summary", 25)


def test_tags_that_a_prompt_names_are_those_to_choose_from() -> None:
    assert read_prompt("", ARCHIVE).tags == ("мосты", "транспорт", "спорт")
    assert read_prompt("Разрешённые теги: «вода», «мост».", BODY).tags == ("вода", "мост")
    assert read_prompt("", BOOKMARKS_TAGS).tags == ()


ANNOTATION = Annotation(
    "",
    topics=(Topic("medtop:14000000", "общество", 0.9, True), Topic("medtop:11000000", "политика и власть", 0.5, False)),
    tags=(Tag("мост", 0.9), Tag("автобус", 0.8)), summary=Summary("Мост открыли.", "extractive"),
)  # fmt: skip
UNTAGGED = Annotation("", topics=ANNOTATION.topics, tags=(), summary=ANNOTATION.summary)


def schema(**properties: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object", "properties": properties}}}


@pytest.mark.parametrize(
    ("orders", "form", "answer"),
    [
        ("Summarize.", None, "Мост открыли."),
        ("List tags.", None, "мост, автобус"),
        ("Write a headline.", None, "Мост открыт"),
        ('Answer in JSON with the key "tags".', None, {"tags": ["мост", "автобус"]}),
        ("Suggest tags.", {"type": "json_object"}, {"tags": ["мост", "автобус"]}),
        ("Summarize.", {"type": "json_object"}, {"summary": "Мост открыли."}),
        ('JSON: "title", "summary", "keywords", "mood"', None,
         {"title": "Мост открыт", "summary": "Мост открыли.", "keywords": ["мост", "автобус"]}),
        (ANALYST, None, {"title": "Мост открыт", "correspondent": "", "tags": ["мост", "автобус"], "document_date": "",
                         "language": ""}),
        ("", schema(tags={"type": "array"}), {"tags": ["мост", "автобус"]}),
        ("", schema(Tags={"type": "string"}, sender={"type": ["string", "null"]}, kind={"type": "string"},
                    year={"type": "integer"}),
         {"Tags": "мост, автобус", "sender": None, "kind": "", "year": 0}),
        ("Summarize.", {"type": "text"}, "Мост открыли."),
    ],
)  # fmt: skip
def test_the_answer_has_the_form_that_is_asked_for(orders: str, form: dict[str, Any] | None, answer: Any) -> None:
    content = read_wanted(orders, form).content(ANNOTATION, "Мост открыт")
    assert (content if isinstance(answer, str) else json.loads(content)) == answer


def test_topics_that_are_sure_stand_in_for_tags() -> None:
    assert read_wanted("Tags as JSON.", None).content(UNTAGGED, "") == '{"tags": ["общество"]}'


def test_a_response_format_that_makes_no_sense_is_passed_over() -> None:
    for form in ({"type": "json_schema"}, {"type": "json_schema", "json_schema": {"schema": []}}, {"type": 5}):
        assert read_wanted("Summarize.", form).keys == {}
