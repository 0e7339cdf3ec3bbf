"""The jobs that write one entity: one pass over raw, one shuffle, one table."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as fn

from tonearm_glue.arguments import JobArgs
from tonearm_glue.contract import Entity
from tonearm_glue.lines import Body, chosen_lines, parsed_lines
from tonearm_glue.manifest import listed_playlists, read_manifest
from tonearm_glue.output import EntityCounts, JobCounts, write_counts, write_quarantine, write_table
from tonearm_glue.plain import PlainRows, mentions_of_run
from tonearm_glue.session import file_count, job_session, kept, set_shuffle_width
from tonearm_glue.winners import grouped, with_derived

_TOTALS = ("mentions", "lines", "corrupt", "unused")


def run(
    args: JobArgs,
    entity: Entity,
    bodies: Mapping[str, Body],
    mentions_of: Callable[[DataFrame], DataFrame],
    plain: PlainRows,
) -> None:
    """Read, transform and write one entity; its job has the entity's name."""
    spark = job_session(entity.name)
    manifest = read_manifest(spark, args.manifest)
    set_shuffle_width(spark, manifest.part_bytes)
    listed = listed_playlists(spark, manifest)

    def usual(lines: DataFrame) -> DataFrame:
        return mentions_of(chosen_lines(parsed_lines(lines, bodies), manifest, listed))

    with ExitStack() as keeping:
        mentions = keeping.enter_context(
            mentions_of_run(spark, args, manifest, listed, plain=plain, usual=usual)
        )
        groups = keeping.enter_context(kept(grouped(mentions, entity)))
        counts = _write(groups, entity, args, file_count(manifest.part_bytes))
        if counts.quarantine_rows[entity.name]:
            refused = groups.where(fn.col("reason_code").isNotNull())
            write_quarantine(refused.select("*", "best.extracted_at"), entity.name, args)
        write_counts(spark, counts, args)


def _write(groups: DataFrame, entity: Entity, args: JobArgs, files: int) -> JobCounts:
    key = entity.key[0]
    is_accepted = fn.col(key).isNotNull() & fn.col("reason_code").isNull()
    totals = Observation()
    watched = groups.observe(
        totals,
        *(fn.coalesce(fn.sum(name), fn.lit(0)).alias(name) for name in _TOTALS),
        fn.count_if(is_accepted).alias("accepted"),
        fn.count_if(fn.col("reason_code").isNotNull()).alias("quarantined"),
    )
    rows = watched.where(is_accepted).select(key, "best.*").transform(with_derived)
    presence = write_table(rows, entity, args, files)
    seen = totals.get
    return JobCounts(
        entity.name,
        raw_lines=seen["lines"],
        corrupt_lines=seen["corrupt"],
        ignored_lines=seen["unused"],
        entities={
            entity.name: EntityCounts(seen["mentions"], seen["accepted"], seen["quarantined"])
        },
        field_presence={entity.name: presence},
        quarantine_rows={entity.name: seen["quarantined"]},
    )
