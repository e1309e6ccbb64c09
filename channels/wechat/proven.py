"""Who on WeChat has proved a phone number to be theirs."""

from channels.wechat.followers import Follower, Followers
from service.identity.citizens import Citizens
from service.storage import Database


async def follower_with(phone: str, database: Database, citizens: Citizens, followers: Followers) -> Follower | None:
    """One who follows the account and has proved a phone there; None where nobody has.

    Args:
        phone: in international form.
    """
    for conversation in await database.read(citizens.conversations_within(phone)):
        follower = await followers.of_conversation(conversation)
        if follower is not None and follower.followed:
            return follower
    return None
