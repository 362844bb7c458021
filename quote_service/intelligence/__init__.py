"""Competitors, demand, signals, decided prices."""
