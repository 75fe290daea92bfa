"""What the caller gave: arguments, documents, texts."""

from cutter.stops.declaration import Category, Declaration, Exit

STOP_REFUSED_INPUT = Declaration(
    Exit.STOPPED,
    Category.VALIDATION_ERROR,
    "An argument or environment variable tries to give what cutter discovers, or to skip a check.",
    "Leave it out. Digests, counts, ids, connections and secrets are discovered; no flag skips a check.",
)

STOP_INVALID_INPUT = Declaration(
    Exit.USAGE,
    Category.VALIDATION_ERROR,
    "An argument is missing, unknown, or does not have its declared form.",
    "See the command's --help.",
)

STOP_DOCUMENT_UNKNOWN = Declaration(
    Exit.STOPPED,
    Category.NOT_FOUND,
    "No source document has this id, neither in the library nor in `documents/index.yaml`.",
    "Take one of the nearest ids shown, or register it: cutter documents add FILE --document-id ID",
)

STOP_DOCUMENT_CONFLICT = Declaration(
    Exit.STOPPED,
    Category.CONFLICT,
    "This document is already registered otherwise; the detail says in what.",
    "Give another text a version of its own (--version). Title, language and status are changed in the index.",
)

STOP_NO_VERSION_IN_FORCE = Declaration(
    Exit.STOPPED,
    Category.NOT_FOUND,
    "The document has only draft versions, and the scope takes versions in force.",
    "Add `--scope all` to take drafts too, or register a version with status `enacted`.",
)

STOP_SOURCE_CHANGED = Declaration(
    Exit.STOPPED,
    Category.INVARIANT_VIOLATION,
    "The bytes of a source text no longer have the sha256 that its registration states.",
    "Restore the file, or register the new bytes as a version of their own.",
)

STOP_SOURCE_MISSING = Declaration(
    Exit.STOPPED,
    Category.NOT_FOUND,
    "A file is not where it is said to be.",
    "Give the path of a file that is there; a registered text belongs under `documents/`.",
)

STOP_TEXT_NOT_UTF8 = Declaration(
    Exit.STOPPED,
    Category.VALIDATION_ERROR,
    "The text is not valid UTF-8 (a page: in the character set that it states); the detail names the first bad byte.",
    "Convert the file to UTF-8 (for example with iconv) and register it again.",
)

STOP_FILE_UNSUPPORTED = Declaration(
    Exit.STOPPED,
    Category.UNSUPPORTED_OPERATION,
    "The file is not a text, an HTML page or a Word document (.docx); the detail says what it seems to be.",
    "Save the document as .docx, .html or UTF-8 text, without a password, and register that file.",
)

STOP_FILE_UNREADABLE = Declaration(
    Exit.STOPPED,
    Category.VALIDATION_ERROR,
    "The file is damaged, or larger, deeper or slower to read than any document; the detail says in what.",
    "Open it in the program that made it and save it anew; split a document that is truly so large.",
)

STOP_READER_MISSING = Declaration(
    Exit.CONFIGURATION,
    Category.UNSUPPORTED_OPERATION,
    "The library that reads this kind of file is not installed.",
    "Install the extra that is shown, or register the document as UTF-8 text.",
)

STOP_DOCUMENT_STAMPED = Declaration(
    Exit.STOPPED,
    Category.MODE_VIOLATION,
    "The document bears a stamp of secrecy (MẬT, TỐI MẬT or TUYỆT MẬT), and this workspace does not allow it.",
    "Keep it out of here. Where the workspace may hold it, name the stamp in `cutter.yaml`: documents: "
    "{allow_stamps: [MẬT]}",
)

STOP_TEXT_EMPTY = Declaration(
    Exit.STOPPED,
    Category.VALIDATION_ERROR,
    "The text is empty or holds only white space.",
    "Register a text with content.",
)

STOP_TEXT_WITHOUT_STRUCTURE = Declaration(
    Exit.STOPPED,
    Category.VALIDATION_ERROR,
    "No numbered unit was found in the text, so there is nothing to cut.",
    "Look at `cutter documents cut FILE`, and name another profile with --profile.",
)

STOP_TEXT_DOUBTFUL = Declaration(
    Exit.STOPPED,
    Category.VALIDATION_ERROR,
    "The cut is not sure of a place, and the profile says that such a doubt stops it; or of too many places.",
    "Look at the line (`cutter documents cut FILE --explain LINE`), mend the text, or let the profile warn.",
)

STOP_PROFILE_UNKNOWN = Declaration(
    Exit.STOPPED,
    Category.VALIDATION_ERROR,
    "No profile fits: none of this name, or none whose evidence the text shows.",
    "Name one of the profiles with --profile, or write your own in profiles/NAME.yaml (docs/cutting.md).",
)

STOP_TEXT_TOO_LARGE = Declaration(
    Exit.STOPPED,
    Category.VALIDATION_ERROR,
    "The text is larger, has more units, or holds them deeper in one another, than the limit that the detail states.",
    "Split the document into registered parts.",
)

STOP_TEXT_NOT_XML = Declaration(
    Exit.STOPPED,
    Category.VALIDATION_ERROR,
    "The text holds a character that XML cannot hold, so it cannot become Akoma Ntoso; its place is shown.",
    "Export another format (jsonl, json, csv, md), or register a text without that character.",
)

STOP_RUN_NOT_FOUND = Declaration(
    Exit.USAGE,
    Category.NOT_FOUND,
    "No run has this id or unique prefix.",
    "List them: cutter runs list",
)

STOP_PIPELINE_INVALID = Declaration(
    Exit.CONFIGURATION,
    Category.VALIDATION_ERROR,
    "The pipeline file has mistakes; each is shown at its place.",
    "Mend the file: cutter pipelines lint FILE",
)

STOP_PIPELINE_UNKNOWN = Declaration(
    Exit.CONFIGURATION,
    Category.NOT_FOUND,
    "There is no pipeline of this name.",
    "List them: cutter pipelines list",
)

STOP_CONFIG_INVALID = Declaration(
    Exit.CONFIGURATION,
    Category.VALIDATION_ERROR,
    "A configuration file is not well formed; the place is shown.",
    "Mend the file at that place.",
)

STOP_IDENTIFIER_INVALID = Declaration(
    Exit.CONFIGURATION,
    Category.VALIDATION_ERROR,
    "A database identifier is empty, too long, or holds a forbidden character.",
    "Use the object's plain name of at most 63 bytes.",
)

STOP_UNIT_UNKNOWN = Declaration(
    Exit.USAGE,
    Category.NOT_FOUND,
    "The citation or address leads to no unit of the document, or to more than one; the detail says which.",
    "Take one of the nearest addresses shown, or name the units around it too: cutter documents show ID",
)
