"""Danger is told by plain words as well as by the classifier: neither a rare wording nor a likeness decides alone."""

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from knowledge_base.emergency import tells_of_fraud

EMERGENCY = "emergency"

_DANGER = re.compile(
    r"着火|起火|失火|冒烟|浓烟|爆炸|炸了|烧起来|触电|困在|被困|落水|掉.{0,3}[水河井坑湖]|溺水|坍塌|塌了|倒塌|泄漏|泄露|漏气|[煤燃]气味"
    r"|车祸|撞[了到伤飞死]|追尾|翻车|车.{0,2}翻|打我|打人|殴打|被打|挨打|打架|家暴|砍[人我伤]|捅|拿刀|持刀|动刀|抢劫|绑架|跟踪|威胁"
    r"|入室|强奸|猥亵|救命|救护车|(?<!私)自杀|轻生|不想活|想死|活不下去|跳[楼河江海桥]|割腕|寻短见|遗书|晕倒|晕过去|昏迷|没呼吸|抽搐"
    r"|大出血|流血|血流|中毒|休克|喘不|呼吸困难|快生了|羊水|中风|受伤|摔[伤断]|骨折|噎|卡住喉|烫伤|不省人事|没反应|开枪|走丢|失踪"
    r"|被拐|吃了好多药|安眠药|喝农药|救[救我]|火灾|火势|火越|呛|呼吸|心梗|掐我|楼顶|撞车|电梯.{0,2}(?:坠|掉)|困了?人|砸我家门|进贼|小偷|囚禁|非礼"
    r"|昏过去|弄死|人埋|跳下去|要生了|喷气|天然气味|流了.{0,3}血|倒了压|对我动手"
)
# Words of somebody who asks about the rules or the money afterwards, not of somebody in danger now.
_AFTERWARDS = re.compile(
    r"赔|报销|怎么申请|如何申请|申领|补贴|补助|认定|鉴定|证明|责任|判|罚|以前|去年|上个?月|前几天|游戏|保险|备案|投诉|举报|许可|办理|工伤|流浪"
)
_CONCEIVABLE = 0.02  # with a word of danger, this much of the classifier's belief is enough
_LIKELY = 0.93  # without one, it takes this much
_CERTAIN = 0.95
_ABOUT_FRAUD = frozenset({"suggest", "praise"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class EmergencyCheck(IntentClassifier, GraphComponent):
    """Sets or takes back the intent `emergency` after the classifier has ranked the intents."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Nothing to set."""
        return {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # the signature is Rasa's
    ) -> "EmergencyCheck":
        """The component has no state."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Look at each message once more."""
        for message in messages:
            ranking = message.get("intent_ranking") or []
            checked = check(message.get(TEXT) or "", ranking)
            if checked != ranking:
                message.set(INTENT, checked[0], add_to_output=True)
                message.set("intent_ranking", checked, add_to_output=True)
        return messages


def check(text: str, ranking: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ranking of intents with `emergency` where it belongs."""
    others = [intent for intent in ranking if intent["name"] != EMERGENCY]
    believed = next((intent["confidence"] for intent in ranking if intent["name"] == EMERGENCY), 0.0)
    danger = _DANGER.search(text) is not None
    if tells_of_fraud(text) and others and others[0]["name"] not in _ABOUT_FRAUD:
        return [{"name": EMERGENCY, "confidence": max(believed, _CERTAIN)}, *others]
    if danger and not _AFTERWARDS.search(text) and believed >= _CONCEIVABLE:
        return [{"name": EMERGENCY, "confidence": max(believed, _CERTAIN)}, *others]
    if not others or ranking[0]["name"] != EMERGENCY or danger or believed >= _LIKELY:
        return ranking
    return [*others, ranking[0]]
