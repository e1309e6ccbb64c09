"""Runs a model's graph one node after the other."""

from collections.abc import Callable
from functools import partial
from graphlib import TopologicalSorter
from typing import Any

from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner

Step = tuple[str, Callable[..., Any], tuple[tuple[str, str], ...]]
"""A node's name, what it does, and the node that gives each of its parameters."""


class SequentialGraphRunner(DaskGraphRunner):
    """As Rasa's runner, but the order of the nodes is worked out once, not anew for each of a turn's three runs.

    Dask does not run nodes at once here either: Rasa calls its synchronous scheduler. Errors come as they are.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._orders: dict[tuple[str, ...], list[Step]] = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The outputs of the targets."""
        wanted = tuple(targets or self._graph_schema.target_names)
        if wanted not in self._orders:
            self._orders[wanted] = self._order(wanted)
        outputs = dict(inputs or {})
        for name, work, needs in self._orders[wanted]:
            outputs[name] = work(**{parameter: outputs[giver] for parameter, giver in needs})
        return {name: outputs[name] for name in wanted}

    def _order(self, targets: tuple[str, ...]) -> list[Step]:
        nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
        order = TopologicalSorter(
            {name: [need for need in node.needs.values() if need in nodes] for name, node in nodes.items()}
        )
        return [
            (name, _work_of(self._instantiated_nodes[name]), tuple(nodes[name].needs.items()))
            for name in order.static_order()
        ]


def _work_of(node: GraphNode) -> Callable[..., Any]:
    """What a node does with its parameters; its component, where nothing else has to happen before or after."""
    if node._eager and not node._hooks:
        return partial(node._fn, node._component)
    givers = node._inputs

    def run(**given: Any) -> Any:
        return node(*((givers[parameter], value) for parameter, value in given.items()))[1]

    return run
