"""The nightly run as an Airflow DAG: is the pipeline valid, read and publish, remove snapshots whose time is over.

Airflow takes every exit code but 0 for a failure. 3 is none: the snapshot is published, with something to look at, so the
task succeeds and says so in its log. 4 (another run holds the warehouse) is worth another try, as is 1 where the disk was
full; a gate that is missed will be missed again, and tells that after the last try. 2 is a mistake in the file, found by
the first task, which is not tried again.
"""

import os
from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

PROGRAM = os.environ.get("JIXIAO", "/usr/local/bin/jixiao")
PIPELINE = os.environ.get("JIXIAO_PIPELINE", "/srv/jixiao/nightly.toml")

INGEST = """
"$PROGRAM" ingest --pipeline "$PIPELINE" --quiet --log-format json
code=$?
[ $code -eq 3 ] && echo "published, with something to look at: see the report of the run" && exit 0
exit $code
"""

with DAG(
    dag_id="jixiao_nightly",
    schedule="30 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,  # a run takes all that has come since the last one
    max_active_runs=1,
    tags=["jixiao"],
) as dag:
    environment = {"env": {"PROGRAM": PROGRAM, "PIPELINE": PIPELINE}, "append_env": True}
    check = BashOperator(
        task_id="check", bash_command='"$PROGRAM" check --pipeline "$PIPELINE"', retries=0, **environment
    )
    ingest = BashOperator(
        task_id="ingest",
        bash_command=INGEST,
        retries=2,
        retry_delay=timedelta(minutes=10),
        execution_timeout=timedelta(hours=6),
        **environment,
    )
    vacuum = BashOperator(
        task_id="vacuum", bash_command='"$PROGRAM" vacuum --pipeline "$PIPELINE" --delete', **environment
    )
    check >> ingest >> vacuum
