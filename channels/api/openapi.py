"""The OpenAPI 3.1 document, made of the declarations that serve and check."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic.json_schema import models_json_schema

from channels.api.fields import Given
from channels.api.models import ErrorShown
from channels.api.operations import Operation

_REF = "#/components/schemas/{model}"
_ERRORS = {
    400: "请求不对：不是有效的 JSON、字段不认识或类型不对",
    401: "没有密钥，或者密钥无效、已停用",
    403: "密钥没有这个范围、角色，或者不是本单位的工单",
    404: "没有这张工单、附件、预警或条目，或者不归这个密钥看",
    409: "现在不能这样做：状态不对、刚有变化，或者编号已登记过",
    413: "太大了",
    415: "内容的类型不对",
    422: "缺少这一步要写的内容，写的话不能这样发出去（findings），或者 Idempotency-Key 已用在别的请求上",
    429: "太快了，等 Retry-After 秒再来",
    503: "附件暂时打不开，或者短信暂时发不出去；等 Retry-After 秒再来",
}
_PARAMETERS = {"number": "工单编号", "attachment": "附件编号", "alarm": "预警编号"}


def document(operations: Sequence[Operation], title: str) -> dict[str, Any]:
    """The document of all operations."""
    models = [model for operation in operations for model in operation.models] + [ErrorShown]
    _, schema = models_json_schema([(model, _mode(model)) for model in dict.fromkeys(models)], ref_template=_REF)
    schemas: dict[str, Any] = schema["$defs"]
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation, schemas)
    for operation in operations:
        schemas.pop(operation.query.__name__, None)  # its fields stand with the operation
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{title} · 工单接口", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "接口密钥，ltb_…"}},
        },
        "security": [{"key": []}],
    }


def _described(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": f"需要的范围：{operation.scope}",
        "parameters": [*_path_parameters(operation.path), *_query_parameters(schemas[operation.query.__name__])],
        "responses": {str(operation.status): _success(operation)} | _errors(operation),
    }
    if operation.changes:
        described["parameters"].append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "每件事一个不同的值；重发时不变，同一件事就只做一次",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            }
        )
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": _json(operation.body)}
    if operation.takes_file:
        described["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
    return described


def _path_parameters(path: str) -> Iterable[dict[str, Any]]:
    for name, description in _PARAMETERS.items():
        if f"{{{name}}}" in path:
            text = {"type": "string"}
            yield {"name": name, "in": "path", "required": True, "description": description, "schema": text}


def _query_parameters(schema: dict[str, Any]) -> Iterable[dict[str, Any]]:
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        parameter = {"name": name, "in": "query", "required": name in required, "schema": field}
        yield parameter | ({"description": field["description"]} if "description" in field else {})


def _success(operation: Operation) -> dict[str, Any]:
    content = {"*/*": {}} if operation.answers is None else _json(operation.answers)
    return {"description": operation.summary, "content": content}


def _errors(operation: Operation) -> dict[str, Any]:
    told = {400, 401, 403, 404, 429}
    if operation.changes:
        told |= {409, 413, 415, 422}
    if operation.answers is None or operation.may_be_unable:
        told |= {503}
    content = _json(ErrorShown)
    return {str(status): {"description": _ERRORS[status], "content": content} for status in sorted(told)}


def _json(model: type[Any]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}}}


def _mode(model: type[Any]) -> Any:
    return "serialization" if issubclass(model, Given) and model is not ErrorShown else "validation"
