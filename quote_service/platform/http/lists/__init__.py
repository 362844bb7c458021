"""Lists that are declared: sorted, searched, filtered, counted, paged both ways and exported alike."""
