"""Why each rule and rate that a quote could have used won or lost."""
