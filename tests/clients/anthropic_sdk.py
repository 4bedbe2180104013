"""The official Anthropic SDK against a router in practice: anthropic_sdk.py BASE KEY primary|secondary|broken."""

import sys

import anthropic

base, key, who = sys.argv[1:]
client = anthropic.Anthropic(base_url=base, api_key=key, max_retries=0, _strict_response_validation=True)
hello = [{"role": "user", "content": "Hello to the keel"}]
city = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
tools = [{"name": "get_weather", "input_schema": city}]
by = {"primary": "practice-a", "secondary": "practice-b", "broken": "practice-b"}[who]
done = []


def check(test):
    test()
    done.append(test.__name__)


def raises(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__}")


def ask(**more):
    return client.messages.create(**{"model": "claude-haiku-4-5", "max_tokens": 200, "messages": hello, **more})


@check
def plain():
    answer = ask()
    assert by in answer.content[0].text and answer.stop_reason == "end_turn", answer
    assert answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0, answer.usage


@check
def headers():
    raw = client.messages.with_raw_response.create(model="claude-haiku-4-5", max_tokens=200, messages=hello)
    served_by = "primary" if who == "primary" else "secondary"
    assert raw.headers["x-evenkeel-served-by"] == served_by, raw.headers
    assert raw.headers["x-evenkeel-id"] and by in raw.parse().content[0].text


@check
def wrong_key():
    stranger = anthropic.Anthropic(base_url=base, api_key="ek-nobody", max_retries=0)
    call = lambda: stranger.messages.create(model="m", max_tokens=9, messages=hello)
    error = raises(anthropic.AuthenticationError, call)
    assert "evenkeel env" in error.message, error


@check
def wrong_model():
    if who == "secondary":
        return  # A provider that is down can't say that it doesn't have the model.
    error = raises(anthropic.NotFoundError, lambda: ask(model="missing-x"))
    assert "missing-x" in error.message, error


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
        raises(anthropic.APIError, lambda: seen.extend(ask(stream=True)))
        assert seen, "something came before the break"

        def helper():
            with client.messages.stream(model="claude-haiku-4-5", max_tokens=200, messages=hello) as stream:
                return stream.get_final_message()

        raises(anthropic.APIError, helper)
        return
    kinds = [event.type for event in ask(stream=True)]
    assert kinds[0] == "message_start" and kinds[-1] == "message_stop", kinds
    with client.messages.stream(model="claude-haiku-4-5", max_tokens=200, messages=hello) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert by in text and final.content[0].text == text and final.usage.output_tokens > 5, final


@check
def tool_round_trip():
    talk = [{"role": "user", "content": "Please use get_weather"}]
    first = ask(messages=talk, tools=tools)
    call = next(block for block in first.content if block.type == "tool_use")
    assert first.stop_reason == "tool_use" and call.input["city"], first
    talk.append({"role": "assistant", "content": [block.model_dump(exclude_none=True) for block in first.content]})
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "Sunny intervals"}
    talk.append({"role": "user", "content": [result]})
    assert "Sunny intervals" in ask(messages=talk, tools=tools).content[0].text


@check
def counts_tokens():
    if who != "primary":
        return  # Handed through to the first provider.
    assert client.messages.count_tokens(model="claude-haiku-4-5", messages=hello).input_tokens > 0


@check
def beta():
    # The SDK adds ?beta=true to the path.
    asked = {"model": "claude-haiku-4-5", "max_tokens": 200, "messages": hello}
    answer = client.beta.messages.create(**asked, betas=["x-2025-01-01"])
    assert answer.stop_reason == "end_turn", answer


print("done:", *done)
