"""All that staff may change while the installation runs: a store for each kind of settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from actions import wording as dialogue
from actions.wording import DIALOGUE
from channels.delivery.ladder import Ladders
from channels.delivery.ladder_kind import LADDERS, ladder_kind
from channels.sms.limit_kind import limit_kind
from channels.sms.limits import Limits
from channels.sms.templates import Texts
from channels.wechat.menu import OWN as OWN_WECHAT_MENU
from channels.wechat.menu_kind import menu_kind
from channels.wechat.templates import OWN as OWN_WECHAT_TEMPLATES
from channels.wechat.templates import Templates
from channels.wechat.wording import wechat_words
from handover import wording as handover_wording
from handover.wording import HANDOVER_WORDS
from knowledge_base.forbidden import ENTRY_PHRASES, forbidden
from service.clock import Clock, now
from service.kept.following import Following, Use
from service.kept.kind import Kind
from service.kept.phrases import Phrases
from service.kept.sentences import Spoken
from service.kept.store import KeptSettings
from service.running_settings import RunningSettings
from service.settings import Settings
from service.storage import Database
from tickets import announcements
from tickets.announcements import ANNOUNCEMENTS
from tickets.categories import Categories
from tickets.category_kind import CATEGORIES, category_kind, tree_of
from tickets.deadlines.kind import DEADLINES
from tickets.replies.phrases import REPLY_PHRASES, hollow


@dataclass(frozen=True, slots=True)
class Changeable:
    """What can be changed, and how this process follows it.

    Attributes:
        stores: by the name of the kind.
        sms_texts: as the file has them, to say what may stand in them.
        wechat_templates: likewise.
        categories: as they are now; they follow.
        ladders: likewise.
    """

    running: RunningSettings
    stores: Mapping[str, KeptSettings]
    following: Following
    sms_texts: Texts
    wechat_templates: Templates
    categories: Categories
    ladders: Ladders

    def follow(self, kind: str, use: Use) -> None:
        """Give what is set of a kind to somebody: at the next look, and whenever it has changed."""
        self.following.add(self.stores[kind], use)


def open_changeable(settings: Settings, database: Database, clock: Clock = now) -> Changeable:
    """Over a database; the settings given change with what is set.

    Raises:
        WechatMisconfigured, TemplatesRefused, SmsMisconfigured, CategoriesRefused, LaddersRefused: a file of the
            installation's own cannot be used.
    """
    running, sms_texts = RunningSettings(settings), Texts.load(settings)
    wechat_templates = Templates.load(settings.data_dir / OWN_WECHAT_TEMPLATES)
    categories = Categories.load(settings.categories_file)
    ladders = Ladders.load(settings.ladders_file)
    kinds = (
        running.kind,
        DEADLINES,
        ANNOUNCEMENTS,
        HANDOVER_WORDS,
        DIALOGUE,
        wechat_words(settings.data_dir / "wechat_wording.yml"),
        wechat_templates.kind(),
        sms_texts.kind(),
        ENTRY_PHRASES,
        REPLY_PHRASES,
        category_kind(categories),
        ladder_kind(ladders.content),
        limit_kind(Limits.load(settings)),
        menu_kind(settings.data_dir / OWN_WECHAT_MENU, settings.public_url),
    )
    stores = {kind.name: KeptSettings(database, kind, clock) for kind in kinds}
    following = Following(database, clock)
    following.add(stores[running.kind.name], running.use)
    for kind, words in _WORDS:
        following.add(stores[kind.name], words.use)
    following.add(stores[CATEGORIES], lambda contents: categories.use(tree_of(contents)))
    following.add(stores[LADDERS], ladders.use)
    return Changeable(running, stores, following, sms_texts, wechat_templates, categories, ladders)


_WORDS: tuple[tuple[Kind, Spoken | Phrases], ...] = (
    (ANNOUNCEMENTS, announcements.spoken),
    (HANDOVER_WORDS, handover_wording.spoken),
    (DIALOGUE, dialogue.spoken),
    (ENTRY_PHRASES, forbidden),
    (REPLY_PHRASES, hollow),
)
