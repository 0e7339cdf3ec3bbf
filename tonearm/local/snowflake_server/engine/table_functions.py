"""Calls of table functions, `table(name(key => value, ...))`, and the queries that answer them."""

from sqlglot import Expr, exp, parse_one


def called(node: Expr) -> str:
    """The name of the table function a node calls, in upper case; empty when it calls none."""
    call = _call(node)
    return call.name.upper() if call is not None else ""


def arguments(node: Expr) -> dict[str, Expr]:
    """The named arguments of a call, by their names in upper case."""
    call = _call(node)
    return {
        str(item.this.name).upper(): item.expression
        for item in (call.expressions if call is not None else [])
        if isinstance(item, exp.Kwarg)
    }


def answered_by(node: Expr, sql: str) -> Expr:
    """A query in place of a call, under the alias the call has, or else the function's name."""
    subquery = exp.Subquery(this=parse_one(sql, read="snowflake"))
    alias = exp.TableAlias(this=exp.to_identifier(called(node)))
    subquery.set("alias", node.args.get("alias") or alias)
    return subquery


def _call(node: Expr) -> exp.Anonymous | None:
    return node.find(exp.Anonymous) if isinstance(node, exp.TableFromRows) else None
