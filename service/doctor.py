"""Whether this installation is set up to work, in plain words."""

from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.model import model_path
from channels.delivery.ladder import Ladders, LaddersRefused
from channels.sms.checkup import examine_sms
from channels.wechat.checkup import check_account
from channels.wechat.menu_kind import MENU, WECHAT_MENU
from service.clock import now
from service.encryption import open_keyring
from service.finding import Finding
from service.kept.versions import contents_at
from service.key_change import is_changing
from service.migrate import is_current
from service.settings import Settings
from service.storage import Database
from tickets.categories import Categories, CategoriesRefused
from tickets.gazetteer import Gazetteer, GazetteerRefused


async def examine(settings: Settings) -> list[Finding]:
    """Look at what is set here, then at the database, Redis, and the services outside."""
    given = [_key(settings), _model(settings), _categories(settings), _gazetteer(settings), _ladders(settings)]
    outside = [*await check_account(settings, menu=await _menu_set(settings)), *await examine_sms(settings)]
    return [*given, _console(settings), await _database(settings), await _redis(settings), *outside]


async def _menu_set(settings: Settings) -> Any:
    """The account's menu as the console has it; None where it is the file's, or nobody can tell."""
    database = Database(settings.sqlalchemy_url)
    try:
        return (await database.read(lambda connection: contents_at(connection, WECHAT_MENU, now()))).get(MENU)
    except SQLAlchemyError:  # told by the finding about the database itself
        return None
    finally:
        await database.close()


def _key(settings: Settings) -> Finding:
    try:
        keyring = open_keyring(settings.secret_key, settings.data_dir, settings.previous_secret_keys)
    except (ValueError, OSError) as error:
        return Finding("加密密钥", False, f"{error} 请恢复原来的密钥：换了密钥，以前的工单就打不开了。")
    where = "LTB_SECRET_KEY" if settings.secret_key else str(settings.data_dir / "secret.key")
    if is_changing(keyring):
        return Finding("加密密钥", True, f"可用，来自 {where}。有旧密钥还在，请运行 liaotianban keys rotate 换完。")
    return Finding("加密密钥", True, f"可用，来自 {where}，请另外备份。")


def _model(settings: Settings) -> Finding:
    path = model_path(settings.model_dir)
    if path.exists():
        return Finding("对话模型", True, f"与当前训练数据一致（{path.name}）。")
    return Finding("对话模型", False, "没有与当前训练数据一致的模型，请运行 liaotianban train。")


def _categories(settings: Settings) -> Finding:
    try:
        found = Categories.load(settings.categories_file)
    except (CategoriesRefused, OSError) as error:
        return Finding("诉求分类", False, f"{error} 请改正 {settings.categories_file}。")
    return Finding("诉求分类", True, f"{len(found.leaves)} 个小类。")


def _gazetteer(settings: Settings) -> Finding:
    try:
        found = Gazetteer.load(settings.gazetteer_file)
    except (GazetteerRefused, OSError) as error:
        return Finding("街道社区", False, f"{error} 请改正 {settings.gazetteer_file}。")
    return Finding("街道社区", True, f"{len(found.streets)} 个街道。")


def _ladders(settings: Settings) -> Finding:
    try:
        Ladders.load(settings.ladders_file)
    except (LaddersRefused, OSError) as error:
        return Finding("通知方式", False, f"{error} 请改正 {settings.ladders_file}。")
    own = settings.ladders_file.exists()
    return Finding("通知方式", True, f"用的是 {settings.ladders_file}。" if own else "用的是自带的。")


def _console(settings: Settings) -> Finding:
    if settings.public_url.startswith("https://"):
        return Finding("管理台", True, "经 HTTPS 打开，登录信息在路上是加密的。")
    if settings.host in ("127.0.0.1", "::1", "localhost"):
        return Finding("管理台", True, "只有本机打得开。给别的电脑用，请先在前面放 HTTPS 代理，再设 LTB_PUBLIC_URL。")
    message = "登录密码会不加密地经过网络：请在前面放 HTTPS 代理，并把 LTB_PUBLIC_URL 设成 https:// 开头的网址。"
    return Finding("管理台", False, message)


async def _database(settings: Settings) -> Finding:
    database = Database(settings.sqlalchemy_url)
    try:
        if await is_current(database):
            return Finding("数据库", True, "能连接，结构是最新的。")
        return Finding(
            "数据库", False, "能连接，结构还不是最新的：启动时会自动更新，也可以先运行 liaotianban db upgrade。"
        )
    except (SQLAlchemyError, OSError) as error:
        return Finding("数据库", False, f"连接不上（{type(error).__name__}），请检查 LTB_DATABASE_URL。")
    finally:
        await database.close()


async def _redis(settings: Settings) -> Finding:
    if not settings.redis_url:
        return Finding("Redis", True, "没有设置，以单进程运行。")
    redis = Redis.from_url(settings.redis_url, socket_timeout=5, socket_connect_timeout=5)
    try:
        await redis.ping()
    except (RedisError, OSError) as error:
        return Finding("Redis", False, f"连接不上（{type(error).__name__}），请检查 LTB_REDIS_URL。")
    finally:
        await redis.aclose()
    return Finding("Redis", True, "能连接。")
