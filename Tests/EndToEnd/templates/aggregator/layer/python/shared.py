NAME = "totals"
