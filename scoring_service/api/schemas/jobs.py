"""Jobs and their runs."""

from marshmallow import Schema, fields

from scoring_service.api.schemas.base import Instant, Line, Page, Strict


class RunAsked(Strict):
    """`period`: YYYY of a yearly job, YYYY-MM-DD of a daily one; by default the latest that is due."""

    period = Line(longest=10, load_default=None, allow_none=True)


class Run(Schema):
    """A run of a job for a period; its instants are those of the scheme's clock, `error` is a type and code."""

    job = fields.String()
    period = fields.String()
    state = fields.String(metadata={"enum": ["running", "done", "failed"]})
    started_at = Instant()
    finished_at = Instant(allow_none=True)
    counts = fields.Raw()
    error = fields.String(allow_none=True)


class Job(Schema):
    """A job; `next_period` is the next one to become due."""

    name = fields.String()
    title = fields.String()
    cadence = fields.String(metadata={"enum": ["daily", "yearly"]})
    last_run = fields.Nested(Run, allow_none=True)
    next_period = fields.String()


class JobPage(Page):
    """The jobs, in the order in which those of one day run."""

    items = fields.List(fields.Nested(Job))


class RunPage(Page):
    """Runs of a job, the latest period first."""

    items = fields.List(fields.Nested(Run))
