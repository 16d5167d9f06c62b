"""An invented article as an HTML page, and what the head of a page may say of it."""

import json
from typing import Any

TITLE = "Переправу открыли в Берёзовке"
OPENING = "Переправу через озеро Дальнее открыли в Берёзовке во вторник, сообщили в управе посёлка."
REST = (
    "Паром берёт двадцать машин и пятьдесят пешеходов, билет стоит сто рублей.",
    "Жители ждали его два года: объезд по берегу занимает три часа, а зимой дорогу заносит снегом.",
    "Второй паром обещают купить к осени, если найдутся деньги на причал.",
)
LEAD = "Дорога до райцентра стала короче на три часа, но паром ходит только до октября."


def page(body: str = "", *, head: str = "", paragraphs: tuple[str, ...] = (OPENING, *REST), h1: str = TITLE) -> str:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<html lang="ru"><head><title>{TITLE} — Луг</title>{head}</head><body><nav><a href="/">Луг</a> '
        f'<a href="/n">Новости</a></nav><article><h1>{h1}</h1>{body}{text}</article><footer>© 2019–2026 «Луг»</footer>'
        "</body></html>"
    )


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


def linked(body: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps(body)}</script>'
