"""PlanRun: validates the input, names the run and forecasts its calls."""
