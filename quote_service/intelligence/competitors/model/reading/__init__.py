"""Read offers out of what others publish: pages, feeds and JSON. Pure; libraries are imported where they are used."""
