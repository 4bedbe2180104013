"""LangChain, by the packages for both vendors: chat completions, responses and messages."""

import os

# Its tracer would ask a host on the internet.
os.environ["LANGSMITH_TRACING"] = "false"

from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, Field

from steps import BOTH_TOOLS, HELLO, ONE_TOOL, TURNS, base, failure, key, result, run, step

for_openai = {"model": "gpt-5-mini", "base_url": base + "/v1", "api_key": key, "max_retries": 0}
for_anthropic = {"model": "claude-haiku-4-5", "base_url": base, "max_tokens": 200, "max_retries": 0}
prompted = []
hello = [SystemMessage("Be brief."), HumanMessage(HELLO)]


class Voyage(BaseModel):
    """A voyage."""

    title: str = Field(description="Its name")
    days: int
    ports: list[str]


@tool
def get_weather(place: str) -> str:
    """Tells the weather."""
    return result("get_weather", prompted[-1])


@tool
def get_tide(place: str) -> str:
    """Tells the tide."""
    return result("get_tide", prompted[-1])


TOOLS = {"get_weather": get_weather, "get_tide": get_tide}


def chat(**more):
    return ChatOpenAI(**{**for_openai, "stream_usage": True, **more})


def responses(**more):
    return ChatOpenAI(**{**for_openai, "use_responses_api": True, "store": False, **more})


def messages(**more):
    return ChatAnthropic(**{**for_anthropic, "api_key": key, **more})


def told(message):
    usage = message.usage_metadata or {}
    return {"text": message.text, "input": usage.get("input_tokens"), "output": usage.get("output_tokens")}


def text(model):
    return told(model.invoke(hello))


def stream(model):
    whole, pieces = None, 0
    for piece in model.stream(hello):
        pieces += bool(piece.text)
        whole = piece if whole is None else whole + piece
    return {**told(whole), "pieces": pieces}


def loop(model, prompt, streaming=False):
    prompted.append(prompt)
    model, talk, calls = model.bind_tools(list(TOOLS.values())), [HumanMessage(prompt)], []
    for turn in range(TURNS):
        answer = None
        if streaming:
            for piece in model.stream(talk):
                answer = piece if answer is None else answer + piece
        else:
            answer = model.invoke(talk)
        if not answer.tool_calls:
            return {"calls": calls, "turns": turn + 1, "text": answer.text}
        talk.append(answer)
        for call in answer.tool_calls:
            calls.append([call["name"], call["args"]])
            talk.append(ToolMessage(TOOLS[call["name"]].invoke(call["args"]), tool_call_id=call["id"]))
    raise AssertionError(f"no end of {calls}")


def structured(model, **how):
    return {"value": model.with_structured_output(Voyage, **how).invoke(hello).model_dump()}


def hang_up(model):
    pieces = model.stream(hello)
    first = next(piece.text for piece in pieces if piece.text)
    pieces.close()
    return {"text": first}


@step
def chat_by_environment():
    return {"text": ChatOpenAI(model=for_openai["model"]).invoke(hello).text}


@step
def messages_by_environment():
    return {"text": ChatAnthropic(model=for_anthropic["model"]).invoke(hello).text}


for name, model in {"chat": chat, "responses": responses, "messages": messages}.items():
    for function, steps in {
        "text": lambda model: text(model()),
        "stream": lambda model: stream(model()),
        "tools": lambda model: loop(model(), ONE_TOOL),
        "tools_streamed": lambda model: loop(model(), ONE_TOOL, streaming=True),
        "tools_at_once": lambda model: loop(model(), BOTH_TOOLS),
        "structured": lambda model: structured(model()),
        "structured_by_tool": lambda model: structured(model(), method="function_calling"),
        "wrong_key": lambda model: failure(lambda: model(api_key="ek-nobody").invoke(hello)),
        "wrong_model": lambda model: failure(lambda: model(model="missing-x").invoke(hello)),
        "hang_up": lambda model: hang_up(model()),
    }.items():
        act = lambda steps=steps, model=model: steps(model)
        act.__name__ = f"{name}_{function}"
        step(act)

run()
