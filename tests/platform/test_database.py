from sqlalchemy import text


def test_the_application_acts_as_its_own_role_in_civil_time(conn):
    assert conn.execute(text("SELECT current_user")).scalar_one() == "scoring_app"
    assert conn.execute(text("SHOW timezone")).scalar_one() == "Asia/Shanghai"


def test_a_connection_closed_by_the_server_is_replaced_at_checkout(fresh_engine, server):
    with fresh_engine.connect() as connection:
        doomed = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with server.superuser("postgres") as superuser:
        superuser.execute("SELECT pg_terminate_backend(%s, 5000)", [doomed])
    with fresh_engine.connect() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != doomed
