"""The pages: what people see of the service in a browser, through its own API."""
