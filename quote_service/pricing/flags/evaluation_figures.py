"""The name of the figure that counts evaluations, wherever a flag is asked for."""

FLAG_EVALUATIONS = "quote_flag_evaluations_total"
FLAG_EVALUATIONS_MEANING = (
    "Feature flags evaluated: those shown in quotes that were priced, and those asked for by others"
)
