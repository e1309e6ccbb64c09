"""How much may be added to a ticket, and of what kinds."""

from dataclasses import dataclass

from service.settings import Settings
from tickets.attachments.kinds import KINDS, Kind
from tickets.attachments.refusal import AttachmentKindRefused, AttachmentTooLarge

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class AttachmentLimits:
    """The limits of this installation; sizes in megabytes of 1024 × 1024 bytes."""

    kinds: tuple[Kind, ...] = KINDS
    megabytes: int = 10
    video_megabytes: int = 50
    megapixels: int = 50
    per_ticket: int = 9

    @classmethod
    def of(cls, settings: Settings) -> "AttachmentLimits":
        """The limits that the settings tell.

        Raises:
            ValueError: a kind is named that does not exist.
        """
        by_name = {kind.name: kind for kind in KINDS}
        wanted = settings.attachment_kinds or tuple(by_name)
        if unknown := [name for name in wanted if name not in by_name]:
            message = f"LTB_ATTACHMENT_KINDS：没有“{unknown[0]}”这一种，可以写 {'、'.join(by_name)}。"
            raise ValueError(message)
        return cls(
            kinds=tuple(by_name[name] for name in wanted),
            megabytes=settings.attachment_megabytes,
            video_megabytes=settings.attachment_video_megabytes,
            megapixels=settings.attachment_megapixels,
            per_ticket=settings.attachments_per_ticket,
        )

    def check_kind(self, kind: Kind | None) -> Kind:
        """The kind, if it may be added.

        Raises:
            AttachmentKindRefused: it may not.
        """
        if kind is None or kind not in self.kinds:
            titles = "、".join(item.title for item in self.kinds)
            raise AttachmentKindRefused(f"这种文件收不了。可以发：{titles}。")
        return kind

    def bytes_of(self, kind: Kind) -> int:
        """How large a file of this kind may be."""
        return (self.video_megabytes if kind.video else self.megabytes) * MEGABYTE

    def too_large(self, kind: Kind) -> AttachmentTooLarge:
        """What the sender of a larger file is told."""
        if kind.video:
            return AttachmentTooLarge(f"视频超过 {self.video_megabytes} MB 了，请剪短一些，或者压缩后再发。")
        return AttachmentTooLarge(f"文件超过 {self.megabytes} MB 了，请压缩或者分成几个再发。")
