from string import Template

import pytest

from schemas.drawing import document, fit, write


@pytest.mark.parametrize("style", ["head", "name", "soft"])
def test_words_are_kept_in_their_order_and_bold_ones_take_more_room(style: str) -> None:
    words = "wenn Jahreseinkommen der Erziehungsberechtigten ist angegeben oder IBAN für den Beitrag ist angegeben"
    lines = fit(style, words)
    assert " ".join(lines) == words
    assert len(lines) >= len(fit("soft", words)) > 1


def test_a_word_that_is_longer_than_a_line_is_broken_and_a_paragraph_sign_stays_with_its_number() -> None:
    word = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
    lines = fit("name", f"nach {word}")
    assert lines[0] == "nach"
    assert "".join(lines[1:]) == word
    assert len(lines) > 2
    assert "§\u00a034" in " ".join(fit("soft", "Wohnungsbau im Zusammenhang (§ 34 Abs. 3b BauGB)"))


def test_no_words_are_no_line() -> None:
    assert fit("name", "") == []


def test_words_cannot_become_markup() -> None:
    svg = document("x", 1, "<a>", "&", Template(""), write(0, 0, "name", ["</text>"], lang="en"))
    assert "&lt;a&gt;" in svg
    assert ">&amp;</desc>" in svg
    assert '<text class="name" x="0" y="0" lang="en">&lt;/text&gt;</text>' in svg
