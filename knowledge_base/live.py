"""The knowledge base of a running installation: loaded from the database and kept current."""

from knowledge_base.corrections import read_correction
from knowledge_base.decision import AnswerSettings
from knowledge_base.imports import EntryImports
from knowledge_base.knowledge import Knowledge
from knowledge_base.sample import sample_entries, sample_vectors
from knowledge_base.search.stored_vectors import StoredVectors
from knowledge_base.store import EntryStore
from knowledge_base.synonym_store import SynonymStore
from service.clock import Clock, now
from service.settings import Settings
from service.storage import Database


async def open_knowledge(settings: Settings, database: Database, clock: Clock = now) -> tuple[EntryStore, Knowledge]:
    """The stored knowledge base, with the sample content where nothing was ever stored."""
    store = EntryStore(database, clock)
    vectors = StoredVectors(database)
    if await store.is_empty():
        await EntryImports(database, store, clock).put(sample_entries())
        if settings.encoder:
            await vectors.put_many(sample_vectors())
    await SynonymStore(database, clock).seed()
    knowledge = Knowledge(
        settings=answer_settings(settings),
        encoder=settings.encoder,
        vectors=vectors,
        cache_dir=settings.data_dir / "cache" / "jieba",
        clock=clock,
        home=home_of(settings),
    )
    await refresh_knowledge(store, knowledge)
    return store, knowledge


def answer_settings(settings: Settings) -> AnswerSettings:
    """How sure an answer has to be."""
    return AnswerSettings(answer_at=settings.answer_at, offer_at=settings.offer_at)


def home_of(settings: Settings) -> tuple[str, str]:
    """The place whose rules are asked for where none is named."""
    return settings.district, settings.city


async def refresh_knowledge(store: EntryStore, knowledge: Knowledge) -> bool:
    """Take over what changed in the database since the last look; whether something did."""
    changes = await store.changes_since(knowledge.stored_revision)
    if changes is None:
        return False
    if changes.synonyms is not None:
        await knowledge.use_synonyms(changes.synonyms)
    if knowledge.stored_revision == 0:
        await knowledge.replace(changes.put)
    else:
        await knowledge.apply(changes.put, changes.removed)
    knowledge.use_correction(await read_correction(store.database))
    knowledge.stored_revision = changes.revision
    return True
