"""An entity that tests add from outside the package: two files."""
