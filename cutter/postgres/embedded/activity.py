"""Who is connected to a running embedded PostgreSQL: names that sessions give themselves, and how many of each.

Rule kept here: no statement, user, address or value of a session is read.
"""

import psycopg
from psycopg import sql

from cutter.postgres.connect import connect, stop_from
from cutter.postgres.embedded.cluster import SUPERUSER, Cluster, conninfo
from cutter.resources import statement


def connected(cluster: Cluster) -> tuple[tuple[str, int], ...]:
    """The application names of all sessions but this one, each with their number, in order.

    Raises: STOP_DATABASE_UNREACHABLE, STOP_WRITE_FAILED.
    """
    try:
        with connect(conninfo(cluster, SUPERUSER, "postgres"), "cutter/status") as connection:
            rows = connection.execute(sql.SQL(statement("postgres/embedded/connected.sql"))).fetchall()
    except psycopg.Error as error:
        raise stop_from(error) from None
    return tuple((str(name), int(count)) for name, count in rows)
