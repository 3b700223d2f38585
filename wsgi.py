"""The application for a WSGI server of the operator's choice, beside a database that runs already."""

from scoring_service.app import create_app
from scoring_service.keys import with_keys
from scoring_service.settings import Settings

app = create_app(with_keys(Settings.from_env()))
