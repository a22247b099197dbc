# What is read by type checkers alone: `# error` is refused in that line, `# is TYPE` is the type of what `reveal_type` holds.
from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typing_extensions import reveal_type

if TYPE_CHECKING:
    from typed_pets import AsyncClient, Client, Pet, PetParam

client = Client("pets.json", api_key="k")
pet: PetParam = {
    "secret": "s", "name": "Rex", "kind": "dog", "owner": {"name": "Ann"}, "bytes": 1, "tag": None,
    "class": "small", "x-rank": 3, "born": datetime.date(2020, 1, 1),
}  # fmt: skip

# arguments
client.addPet(secret="s", name="Rex", kind="dog", owner=None, bytes=1, tag=None, x_rank=3, class_="c", items=["a"])
client.add_pet(pet)
client.add_pet(body=pet)
client.addPet(pet, kind="dog")  # error
client.addPet(nmae="Rex", secret="s", kind="dog", owner=None, bytes=1, tag=None)  # error
client.addPet(secret="s", name="Rex", kind="bird", owner=None, bytes=1, tag=None)  # error
client.addPet(secret="s", name="Rex", kind="dog", owner={"nmae": "Ann"}, bytes=1, tag=None)  # error
client.addPet(name="Rex")  # error
client.addPet(id="1", secret="s", name="Rex", kind="dog", owner=None, bytes=1, tag=None)  # error
client.listPets(from_="a", X_Rank=1, kind="cat")
client.listPets(kind="bird")  # error
client.getToy("p", "t")
client.getToy("t", pet="p")
client.getToy(pet="p", toy="t")
client.getToy("p")  # error
client.doesNotExist()  # error
client.pets.find()  # error
client.sendOpen(known=1, more="x")
client.sendOpen(known="x", more="x")  # error
client.upload(b"x")
client.upload(Path("x"))
client.upload("x")  # error
client.sendForm(files=[b"x", ("a.txt", b"x"), Path("x")], note="n")
client.count([1, 2])
client.count(["x"])  # error
client.choose(
    shape={"type": "circle", "radius": 1.5}, tree=["a", ["b", ["c"]]], level=1, mixed="a", tags={"a": "b"}, open={"known": 1, "x": 2}, anything=[1],
    text={"value": "x"}, client={"id": "x"}, literal="x", t={"Any": "x"}, empty={}, bare={"name": "Ann", "pets": [pet]},
)  # fmt: skip

# answers
found = client.pets.list().data[0]
reveal_type(found)  # is Pet
reveal_type(found.kind)  # is Literal['cat', 'dog']
reveal_type(found.tag)  # is str | None
reveal_type(found.owner)  # is Owner | None
reveal_type(found.mother.size.height)  # is float
reveal_type(found.bytes)  # is int
reveal_type(found.content)  # is list[float]
reveal_type(found["x-rank"])  # is Any
found.secret  # error
found.nmae  # error
found.owner.name  # error
toy = client.pets.toys.retrieve("p", "t")
if toy.shape.type == "circle":
    reveal_type(toy.shape.radius)  # is float
else:
    toy.shape.radius  # error
reveal_type(toy.level)  # is Literal[1, 2] | None
reveal_type(toy.tags)  # is dict[str, str]
reveal_type(toy.tags["a"])  # is str
reveal_type(toy.open.known)  # is int
reveal_type(toy.open.whatever)  # is Any
reveal_type(toy.bare.pets[0].name)  # is str
reveal_type(client.upload(b"x"))  # is str
reveal_type(client.sendForm(files=[]))  # is Binary
reveal_type(client.count([1]))  # is list[int]
reveal_type(client.dropPet.id)  # is str
reveal_type(client.pets.list.send(kind="cat").data.data[0].name)  # is str
reveal_type(client.pets.list.with_options(timeout=3)().data[0].name)  # is str
reveal_type(client.with_options(max_retries=0).listPets().data[0].name)  # is str
reveal_type(client.inXml().name)  # is str
reveal_type(client.asXml())  # is str
node = client.getNode()
reveal_type(node.inner.inner.more)  # is int
reveal_type(node.inner.beside.inner.label)  # is str
reveal_type(node.beside.beside.extra)  # is int
client.addNode(label="a", _t="b", inner={"label": "c", "_t": "d", "more": 1, "inner": {"label": "e", "_t": "f", "more": 2}})
client.addNode(label="a", _t="b", inner={"label": "c", "_t": "d"})  # error
client.sendLoose(loose={"known": 1})  # error
reveal_type(client.sendLoose(loose={"known": 1, "more": 2}).more)  # is Any
client["listPets"].prepare()
for each in client.pets.list.items(kind="cat"):
    reveal_type(each.name)  # is str
for page in client.listPets.pages():
    reveal_type(page.data[0].name)  # is str
client.listPets.items(kind="bird")  # error
client.broken(anything="goes")
client.odd_names_get()
client.Any()
client.class_()
client.close()
client.close_()

# streams
reveal_type(client.talk(words="x"))  # is Owner
reveal_type(client.talk(words="x", stream=None))  # is Owner
for event in client.talk(words="x", stream=True):
    reveal_type(event.delta)  # is str
reveal_type(client.speak())  # is Binary
reveal_type(client.speak(form="audio"))  # is Binary
reveal_type(client.speak(form="sse"))  # is _StreamOf[Event, Any]
client.speak(form="video")  # error
reveal_type(client.hear())  # is _StreamOf[Event, Owner]
reveal_type(client.hear(stream=False))  # is Owner
with client.watch() as events:
    reveal_type(next(events).delta)  # is str
    reveal_type(next(events).event)  # is str
client.talk(stream=True)  # error
reveal_type(client.talk(words="x", stream=True).final().name)  # is str
reveal_type(client.talk(words="x", stream=True).text)  # is str


def either(flag: bool) -> None:
    reveal_type(client.talk(words="x", stream=flag))  # is Owner | _StreamOf[Event, Owner]


async def awaited() -> Any:
    async with AsyncClient("pets.json") as client:
        reveal_type((await client.pets.list()).data[0].name)  # is str
        reveal_type((await client.getToy.send("p", "t")).data.level)  # is Literal[1, 2] | None
        async for event in await client.talk(words="x", stream=True):
            reveal_type(event.delta)  # is str
        reveal_type(await (await client.talk(words="x", stream=True)).final())  # is Owner
        async for each in client.pets.list.items():
            reveal_type(each.name)  # is str
        client.pets.find()  # error
        return await client.sendForm(files=[b"x"])


def takes(pet: Pet) -> str:
    return pet.name
