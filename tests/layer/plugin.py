"""`pytest -p tests.layer.plugin`: nothing of Arrow is there but what AWS's pandas layer has."""

from tonearm.local.cloud import lean_arrow

lean_arrow.install()
