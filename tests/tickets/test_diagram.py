"""docs/tickets.md shows the life of a ticket as the table has it."""

from tickets.diagram import CHAPTERS, DOCUMENT, diagram, renewed
from tickets.moves import MOVES, Verb


def test_the_document_is_up_to_date():
    document = DOCUMENT.read_text("utf-8")

    assert renewed(document) == document, "run: python -m tickets.diagram"


def test_every_move_that_changes_the_state_is_drawn_once():
    drawn = [verb for verbs in CHAPTERS.values() for verb in verbs]

    assert sorted(drawn) == sorted(verb for verb, move in MOVES.items() if move.target is not None)


def test_moves_between_the_same_states_share_an_arrow():
    drawn = diagram((Verb.GRANT_EXTENSION, Verb.REFUSE_EXTENSION))

    assert "extension_requested --> in_progress : 同意延期、不同意延期" in drawn
