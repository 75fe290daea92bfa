"""Rule 6: data of people that gets into a trigger, a directory, a mail server's reply or an error is nowhere else.

The matrix of policies.md §4: place × how it ends. Each place has a canary of its own; all of them are looked for at the
end, in every form, in what was said, in all files, and in all that PostgreSQL has on disk.
"""

import codecs
import json
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cutter.custody.files import write_atomic
from cutter.policies.references import issue
from cutter.postgres.embedded import Cluster
from tests.plugins.keys import Keys
from tests.plugins.proofs import Proof
from tests.support.canaries import Canary
from tests.support.digests import PLAIN, attack, dictionary, frames_of
from tests.support.mail_servers import Behaviour, killing, mail_server
from tests.support.notify import ADDRESS, FIELDS, MESSAGE, NOTIFICATION, PATIENT, trigger_of, write_directory
from tests.support.notify_scene import WITNESS, Scene, notify_scene

pytestmark = [pytest.mark.attacks, pytest.mark.timeout(900)]

Plant = Callable[[str, str], bytes]
"""A trigger that holds a value somewhere; the second argument is a payload of its own for its id."""
KINDS = ("Nguyễn Thị Ấu{:03}q", "canary{:03}.person@example.org", "+84 912 7{:03} 558", "1954-11-03/{:03}q")
DEEP = 2000


def own(**changes: Any) -> Callable[[str], dict[str, Any]]:
    """Cutter's own envelope, with members changed."""
    return lambda payload: {**json.loads(trigger_of(payload=payload)), **changes}


def dumped(change: Callable[[dict[str, Any], str], object]) -> Plant:
    """An envelope that something is done to."""

    def plant(value: str, payload: str) -> bytes:
        envelope = json.loads(trigger_of(payload=payload))
        change(envelope, value)
        return json.dumps(envelope, ensure_ascii=False).encode()

    return plant


def event(change: Callable[[dict[str, Any], str], object]) -> Plant:
    """A CloudEvent that something is done to."""

    def plant(value: str, payload: str) -> bytes:
        said = json.loads(trigger_of(payload=payload))
        envelope = {
            "specversion": "1.0",
            "id": said["id"],
            "source": "urn:example:laboratory",
            "type": MESSAGE,
            "time": said["as_of"],
            "data": said["fields"],
        }
        change(envelope, value)
        return json.dumps(envelope).encode()

    return plant


def field(kind: str, name: str) -> Plant:
    """A field that says the value."""
    return lambda value, payload: trigger_of(kind, payload, **{name: value})


def text(form: str) -> Plant:
    """Bytes that are no trigger; `@` is where the value stands, `{}` the sound text around."""

    def plant(value: str, payload: str) -> bytes:
        sound = trigger_of(payload=payload).decode()
        return form.replace("{}", sound[1:-1]).replace("@", value).encode()

    return plant


