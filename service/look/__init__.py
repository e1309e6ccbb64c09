"""How pages look: the tokens that widget, public pages and console share."""

from pathlib import Path

TOKENS = Path(__file__).parent / "tokens.css"
"""Colours, space and type as CSS custom properties."""
