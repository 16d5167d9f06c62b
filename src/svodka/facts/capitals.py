"""Headlines in capitals, put into the spelling of the body."""

from collections import Counter

from svodka.facts.morphology import TOKEN, is_name, plain, same_word

_MOSTLY = 0.7  # share of capital letters from which a line is one in capitals
_FEWEST_WORDS = 2
_LONGEST_ABBREVIATION = 5


def with_usual_case(line: str, body: str) -> str:
    """A line in capitals as the body would spell it; any other line as it is, always at the same length."""
    letters = [c for c in line if c.isalpha()]
    capitals = sum(c.isupper() for c in letters)
    if len(TOKEN.findall(line)) < _FEWEST_WORDS or capitals < _MOSTLY * len(letters):
        return line
    known = Counter(token for token in TOKEN.findall(body))
    return TOKEN.sub(lambda match: _usual(match[0], known), line)


def _usual(word: str, known: Counter[str]) -> str:
    form = plain(word)
    models = [token for token in known if token[0].lower() == word[0].lower() and same_word(form, plain(token))]
    model = max(models, key=lambda token: known[token], default="")
    if not model:
        return word.lower().capitalize() if is_name(form) else word.lower()
    if model.isupper() and 1 < len(model) <= _LONGEST_ABBREVIATION:
        return word
    return word.lower().capitalize() if model[0].isupper() else word.lower()