PLACES: dict[str, Plant] = {
    **{f"{kind}, field {name}": field(kind, name) for kind in (MESSAGE, NOTIFICATION) for name in FIELDS[kind]},
    "a list in a field": lambda value, payload: trigger_of(payload=payload, ward=[value]),
    "an object in a field": lambda value, payload: trigger_of(payload=payload, ward={value: value}),
    "a word with more behind it": lambda value, payload: trigger_of(payload=payload, ward=f"north {value}"),
    "the id": dumped(lambda envelope, value: envelope.update(id=value)),
    "the time": dumped(lambda envelope, value: envelope.update(as_of=value)),
    "the type": dumped(lambda envelope, value: envelope.update(type=value)),
    "the format": dumped(lambda envelope, value: envelope.update(format=value)),
    "an unknown key": dumped(lambda envelope, value: envelope.update(note=value)),
    "a key's name": dumped(lambda envelope, value: envelope.update({value: 1})),
    "an unknown field": dumped(lambda envelope, value: envelope["fields"].update(note=value)),
    "a field's name": dumped(lambda envelope, value: envelope["fields"].update({value: 1})),
    "what a refused one would be": dumped(lambda envelope, value: envelope.update(refused=value)),
    "fields that are outside": dumped(lambda envelope, value: envelope.update(outside=[value])),
    "an event's source": event(lambda envelope, value: envelope.update(source=value)),
    "an event's subject": event(lambda envelope, value: envelope.update(subject=value)),
    "an event's id": event(lambda envelope, value: envelope.update(id=value)),
    "an event's time": event(lambda envelope, value: envelope.update(time=value)),
    "an event's kind of data": event(lambda envelope, value: envelope.update(datacontenttype=value)),
    "an event's data": event(lambda envelope, value: envelope["data"].update(patient=value)),
    "an event's data, as text": event(lambda envelope, value: envelope.update(data=value)),
    "cut off": text('{{}, "note": "@'),
    "a key twice": text('{"id": "@", {}}'),
    "no number": text('{{}, "@": NaN}'),
    "deep": lambda value, _payload: (f'{{"{value}":' + "[" * DEEP + f'"{value}"' + "]" * DEEP + "}").encode(),
    "too large": lambda value, payload: trigger_of(payload=payload, ward=value * 1000),
    "a byte order mark": lambda value, payload: codecs.BOM_UTF8 + trigger_of(payload=payload, ward=value),
    "UTF-16": lambda value, payload: trigger_of(payload=payload, ward=value).decode().encode("utf-16"),
    "another encoding": lambda value, payload: (
        trigger_of(payload=payload)[:-1] + value.encode("utf-8")[:-1] + b"\xff\xfe}"
    ),
    "half a sign": text('{{}, "@": "\\ud800"}'),
    "no object": text('"@"'),
    "no JSON": text("Dear colleague, @ has called again"),
    "two texts": text("{{}} @"),
}


def of(number: int, kind: int | None = None) -> Canary:
    """A person's datum that no other place has; of each kind in turn, where none is named."""
    return Canary(KINDS[number % len(KINDS) if kind is None else kind].format(number))


NAME = 0


CANARIES: Mapping[str, Canary] = {name: of(number) for number, name in enumerate(PLACES)}


