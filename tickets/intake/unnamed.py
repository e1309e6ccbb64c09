"""What people say where they are asked to name something and do not."""

NO_NAMING = (
    r"好的?|是的?|对的?|行|可以|嗯+|同意|确认|保密|(?:你|您|大家)好.*|谢谢.*|.*[?？吗呢]|(?:为什么|为啥|凭什么|怎么).*"
)
"""Answers that name neither a person nor a place, as an alternative in a pattern."""
