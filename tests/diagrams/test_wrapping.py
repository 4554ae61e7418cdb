from hypothesis import given
from hypothesis import strategies as st

from generator.diagrams.metrics import LABEL, is_mark, width
from generator.diagrams.wrapping import wrapped
from tests.diagrams.pictures import TEXTS


def test_a_short_label_is_one_line():
    assert wrapped("Home feed", 176, 3, LABEL) == ("Home feed",)


def test_lines_break_between_words_and_at_the_joints_of_identifiers():
    assert wrapped("Move RYL and TPFY from the VM scorer to KServe", 176, 3, LABEL) == (
        "Move RYL and TPFY from",
        "the VM scorer to KServe",
    )
    assert wrapped("restaurant_embeddings_for_ranking_v3", 176, 3, LABEL) == (
        "restaurant_embeddings_",
        "for_ranking_v3",
    )


def test_a_word_without_joints_is_cut_where_it_must():
    first, second = wrapped("餐厅推荐模型排序服务与特征平台", 13 * 10, 3, LABEL)
    assert (first, second) == ("餐厅推荐模型排序服务", "与特征平台")


def test_what_does_not_fit_is_shortened_visibly():
    lines = wrapped("word " * 100, 100, 2, LABEL)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert not lines[0].endswith("…")


def test_a_mark_stays_with_its_letter():
    lines = wrapped("e\u0301" * 60, 60, 4, LABEL)
    assert len(lines) == 4
    assert not any(is_mark(line[0]) for line in lines)


@given(TEXTS, st.integers(30, 200), st.integers(1, 3))
def test_every_line_fits(text, limit, most):
    lines = wrapped(text, limit, most, LABEL)
    assert len(lines) <= most
    assert all(width(line, LABEL) <= limit + 0.001 for line in lines)


@given(st.lists(st.text("abc_-/", min_size=1, max_size=8), max_size=6))
def test_nothing_is_lost_where_all_fits(words):
    text = " ".join(words)
    assert "".join(wrapped(text, 200, 50, LABEL)).replace(" ", "") == text.replace(" ", "")
