"""`tonearm doctor`: small checks of a deployed stack and of what it depends on."""

from tonearm.project import use_pipeline_code

use_pipeline_code()  # the checks ask with the functions' own code
