"""FLATTEN with an INDEX that is the element's place in its array.

fakesnow numbers the rows as they happen to come, so two runs of one query may number the same array
differently. https://docs.snowflake.com/en/sql-reference/functions/flatten
"""

from string import Template

from fakesnow import macros

FLATTEN = Template(
    """
CREATE OR REPLACE MACRO ${catalog}._fs_flatten(input) AS TABLE
    SELECT
        hash(TO_JSON(input))::UBIGINT AS SEQ,
        e.k AS KEY,
        COALESCE(e.k, '[' || e.i || ']') AS PATH,
        CASE WHEN e.k IS NULL THEN e.i::BIGINT END AS INDEX,
        e.v AS VALUE,
        TO_JSON(input) AS THIS
    FROM (
        SELECT UNNEST(
            CASE WHEN json_type(TO_JSON(input)) = 'OBJECT'
                 THEN list_transform(
                    json_keys(TO_JSON(input)),
                    lambda x, n: struct_pack(k := x, i := n - 1, v := TO_JSON(input) -> x)
                 )
                 ELSE list_transform(
                    CAST(TO_JSON(input) AS JSON[]),
                    lambda x, n: struct_pack(k := NULL::VARCHAR, i := n - 1, v := x)
                 )
            END, recursive := true
        )
    ) AS e(k, i, v)
    """
)


def install() -> None:
    """Let every database that is made from now on have this FLATTEN."""
    macros.FS_FLATTEN = FLATTEN
