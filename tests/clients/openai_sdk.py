"""The official OpenAI SDK."""

import json

import openai
import pydantic

from steps import BOTH_TOOLS, HELLO, ONE_TOOL, PNG, TOOLS, TURNS, base, failure, key, parameters, result, run, step

MODEL = "gpt-5-mini"
# Strict: an answer that does not have the documented shape is an error.
client = openai.OpenAI(base_url=base + "/v1", api_key=key, max_retries=0, _strict_response_validation=True)
hello = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": HELLO}]
functions = [{"name": name, "description": f"Runs {name}", "parameters": parameters()} for name in TOOLS]
tools = [{"type": "function", "function": function} for function in functions]
flat_tools = [{"type": "function", "strict": False, **function} for function in functions]


class Voyage(pydantic.BaseModel):
    title: str
    days: int
    ports: list[str]


def ask(**more):
    return client.chat.completions.create(**{"model": MODEL, "messages": hello, **more})


def respond(**more):
    return client.responses.create(**{"model": MODEL, "input": HELLO, "store": False, **more})


def used(usage):
    names = ("prompt_tokens", "completion_tokens")
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens, usage
    return {"input": getattr(usage, names[0]), "output": getattr(usage, names[1])}


def used_by(response):
    usage = response.usage
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens, usage
    return {"input": usage.input_tokens, "output": usage.output_tokens}


@step
def text():
    answer = ask()
    choice = answer.choices[0]
    return {"text": choice.message.content, "finish": choice.finish_reason, **used(answer.usage)}


@step
def stream():
    chunks = list(ask(stream=True, stream_options={"include_usage": True}))
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    finish = [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1]
    assert chunks[-1].choices == [], chunks[-1]
    return {"text": "".join(pieces), "pieces": len(pieces), "finish": finish, **used(chunks[-1].usage)}


@step
def by_environment():
    return {"text": openai.OpenAI().chat.completions.create(model=MODEL, messages=hello).choices[0].message.content}


@step
def usage_only_when_asked():
    # A chunk without choices that nobody asked for is what some programs trip over.
    chunks = list(ask(stream=True))
    return {"unasked": sum(1 for chunk in chunks if not chunk.choices or chunk.usage is not None)}


def one(streaming, **asked):
    if not streaming:
        return ask(**asked).choices[0]
    with client.chat.completions.stream(model=MODEL, **asked) as events:
        for _ in events:
            pass
        return events.get_final_completion().choices[0]


def loop(prompt, streaming):
    talk, calls = [{"role": "user", "content": prompt}], []
    for turn in range(TURNS):
        choice = one(streaming, messages=talk, tools=tools)
        if not choice.message.tool_calls:
            return {"calls": calls, "turns": turn + 1, "text": choice.message.content}
        assert choice.finish_reason == "tool_calls", choice
        said = [call.model_dump(include={"id", "type", "function"}) for call in choice.message.tool_calls]
        for call in said:
            # The SDK's parser adds to what came, and the vendor refuses that when it comes back.
            call["function"] = {name: call["function"][name] for name in ("name", "arguments")}
        talk.append({"role": "assistant", "content": choice.message.content, "tool_calls": said})
        for call in choice.message.tool_calls:
            calls.append([call.function.name, json.loads(call.function.arguments)])
            talk.append({"role": "tool", "tool_call_id": call.id, "content": result(call.function.name, prompt)})
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
    call = ask(tools=tools, tool_choice="required", parallel_tool_calls=False).choices[0].message.tool_calls
    return {"calls": [[one.function.name, json.loads(one.function.arguments)] for one in call]}


@step
def structured():
    answer = client.chat.completions.parse(model=MODEL, messages=hello, response_format=Voyage)
    return {"value": answer.choices[0].message.parsed.model_dump()}


@step
def image():
    url = "data:image/png;base64," + PNG
    parts = [{"type": "text", "text": HELLO}, {"type": "image_url", "image_url": {"url": url}}]
    return {"text": ask(messages=[{"role": "user", "content": parts}]).choices[0].message.content}


