"""Everyday words for official ones. `synonyms.yml` is what an installation begins with; staff edit their own table."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path

import yaml

from knowledge_base.text import normalise
from service.own_file import read_yaml

Groups = dict[str, tuple[str, ...]]
"""Official words, each with the everyday words that mean it."""

FILE = Path(__file__).parent / "synonyms.yml"
SHORTEST = 2  # characters; a single one occurs in words that mean something else
LONGEST = 40
WORDS_LIMIT = 50  # of one official word
GROUPS_LIMIT = 5000

_REMEMBERED = 65_536  # texts


class SynonymsRefused(Exception):
    """The words are not taken; the message says why, in Chinese."""


class Synonyms:
    """Official words and the everyday words that mean them; never changed, only replaced.

    Finding them costs one look per character of the text, and one more per length of the words that begin with it,
    however many there are.
    """

    def __init__(self, groups: Mapping[str, Iterable[str]]) -> None:
        self.groups: Groups = {official: tuple(words) for official, words in groups.items()}
        self._names = [f"={normalise(official)}" for official in self.groups]
        meanings: defaultdict[str, set[int]] = defaultdict(set)
        for place, (official, words) in enumerate(self.groups.items()):
            for word in filter(None, map(normalise, (official, *words))):
                meanings[word].add(place)
        self._meanings = {word: tuple(sorted(places)) for word, places in meanings.items()}
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for word in meanings:
            lengths[word[0]].add(len(word))
        self._lengths = {first: tuple(sorted(found)) for first, found in lengths.items()}
        # Wordings are asked for again at every rebuild of the index.
        self.concepts = lru_cache(maxsize=_REMEMBERED)(self._concepts)

    @classmethod
    @cache
    def default(cls) -> "Synonyms":
        """Those of `synonyms.yml`."""
        return cls(yaml.safe_load(FILE.read_text("utf-8")))

    def named_in(self, text: str) -> tuple[str, ...]:
        """A token for each official word that a text names or means."""
        return self.concepts(normalise(text))

    def _concepts(self, normalised: str) -> tuple[str, ...]:
        """A token for each official word that a normalised text names or means."""
        found: set[int] = set()
        lengths, meanings = self._lengths, self._meanings
        for place, character in enumerate(normalised):
            for length in lengths.get(character, ()):
                meant = meanings.get(normalised[place : place + length])
                if meant:
                    found.update(meant)
        return tuple(self._names[place] for place in sorted(found))


def check_group(
    official: str, words: Iterable[str], others: Mapping[str, Iterable[str]], kept_before: Container[str] = ()
) -> tuple[str, ...]:
    """The words of a group as they may be kept: stripped, each once.

    Args:
        others: the groups there are.
        kept_before: words that were there already and may stay, however short.

    Raises:
        SynonymsRefused: a word is empty, too short or too long, or means itself in the end.
    """
    kept = tuple(dict.fromkeys(word.strip() for word in words))
    if not kept:
        raise SynonymsRefused(f"“{official}”后面没有写常用说法，至少写一个。")
    if len(kept) > WORDS_LIMIT:
        raise SynonymsRefused(f"“{official}”的常用说法超过 {WORDS_LIMIT} 个，请只留真有人说的。")
    for word in (official, *kept):
        size = len(normalise(word).replace(" ", ""))
        if not size:
            raise SynonymsRefused("有一个词是空的，或者只有标点，请删掉。")
        if size < SHORTEST and word not in kept_before:
            raise SynonymsRefused(f"“{word}”只有一个字，会在许多别的词里出现。请写成至少 {SHORTEST} 个字。")
        if len(word) > LONGEST:
            raise SynonymsRefused(f"“{word[:LONGEST]}…”太长了，一个词最多 {LONGEST} 个字。")
    _refuse_loop(official, kept, others)
    return kept


def read_groups(file: Path) -> Groups:
    """The groups of a YAML file: each official word with a list of everyday ones.

    Raises:
        SynonymsRefused: it is something else.
    """
    table = read_yaml(file, SynonymsRefused)
    if not isinstance(table, dict) or not table:
        raise SynonymsRefused(f"{file.name} 里应是一行一个正式说法，像这样：社会保障卡: [社保卡, 市民卡]。")
    for official, words in table.items():
        if not isinstance(official, str) or not isinstance(words, list) or not all(isinstance(w, str) for w in words):
            raise SynonymsRefused(f"“{official}”这一行不对，应写成：正式说法: [说法, 说法]。数字要加引号。")
    return {official.strip(): tuple(words) for official, words in table.items()}


def write_groups(groups: Mapping[str, Iterable[str]], file: Path) -> None:
    """Write groups so that `read_groups` gives them back."""
    table = {official: list(words) for official, words in groups.items()}
    file.write_text(yaml.safe_dump(table, allow_unicode=True, sort_keys=False, default_flow_style=None), "utf-8")


def _refuse_loop(official: str, words: Iterable[str], others: Mapping[str, Iterable[str]]) -> None:
    """A word may be an official word itself, but must not lead back to where it began."""
    end = normalise(official)
    means = {normalise(name): {normalise(word) for word in listed} for name, listed in others.items()}
    for word in words:
        ahead, seen = [normalise(word)], set()
        while ahead:
            here = ahead.pop()
            if here == end and here == normalise(word):
                raise SynonymsRefused(f"“{word}”和正式说法“{official}”是同一个词。")
            if here == end:
                raise SynonymsRefused(f"“{word}”的常用说法里已经有“{official}”，绕成了一圈。只留一个方向。")
            if here not in seen:
                seen.add(here)
                ahead += means.get(here, ())
