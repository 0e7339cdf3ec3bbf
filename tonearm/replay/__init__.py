"""`tonearm replay`: past runs transformed again with today's code, compared, and published."""

from tonearm.project import use_pipeline_code

use_pipeline_code()
