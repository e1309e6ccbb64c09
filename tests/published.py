"""Publishing where the trial of a change is not what a test is about."""

from knowledge_base.gate import Trial, digest_of


async def publish(lifecycle, actor, slug, number, reason=""):
    """Publish a version as if it had been tried on no question at all."""
    entry = (await lifecycle.version(slug, number)).entry
    return await lifecycle.publish(actor, slug, number, Trial(digest_of(entry), 0, ()), reason)