@pytest.fixture
def scene(server: Cluster, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """A clinic all of whose traces can be read."""
    with notify_scene(server, keys, tmp_path, monkeypatch.setenv) as made:
        yield made


def given(name: str, number: int = 0) -> bytes:
    """The trigger that has a canary at a place."""
    payload = f"{list(PLACES).index(name):03}Q{number}XK"
    return PLACES[name](CANARIES[name].value, payload)


def check(scene: Scene, canaries: Mapping[str, Canary], proof: Proof, what: str, **more: Any) -> None:
    """Nothing is found; it is told how much was read."""
    planted = more.pop("planted", ())
    found = scene.scan(canaries, *planted, **more)
    assert not found.found, sorted({f"{item.canary}: {item.encoding} in {item.place}" for item in found.found})
    proof("N6", f"{len(canaries)} canaries, {what}", f"none in {found.files} files and rows ({found.size} bytes)")


@pytest.mark.parametrize("mode", ["dryrun", "live"])
def test_nothing_of_a_trigger_that_is_refused_is_kept(scene: Scene, mode: str, proof: Proof) -> None:
    """Without it what should never have been sent to cutter would lie in its ledger for good."""
    for name in PLACES:
        assert scene.trigger(given(name), mode) in (0, 10, 20), (name, scene.said[-2:])

    assert {"STOP_POLICY_DENIED", "STOP_PHI_SUSPECTED"} <= scene.stops
    assert scene.trigger(trigger_of()) == 10  # the witness of a rehearsal is in no row
    check(scene, CANARIES, proof, f"refused triggers, {mode}")


def test_nothing_of_a_trigger_is_left_by_a_kill(scene: Scene, proof: Proof) -> None:
    """Without it a temporary file or a half-written row of a process that was killed would keep what a trigger said."""
    begun = time.monotonic()
    assert scene.trigger(trigger_of()) == 10  # the witness is there
    whole = time.monotonic() - begun
    for number, name in enumerate(PLACES):
        for part in (number % 12, (number + 6) % 12):
            scene.trigger(given(name, 1), kill=whole * (0.3 + 0.06 * part))

    assert scene.ended.get(-9, 0) > len(PLACES) / 2
    check(scene, CANARIES, proof, f"killed {scene.ended[-9]} times")


def test_a_reference_that_is_none_is_not_kept(scene: Scene, proof: Proof) -> None:
    """Without it a reference that somebody made out of a date of birth would be stored, because its form is right."""
    references = {
        "a birth as a patient": ("patient", issue("PAT", "19541103")),
        "a birth as a trigger": ("id", issue("TRG", "19541104")),
        "a number as a patient": ("patient", issue("PAT", "84912345678")),
        "nobody whom the directory knows": ("patient", issue("PAT", "CANARYQ7")),
        "another issuer's": ("patient", issue("TEAM", "CANARYX8")),
        "wrong check digits": ("patient", issue("PAT", "CANARYZ9")[:-1] + "x"),
    }
    for number, (name, value) in enumerate(references.values()):
        for mode in ("dryrun", "live"):
            assert scene.trigger(trigger_of(payload=f"REF{number}QXK", **{name: value}), mode) == 20, scene.said[-2:]
    assert scene.trigger(trigger_of()) == 10

    check(scene, {name: Canary(value) for name, (_field, value) in references.items()}, proof, "made-up references")


def test_a_file_and_the_environment_tell_nothing(scene: Scene, tmp_path: Path, proof: Proof) -> None:
    """Without it a file that is named after a person, or a variable, would get into the records of a run."""
    names = ("a file", "a file that is missing", "a folder", "a variable", "a refused variable", "who acts")
    canaries = {name: of(500 + number) for number, name in enumerate(names)}
    canaries["who acts"] = of(599, NAME)  # an address is a label that somebody may have
    folder = tmp_path / "given"
    folder.mkdir()
    files = {name: folder / canaries[name].value.replace("/", "-") for name in names[:3]}
    files["a file"].write_bytes(trigger_of(payload="FILE00QX", ward="nowhere"))
    files["a folder"].mkdir()

    for mode in ("dryrun", "live"):
        trigger = partial(scene.cutter, "trigger", "--mode", mode, "--actor", WITNESS)
        for name in names[:3]:
            trigger(str(files[name]))
        assert trigger("-", given=trigger_of(), PATIENT_NAME=canaries["a variable"].value) in (0, 10)
        assert trigger("-", given=trigger_of(), DATABASE_URL=canaries["a refused variable"].value) == 20
        actor = canaries["who acts"].value
        assert scene.cutter("trigger", "-", "--mode", mode, given=trigger_of(), LARK_AGENT=actor) in (2, 20)

    # what operators type is theirs: the name of a file may stand in their own arguments and on their screen
    theirs = dict.fromkeys(names[:3], ("screens", "arguments"))
    check(scene, canaries, proof, "names of files, variables", allowed=theirs)


# What comes from elsewhere

REPLIES: dict[str, Callable[[bytes], Behaviour]] = {
    "all goes well": lambda said: Behaviour(
        answers={
            "connect": b"220 mail.test " + said + b"\r\n",
            "EHLO": b"250-mail.test " + said + b"\r\n250-X " + said + b"\r\n250 STARTTLS\r\n",
            "AUTH": b"235 2.7.0 welcome " + said + b"\r\n",
            "RCPT": b"250 2.1.5 " + said + b" is here\r\n",
            "DATA": b"354 go on, " + said + b"\r\n",
            "dot": b"250 2.0.0 stored for " + said + b"\r\n",
            "QUIT": b"221 2.0.0 bye " + said + b"\r\n",
        }
    ),
    "the greeting": lambda said: Behaviour(answers={"connect": b"554 5.7.1 not you, " + said + b"\r\n"}),
    "no TLS": lambda said: Behaviour(answers={"STARTTLS": b"454 4.7.0 " + said + b"\r\n"}),
    "the login": lambda said: Behaviour(answers={"AUTH": b"535 5.7.8 " + said + b" may not\r\n"}),
    "the sender": lambda said: Behaviour(answers={"MAIL": b"550 5.1.0 " + said + b"\r\n"}),
    "the recipient": lambda said: Behaviour(
        answers={"RCPT": b"550-5.1.1 " + said + b" unknown\r\n550 5.1.1 " + said + b"\r\n"}
    ),
    "the data": lambda said: Behaviour(answers={"DATA": b"451 4.3.0 " + said + b"\r\n"}),
    "the dot, rejected": lambda said: Behaviour(answers={"dot": b"554 5.6.0 " + said + b"\r\n"}, stores=False),
    "no reply at all, but words": lambda said: Behaviour(answers={"dot": said + b"\r\n"}),
    "an enhanced code that is none": lambda said: Behaviour(answers={"RCPT": b"550 5.1." + said + b"\r\n"}),
    "cut after the dot": lambda said: Behaviour(answers={"RCPT": b"250 2.1.5 " + said + b"\r\n"}, cut="dot"),
    "cut in the text": lambda said: Behaviour(answers={"RCPT": b"250 2.1.5 " + said + b"\r\n"}, cut="text"),
}
KILLS = ("before MAIL", "replied RCPT", "before dot", "after dot", "replied dot")


def patients(count: int) -> list[str]:
    """References of so many people: nobody is sent many messages."""
    return [issue("PAT", f"R{number:03}QXKM") for number in range(count)]


def send(scene: Scene, data: bytes) -> int:
    """A trigger that is allowed, signed, and sent as far as it goes; the status."""
    assert scene.trigger(data) == 10, scene.said[-2:]
    waiting = scene.live.office.rows("SELECT kb_id FROM kb.document WHERE kb_id LIKE 'approvals/%' ORDER BY created_at")
    scene.live.sign(str(waiting[-1][0]), "content")
    return scene.cutter("orchestrate", "resume", "--approval-kb-id", str(waiting[-1][0]), "--actor", WITNESS)


def test_nothing_of_a_mail_servers_words_or_a_persons_address_is_kept(scene: Scene, proof: Proof) -> None:
    """Without it an address would be kept that was to be looked up and forgotten, or what a server said of a person."""
    canaries = {name: of(600 + number) for number, name in enumerate(REPLIES)}
    stored = 0
    people = patients(len(REPLIES))
    write_directory(scene.live.settings.credentials, people)
    for number, name in enumerate(REPLIES):
        with mail_server(REPLIES[name](canaries[name].value.encode())) as server:
            scene.serve(server)
            said = trigger_of(payload=f"MAIL{number:02}QX", patient=people[number])
            assert send(scene, said) in (0, 50, 51), (name, scene.said[-2:])
        stored += len(server.stored)
        assert server.steps, name
    assert scene.ended[0] >= 1
    assert {50, 51} <= set(scene.ended)
    assert stored >= 1

    directory = scene.live.settings.credentials / "directory.yaml"
    check(scene, canaries | {"an address": Canary(ADDRESS)}, proof, "replies of mail servers", planted=(directory,))


def test_nothing_is_left_by_a_kill_in_a_senders_dialogue(scene: Scene, proof: Proof) -> None:
    """Without it a sender that was killed would leave the address, or the server's words, in a file or half a row."""
    canaries = {moment: of(700 + number) for number, moment in enumerate(KILLS)}
    people = patients(len(KILLS))
    write_directory(scene.live.settings.credentials, people)
    for number, moment in enumerate(KILLS):
        with mail_server(REPLIES["all goes well"](canaries[moment].value.encode())) as server:
            scene.serve(server)
            server.spy = killing(moment, scene.victim)
            said = trigger_of(payload=f"KILL{number:02}QX", patient=people[number])
            assert send(scene, said) == -9, (moment, scene.said[-2:])

    assert scene.ended[-9] == len(KILLS)
    directory = scene.live.settings.credentials / "directory.yaml"
    check(scene, canaries | {"an address": Canary(ADDRESS)}, proof, "killed senders", planted=(directory,))


DIRECTORIES = {
    "an entry that is no reference": "format: cutter.directory/1\nreferences:\n  @: {address: a@example.org}\n",
    "an address that is none": f"format: cutter.directory/1\nreferences:\n  {PATIENT}: {{address: '@'}}\n",
    "an unknown key": f"format: cutter.directory/1\nreferences:\n  {PATIENT}: {{address: a@example.org, name: '@'}}\n",
    "broken YAML": "format: cutter.directory/1\nreferences: {'@\n",
    "another format": "format: '@'\nreferences: {}\n",
}


def test_nothing_of_a_directory_with_a_mistake_is_told(scene: Scene, proof: Proof) -> None:
    """Without it a mistyped line of the directory would be shown on a screen, as mistakes of other files are."""
    canaries = {name: of(800 + number, NAME) for number, name in enumerate(DIRECTORIES)}
    directory = scene.live.settings.credentials / "directory.yaml"
    sound = directory.read_bytes()
    for number, (name, text_of) in enumerate(DIRECTORIES.items()):
        write_atomic(directory, text_of.replace("@example", "\0").replace("@", canaries[name].value)
                     .replace("\0", "@example").encode())  # fmt: skip
        for mode in ("dryrun", "live"):
            assert scene.trigger(trigger_of(payload=f"DIRE{number:02}QX"), mode) != 0, name
    write_atomic(directory, sound)
    assert scene.trigger(trigger_of()) == 10

    check(scene, canaries, proof, "mistakes of a directory", planted=(directory,))


REFUSES = """
CREATE FUNCTION public.quotes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '{state}', MESSAGE = '{said}', DETAIL = 'Failing row contains ({said}).',
        HINT = '{said}', TABLE = '{said}', COLUMN = '{said}';
END $$;
CREATE TRIGGER quotes BEFORE INSERT ON comm.message FOR EACH ROW EXECUTE FUNCTION public.quotes()
"""


def test_nothing_of_a_databases_error_is_told(scene: Scene, proof: Proof) -> None:
    """Without it a row that the database quotes in its refusal would get into the ledger and onto screens."""
    canaries = {state: of(900 + number) for number, state in enumerate(("23514", "P0001", "22P02", "XX000"))}
    for number, (state, canary) in enumerate(canaries.items()):
        with psycopg.connect(scene.live.database.superuser) as connection:
            connection.execute(REFUSES.format(state=state, said=canary.value).encode())
        scene.pin()
        assert send(scene, trigger_of(payload=f"FAIL{number:02}QX")) == 50, (state, scene.said[-2:])
        with psycopg.connect(scene.live.database.superuser) as connection:
            connection.execute(b"DROP FUNCTION public.quotes() CASCADE")

    # the server's own files have it, because it is the server that said it
    check(scene, canaries, proof, "errors of the database", allowed=dict.fromkeys(canaries, ("data", "log")))


def test_no_digest_that_a_trigger_left_gives_a_persons_data_back(scene: Scene, proof: Proof) -> None:
    """Rule 6. Without it a bare digest of a date of birth or an address would be kept, which is as good as itself."""
    births = ("1980-03-12", "12/03/1980")
    for number, birth in enumerate(births):
        scene.trigger(trigger_of(payload=f"DIGE{number:02}QX", ward=birth))
        scene.trigger(trigger_of(payload=f"DIGE{number:02}QY", note=birth))
    assert send(scene, trigger_of()) == 0
    words = dictionary(ADDRESS, *births)
    given_one = json.loads(trigger_of(payload="DIGE00QX", ward="?"))
    documents = [given_one, given_one["fields"], {**given_one, "note": "?"}, {"ward": "?"}, {"address": "?"}]
    frames = [*PLAIN, *(frame for document in documents for frame in frames_of(document) if "ward" in frame.name
                        or "note" in frame.name or "address" in frame.name)]  # fmt: skip

    found = attack(scene.surfaces(scene.live.settings.credentials / "directory.yaml"), words, frames)

    assert found.digests > 100
    found.check()
    proof("N6", f"{found.tried} digests of {len(words)} births, numbers and addresses", f"none of {found.digests}")
