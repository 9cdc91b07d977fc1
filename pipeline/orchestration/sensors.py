"""What happens when something happened: a run failed, or the readers changed.

Belongs here: the two sensors, and what they say. Does not belong here: the record of a failure (failures.py), sending
it (crawl/webhook.py), counting outdated documents (versions.py), and what is timed (jobs.py).
"""

import datetime as dt
import os
from dataclasses import asdict

import dagster as dg

from pipeline.crawl.webhook import post_json
from pipeline.orchestration.failures import RunFailure, describe_run_failure, write_last_failure
from pipeline.orchestration.instance import describe_failure
from pipeline.orchestration.jobs import NIGHTLY
from pipeline.orchestration.resources import DataFolder
from pipeline.orchestration.versions import count_outdated, describe_outdated, name_versions

WEBHOOK_VARIABLE = "TOUMING_WEBHOOK"
# A run that was launched for this sensor says why, on its page and in the list of runs
REASON_TAG = "touming/reason"


# On from the start, unlike the schedules: it begins no work, and one that nobody switched on would be missed only when
# it was needed
@dg.run_failure_sensor(
    name="keep_last_failure",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description=(
        "Writes what failed to state/last_failure.json of the data folder, where touming status finds it, and posts "
        f"that JSON to the address in {WEBHOOK_VARIABLE} if there is one. Launches nothing."
    ),
)
def keep_last_failure(context: dg.RunFailureSensorContext, data: DataFolder) -> dg.SkipReason:
    """Note one failed run. What cannot be written or sent is said in the log of the tick, and is no failure of it."""
    run = context.dagster_run
    record = context.instance.get_run_record_by_id(run.run_id)
    ended = record.end_time if record and record.end_time else 0.0
    steps = [describe_failure(event) for event in context.get_step_failure_events()]
    failure = describe_run_failure(
        run.run_id,
        run.job_name,
        [(step.step, step.error_class) for step in steps],
        dt.datetime.fromtimestamp(ended, dt.UTC).isoformat(timespec="seconds"),
    )
    told = []
    try:
        write_last_failure(data.paths(), failure)
    except OSError as error:
        told.append(f"not written down ({type(error).__name__}: {error.strerror})")
    if address := os.environ.get(WEBHOOK_VARIABLE):
        refusal = post_json(address, {"text": summarise_failure(failure), **asdict(failure)})
        told.append(refusal or "posted")
    said = "; ".join([summarise_failure(failure), *told])
    context.log.info(said)
    return dg.SkipReason(said)


def summarise_failure(failure: RunFailure) -> str:
    """One line for people."""
    where = f" in step {failure.step}, {failure.error_class}" if failure.step else ""
    return (
        f"{failure.job} failed{where} [{failure.code}]: {failure.next_step} Run {failure.run_id}, {failure.failed_at}"
    )


@dg.sensor(
    name="reread_outdated",
    job=NIGHTLY,
    default_status=dg.DefaultSensorStatus.STOPPED,
    minimum_interval_seconds=300,
    description=(
        "After a reader, the form's files or the masking rules changed: says which, counts the documents they left "
        "outdated, and requests one run that reads those. Off: the next nightly run reads them anyway. Its preview "
        "(Evaluate tick) tells the same without requesting anything."
    ),
)
def reread_outdated(context: dg.SensorEvaluationContext, data: DataFolder) -> dg.RunRequest | dg.SkipReason:
    """One request for each change of versions, and only where documents are outdated by it."""
    versions = name_versions()
    if context.cursor == versions:
        return dg.SkipReason(f"the versions are those of the last look: {versions}")
    outdated = count_outdated(data.paths())
    context.update_cursor(versions)
    if not outdated:
        return dg.SkipReason(f"no document was read by other versions than today's: {versions}")
    reason = describe_outdated(outdated)
    context.log.info(f"outdated: {reason}")
    return dg.RunRequest(tags={REASON_TAG: f"outdated: {reason}"})
