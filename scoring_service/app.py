"""The application factory."""

from flask import Flask

from scoring_service.access import watch_requests
from scoring_service.health import health_blueprint
from scoring_service.settings import Settings
from scoring_service.start import application_engine, database_url


def create_app(settings: Settings) -> Flask:
    """The Flask application on a database that runs already. Keys must be filled in (`keys.with_keys`)."""
    app = Flask("scoring_service", static_folder=None)
    app.secret_key = settings.secret_key
    engine = application_engine(settings, database_url(settings))
    watch_requests(app)
    app.register_blueprint(health_blueprint(engine))
    return app
