"""Intent classification by multinomial logistic regression over character n-grams.

One step from text to intent. Rasa's featurizers and its LogisticRegressionClassifier do much the same,
but take seven times as long a message, load skops for the model file (five seconds at every start), and
have no setting for regularisation. Words from a segmenter added nothing to characters here.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from service.text import normalise

_RANKING = 10
_DIGITS = re.compile(r"\d+")


def ngrams(text: str) -> list[str]:
    """Runs of one to three characters; `^` and `$` mark the ends, which tell much about short phrases."""
    plain = f"^{_DIGITS.sub('0', normalise(text))}$"
    if len(plain) == 2:
        return []
    return [plain[start : start + length] for length in (1, 2, 3) for start in range(len(plain) - length + 1)]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """Ranks the intents of a message; the model is a vocabulary, a matrix and a vector."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Components that must come before."""
        return []

    @staticmethod
    def required_packages() -> list[str]:
        """Packages whose version counts for the model."""
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C`: inverse strength of regularisation, `min_df`: examples an n-gram must be in, as in scikit-learn."""
        return {"C": 10.0, "max_iter": 300, "min_df": 2}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._intents: list[str] = []
        self._rows: dict[str, int] = {}
        self._weights: np.ndarray[Any, Any] = np.zeros((0, 0))
        self._bias: np.ndarray[Any, Any] = np.zeros(0)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # the signature is Rasa's
    ) -> "LinearIntentClassifier":
        """A classifier still to be trained."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit the model and keep it."""
        from sklearn.feature_extraction.text import CountVectorizer  # only training needs them
        from sklearn.linear_model import LogisticRegression

        examples = [example for example in training_data.intent_examples if ngrams(example.get(TEXT) or "")]
        counter = CountVectorizer(analyzer=ngrams, binary=True, min_df=self._config["min_df"])
        features = counter.fit_transform(example.get(TEXT) for example in examples)
        model = LogisticRegression(
            C=self._config["C"], max_iter=self._config["max_iter"], class_weight="balanced", random_state=0
        )
        model.fit(features, [example.get(INTENT) for example in examples])
        self._intents = [str(name) for name in model.classes_]
        self._rows = {ngram: int(row) for ngram, row in counter.vocabulary_.items()}
        self._weights = np.ascontiguousarray(model.coef_.T, dtype=np.float32)
        self._bias = model.intercept_.astype(np.float32)
        with self._model_storage.write_to(self._resource) as folder:
            names = {"intents": self._intents, "ngrams": sorted(self._rows, key=self._rows.__getitem__)}
            (folder / "names.json").write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")
            np.savez(folder / "weights.npz", weights=self._weights, bias=self._bias)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LinearIntentClassifier":
        """The trained classifier."""
        classifier = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
            classifier._intents = names["intents"]
            classifier._rows = {ngram: row for row, ngram in enumerate(names["ngrams"])}
            with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
                classifier._weights, classifier._bias = arrays["weights"], arrays["bias"]
        return classifier

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Label the training messages, for components that come after."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set each message's intent and the ranking behind it."""
        for message in messages:
            ranking = self._rank(ngrams(message.get(TEXT) or ""))
            best = ranking[0] if ranking else {"name": None, "confidence": 0.0}
            message.set(INTENT, best, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _rank(self, found: Iterable[str]) -> list[dict[str, Any]]:
        rows = sorted({self._rows[ngram] for ngram in found if ngram in self._rows})
        if not rows:
            return []
        scores = self._weights[rows].sum(axis=0) + self._bias
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
        order = np.argsort(-chances)[:_RANKING]
        return [{"name": self._intents[place], "confidence": float(chances[place])} for place in order]
