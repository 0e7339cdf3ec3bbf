"""Errors of the operator's side: each is one line that says what is wrong and what to do."""


class OperatorError(Exception):
    """Something the operator can put right; printed as one line, without a traceback."""

    def __init__(self, message: str, fix: str = "") -> None:
        self.message = message
        self.fix = fix
        super().__init__(f"{message}: {fix}" if fix else message)
