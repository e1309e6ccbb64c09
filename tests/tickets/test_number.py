import asyncio
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tickets.number import check_digit, find_number, format_number, next_number

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2099, 12, 31))


@given(DAYS, st.integers(1, 9_999_999))
def test_every_number_is_found_again_however_it_is_written(day, sequence):
    number = format_number(day, sequence)

    for written in (number, number.replace("-", ""), number.replace("-", " "), f"我的工单{number}到哪了"):
        assert find_number(written) == number


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_never_fits_the_check_digit(digits, position, change):
    wrong = digits[:position] + str((int(digits[position]) + change) % 10) + digits[position + 1 :]

    assert check_digit(wrong) != check_digit(digits)


def test_what_is_no_number_is_not_found():
    for text in ("", "13800138000", "20261121-00042-1", "二〇二六", "202611210004", "身份证110101199003071233"):
        assert find_number(text) is None


async def test_numbers_taken_at_once_are_all_different(database):
    def take(connection):
        return next_number(connection, date(2026, 11, 21))

    numbers = await asyncio.gather(*(database.write(take) for _ in range(20)))

    assert sorted(numbers) == [format_number(date(2026, 11, 21), n) for n in range(1, 21)]
