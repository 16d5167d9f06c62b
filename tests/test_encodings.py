"""Bytes to text, whatever a page says of itself."""

import pytest

from svodka.errors import DataError
from svodka.inputs.encodings import declared, decode, sniffed

TEXT = "Мэр открыл мост через реку Ольху, сообщили в управе. Инженеры довольны."


def page(charset: str) -> str:
    return f'<html><head><meta charset="{charset}"><title>Мост</title></head><body>{TEXT}</body></html>'


@pytest.mark.parametrize("named", ["utf-8", "windows-1251", "iso-8859-1", "klingon", "utf-16", "punycode", "win-1251"])
@pytest.mark.parametrize(
    "real", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "windows-1251", "koi8-r", "cp866", "mac-cyrillic"]
)
def test_what_the_bytes_are_counts_before_what_the_page_says(named: str, real: str) -> None:
    assert TEXT in decode(page(named).encode(real))


@pytest.mark.parametrize("real", ["windows-1251", "koi8-r", "cp866", "utf-16-le"])
def test_a_text_in_capitals_is_read_too(real: str) -> None:
    assert TEXT.upper() in decode(page("utf-8").upper().encode(real))


@pytest.mark.parametrize(
    ("real", "text"),
    [("kz1048", "Өзендегі су деңгейі төмендеді, қала тұрғындары үйлеріне оралды."), ("koi8-u", "Її міст є в Заріччі.")],
)
def test_letters_that_russian_lacks_are_read(real: str, text: str) -> None:
    assert text in decode(f"<meta charset=windows-1251>{text}".encode(real))


def test_a_footer_in_another_encoding_spoils_no_page() -> None:
    found = decode(page("utf-8").encode() + "Все права защищены".encode("cp1251"))
    assert TEXT in found
    assert found.endswith("Все права защищены")


def test_a_mark_of_utf_8_before_other_bytes_tells_nothing() -> None:
    assert TEXT in decode(b"\xef\xbb\xbf" + page("windows-1251").encode("cp1251"))


def test_one_broken_byte_loses_no_page() -> None:
    raw = TEXT.encode()
    assert decode(raw[:31] + raw[32:]).count("\ufffd") <= 2
    assert decode(TEXT.encode("cp1251").replace(b"\xf0", b"\x98", 1)).startswith("Мэ")


def test_a_western_page_is_read_as_it_says() -> None:
    text = "Le maire a inauguré le pont à Genève, déjà très fréquenté."
    assert text in decode(f"<meta charset='iso-8859-1'>{text}".encode("latin-1"))


def test_a_meta_in_a_comment_or_a_script_declares_nothing() -> None:
    assert (
        declared(b'<!-- <meta charset="koi8-r"> --><script>"<meta charset=gbk>"</script><meta charset="cp1251">')
        == "cp1251"
    )


def test_header_comes_before_the_page() -> None:
    assert declared(b"<meta charset=koi8-r>", "text/html; charset=windows-1251") == "cp1251"


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(DataError, match=r"a\.html: no text in UTF-8 nor in windows-1251.*save it as UTF-8"):
        decode(bytes(range(128, 256)) * 20, where="a.html")


def test_a_file_of_lines_is_known_by_its_beginning() -> None:
    assert sniffed(TEXT.encode()) == ""
    assert sniffed("\ufffd\ufffd открыли \ufffd\ufffd".encode()) == ""  # its letters are lost, but it is UTF-8
    assert sniffed(b'{"text": "plain"}\n') == ""
    assert sniffed(TEXT.encode("cp1251")) == "windows-1251"
    # Line breaks that JSON writes as «\\n» are no letters.
    assert sniffed(TEXT.replace(" ", r"\nСуд ").encode("cp1251")) == "windows-1251"
    assert sniffed(TEXT.encode("utf-16")) == "utf-16"
    assert sniffed(TEXT.encode("utf-16-le")) == "utf-16-le"
    assert sniffed(TEXT.encode("cp866")) == "cp866"
