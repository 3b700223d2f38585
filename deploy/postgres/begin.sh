#!/bin/bash
# The first start of the primary: the roles of docs/operations.md ("Another PostgreSQL"), and the standby's login.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -U postgres \
    -v owner="$OWNER_PASSWORD" -v web="$WEB_PASSWORD" -v replication="$REPLICATION_PASSWORD" <<'SQL'
CREATE ROLE scoring_owner LOGIN PASSWORD :'owner';
CREATE ROLE scoring_app;
CREATE ROLE scoring_web LOGIN PASSWORD :'web' IN ROLE scoring_app;
CREATE ROLE scoring_standby LOGIN REPLICATION PASSWORD :'replication';
CREATE DATABASE scoring OWNER scoring_owner ENCODING UTF8 TEMPLATE template0;
SQL
echo "host replication scoring_standby all scram-sha-256" >> "$PGDATA/pg_hba.conf"
