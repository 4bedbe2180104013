"""What the Python scripts share. A script is called with BASE KEY STEP…, runs the steps that are named, and prints
one line of JSON for each: what the client's user would see, or the client's own error. What is right is for the
test in Rust to say."""

import json
import os
import sys

base, key, *wanted = sys.argv[1:]
known = {}

HELLO = "Hello to the keel"
TOOLS = ("get_weather", "get_tide")
ONE_TOOL = "Please use get_weather for the harbour"
BOTH_TOOLS = "Please use get_weather and get_tide for the harbour"
# One pixel.
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
# More turns than any conversation here takes.
TURNS = 6


def step(function):
    known[function.__name__] = function
    return function


def result(name, prompt):
    """What a tool gives back. After ONE_TOOL it names the other tool, which makes a conversation of three turns."""
    if name == "get_tide":
        return "High water at noon"
    return "Sunny intervals, and now get_tide" if prompt == ONE_TOOL else "Sunny intervals"


def parameters():
    return {
        "type": "object",
        "properties": {"place": {"type": "string", "description": "A harbour"}},
        "required": ["place"],
        "additionalProperties": False,
    }


def failure(call):
    """The error that `call` has to end in, as its user reads it."""
    try:
        seen = call()
    except Exception as error:
        return {"error": type(error).__name__, "status": getattr(error, "status_code", None), "message": str(error)}
    raise AssertionError(f"there was no error but {seen!r}")


def run():
    failed = False
    for name in wanted:
        try:
            line = {"step": name, "ok": True, **known[name]()}
        except Exception as error:
            trace = error.__traceback__
            while trace.tb_next and trace.tb_next.tb_frame.f_code.co_filename.startswith(sys.path[0]):
                trace = trace.tb_next
            told = f"{type(error).__name__}: {error}"
            at = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"
            line = {"step": name, "ok": False, "error": told, "at": at}
            failed = True
        print(json.dumps(line, default=str), flush=True)
    sys.exit(1 if failed else 0)
