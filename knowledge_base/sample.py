"""The sample content: matters of the fictional 示例区."""

from pathlib import Path

from knowledge_base.entry import Entry
from knowledge_base.formats import read_entries

SAMPLE = Path(__file__).parent / "sample"


def sample_entries() -> list[Entry]:
    """All sample entries, in the order of their files."""
    return read_entries(SAMPLE)
