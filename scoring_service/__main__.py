"""`python -m scoring_service` is the console script."""

from scoring_service.cli import main

main()
