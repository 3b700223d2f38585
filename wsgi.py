"""The application for a WSGI server of the operator's choice, beside a database that runs already."""

from scoring_service.app import create_app
from scoring_service.runtime.start import keyed, running_database
from scoring_service.settings import Settings

settings = Settings.from_env()
app = create_app(keyed(settings, running_database(settings)))
