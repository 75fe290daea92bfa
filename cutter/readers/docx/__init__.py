"""Word documents (.docx): the package, its automatic numbers, its text."""
