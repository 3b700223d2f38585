"""No cell of a table that goes out is taken for a formula."""

import csv
import io

import pytest

from scoring_service.web.frame.spreadsheet import as_csv


def cell(value):
    text = as_csv("name", [[value]]).get_data(as_text=True)
    return next(iter(csv.reader(io.StringIO(text.removeprefix("\ufeff")))))[0]


@pytest.mark.parametrize("start", [*"=+-@＝＋－＠\t\r\n", " =", "\u3000＝", "\ufeff=", "\u00a0@"])
def test_what_a_spreadsheet_may_calculate_is_quoted(start):
    assert cell(f"{start}1+1").startswith("'")


@pytest.mark.parametrize("value", ["张三", "D150402000001", "2025-06-01", "a=b", "'"])
def test_what_is_plain_stays(value):
    assert cell(value) == value


def test_a_negative_number_stays_a_number():
    assert cell(-3) == "-3"
