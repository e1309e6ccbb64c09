"""What the pages work on."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from channels.hotline.guides import Guides, GuideSms
from channels.sms.costs import Costs
from channels.sms.sending import SmsDesk
from channels.wechat.platform.client import WechatClient
from console.charts.kept import KeptCharts
from knowledge_base.knowledge import Knowledge
from knowledge_base.store import EntryStore
from program.changeable import Changeable
from service.clock import Clock
from service.encryption import Keyring
from service.identity.sign_in import SignIn
from service.jobs import Jobs
from service.settings import Settings
from service.storage import Database
from tickets.attachments.store import Attachments
from tickets.categories.tree import Categories
from tickets.desk import TicketDesk
from tickets.recurrence import Recurrence
from tickets.routing import Routing

if TYPE_CHECKING:  # they stand on Rasa, which the table of rights can do without
    from channels.handover.chats import Chats
    from channels.handover.desk import ChatDesk
    from channels.wechat.trial import WechatTrial


@dataclass(frozen=True, slots=True)
class Office:
    """The open parts of the installation, as far as pages use them."""

    settings: Settings
    clock: Clock
    keyring: Keyring
    database: Database
    entries: EntryStore
    knowledge: Knowledge
    desk: TicketDesk
    routing: Routing
    recurrence: Recurrence
    attachments: Attachments
    categories: Categories
    sign_in: SignIn
    jobs: Jobs
    chat_desk: "ChatDesk"
    chats: "Chats"
    guides: Guides
    guide_sms: GuideSms | None  # none where no SMS can be sent
    sms: SmsDesk
    wechat: WechatClient | None  # none where no public account is set up
    wechat_trial: "WechatTrial | None"
    charts: KeptCharts
    changeable: Changeable
    sms_costs: Costs = field(default_factory=Costs)
