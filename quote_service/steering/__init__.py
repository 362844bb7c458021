"""What those who price do beyond single rules: change sets, files, replay, reports."""
