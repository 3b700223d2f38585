"""Identity numbers: three forms of one number, none of which gives it away."""

import pytest
from cryptography.exceptions import InvalidTag

from scoring_service.identity import IdentityNumbers, mask, normalised

NUMBER = "15040219800101138X"
NUMBERS = IdentityNumbers("k" * 40)


def test_what_is_encrypted_comes_back_and_never_looks_the_same():
    first, second = NUMBERS.encrypt(NUMBER), NUMBERS.encrypt(NUMBER)
    assert first != second
    assert NUMBERS.decrypt(first) == NUMBERS.decrypt(second) == NUMBER
    assert NUMBER.encode() not in first


def test_another_key_or_an_altered_byte_is_refused():
    encrypted = NUMBERS.encrypt(NUMBER)
    with pytest.raises(InvalidTag):
        IdentityNumbers("x" * 40).decrypt(encrypted)
    with pytest.raises(InvalidTag):
        NUMBERS.decrypt(encrypted[:-1] + bytes([encrypted[-1] ^ 1]))


def test_the_digest_finds_the_number_under_the_same_key_only():
    assert NUMBERS.digest(NUMBER) == IdentityNumbers("k" * 40).digest(NUMBER)
    assert NUMBERS.digest(NUMBER) != IdentityNumbers("x" * 40).digest(NUMBER)
    assert len(NUMBERS.digest(NUMBER)) == 32


@pytest.mark.parametrize(
    ("number", "shown"), [(NUMBER, "150***********138X"), ("150402800101123", "150********1123")]
)
def test_the_mask_keeps_three_and_four(number, shown):
    assert mask(number) == shown


@pytest.mark.parametrize(
    "typed",
    [
        " 15040219800101138x ",
        "150402198001011232",
        "810000199408230021",
        "830000199201300022",
        "911124198108030024",
        "e12345678",
        "EA1234567",
        "H1234567890",
        "USA123456789012",
    ],
)
def test_a_number_of_every_paper_is_taken(typed):
    assert normalised(typed) == typed.strip().upper()


def test_the_number_of_fifteen_digits_is_that_of_eighteen():
    assert normalised("150402800101138") == "15040219800101138X"
    assert normalised("110105491231002") == normalised("11010519491231002x")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "give a number"),
        ("1504021980010112", "give a number"),
        ("X5040219800101138X", "give a number"),
        ("1504028001011X3", "give a number"),
        ("１50402800101138", "give a number"),
        ("无此号码", "give a number"),
        ("150402198001011233", "check character"),
        ("150402198001011380", "check character"),
        ("150402189913320015", "day of birth"),
        ("150402170001011238", "day of birth"),
        ("150402299901011230", "day of birth"),
        ("990402800101123", "province"),
        ("990402198001011234", "check character"),
        ("160402198001011234", "no province"),
        ("15040219800101138", "it has 17 characters"),
        ("1504021980010113812X", "it has 20 characters"),
        ("150402198002301231", "day of birth"),
        ("150402800230123", "day of birth"),
        ("150402801301123", "day of birth"),
    ],
)
def test_another_form_a_wrong_check_character_and_no_day_are_refused(typed, why):
    with pytest.raises(ValueError, match=why):
        normalised(typed)


def test_an_old_number_is_found_under_the_digest_that_it_was_kept_with():
    assert NUMBERS.digests("15040219800101138X") == [
        NUMBERS.digest("15040219800101138X"),
        NUMBERS.digest("150402800101138"),
    ]
    for other in ("150402200101011232", "911124198108030024", "EA1234567"):
        assert NUMBERS.digests(other) == [NUMBERS.digest(other)]


@pytest.mark.parametrize(("number", "shown"), [("EA1234567", "E******67"), ("123456", "1***56")])
def test_a_short_number_is_masked_to_its_ends(number, shown):
    assert mask(number) == shown


def test_under_two_keys_the_first_writes_and_both_read_and_find():
    both, new = IdentityNumbers("n" * 40, "k" * 40), IdentityNumbers("n" * 40)
    assert both.decrypt(NUMBERS.encrypt(NUMBER)) == both.decrypt(new.encrypt(NUMBER)) == NUMBER
    assert both.unseal(NUMBERS.seal("张")) == new.unseal(both.seal("张")) == "张"
    assert both.digest(NUMBER) == new.digest(NUMBER)
    assert set(both.digests(NUMBER)) == {*NUMBERS.digests(NUMBER), *new.digests(NUMBER)}
    with pytest.raises(InvalidTag):
        both.decrypt(IdentityNumbers("x" * 40).encrypt(NUMBER))


def test_keys_that_change_meanwhile_count_from_their_next_use():
    keys = ("k" * 40,)
    followed = IdentityNumbers(lambda: keys)
    encrypted = followed.encrypt(NUMBER)
    keys = ("n" * 40, "k" * 40)
    assert followed.decrypt(encrypted) == NUMBER
    assert IdentityNumbers("n" * 40).decrypt(followed.encrypt(NUMBER)) == NUMBER
