"""Identity numbers: three forms of one number, none of which gives it away."""

import pytest
from cryptography.exceptions import InvalidTag

from scoring_service.identity import IdentityNumbers, mask, normalised

NUMBER = "15040219800101123X"
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
    ("number", "shown"), [(NUMBER, "150***********123X"), ("150402800101123", "150********1123")]
)
def test_the_mask_keeps_three_and_four(number, shown):
    assert mask(number) == shown


@pytest.mark.parametrize("typed", [" 15040219800101123x", "150402800101123"])
def test_a_number_of_15_or_18_characters_is_taken(typed):
    assert normalised(typed) == typed.strip().upper()


@pytest.mark.parametrize("typed", ["", "1504021980010112", "X5040219800101123X", "1504028001011X3", "１50402800101123"])
def test_another_form_is_refused(typed):
    with pytest.raises(ValueError, match="15 or 18"):
        normalised(typed)
