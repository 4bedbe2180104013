"""The OpenAI Agents SDK (openai-agents), whose runner makes the tool calls itself: responses and chat completions."""

import asyncio

from agents import (
    Agent,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    ModelSettings,
    Runner,
    function_tool,
    set_default_openai_api,
    set_tracing_disabled,
)
from openai import AsyncOpenAI
from pydantic import BaseModel

from steps import BOTH_TOOLS, HELLO, ONE_TOOL, TURNS, base, key, result, run, step

# Traces would go to the vendor.
set_tracing_disabled(True)
calls, prompted = [], []
# One for all steps, for the client's connections belong to it.
loop = asyncio.new_event_loop()


class Voyage(BaseModel):
    title: str
    days: int
    ports: list[str]


@function_tool
def get_weather(place: str) -> str:
    """Tells the weather."""
    calls.append(["get_weather", {"place": place}])
    return result("get_weather", prompted[-1])


@function_tool
def get_tide(place: str) -> str:
    """Tells the tide."""
    calls.append(["get_tide", {"place": place}])
    return result("get_tide", prompted[-1])


def agent(kind, api_key=key, model="gpt-5-mini", **more):
    client = AsyncOpenAI(base_url=base + "/v1", api_key=api_key, max_retries=0)
    settings = ModelSettings(store=False, include_usage=True)
    return Agent(
        name="Pilot",
        instructions="Be brief.",
        model=kind(model=model, openai_client=client),
        model_settings=settings,
        **more,
    )


def told(result):
    usage = result.context_wrapper.usage
    return {"text": result.final_output, "input": usage.input_tokens, "output": usage.output_tokens}


async def text(kind):
    return told(await Runner.run(agent(kind), HELLO))


async def stream(kind):
    result, pieces = Runner.run_streamed(agent(kind), HELLO), 0
    async for event in result.stream_events():
        pieces += event.type == "raw_response_event" and event.data.type == "response.output_text.delta"
    return {**told(result), "pieces": pieces}


async def tools(kind, prompt, streaming=False):
    calls.clear()
    prompted.append(prompt)
    pilot = agent(kind, tools=[get_weather, get_tide])
    if streaming:
        result = Runner.run_streamed(pilot, prompt, max_turns=TURNS)
        async for _ in result.stream_events():
            pass
    else:
        result = await Runner.run(pilot, prompt, max_turns=TURNS)
    return {"calls": list(calls), "turns": len(result.raw_responses), "text": result.final_output}


async def structured(kind):
    return {"value": (await Runner.run(agent(kind, output_type=Voyage), HELLO)).final_output.model_dump()}


async def wrong(kind, **more):
    try:
        seen = await Runner.run(agent(kind, **more), HELLO)
    except Exception as error:
        return {"error": type(error).__name__, "status": error.status_code, "message": str(error)}
    raise AssertionError(f"there was no error but {seen!r}")


@step
def by_environment():
    set_default_openai_api("chat_completions")
    pilot = Agent(name="Pilot", model="gpt-5-mini")
    return {"text": loop.run_until_complete(Runner.run(pilot, HELLO)).final_output}


for name, kind in {"responses": OpenAIResponsesModel, "chat": OpenAIChatCompletionsModel}.items():
    for function, steps in {
        "text": text,
        "stream": stream,
        "tools": lambda kind: tools(kind, ONE_TOOL),
        "tools_streamed": lambda kind: tools(kind, ONE_TOOL, streaming=True),
        "tools_at_once": lambda kind: tools(kind, BOTH_TOOLS),
        "structured": structured,
        "wrong_key": lambda kind: wrong(kind, api_key="ek-nobody"),
        "wrong_model": lambda kind: wrong(kind, model="missing-x"),
    }.items():
        act = lambda steps=steps, kind=kind: loop.run_until_complete(steps(kind))
        act.__name__ = f"{name}_{function}"
        step(act)

run()
