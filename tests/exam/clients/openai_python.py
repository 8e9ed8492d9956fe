"""OpenAI's Python library against a server of Cogumi. Prints what it got as JSON; tests/exam/clients.test.ts judges it."""

import json
import math
import sys

from openai import BadRequestError, NotFoundError, OpenAI, pydantic_function_tool
from pydantic import BaseModel, Field

_, base_url, model = sys.argv
client = OpenAI(base_url=base_url, api_key="none", max_retries=0)
question = [{"role": "user", "content": "Say hello."}]
got: dict = {"models": [each.id for each in client.models.list()]}


class City(BaseModel):
    city: str = Field(max_length=20)
    people: int = Field(ge=0, le=999)


class Weather(BaseModel):
    """Tells the weather of a city."""

    city: str = Field(max_length=20)


def calls_of(message):
    return [
        {"toolName": call.function.name, "input": json.loads(call.function.arguments)}
        for call in message.tool_calls or []
    ]


ask = {"model": model, "messages": question, "max_tokens": 16, "temperature": 0}
whole = client.chat.completions.create(**ask)
streamed, usage = "", None
for chunk in client.chat.completions.create(
    **ask, stream=True, stream_options={"include_usage": True}
):
    streamed += "".join(choice.delta.content or "" for choice in chunk.choices)
    usage = chunk.usage or usage
structured = (
    client.chat.completions.parse(**{**ask, "max_tokens": 120}, response_format=City)
    .choices[0]
    .message.parsed
)
tools = [pydantic_function_tool(Weather, name="weather")]
asked = {
    **ask,
    "max_tokens": 120,
    "messages": [{"role": "user", "content": "What is the weather in Rome?"}],
    "tools": tools,
    "parallel_tool_calls": False,
}
first = (
    client.chat.completions.create(**asked, tool_choice="required").choices[0].message
)
results = [
    {"role": "tool", "tool_call_id": call.id, "content": '{"sky": "clear"}'}
    for call in first.tool_calls
]
# As the library dumps it, with every field that is null.
history = [*asked["messages"], first.model_dump(), *results]
last = client.chat.completions.create(
    **{**asked, "messages": history, "max_tokens": 16}, tool_choice="none"
)
with client.chat.completions.stream(**asked, tool_choice="required") as stream:
    final = stream.get_final_completion()
got["chat"] = {
    "text": whole.choices[0].message.content,
    "streamed": streamed,
    "usage": [usage.completion_tokens, whole.usage.completion_tokens],
    "structured": structured.model_dump(),
    "calls": calls_of(first),
    "last": last.choices[0].message.content,
    "streamedCalls": calls_of(final.choices[0].message),
}

ask = {"model": model, "input": "Say hello.", "max_output_tokens": 16, "temperature": 0}
whole = client.responses.create(**ask)
with client.responses.stream(**ask) as stream:
    streamed = "".join(
        event.delta for event in stream if event.type == "response.output_text.delta"
    )
structured = client.responses.parse(
    **{**ask, "max_output_tokens": 120}, text_format=City
).output_parsed
tool = {
    "type": "function",
    "name": "weather",
    "strict": True,
    "parameters": tools[0]["function"]["parameters"],
}
asked = {**ask, "max_output_tokens": 120, "tools": [tool], "parallel_tool_calls": False}
first = client.responses.create(**asked, tool_choice="required")
calls = [item for item in first.output if item.type == "function_call"]
results = [
    {"type": "function_call_output", "call_id": call.call_id, "output": "clear"}
    for call in calls
]
history = [{"role": "user", "content": "What is the weather?"}, *first.output, *results]
last = client.responses.create(
    **{**asked, "input": history, "max_output_tokens": 16}, tool_choice="none"
)
got["responses"] = {
    "text": whole.output_text,
    "streamed": streamed,
    "structured": structured.model_dump(),
    "calls": [
        {"toolName": call.name, "input": json.loads(call.arguments)} for call in calls
    ],
    "last": last.output_text,
}

got["completion"] = {
    "text": client.completions.create(model=model, prompt="Once", max_tokens=8)
    .choices[0]
    .text
}
vectors = client.embeddings.create(model=model, input=["one", "two"])
got["embeddings"] = {"lengths": [math.hypot(*each.embedding) for each in vectors.data]}
refusals = {}
for name, error, call in [
    (
        "model",
        NotFoundError,
        lambda: client.chat.completions.create(model="none", messages=question),
    ),
    (
        "field",
        BadRequestError,
        lambda: client.chat.completions.create(
            model=model, messages=question, verbosity="low"
        ),
    ),
]:
    try:
        call()
    except error as refusal:
        refusals[name] = refusal.code
got["refusals"] = refusals
print(json.dumps(got))
