"""The command line: arguments in, one screen or one JSON document out, and an exit status.

Rules kept here: argv is filtered before anything reads it (`refuse`); a command returns a `View` and prints nothing;
one place prints (`output`) and one place catches (`main`); a command's module is imported when the command is used.

Source: DESIGN §7; command-line.md.
"""
