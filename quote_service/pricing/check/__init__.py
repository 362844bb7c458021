"""What is odd about a rulebook: rows that cannot win, order left to chance, holes and cliffs in what is charged."""
