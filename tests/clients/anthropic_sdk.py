"""The official Anthropic SDK."""

import json

import anthropic
import pydantic
from anthropic import beta_tool

from steps import BOTH_TOOLS, HELLO, ONE_TOOL, PNG, TOOLS, TURNS, base, failure, key, parameters, result, run, step

# Strict: an answer that does not have the documented shape is an error.
client = anthropic.Anthropic(base_url=base, api_key=key, max_retries=0, _strict_response_validation=True)
hello = [{"role": "user", "content": HELLO}]
asked = {"model": "claude-haiku-4-5", "max_tokens": 200}
tools = [{"name": name, "description": f"Runs {name}", "input_schema": parameters()} for name in TOOLS]


class Voyage(pydantic.BaseModel):
    title: str
    days: int
    ports: list[str]


def ask(**more):
    return client.messages.create(**{**asked, "system": "Be brief.", "messages": hello, **more})


def used(usage):
    return {"input": usage.input_tokens, "output": usage.output_tokens}


@step
def text():
    answer = ask()
    return {"text": answer.content[0].text, "finish": answer.stop_reason, **used(answer.usage)}


@step
def stream():
    with client.messages.stream(**asked, messages=hello) as events:
        pieces = list(events.text_stream)
        final = events.get_final_message()
    assert final.content[0].text == "".join(pieces), final
    return {"text": "".join(pieces), "pieces": len(pieces), "finish": final.stop_reason, **used(final.usage)}


@step
def by_environment():
    return {"text": anthropic.Anthropic().messages.create(**asked, messages=hello).content[0].text}


@step
def events():
    kinds = [event.type for event in ask(stream=True)]
    return {"first": kinds[0], "last": kinds[-1], "kinds": kinds}


def one(streaming, **more):
    if not streaming:
        return ask(**more)
    with client.messages.stream(**asked, **more) as events:
        return events.get_final_message()


def loop(prompt, streaming):
    talk, calls = [{"role": "user", "content": prompt}], []
    for turn in range(TURNS):
        answer = one(streaming, messages=talk, tools=tools)
        wanted = [block for block in answer.content if block.type == "tool_use"]
        if not wanted:
            return {"calls": calls, "turns": turn + 1, "text": answer.content[0].text}
        assert answer.stop_reason == "tool_use", answer
        calls += [[call.name, call.input] for call in wanted]
        talk.append({"role": "assistant", "content": [json.loads(block.to_json()) for block in answer.content]})
        results = [
            {"type": "tool_result", "tool_use_id": call.id, "content": result(call.name, prompt)} for call in wanted
        ]
        talk.append({"role": "user", "content": results})
    raise AssertionError(f"no end of {calls}")


@step
def tools_in_turn():
    return loop(ONE_TOOL, streaming=False)


@step
def tools_in_turn_streamed():
    return loop(ONE_TOOL, streaming=True)


@step
def tools_at_once():
    return loop(BOTH_TOOLS, streaming=False)


@step
def tool_required():
    answer = ask(tools=tools, tool_choice={"type": "any", "disable_parallel_tool_use": True})
    return {"calls": [[block.name, block.input] for block in answer.content if block.type == "tool_use"]}


@step
def tool_runner():
    calls = []

    @beta_tool
    def get_weather(place: str) -> str:
        """Tells the weather.

        Args:
            place: A harbour.
        """
        calls.append(["get_weather", {"place": place}])
        return result("get_weather", ONE_TOOL)

    @beta_tool
    def get_tide(place: str) -> str:
        """Tells the tide.

        Args:
            place: A harbour.
        """
        calls.append(["get_tide", {"place": place}])
        return result("get_tide", ONE_TOOL)

    talk = [{"role": "user", "content": ONE_TOOL}]
    runner = client.beta.messages.tool_runner(**asked, messages=talk, tools=[get_weather, get_tide])
    answers = list(runner)
    return {"calls": calls, "turns": len(answers), "text": answers[-1].content[0].text}


@step
def structured():
    answer = client.messages.parse(**asked, messages=hello, output_format=Voyage)
    return {"value": answer.parsed_output.model_dump()}


@step
def image():
    source = {"type": "base64", "media_type": "image/png", "data": PNG}
    parts = [{"type": "text", "text": HELLO}, {"type": "image", "source": source}]
    return {"text": ask(messages=[{"role": "user", "content": parts}]).content[0].text}


@step
def cut_short():
    answer = ask(max_tokens=8)
    return {"text": answer.content[0].text, "finish": answer.stop_reason}


@step
def headers():
    raw = client.messages.with_raw_response.create(**asked, messages=hello)
    return {"headers": dict(raw.headers), "text": raw.parse().content[0].text}


@step
def models():
    names = [model.id for model in client.models.list()]
    return {"models": names, "one": client.models.retrieve(names[0]).id}


@step
def counts_tokens():
    return {"input": client.messages.count_tokens(model=asked["model"], messages=hello).input_tokens}


@step
def beta():
    # The SDK adds ?beta=true to the path, and a header that only one vendor knows.
    answer = client.beta.messages.create(**asked, messages=hello, betas=["x-2025-01-01"])
    return {"text": answer.content[0].text, "finish": answer.stop_reason, **used(answer.usage)}


@step
def wrong_key():
    stranger = anthropic.Anthropic(base_url=base, api_key="ek-nobody", max_retries=0)
    return failure(lambda: stranger.messages.create(**asked, messages=hello))


@step
def wrong_model():
    return failure(lambda: ask(model="missing-x"))


@step
def wrong_request():
    return failure(lambda: ask(model="bad-request"))


@step
def broken_stream():
    seen = []
    return {**failure(lambda: seen.extend(ask(stream=True))), "pieces": len(seen)}


@step
def broken_helper():
    def helper():
        with client.messages.stream(**asked, messages=hello) as events:
            return events.get_final_message()

    return failure(helper)


@step
def hang_up():
    with client.messages.stream(**asked, messages=hello) as events:
        first = next(events.text_stream)
    return {"text": first}


run()
