"""`key = value` lists of Snowflake statements: `auto_ingest = true locations = ('a', 'b')`."""

from sqlglot import Token, TokenType, tokenize

from tonearm.local.snowflake_server.protocol.errors import compile_error

type Option = str | bool | list[str] | dict[str, Option]
type Options = dict[str, Option]


def parse_options(text: str) -> Options:
    """The options of a statement's tail, keys in upper case, words as they stand.

    Raises:
        ProgrammingError: the text is not such a list.
    """
    tokens = tokenize(text, read="snowflake")
    options, end = _pairs(tokens, 0)
    if end != len(tokens):
        raise _unexpected(tokens[end])
    return options


def first_word(text: str) -> tuple[str, str]:
    """A clause's first word and the rest."""
    word, *rest = text.split(None, 1)
    return word, rest[0] if rest else ""


def text_option(options: Options, key: str, default: str = "") -> str:
    """An option that must be a word or a text."""
    value = options.get(key, default)
    if not isinstance(value, str):
        raise compile_error(f"invalid value for property '{key}'", 1422)
    return value


def flag_option(options: Options, key: str, default: bool = False) -> bool:
    """An option that must be true or false."""
    value = options.get(key, default)
    if not isinstance(value, bool):
        raise compile_error(f"invalid value [{value}] for parameter '{key}'", 1008)
    return value


def _pairs(tokens: list[Token], start: int) -> tuple[Options, int]:
    options: Options = {}
    at = start
    while at < len(tokens) and tokens[at].token_type is not TokenType.R_PAREN:
        if at + 2 >= len(tokens) or tokens[at + 1].token_type is not TokenType.EQ:
            raise _unexpected(tokens[at])
        key = tokens[at].text.upper()
        options[key], at = _value(tokens, at + 2)
        if at < len(tokens) and tokens[at].token_type is TokenType.COMMA:
            at += 1
    return options, at


def _value(tokens: list[Token], at: int) -> tuple[Option, int]:
    token = tokens[at]
    if token.token_type is TokenType.L_PAREN:
        return _list_or_pairs(tokens, at + 1)
    if token.token_type in (TokenType.TRUE, TokenType.FALSE):
        return token.token_type is TokenType.TRUE, at + 1
    words = [token.text]
    at += 1
    while at + 1 < len(tokens) and tokens[at].token_type is TokenType.DOT:
        words += [".", tokens[at + 1].text]
        at += 2
    return "".join(words), at


def _list_or_pairs(tokens: list[Token], start: int) -> tuple[Option, int]:
    if start + 1 < len(tokens) and tokens[start + 1].token_type is TokenType.EQ:
        found, end = _pairs(tokens, start)
        return found, _closed(tokens, end)
    texts: list[str] = []
    at = start
    while at < len(tokens) and tokens[at].token_type is not TokenType.R_PAREN:
        if tokens[at].token_type is not TokenType.COMMA:
            texts.append(tokens[at].text)
        at += 1
    return texts, _closed(tokens, at)


def _closed(tokens: list[Token], at: int) -> int:
    if at >= len(tokens):
        raise compile_error("syntax error: unexpected end, ')' is missing.")
    return at + 1


def _unexpected(token: Token) -> Exception:
    return compile_error(
        f"syntax error line {token.line} at position {token.col} unexpected '{token.text}'."
    )
