"""Why a file is not taken, or cannot be given."""


class AttachmentRefused(Exception):
    """The file is not taken; the message tells the sender why, and what to do."""


class AttachmentTooLarge(AttachmentRefused):
    """There is more of it than may be."""


class AttachmentKindRefused(AttachmentRefused):
    """Files of its kind are not taken."""


class AttachmentDamaged(Exception):
    """A stored file has gone or was altered; the message tells staff."""
