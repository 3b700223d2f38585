"""A file nested without end is refused with its line, not with a fault of ours."""

import pytest

from scoring_service.law.yaml_files import DEEPEST, FileError, read_yaml


@pytest.mark.parametrize("content", ["[" * 5000 + "]" * 5000, "a: " + "{a: " * 3000 + "1" + "}" * 3000, "- " * 2000 + "a"])
def test_a_file_nested_too_deep_is_refused(tmp_path, content):
    path = tmp_path / "deep.yaml"
    path.write_text(content)
    with pytest.raises(FileError, match=rf"deep\.yaml:1: .*{DEEPEST}"):
        read_yaml(path, FileError)


def test_a_file_as_deep_as_a_rulebook_is_read(tmp_path):
    path = tmp_path / "plain.yaml"
    path.write_text("[" * (DEEPEST - 1) + "a" + "]" * (DEEPEST - 1))
    assert read_yaml(path, FileError).sequence()
