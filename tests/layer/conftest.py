"""What stands here is true of the layer's own environment alone: `make layer-tests`."""

import sys

collect_ignore = [] if "tests.layer.plugin" in sys.modules else ["test_layer.py"]
