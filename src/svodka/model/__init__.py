"""The network and what feeds it: `windows` and `encoding` cut an article, `batch` pads, `news_model` reads."""
