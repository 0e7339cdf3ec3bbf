"""`tonearm verify`: proves on the user's own account what the register says is relied on."""

from tonearm.project import use_pipeline_code

use_pipeline_code()  # the steps ask with the functions' own code
