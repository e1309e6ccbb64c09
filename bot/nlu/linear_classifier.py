"""Intent classification by multinomial logistic regression over sparse features.

Rasa's own LogisticRegressionClassifier does the same, but loads skops for its model file, which costs
five seconds at every start, and has no setting for regularisation.
"""

import json
from typing import Any

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

_RANKING = 10


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """Ranks the intents of a message; the model is one matrix and one vector."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Components that must come before."""
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Packages whose version counts for the model."""
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C`: inverse strength of regularisation, as in scikit-learn."""
        return {"C": 10.0, "max_iter": 300}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._intents: list[str] = []
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
        from sklearn.linear_model import LogisticRegression  # only training needs it

        examples = [e for e in training_data.intent_examples if _features(e) is not None]
        labels = [example.get(INTENT) for example in examples]
        classifier = LogisticRegression(
            C=self._config["C"], max_iter=self._config["max_iter"], class_weight="balanced", random_state=0
        )
        classifier.fit(scipy.sparse.vstack([_features(e) for e in examples]), labels)
        self._intents = [str(name) for name in classifier.classes_]
        self._weights = np.ascontiguousarray(classifier.coef_.T, dtype=np.float32)
        self._bias = classifier.intercept_.astype(np.float32)
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "intents.json").write_text(json.dumps(self._intents, ensure_ascii=False))
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
            classifier._intents = json.loads((folder / "intents.json").read_text())
            with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
                classifier._weights, classifier._bias = np.ascontiguousarray(arrays["weights"]), arrays["bias"]
        return classifier

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Label the training messages, for components that come after."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set each message's intent and the ranking behind it."""
        for message in messages:
            features = _features(message)
            if features is None or not features.nnz:
                message.set(INTENT, {"name": None, "confidence": 0.0}, add_to_output=True)
                continue
            # A message has a few dozen features of many thousand: their rows alone are read.
            scores = features.data.astype(np.float32) @ self._weights[features.indices] + self._bias
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            order = np.argsort(-chances)[:_RANKING]
            ranking = [{"name": self._intents[i], "confidence": float(chances[i])} for i in order]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages


def _features(message: Message) -> scipy.sparse.csr_matrix | None:
    _, sentence = message.get_sparse_features(TEXT)
    return None if sentence is None else sentence.features.tocsr()
