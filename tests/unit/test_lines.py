"""In which order figures are read."""

from mlinference import lines


def box(left, top, width=10, height=20):
    return (top, left, top + height, left + width)


def test_one_line_reads_from_the_left():
    assert lines.reading_order([box(40, 0), box(0, 3), box(20, -2)]) == [1, 2, 0]


def test_lines_read_from_the_top():
    assert lines.reading_order([box(0, 30), box(20, 31), box(0, 0), box(20, 2)]) == [2, 3, 0, 1]


def test_a_line_may_climb_by_more_than_its_height():
    climbing = [box(20 * number, 100 - 10 * number) for number in range(6)]
    assert lines.reading_order(climbing[::-1]) == [5, 4, 3, 2, 1, 0]


def test_a_short_figure_belongs_to_the_line_of_its_tall_neighbours():
    assert lines.reading_order([box(0, 0, height=60), box(20, 45, height=10), box(40, 2, height=60)]) == [0, 1, 2]


def test_an_empty_page_has_no_order():
    assert lines.reading_order([]) == []
