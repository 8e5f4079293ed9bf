"""Asks a server for whatever its schema lets one ask: documents that are made from the schema as the server tells it, with
values that suit nobody.

Reads a task as JSON from standard input: `url`, `token`, values that are `fitting` by the names of the inputs that they fit, `spared`
root fields, `examples` for each of the others, and a `seed`. Prints as JSON how often each code came in the `answers`, the
`mistakes` of the server (an answer that has a status from 500 on, or an error INTERNAL or UNAVAILABLE) with the smallest document that
brought it there, and `subscriptions`.
"""

import json
import re
import sys
import urllib.error
import urllib.request

import graphql
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyFailure, InvalidArgument
from hypothesis_graphql import Mode, mutations, nodes, queries

TASK = json.load(sys.stdin)

TEXTS = ["", " ", "\0", "a\0b", "\u202e", "\ufeff", "\U0010ffff", "e\u0301" * 100, "👩‍👩‍👧‍👦", "👍", '"', "\\", "'; --", "%00"]
TEXTS += ["x" * 30_000, "{}", "[", "null", "-1", "1e999", "0" * 40, "a@b.c", "+1 (0)", "MA==", "////", "https://x/\0"]
TEXTS += ["https://x/" + "a" * 3_000, "@ada", "ada"]
MOMENTS = ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "-9999-01-01T00:00:00Z", "+275760-09-13T00:00:00Z"]
MOMENTS += ["2026-02-30T00:00:00Z", "2026-06-30T23:59:60Z", "1970-01-01T00:00:00+23:59", "2026-01-01", "now", ""]
NUMBERS = [0, -1, 2**31 - 1, -(2**31), 2**31, 2**32, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**40]


def post(document, variables=None):
    body = json.dumps({"query": document, "variables": variables}).encode()
    headers = {"content-type": "application/json", "authorization": "Bearer " + TASK["token"]}
    try:
        with urllib.request.urlopen(urllib.request.Request(TASK["url"], body, headers), timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as answer:
        return answer.code, json.load(answer)


def json_value(value):
    match value:
        case list():
            return nodes.List([json_value(item) for item in value])
        case dict():
            fields = [graphql.ObjectFieldNode(name=graphql.NameNode(value=name), value=json_value(value[name])) for name in value]
            return nodes.Object(fields)
        case bool():
            return nodes.Boolean(value)
        case int():
            return nodes.Int(value)
    return nodes.String(value)


texts = st.sampled_from(TEXTS + sum(TASK["fitting"].values(), [])) | st.text(max_size=40)
numbers = st.one_of(st.integers(0, 120), st.integers(-(2**31), 2**31 - 1), st.sampled_from(NUMBERS))
moments = st.sampled_from(MOMENTS) | st.datetimes().map(lambda moment: moment.isoformat() + "Z")
leaves = st.booleans() | numbers | texts
trees = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("abcd"), inner), max_leaves=8)
OF_KIND = {"ID": texts, "String": texts, "Int": numbers, "DateTime": moments, "JSON": trees}


def inputs(introspection):
    """All that is given by a name, as arguments or within them."""
    for kind in introspection["__schema"]["types"]:
        yield from kind["inputFields"] or []
        for field in kind["fields"] or []:
            yield from field["args"]


def tell_apart(introspection):
    """Gives scalars a kind of their own for each name that they are given by, in this copy of the schema: most of their values fit
    there, so that one that does not is looked at together with others that do."""
    strategies = {}
    for one in inputs(introspection):
        kind = one["type"]
        while kind.get("ofType"):
            kind = kind["ofType"]
        if kind["kind"] != "SCALAR" or kind["name"] not in OF_KIND:
            continue
        any_value, name = OF_KIND[kind["name"]], f"{kind['name']}_{one['name']}"
        fitting = TASK["fitting"].get(one["name"])
        value = st.one_of(*[st.sampled_from(fitting)] * 4, any_value) if fitting else any_value
        strategies[name] = value.map(json_value)
        kind["name"] = name
    as_scalar = next(kind for kind in introspection["__schema"]["types"] if kind["name"] == "String")
    introspection["__schema"]["types"] += [as_scalar | {"name": name} for name in strategies]
    return strategies


