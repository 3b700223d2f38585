"""A service in Django REST framework: token authentication and one look-up in a table, at `/CODE`.

It judges nothing: no dates, no affiliation, no record. Its database is on the server of BENCH_DATABASE_URL.
"""

import os

import django
from django.conf import settings
from sqlalchemy import make_url

DATABASE = "django_rest"
TOKEN = "b" * 40
URL = make_url(os.environ["BENCH_DATABASE_URL"])

settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="bench.django_rest",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework.authtoken"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": DATABASE,
            "USER": URL.username,
            "HOST": URL.query["host"],
            "PORT": URL.query["port"],
            "CONN_MAX_AGE": None,
        }
    },
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
)
django.setup()

# Models and views can be made only now.
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.shortcuts import get_object_or_404  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.serializers import ModelSerializer  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class Status(models.Model):
    """Whether a code may bill."""

    code = models.CharField(max_length=16, primary_key=True)
    status = models.CharField(max_length=16)

    class Meta:  # noqa: D106 - the framework's name.
        app_label = "bench"

    def __str__(self) -> str:
        return self.code


class StatusSerializer(ModelSerializer):  # type: ignore[misc]
    class Meta:  # noqa: D106 - the framework's name.
        model = Status
        fields = ("code", "status")


class StatusView(APIView):  # type: ignore[misc]
    def get(self, request: Request, code: str) -> Response:  # noqa: ARG002 - the framework's signature.
        return Response(StatusSerializer(get_object_or_404(Status, code=code)).data)


urlpatterns = [path("<str:code>", StatusView.as_view())]
app = get_wsgi_application()


def populate(people: int) -> None:
    """Make the tables, an account with its token, and a row for each of `people` (the codes of bench.world)."""
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Status)
    Token.objects.create(user=User.objects.create_user("settlement"), key=TOKEN)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench_status SELECT 'D15' || lpad((n / 1000000)::text, 4, '0')"
            " || lpad(mod(n, 1000000)::text, 6, '0'), 'normal' FROM generate_series(1, %s) AS n",
            [people],
        )
        cursor.execute("ANALYZE bench_status")
    connection.close()
