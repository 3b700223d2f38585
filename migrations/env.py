"""Alembic's entry point; the connection is handed in by scoring_service.db.migrate, which holds the lock."""

from alembic import context

from scoring_service.db.tables import metadata

connection = context.config.attributes["connection"]
if connection is None:
    raise RuntimeError("run migrations by `scoring-service migrate`, which connects and locks")

context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
