"""Which constructs `refresh_mode = incremental` does not take.

https://docs.snowflake.com/en/user-guide/dynamic-tables/supported-queries. Snowflake fails the
CREATE; this check finds the same before anything is sent.
"""

from collections.abc import Iterator

from sqlglot import Expr, exp, parse_one

_NODES: dict[type[Expr], str] = {
    exp.Limit: "limit",
    exp.Fetch: "fetch",
    exp.Except: "except or minus",
    exp.Intersect: "intersect",
    exp.Exists: "exists",
    exp.Connect: "connect by",
    exp.Cube: "group by cube",
    exp.Rollup: "group by rollup",
    exp.GroupingSets: "group by grouping sets",
    exp.TableSample: "sample",
    exp.AnyValue: "any_value",
    exp.CurrentUser: "current_user",
}
_CLOCKS: tuple[type[Expr], ...] = (
    exp.CurrentTimestamp,
    exp.CurrentDate,
    exp.CurrentTime,
)
_FILTERS = (exp.Where, exp.Having, exp.Qualify)
_FUNCTIONS = {
    "RANDOM",
    "UUID_STRING",
    "SEQ1",
    "SEQ2",
    "SEQ4",
    "SEQ8",
    "CURRENT_ROLE",
    "CURRENT_WAREHOUSE",
    "CURRENT_ACCOUNT",
    "SYSDATE",
    "NEXTVAL",
}
_NODE_FUNCTIONS: tuple[type[Expr], ...] = (exp.Rand, exp.Uuid)


def unsupported_constructs(query: str) -> list[str]:
    """What keeps a query from incremental refresh, each in a few words; empty when nothing does."""
    tree = parse_one(query, read="snowflake")
    found = [*_nodes(tree), *_functions(tree), *_joins(tree), *_subqueries(tree)]
    return sorted(set(found))


def _nodes(tree: Expr) -> Iterator[str]:
    for kind, words in _NODES.items():
        if any(_counts(node) for node in tree.find_all(kind)):
            yield words
    for with_ in tree.find_all(exp.With):
        if with_.args.get("recursive"):
            yield "with recursive"
    for pivot in tree.find_all(exp.Pivot):
        if pivot.args.get("unpivot"):
            yield "unpivot"


def _counts(node: Expr) -> bool:
    """An empty ROLLUP node hangs on every GROUP BY; only one with columns is a ROLLUP."""
    return not isinstance(node, (exp.Cube, exp.Rollup, exp.GroupingSets)) or bool(
        node.expressions or node.this
    )


def _functions(tree: Expr) -> Iterator[str]:
    for node in tree.find_all(*_CLOCKS):
        if node.find_ancestor(*_FILTERS) is None:
            yield f"{node.key.removeprefix('current')} of now outside where, having, qualify"
    for node in tree.find_all(*_NODE_FUNCTIONS):
        yield f"{node.key}()"
    for call in tree.find_all(exp.Func):
        name = call.name if isinstance(call, exp.Anonymous) else call.sql_name()
        if name.upper() in _FUNCTIONS:
            yield f"{name.lower()}()"


def _joins(tree: Expr) -> Iterator[str]:
    for join in tree.find_all(exp.Join):
        if join.side.upper() in ("LEFT", "RIGHT", "FULL") and not _is_equality(join):
            yield "outer join on anything but equality"
    for lateral in tree.find_all(exp.Lateral):
        if not isinstance(lateral.this, exp.Explode):
            yield "lateral join with anything but flatten"
    if any(tree.find_all(exp.Explode)):
        for column in tree.find_all(exp.Column):
            if column.name.upper() == "SEQ":
                yield "seq of flatten"


def _is_equality(join: exp.Join) -> bool:
    if join.args.get("using"):
        return True
    condition = join.args.get("on")
    if condition is None:
        return False
    return all(
        isinstance(part, exp.EQ) for part in condition.flatten() if part is not condition
    ) and (isinstance(condition, (exp.EQ, exp.And)))


def _subqueries(tree: Expr) -> Iterator[str]:
    for select in tree.find_all(exp.Select):
        holder = select.parent
        if isinstance(holder, exp.Subquery):
            holder = holder.parent
        if not isinstance(holder, (exp.From, exp.Join, exp.CTE, exp.SetOperation, type(None))):
            yield "subquery outside from"
