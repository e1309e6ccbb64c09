"""Settings, from the environment (`LTB_…`) or `liaotianban.toml`; the environment wins."""

from datetime import time
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from service.sms_settings import Network, SmsHttp

PROJECT = Path(__file__).resolve().parent.parent

Probability = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(gt=0)]


class Settings(BaseSettings):
    """Everything an operator can set. A number has its unit or meaning in its name."""

    model_config = SettingsConfigDict(env_prefix="LTB_", toml_file="liaotianban.toml", extra="forbid")

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    data_dir: Path = PROJECT / "var"
    model_dir: Path = PROJECT / "models"
    database_url: str = ""  # empty: SQLite in data_dir
    redis_url: str = ""  # empty: one process, nothing shared
    secret_key: str = ""  # base64 of 32 bytes; empty: made once and kept in data_dir/secret.key
    previous_secret_keys: str = ""  # still read with beside secret_key; commas between them (docs/keys.md)
    public_url: str = ""  # how citizens reach this service, for QR codes; empty: as the request says

    hotline_name: str = "示例区12345聊天办"
    hotline_phone: str = "12345"
    district: str = "示例区"
    city: str = "示例市"
    contact: str = "示例区政务服务便民热线中心"

    answer_at: Probability = 0.90  # answer alone when the first entry is right at least this surely
    offer_at: Probability = 0.12  # offer choices from here; below it, admit there is no answer
    check_inner_links: bool = False  # `kb check --links` opens addresses of this network, too
    encoder: bool = True  # sentence vectors beside the lexical fields

    review_ahead_days: Positive = 30  # an entry's review becomes its unit's task this long before

    attachment_kinds: tuple[str, ...] = ()  # what may be added to a ticket: jpeg, pdf …; empty: every kind we can check
    attachment_megabytes: Positive = 10
    attachment_video_megabytes: Positive = 50
    attachment_megapixels: Positive = 50  # of a picture
    attachments_per_ticket: Positive = 9

    # conversations with a person (转人工)
    handover_promise_minutes: Positive = 3  # until a person speaks
    handover_wait_minutes: Positive = 30  # nobody waits longer than this without being told to try another way
    handover_idle_minutes: Positive = 15  # a talk in which the citizen says nothing ends by itself
    handover_talks_per_agent: Positive = 5  # at once; who has so many takes nobody else before one has ended
    agent_title: str = "话务员"  # agents are known to citizens by this and their number

    # Delivery of notices
    deliver_here: bool = True  # False: `liaotianban worker` delivers, this process does not

    session_minutes: Positive = 60  # a conversation's dialogue state starts anew after this silence
    inbox_days: Positive = 90  # what staff have read in their inbox is forgotten after this
    conversation_days: Positive = 30  # transcripts and conversation state are forgotten after this
    messages_per_minute: Positive = 30  # by one conversation
    sessions_per_minute: Positive = 30  # by one address
    api_requests_per_minute: Positive = 600  # by one key
    api_answers_hours: Positive = 72  # the same Idempotency-Key gives the same answer so long
    # Citizens' phone numbers, verified by a code; guides sent from the hotline's desk
    codes_per_conversation_day: Positive = 10
    codes_per_phone_day: Positive = 10
    codes_per_hour: Positive = 500  # by this installation: whoever drives others' phones mad ends here
    verified_phone_days: Positive = 90  # then it is asked for again: carriers give a number to somebody else after that
    guides_per_phone_day: Positive = 5
    ticket_without_phone: tuple[Literal["consultation", "help", "complaint", "report", "suggestion", "praise"], ...] = (
        "consultation",
        "report",
        "suggestion",
        "praise",
    )  # kinds of requests that are taken down in dialogue and chat without a phone number, too
    open311_jurisdiction: str = ""  # jurisdiction_id of portals; empty: any
    open311_public: bool = True  # whether requests can be read without a key, as the specification says
    console_idle_minutes: Positive = 60  # staff who do nothing so long are signed out
    console_session_hours: Positive = 12  # and everybody after this
    second_factor_grace_days: Annotated[int, Field(ge=0)] = 7  # setting up a second factor may be put off so long
    password_days: Annotated[int, Field(ge=0)] = 180  # staff choose a new password after this; 0: never
    # SMS (docs/sms.md); off while no gateway is named
    sms_gateways: tuple[Literal["aliyun", "tencent", "http", "console"], ...] = ()  # the next where one surely failed
    # In the addresses the gateways push reports and replies to; without it they are not taken in.
    sms_callback_secret: Annotated[str, Field(pattern=r"^([A-Za-z0-9_-]{24,100})?$", repr=False)] = ""
    # Where each gateway pushes from; one that is not named may push from anywhere.
    sms_callback_networks: dict[Literal["aliyun", "tencent", "http"], tuple[Network, ...]] = {}
    sms_quiet_from: time = time(22)  # from here nobody is woken for what can wait …
    sms_quiet_until: time = time(8)  # … until here; by China's clock
    sms_personal_days: Positive = 155  # numbers and texts are forgotten after this; five months are prescribed
    sms_rows_days: Positive = 1096  # states and costs
    sms_console_sign: str = "聊天办"
    sms_aliyun_url: str = "https://dysmsapi.aliyuncs.com"
    sms_aliyun_key_id: str = ""
    sms_aliyun_key_secret: str = Field(default="", repr=False)
    sms_aliyun_sign: str = ""  # as approved, without 【】
    sms_aliyun_templates: dict[str, str] = {}  # purpose: SMS_…
    sms_aliyun_price_fen: Annotated[float, Field(ge=0)] = 4.5  # of one part
    sms_tencent_url: str = "https://sms.tencentcloudapi.com"
    sms_tencent_region: str = "ap-guangzhou"
    sms_tencent_app_id: str = ""
    sms_tencent_key_id: str = ""
    sms_tencent_key_secret: str = Field(default="", repr=False)
    sms_tencent_sign: str = ""
    sms_tencent_templates: dict[str, str] = {}
    sms_tencent_variable_length: Annotated[int, Field(ge=0)] = 6  # what new accounts have
    sms_tencent_price_fen: Annotated[float, Field(ge=0)] = 5.0
    sms_http: SmsHttp | None = None

    # Who reads /metrics shows this: Authorization: Bearer …; without it there are none.
    metrics_token: Annotated[str, Field(pattern=r"^([A-Za-z0-9_-]{24,100})?$", repr=False)] = ""
    trusted_proxies: tuple[str, ...] = ()  # addresses whose X-Forwarded-For is believed
    widget_origins: tuple[str, ...] = ()  # sites that may embed the widget; "*" for any

    # The WeChat public account (docs/wechat.md); off while app id and token are empty.
    wechat_appid: str = ""
    wechat_token: str = Field(default="", repr=False)
    wechat_mode: Literal["plain", "compatible", "safe"] = "safe"  # as the account is set up on WeChat's side
    wechat_aes_key: str = Field(default="", repr=False)  # EncodingAESKey
    wechat_previous_aes_key: str = Field(default="", repr=False)  # still opened with while it is being changed
    wechat_voice_recogniser: str = ""  # package.module:name, see channels/wechat/arriving/voice.py
    # What we ask of WeChat (docs/wechat.md); without a secret nothing is asked.
    wechat_secret: str = Field(default="", repr=False)
    wechat_api_url: str = "https://api.weixin.qq.com"  # or a proxy's, or the simulator's
    wechat_menu_messages: bool = True  # whether choices may be sent as buttons; a refusal of WeChat's is noticed, too
    wechat_templates: dict[str, str] = {}  # ids of template messages, by their names in wechat_templates.yml
    wechat_subscriptions: dict[str, str] = {}  # ids of subscription messages, by the same names

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def files_dir(self) -> Path:
        """Where the files lie that are served under /files/."""
        return self.data_dir / "files"

    @property
    def categories_file(self) -> Path:
        """The installation's own tree of categories, if it has one."""
        return self.data_dir / "categories.yml"

    @property
    def gazetteer_file(self) -> Path:
        """The installation's own list of streets and communities, if it has one."""
        return self.data_dir / "gazetteer.yml"

    @property
    def ladders_file(self) -> Path:
        """The installation's own ways of telling citizens, if it has them; see `channels/delivery/ladders.yml`."""
        return self.data_dir / "ladders.yml"

    @property
    def attachments_dir(self) -> Path:
        """Where files added to tickets lie, encrypted; nothing serves this folder."""
        return self.data_dir / "attachments"

    @property
    def sqlalchemy_url(self) -> str:
        """The database address as SQLAlchemy takes it."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'liaotianban.db'}"
        for plain in ("postgresql://", "postgres://"):
            if self.database_url.startswith(plain):
                return "postgresql+psycopg://" + self.database_url.removeprefix(plain)
        return self.database_url


@cache
def load_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