@step
def cut_short():
    answer = ask(max_completion_tokens=8)
    return {"text": answer.choices[0].message.content, "finish": answer.choices[0].finish_reason}


@step
def headers():
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=hello)
    return {"headers": dict(raw.headers), "text": raw.parse().choices[0].message.content}


@step
def models():
    names = [model.id for model in client.models.list()]
    return {"models": names, "one": client.models.retrieve(names[0]).id}


@step
def embeddings():
    # The SDK asks for base64 and unpacks it, which its own strict mode then takes for a mistake.
    lax = openai.OpenAI(base_url=base + "/v1", api_key=key, max_retries=0)
    answer = lax.embeddings.create(model="text-embedding-3-small", input=["keel", "mast"])
    return {"vectors": [len(row.embedding) for row in answer.data], "input": answer.usage.prompt_tokens}


@step
def embeddings_refused():
    return failure(lambda: client.embeddings.create(model="text-embedding-3-small", input="keel"))


@step
def wrong_key():
    stranger = openai.OpenAI(base_url=base + "/v1", api_key="ek-nobody", max_retries=0)
    return failure(lambda: stranger.chat.completions.create(model=MODEL, messages=hello))


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
def hang_up():
    with ask(stream=True) as events:
        first = next(chunk.choices[0].delta.content for chunk in events if chunk.choices[0].delta.content)
    return {"text": first}


@step
def responses_text():
    answer = respond(instructions="Be brief.")
    assert answer.status == "completed", answer
    return {"text": answer.output_text, **used_by(answer)}


@step
def responses_stream():
    events = list(respond(stream=True))
    pieces = [event.delta for event in events if event.type == "response.output_text.delta"]
    numbers = [event.sequence_number for event in events]
    assert numbers == sorted(set(numbers)), numbers
    final = events[-1].response
    assert final.output_text == "".join(pieces), final
    kinds = [event.type for event in events]
    return {"text": final.output_text, "pieces": len(pieces), "kinds": kinds, **used_by(final)}


def responses_loop(prompt, streaming):
    talk, calls = [{"role": "user", "content": prompt}], []
    for turn in range(TURNS):
        asked = {"model": MODEL, "input": talk, "tools": flat_tools, "store": False}
        if streaming:
            with client.responses.stream(**asked) as events:
                for _ in events:
                    pass
                answer = events.get_final_response()
        else:
            answer = client.responses.create(**asked)
        wanted = [item for item in answer.output if item.type == "function_call"]
        if not wanted:
            return {"calls": calls, "turns": turn + 1, "text": answer.output_text}
        for call in wanted:
            calls.append([call.name, json.loads(call.arguments)])
        # As a person would write it by hand, without what the SDK's parser adds.
        talk += [
            {"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments}
            for call in wanted
        ]
        talk += [
            {"type": "function_call_output", "call_id": call.call_id, "output": result(call.name, prompt)}
            for call in wanted
        ]
    raise AssertionError(f"no end of {calls}")


@step
def responses_tools():
    return responses_loop(ONE_TOOL, streaming=False)


@step
def responses_tools_streamed():
    return responses_loop(ONE_TOOL, streaming=True)


@step
def responses_image():
    url = "data:image/png;base64," + PNG
    parts = [{"type": "input_text", "text": HELLO}, {"type": "input_image", "detail": "auto", "image_url": url}]
    return {"text": respond(input=[{"role": "user", "content": parts}]).output_text}


@step
def responses_structured():
    answer = client.responses.parse(model=MODEL, input=HELLO, text_format=Voyage, store=False)
    return {"value": answer.output_parsed.model_dump()}


@step
def responses_state_refused():
    # Only the provider that made a response could go on from it, and none of ours made this one.
    return failure(lambda: respond(previous_response_id="resp_0123456789abcdef0123456789abcdef"))


run()
