import json

import pytest

from tonearm_pipeline.metrics import COUNT, Figure, publish_figures


def test_figures_are_one_line_in_embedded_metric_format(
    capsys: pytest.CaptureFixture[str],
) -> None:
    publish_figures("Tonearm", "record_run", [Figure("RunsFailed", COUNT, 1)], {"run_id": "r1"})

    line = json.loads(capsys.readouterr().out)
    assert line["RunsFailed"] == [1.0]
    assert line["run_id"] == "r1"
    directive = line["_aws"]["CloudWatchMetrics"][0]
    assert directive["Namespace"] == "Tonearm"
    assert directive["Dimensions"] == [["service"]]
    assert line["service"] == "record_run"
