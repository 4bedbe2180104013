"""The official OpenAI SDK against a router in practice: openai_sdk.py BASE KEY primary|secondary|broken."""

import json
import sys

import openai

base, key, who = sys.argv[1:]
client = openai.OpenAI(base_url=base + "/v1", api_key=key, max_retries=0, _strict_response_validation=True)
hello = [{"role": "user", "content": "Hello to the keel"}]
city = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
tools = [{"type": "function", "function": {"name": "get_weather", "parameters": city}}]
by = {"primary": "practice-a", "secondary": "practice-b", "broken": "practice-b"}[who]
done = []


def check(test):
    test()
    done.append(test.__name__)


def raises(kind, call):
    try:
        call()
    except kind as error:
        assert type(error) is kind, type(error)
        return error
    raise AssertionError(f"no {kind.__name__}")


def ask(**more):
    return client.chat.completions.create(**{"model": "gpt-5-mini", "messages": hello, **more})


def text_of(stream):
    return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)


@check
def plain():
    answer = ask()
    assert by in answer.choices[0].message.content and answer.choices[0].finish_reason == "stop", answer
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


@check
def headers():
    raw = client.chat.completions.with_raw_response.create(model="gpt-5-mini", messages=hello)
    served_by = "primary" if who == "primary" else "secondary"
    assert raw.headers["x-evenkeel-served-by"] == served_by, raw.headers
    assert raw.headers["x-evenkeel-id"] and raw.headers["x-evenkeel-practice"] == "true"
    assert by in raw.parse().choices[0].message.content


@check
def wrong_key():
    stranger = openai.OpenAI(base_url=base + "/v1", api_key="ek-nobody", max_retries=0)
    error = raises(openai.AuthenticationError, lambda: stranger.chat.completions.create(model="m", messages=hello))
    assert error.code == "invalid_local_key" and "evenkeel env" in error.message, error


@check
def wrong_model():
    if who == "secondary":
        return  # A provider that is down can't say that it doesn't have the model.
    error = raises(openai.NotFoundError, lambda: ask(model="missing-x"))
    assert error.code == "model_not_served" and "missing-x" in error.message, error


@check
def models():
    if who != "primary":
        return  # Handed through to the first provider.
    names = [model.id for model in client.models.list()]
    assert names and client.models.retrieve(names[0]).id == names[0], names


@check
def streams():
    if who == "broken":
        seen = []
        error = raises(openai.APIError, lambda: seen.extend(ask(stream=True)))
        assert seen, "something came before the break"
        assert error.message, error
        return
    assert by in text_of(ask(stream=True))
    chunks = list(ask(stream=True, stream_options={"include_usage": True}))
    assert chunks[-1].usage.total_tokens > 0 and chunks[-1].choices == [], chunks[-1]
    # Usage that nobody asked for would be a chunk that some programs trip over.
    assert all(chunk.choices and chunk.usage is None for chunk in ask(stream=True))


@check
def tool_round_trip():
    talk = [{"role": "user", "content": "Please use get_weather"}]
    first = ask(messages=talk, tools=tools)
    call = first.choices[0].message.tool_calls[0]
    assert first.choices[0].finish_reason == "tool_calls" and "city" in json.loads(call.function.arguments)
    talk.append(first.choices[0].message.model_dump(exclude_none=True))
    talk.append({"role": "tool", "tool_call_id": call.id, "content": "Sunny intervals"})
    assert "Sunny intervals" in ask(messages=talk, tools=tools).choices[0].message.content


@check
def streamed_tools():
    if who == "broken":
        return
    with client.chat.completions.stream(model="gpt-5-mini", messages=hello, tools=tools, tool_choice="required") as s:
        for _ in s:
            pass
        call = s.get_final_completion().choices[0].message.tool_calls[0]
    assert json.loads(call.function.arguments)["city"], call


print("done:", *done)
