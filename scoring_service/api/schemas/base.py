"""Strict schemas and fields: nothing is converted silently, unknown fields are refused, messages in two languages."""
# ruff: noqa: ARG002, D106 -- the signatures and the Meta class are marshmallow's.

from __future__ import annotations

import re
from abc import abstractmethod
from datetime import date, datetime
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields, missing, validate

from scoring_service import written
from scoring_service.core.civil import CIVIL_ZONE

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
# JSON has no limit of its own; a PostgreSQL integer has this one.
LARGEST_INTEGER = 2**31 - 1
MAX_TEXT = 4000
LIMIT_DEFAULT = 50
LIMIT_MAX = 200
# What a request line can hold; what is no cursor of ours is refused as such.
LONGEST_CURSOR = 16_384

fields.Field.default_error_messages |= {
    "required": "必填 / required",
    "null": "不能为空 / must not be null",
    "validator_failed": "值无效 / invalid value",
}
fields.String.default_error_messages |= {"invalid": "必须为文本 / must be text"}
fields.List.default_error_messages |= {"invalid": "必须为列表 / must be a list"}
fields.Nested.default_error_messages |= {"type": "必须为对象 / must be an object"}
fields.Dict.default_error_messages |= {"invalid": "必须为对象 / must be an object"}


class Strict(Schema):
    """The base of every schema of a request: a field that it does not know is refused."""

    error_messages = {  # noqa: RUF012 -- marshmallow's way to say it
        "unknown": "未知字段 / unknown field",
        "type": "必须为对象 / must be an object",
    }

    class Meta:
        unknown = RAISE


class Whole(fields.Integer):
    """A JSON integer: neither "3" nor 3.0 nor true. `low` and `high` are both allowed."""

    def __init__(self, *, low: int = -LARGEST_INTEGER, high: int = LARGEST_INTEGER, **kwargs: Any) -> None:
        self.low, self.high = low, high
        super().__init__(strict=True, **kwargs)
        self.metadata = {"minimum": low, "maximum": high, **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.low <= value <= self.high:
            raise ValidationError(
                f"必须为 {self.low} 至 {self.high} 的整数 / must be an integer from {self.low} to {self.high}"
            )
        return value


class QueryWhole(Whole):
    """An integer of a query string, in plain digits."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        digits = isinstance(value, str) and re.fullmatch(r"[0-9]{1,10}", value)
        return super()._deserialize(int(value) if digits else None, attr, data, **kwargs)


class Written(fields.String):
    """What somebody wrote, 1 to `longest` characters and not blanks alone; each kind says how it is read."""

    def __init__(self, *, longest: int = MAX_TEXT, **kwargs: Any) -> None:
        self.longest = longest
        super().__init__(**kwargs)
        self.metadata = {"minLength": 1, "maxLength": longest, **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("必须为文本 / must be text")
        try:
            kept = self.read(value)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if not kept.strip() or len(kept) > self.longest:
            raise ValidationError(f"须为 1 至 {self.longest} 个字符 / must have 1 to {self.longest} characters")
        return kept

    @abstractmethod
    def read(self, value: str) -> str:
        """Return the text as it is kept. Raises ValueError with a sentence."""


class Text(Written):
    """Free text, lines and tabs allowed (`written.as_text`)."""

    def read(self, value: str) -> str:
        return written.as_text(value)


class Line(Written):
    """A name, number or title on one line (`written.as_line`)."""

    def read(self, value: str) -> str:
        return written.as_line(value)


class Code(Written):
    """A national code, or the number of a division (`written.as_code`)."""

    def read(self, value: str) -> str:
        return written.as_code(written.as_line(value))


class Ref(Written):
    """A reference to a person, or an id of the service (`written.as_ref`)."""

    def read(self, value: str) -> str:
        return written.as_ref(written.as_line(value))


class Verbatim(Written):
    """What counts as it is, to the last character: a password, a cursor."""

    def read(self, value: str) -> str:
        return value


class OneOf(fields.String):
    """One of the given words."""

    def __init__(self, *choices: str, **kwargs: Any) -> None:
        listed = ", ".join(choices)
        allowed = validate.OneOf(choices, error=f"必须为其中之一 / must be one of: {listed}")
        super().__init__(validate=allowed, **kwargs)


class Flag(fields.Boolean):
    """A JSON true or false, nothing that merely resembles it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("必须为 true 或 false / must be true or false")
        return value


class QueryFlag(fields.Boolean):
    """`true` or `false` in a query string."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value not in {"true", "false"}:
            raise ValidationError("必须为 true 或 false / must be true or false")
        return bool(value == "true")


class Day(fields.Date):
    """A civil date, `YYYY-MM-DD` and no other form."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        try:
            if isinstance(value, str) and DATE.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise ValidationError("必须为 YYYY-MM-DD 格式的日期 / must be a date like 2025-01-31")

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.isoformat()


class Instant(fields.DateTime):
    """An instant of RFC 3339, its offset required; told in Shanghai time."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        return parse_instant(value)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.astimezone(CIVIL_ZONE).isoformat()


class Layered(Schema):
    """The answer of a record that `holds` another, whose members are shown as its own."""

    holds: ClassVar[str]

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Return a member of the record, or of the one that it holds."""
        value = super().get_attribute(obj, attr, missing)
        return super().get_attribute(getattr(obj, self.holds), attr, default) if value is missing else value


class PageQuery(Strict):
    """The query of a list: `limit` 1 to 200, `cursor` as the page before gave it."""

    limit = QueryWhole(low=1, high=LIMIT_MAX, load_default=LIMIT_DEFAULT)
    cursor = Verbatim(longest=LONGEST_CURSOR, load_default=None)


class Page(Schema):
    """What every list answers; resources subclass it with their `items`.

    `total` is told to whom asked for it, counted to 10,000: with `total_is_exact` false there are more.
    """

    next_cursor = fields.String(allow_none=True)
    total = fields.Integer()
    total_is_exact = fields.Boolean()


def parse_instant(value: object) -> datetime:
    """Return an aware instant. Raises ValidationError, for an instant without an offset too."""
    match = INSTANT.fullmatch(value) if isinstance(value, str) else None
    if not isinstance(value, str) or match is None:
        raise ValidationError("必须为带时区的时间 / must be an instant like 2025-01-31T08:00:00+08:00")
    if match.group(2) is None:
        raise ValidationError("时间必须带时区偏移 / an instant needs its offset, like +08:00 (in a URL %2B08:00)")
    try:
        instant = datetime.fromisoformat(value.upper())
        return instant.astimezone(CIVIL_ZONE)
    except (ValueError, OverflowError):
        raise ValidationError("没有这样的时间 / there is no such instant") from None
