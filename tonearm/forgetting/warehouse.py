"""Rows in Snowflake: landing is emptied, core is computed anew from it."""

from functools import partial

from tonearm.forgetting.holding import Holding
from tonearm.warehouse.wiring.options import Names
from tonearm.warehouse.wiring.session import Account


def warehouse_holdings(account: Account, names: Names) -> list[Holding]:
    """The landing tables, then the dynamic tables over them; none when there is no database.

    Raises:
        OperatorError: the admin's role may not look.
    """
    if not account.rows(f"show databases like '{names.database}'"):
        return []
    account.run(f"use warehouse {names.warehouse}")
    tables = _names(account, f"show tables in schema {names.database}.LANDING")
    computed = _names(account, f"show dynamic tables in schema {names.database}.CORE")
    return [
        *(_holding(account, name, f"delete from {name}") for name in tables),  # noqa: S608 - same
        *(_holding(account, name, f"alter dynamic table {name} refresh") for name in computed),
    ]


def _holding(account: Account, name: str, empty: str) -> Holding:
    return Holding(name, partial(_count, account, name), partial(account.run, empty))


def _count(account: Account, name: str) -> int:
    return int(account.value(f"select count(*) from {name}"))  # noqa: S608 - names Snowflake gave


def _names(account: Account, sql: str) -> list[str]:
    rows = account.rows_if_there(sql)
    return sorted(f"{row['database_name']}.{row['schema_name']}.{row['name']}" for row in rows)
