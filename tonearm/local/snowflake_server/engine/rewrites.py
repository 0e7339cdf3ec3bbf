"""Queries on their way to the engine: made to mean what they mean in Snowflake, or refused.

fakesnow translates most of Snowflake's SQL. Where its translation would quietly give another
answer, the expression is either put right here or refused.
"""

from collections.abc import Callable

from sqlglot import Expr, exp

from tonearm.local.snowflake_server.protocol.errors import refused

DIVISION_BY_ZERO = "Division by zero"


def refuse_traps(tree: Expr) -> None:
    """Refuse what the engine would answer differently from Snowflake.

    Raises:
        ProgrammingError: the query holds such a construct; the message names the safe form.
    """
    for check in _CHECKS:
        check(tree)


def _flatten_outer(tree: Expr) -> None:
    for flatten in tree.find_all(exp.Explode):
        for argument in flatten.find_all(exp.Kwarg):
            if argument.this.name.upper() not in ("INPUT", "OUTER"):
                raise refused(f"flatten({argument.this.name.lower()} => …)")
            if argument.this.name.upper() == "OUTER" and argument.expression.this is True:
                raise refused("flatten(outer => true); join the rows without elements separately")
    for join in tree.find_all(exp.Join):
        if join.side and isinstance(join.this, exp.Lateral):
            raise refused("outer join lateral flatten; join the rows without elements separately")


def _element_field(tree: Expr) -> None:
    for dot in tree.find_all(exp.Dot):
        if isinstance(dot.this, exp.Bracket):
            raise refused("array[0].name; write array[0]:name")
    for outer in tree.find_all(exp.Bracket):
        if isinstance(outer.this, exp.Bracket):
            raise refused("array[0]['name']; write array[0]:name")


def _formatted_time(tree: Expr) -> None:
    for call in tree.find_all(exp.ToChar):
        if call.args.get("format") is not None and not _is_cast_to_date(call.this):
            raise refused("to_char with a format on anything but a date; write to_char(x::date, …)")


def _scanned_result(tree: Expr) -> None:
    """The whole old result would come back, whatever is selected from it."""
    for call in tree.find_all(exp.Anonymous):
        if call.name.upper() == "RESULT_SCAN":
            select = call.find_ancestor(exp.Select)
            parts = {key for key, part in select.args.items() if part} if select else set()
            if select is not tree or parts - {"expressions", "from_"} or not select.is_star:
                raise refused("result_scan in anything but select * from table(result_scan(id))")


def _is_cast_to_date(node: Expr | None) -> bool:
    return isinstance(node, (exp.TsOrDsToDate, exp.Date)) or (
        isinstance(node, exp.Cast) and node.to.this is exp.DataType.Type.DATE
    )


_CHECKS: tuple[Callable[[Expr], None], ...] = (
    _flatten_outer,
    _element_field,
    _formatted_time,
    _scanned_result,
)


def checked_divisors(node: Expr) -> Expr:
    """Division by zero is an error in Snowflake; the engine gives infinity.

    https://docs.snowflake.com/en/sql-reference/operators-arithmetic
    """
    if isinstance(node, exp.Div) and not _is_nonzero_literal(node.expression):
        divisor = node.expression
        is_zero = exp.EQ(this=exp.paren(divisor.copy()), expression=exp.Literal.number(0))
        fails = exp.Anonymous(this="error", expressions=[exp.Literal.string(DIVISION_BY_ZERO)])
        node.set("expression", exp.Case().when(is_zero, fails).else_(divisor.copy()))
    return node


def _is_nonzero_literal(node: Expr) -> bool:
    if isinstance(node, exp.Paren):
        return _is_nonzero_literal(node.this)
    return isinstance(node, exp.Literal) and not node.is_string and float(node.name) != 0


def instants_in_utc(node: Expr) -> Expr:
    """CONVERT_TIMEZONE('UTC', x) is an instant (TIMESTAMP_TZ); the engine would give a wall clock.

    https://docs.snowflake.com/en/sql-reference/functions/convert_timezone
    """
    if not isinstance(node, exp.ConvertTimezone) or node.args.get("source_tz"):
        return node
    if _is_cast_to_date(node.parent) or isinstance(node.parent, exp.TimestampTrunc):
        return node  # a day of it is UTC's, in whatever zone the session reckons
    if node.args["target_tz"].name.upper() != "UTC":
        raise refused("convert_timezone to another zone than UTC")
    return exp.AtTimeZone(this=exp.paren(node.copy()), zone=exp.Literal.string("UTC"))


def empty_lists_as_text(tree: Expr) -> Expr:
    """LISTAGG of nothing but NULLs is an empty text in Snowflake, NULL in the engine.

    https://docs.snowflake.com/en/sql-reference/functions/listagg
    """
    for aggregate in list(tree.find_all(exp.GroupConcat)):
        whole: Expr = aggregate
        while isinstance(whole.parent, (exp.WithinGroup, exp.Window)) and whole.arg_key == "this":
            whole = whole.parent
        name = whole.sql(dialect="snowflake").upper()
        is_column = isinstance(whole.parent, exp.Select) and whole.arg_key == "expressions"
        text: Expr = exp.Coalesce(this=whole.copy(), expressions=[exp.Literal.string("")])
        whole.replace(exp.alias_(text, name, quoted=True) if is_column else text)
    return tree


def moved_clock(node: Expr, offset_seconds: float) -> Expr:
    """CURRENT_TIMESTAMP and CURRENT_DATE by the server's clock, in the session's time zone."""
    if not isinstance(node, (exp.CurrentTimestamp, exp.CurrentDate)):
        return node
    if not offset_seconds:
        is_date = isinstance(node, exp.CurrentDate)
        return exp.cast(exp.CurrentTimestamp(), "DATE") if is_date else node
    ahead = exp.Interval(this=exp.Literal.string(str(offset_seconds)), unit=exp.var("SECOND"))
    moved: Expr = exp.Paren(this=exp.Add(this=exp.CurrentTimestamp(), expression=ahead))
    if isinstance(node, exp.CurrentDate):
        return exp.cast(moved, "DATE")
    return moved
