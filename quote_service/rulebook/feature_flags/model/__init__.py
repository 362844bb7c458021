"""The words of feature flags."""
