"""What people see and answer: texts, tables, progress, questions, an editor."""
