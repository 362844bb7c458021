"""Who calls the service in a load test, one persona a file; the names of their requests start with the persona's."""
