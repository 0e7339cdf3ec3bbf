"""What this server says of a query that is to be refreshed incrementally, by rules of its own.

https://docs.snowflake.com/en/user-guide/dynamic-tables/supported-queries. The deployer checks the
same before it sends anything; this server must not take its word for it.
"""

from collections.abc import Iterator

from sqlglot import Expr, Token, TokenType, exp, parse_one, tokenize

_WORDS = {
    "LIMIT",
    "FETCH",
    "TOP",
    "EXCEPT",
    "MINUS",
    "INTERSECT",
    "EXISTS",
    "UNPIVOT",
    "RECURSIVE",
    "GROUPING SETS",
}
_CALLS = {
    "ANY_VALUE",
    "CONNECT BY",
    "CUBE",
    "CURRENT_ACCOUNT",
    "CURRENT_ROLE",
    "CURRENT_USER",
    "CURRENT_WAREHOUSE",
    "RANDOM",
    "ROLLUP",
    "SAMPLE",
    "SEQ1",
    "SEQ2",
    "SEQ4",
    "SEQ8",
    "SYSDATE",
    "TABLESAMPLE",
    "UUID_STRING",
}
_NOW = (exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime)
_WHERE_NOW_MAY_STAND = (exp.Where, exp.Having, exp.Qualify)
_SOURCES = (exp.From, exp.Join, exp.CTE, exp.SetOperation)


def obstacles(query: str) -> list[str]:
    """Why a query cannot be refreshed incrementally; empty when it can."""
    tree = parse_one(query, read="snowflake")
    found = {*_by_word(tokenize(query, read="snowflake")), *_by_place(tree), *_by_join(tree)}
    return sorted(found)


def _by_word(tokens: list[Token]) -> Iterator[str]:
    pairs = zip([None, *tokens[:-1]], tokens, [*tokens[1:], None], strict=True)
    for before, token, after in pairs:
        is_name = token.token_type in (TokenType.STRING, TokenType.IDENTIFIER)
        is_part = before is not None and before.token_type in (TokenType.DOT, TokenType.ALIAS)
        if is_name or is_part:
            continue
        word = " ".join(token.text.upper().split())
        is_call = after is not None and after.token_type is TokenType.L_PAREN
        if word in _WORDS or (word in _CALLS and is_call):
            yield word.lower()
        if word == "CURRENT_USER" or token.text.upper() == "NEXTVAL":
            yield word.lower()


def _by_place(tree: Expr) -> Iterator[str]:
    for now in tree.find_all(*_NOW):
        if now.find_ancestor(*_WHERE_NOW_MAY_STAND) is None:
            yield "the present time outside where, having and qualify"
    for select in tree.find_all(exp.Select):
        place = select.parent
        while isinstance(place, (exp.Subquery, exp.Paren)):
            place = place.parent
        if place is not None and not isinstance(place, _SOURCES):
            yield "a lateral subquery" if isinstance(place, exp.Lateral) else "a subquery operator"


def _by_join(tree: Expr) -> Iterator[str]:
    for join in tree.find_all(exp.Join):
        is_outer = bool(join.side)
        on = join.args.get("on")
        if is_outer and not join.args.get("using") and not _all_equal(on):
            yield "an outer join without equality"
    if tree.find(exp.Explode) and any(c.name.upper() == "SEQ" for c in tree.find_all(exp.Column)):
        yield "seq of flatten"


def _all_equal(condition: Expr | None) -> bool:
    while isinstance(condition, exp.Paren):
        condition = condition.this
    if isinstance(condition, exp.And):
        return _all_equal(condition.left) and _all_equal(condition.right)
    return isinstance(condition, exp.EQ)