def with_variables(document, root):
    """The same with its arguments given apart from the document, as most clients do."""
    [operation] = document.definitions
    [field] = operation.selection_set.selections
    values = {argument.name.value: graphql.value_from_ast_untyped(argument.value) for argument in field.arguments}
    name, within = field.name.value, graphql.print_ast(field.selection_set) if field.selection_set else ""
    # By the schema's own names of scalars again.
    kind = lambda one: re.sub(r"\b(ID|String|Int|DateTime|JSON)_\w+", r"\1", str(root.fields[name].args[one].type))
    told, given = (", ".join(f"{sign}{one}: {what(one)}" for one in values) for sign, what in [("$", kind), ("", "${}".format)])
    brackets = (lambda inner: f"({inner})") if values else str
    return f"{operation.operation.value} {brackets(told)} {{ {name}{brackets(given)} {within} }}", values


def documents(schema, scalars, make, root, field):
    """Documents with their variables. Three in four keep the schema's rules, the others break one."""
    def of(mode):
        return make(schema, fields=[field], custom_scalars=scalars, mode=mode, print_ast=lambda document: document)

    def finished(made):
        document, apart = made
        return with_variables(document, root) if apart else (graphql.print_ast(document), None)

    right = st.tuples(of(Mode.POSITIVE), st.booleans()).map(finished)
    wrong = of(Mode.NEGATIVE).map(lambda document: (graphql.print_ast(document), None))
    return right, st.integers(0, 3).flatmap(lambda n: right if n else wrong)


class Mistake(Exception):
    pass


def each(strategy, look):
    """Looks at as many of the documents as are wanted."""

    @seed(TASK["seed"])
    @settings(max_examples=TASK["examples"], database=None, deadline=None, report_multiple_bugs=False, phases=[Phase.generate, Phase.shrink],
              suppress_health_check=list(HealthCheck))
    @given(strategy)
    def run(made):
        look(made)

    run()


def judge(made, told):
    status, answer = post(*made)
    codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
    for code in codes or ["none"]:
        told[code] = told.get(code, 0) + 1
    if status >= 500 or "INTERNAL" in codes or "UNAVAILABLE" in codes or not ("data" in answer or codes):
        raise Mistake(f"{status} {json.dumps(answer)[:1000]}\n  by {json.dumps(made)[:3000]}")


def main():
    _, answer = post(graphql.get_introspection_query())
    scalars = tell_apart(answer["data"])
    schema = graphql.build_client_schema(answer["data"])
    mistakes, told = [], {}
    for make, root in [(queries, schema.query_type), (mutations, schema.mutation_type)]:
        for field in root.fields:
            if field in TASK["spared"]:
                continue
            right, both = documents(schema, scalars, make, root, field)
            try:
                try:
                    each(both, lambda made: judge(made, told))
                except InvalidArgument:  # There is no rule to break.
                    each(right, lambda made: judge(made, told))
            except Mistake as mistake:
                mistakes.append(f"{field}: {mistake}")
            except FlakyFailure as mistakes_once:  # What was done before made the difference.
                mistakes += [f"{field}, once: {mistake}" for mistake in mistakes_once.exceptions]
    # Subscriptions need another transport than this has: they are printed, for others to send.
    root, subscriptions = schema.subscription_type, []
    as_queries = graphql.GraphQLSchema(**(schema.to_kwargs() | {"query": root, "mutation": None, "subscription": None}))
    for field in root.fields:
        right, _ = documents(as_queries, scalars, queries, root, field)
        each(right, lambda made: subscriptions.append(("subscription " + made[0].removeprefix("query "), made[1])))
    print(json.dumps({"answers": told, "mistakes": mistakes, "subscriptions": subscriptions}))


main()
