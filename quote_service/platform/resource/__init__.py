"""What people keep, declared once: its table, draft, record, list, access, examples and audit trail."""
