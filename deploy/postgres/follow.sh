#!/bin/bash
# The standby: copied from the primary at its first start, then following it.
set -euo pipefail
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    install -d -o postgres -g postgres -m 0700 "$PGDATA"
    PGPASSWORD="$REPLICATION_PASSWORD" gosu postgres pg_basebackup -h primary -U scoring_standby -D "$PGDATA" \
        -R -X stream -C -S standby --checkpoint=fast
fi
exec docker-entrypoint.sh postgres
