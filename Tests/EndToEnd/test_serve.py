"""The serve command: starting, refusing to start, stopping, and what is left on disk."""

import os
import re
import socket
import subprocess
import time

import pytest

from conftest import definitions, key_schema, make_client
from server_process import ServerFailed, ServerProcess, default_binary, free_port, run_to_end


def make_table(client, name="kept"):
    client.create_table(
        TableName=name, KeySchema=key_schema(hash="id"),
        AttributeDefinitions=definitions(id="S"), BillingMode="PAY_PER_REQUEST")
    return name


def serve_until_refused(*arguments):
    """Starts a server that must refuse to; returns what it said."""
    result = run_to_end(["serve", "--host", "127.0.0.1", *arguments])
    assert result.returncode not in (0, -6, -11, -4, 139), result.stderr
    assert result.stdout == ""
    assert_one_line(result.stderr)
    return result.stderr


def assert_one_line(said):
    """What goes wrong is told in a line, not in a stack trace."""
    assert said.startswith("basalt: ")
    assert said.count("\n") == 1


class TestStopAndStart:
    def test_data_stays(self, own_server):
        server = own_server()
        client = make_client(server.endpoint)
        make_table(client)
        for i in range(100):
            client.put_item(TableName="kept", Item={"id": {"S": f"{i}"}, "n": {"N": f"{i}"}})
        before = client.describe_table(TableName="kept")["Table"]
        assert server.stop() == 0
        server.start()
        assert client.describe_table(TableName="kept")["Table"] == before
        assert before["ItemCount"] == 100
        assert client.scan(TableName="kept")["Count"] == 100

    @pytest.mark.parametrize("durability", [[], ["--durability", "os"]])
    def test_acknowledged_writes_outlive_a_kill(self, own_server, durability):
        server = own_server(*durability)
        client = make_client(server.endpoint)
        make_table(client)
        for i in range(200):
            client.put_item(TableName="kept", Item={"id": {"S": f"{i}"}})
        server.kill()
        server.start()
        assert client.scan(TableName="kept")["Count"] == 200
        assert client.describe_table(TableName="kept")["Table"]["ItemCount"] == 200

    def test_start_is_quick(self, own_server, record_property):
        server = own_server()
        times = []
        for _ in range(3):
            server.restart()
            times.append(server.start_seconds)
        print(f"start in {min(times):.3f} s at best, {max(times):.3f} s at worst")
        record_property("start_seconds", min(times))
        assert min(times) < 10

    def test_requests_in_flight_are_answered_before_the_end(self, own_server):
        server = own_server()
        client = make_client(server.endpoint)
        make_table(client)
        acknowledged = 0
        server.process.send_signal(15)
        while True:
            try:
                client.put_item(TableName="kept", Item={"id": {"S": f"{acknowledged}"}})
                acknowledged += 1
            except Exception:
                break
        assert server.process.wait(30) == 0
        server.start()
        assert client.scan(TableName="kept")["Count"] >= acknowledged

    def test_interrupt(self, own_server):
        server = own_server()
        server.process.send_signal(2)
        assert server.process.wait(30) in (0, 130, -2)

    def test_idle_connections_do_not_hold_the_end_up(self, own_server):
        server = own_server()
        with socket.create_connection(("127.0.0.1", server.port)):
            started = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - started < 30


class TestInMemory:
    def test_nothing_is_kept(self, own_server, tmp_path, refused):
        server = own_server("--in-memory", data_dir=None)
        client = make_client(server.endpoint)
        make_table(client)
        client.put_item(TableName="kept", Item={"id": {"S": "a"}})
        assert client.scan(TableName="kept")["Count"] == 1
        server.restart()
        assert client.list_tables()["TableNames"] == []


class TestRefusals:
    def test_busy_port(self, server, tmp_path):
        said = serve_until_refused("--port", server.port, "--data-dir", tmp_path / "data")
        assert str(server.port) in said
        assert "use" in said.lower()

    def test_directory_of_something_else(self, tmp_path):
        foreign = tmp_path / "foreign"
        foreign.mkdir()
        (foreign / "thesis.txt").write_text("precious")
        said = serve_until_refused("--port", free_port(), "--data-dir", foreign)
        assert str(foreign) in said
        assert [path.name for path in foreign.iterdir()] == ["thesis.txt"]
        assert (foreign / "thesis.txt").read_text() == "precious"

    def test_file_in_place_of_a_directory(self, tmp_path):
        (tmp_path / "file").write_text("precious")
        said = serve_until_refused("--port", free_port(), "--data-dir", tmp_path / "file")
        assert "file" in said

    def test_store_in_use(self, own_server):
        first = own_server()
        said = serve_until_refused("--port", free_port(), "--data-dir", first.data_dir)
        assert "use" in said.lower() or "lock" in said.lower()
        assert make_client(first.endpoint).list_tables()["TableNames"] == []

    def test_directory_that_cannot_be_made(self, tmp_path):
        if os.geteuid() == 0:
            target = "/proc/basalt-data"
        else:
            target = "/basalt-data"
        said = serve_until_refused("--port", free_port(), "--data-dir", target)
        assert "basalt-data" in said

    @pytest.mark.parametrize("arguments", [
        ["--port", "70000"], ["--port", "x"], ["--nonsense"], ["--durability", "sometimes"],
        ["--access-key", "alone"], ["--config", "/no/such/file"], ["--account-id", "12"],
        ["--cache-size", "huge"]])
    def test_bad_flags(self, tmp_path, arguments):
        result = run_to_end(["serve", "--data-dir", tmp_path / "data", *arguments])
        assert result.returncode not in (0, -6, -11, -4)
        assert_one_line(result.stderr)


    def test_store_of_a_newer_format(self, own_server):
        server = own_server()
        make_table(make_client(server.endpoint))
        server.stop()
        marker = server.data_dir / "BASALT"
        word, version = marker.read_text().split()
        marker.write_text(f"{word} {int(version) + 1}\n")
        said = serve_until_refused("--port", free_port(), "--data-dir", server.data_dir)
        assert "newer" in said
        marker.write_text(f"{word} {version}\n")
        server.start()
        assert make_client(server.endpoint).list_tables()["TableNames"] == ["kept"]

    def test_store_whose_root_file_is_gone(self, own_server):
        """Opening it would make an empty store of it."""
        server = own_server()
        make_table(make_client(server.endpoint))
        server.stop()
        (server.data_dir / "CURRENT").unlink()
        said = serve_until_refused("--port", free_port(), "--data-dir", server.data_dir)
        assert "CURRENT" in said


class TestConfiguration:
    def test_file(self, own_server, tmp_path):
        file = tmp_path / "basalt.yaml"
        file.write_text(
            f"# settings\ndata-dir: {tmp_path / 'elsewhere'}\naccount-id: '123456789012'\n"
            "durability: os\nthreads: 1\n")
        server = own_server("--config", file, data_dir=None)
        client = make_client(server.endpoint)
        make_table(client)
        arn = client.describe_table(TableName="kept")["Table"]["TableArn"]
        assert arn == "arn:aws:dynamodb:us-east-1:123456789012:table/kept"
        assert (tmp_path / "elsewhere" / "BASALT").exists()

    def test_flags_win(self, own_server, tmp_path):
        file = tmp_path / "basalt.yaml"
        file.write_text(f"data-dir: {tmp_path / 'unused'}\nport: 1\n")
        server = own_server("--config", file)
        assert (server.data_dir / "BASALT").exists()
        assert not (tmp_path / "unused").exists()

    @pytest.mark.parametrize("text, word", [
        ("prot: 8000", "prot"), ("port: many", "port"), ("- a\n- b", "basalt.yaml"),
        ("a: [", "basalt.yaml"), ("port: {a: b}", "basalt.yaml")])
    def test_faults_of_the_file_are_told(self, tmp_path, text, word):
        file = tmp_path / "basalt.yaml"
        file.write_text(text)
        said = serve_until_refused("--in-memory", "--config", file)
        assert word in said

    def test_credentials_file(self, own_server, tmp_path, refused):
        file = tmp_path / "credentials"
        file.write_text("[default]\naws_access_key_id = KEY\naws_secret_access_key = SECRET\n")
        server = own_server("--credentials-file", file)
        right = make_client(server.endpoint, access_key="KEY", secret_key="SECRET")
        assert right.list_tables()["TableNames"] == []
        wrong = make_client(server.endpoint, access_key="KEY", secret_key="OTHER")
        assert refused(wrong.list_tables).code == "InvalidSignatureException"

    def test_the_endpoint_is_told(self, tmp_path):
        process = subprocess.Popen(
            [default_binary(), "serve", "--port", "0", "--in-memory"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        try:
            told = process.stdout.readline()
            (endpoint,) = re.findall(r"http://127\.0\.0\.1:\d+", told)
            assert make_client(endpoint).list_tables()["TableNames"] == []
            assert endpoint in process.stdout.readline(), "and a command to try"
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


class TestDamage:
    def test_damage_is_told_and_never_served(self, own_server, refused):
        """A table file with flipped bytes: an error at the start or in the answer, not silence."""
        server = own_server()
        client = make_client(server.endpoint)
        make_table(client)
        for i in range(300):
            client.put_item(
                TableName="kept", Item={"id": {"S": f"{i}"}, "x": {"S": f"{i} " * 2000}})
        server.stop()
        server.restart()
        server.stop()
        files = sorted(
            (path for path in server.data_dir.rglob("*.sst")), key=lambda p: p.stat().st_size)
        if not files:
            pytest.skip("no table file was written: all data is still in the log")
        target = files[-1]
        data = bytearray(target.read_bytes())
        for offset in range(len(data) // 4, len(data) // 4 + 64):
            data[offset] ^= 0xFF
        target.write_bytes(data)
        try:
            server.start()
        except ServerFailed as failed:
            assert "-6" not in str(failed).split(":")[0] and "-11" not in str(failed).split(":")[0]
            return
        found, failures = 0, 0
        for i in range(300):
            try:
                item = client.get_item(TableName="kept", Key={"id": {"S": f"{i}"}}).get("Item")
                assert item == {"id": {"S": f"{i}"}, "x": {"S": f"{i} " * 2000}}
                found += 1
            except client.exceptions.InternalServerError:
                failures += 1
        assert failures > 0, "the damage was not noticed"
        assert found > 0


class TestCommand:
    def test_help_and_version(self):
        for arguments in (["--help"], ["serve", "--help"], ["help", "serve"], ["--version"]):
            result = run_to_end(arguments)
            assert result.returncode == 0
            assert result.stdout.strip()
        told = run_to_end(["serve", "--help"]).stdout
        for flag in ("--port", "--data-dir", "--in-memory", "--durability", "--config"):
            assert flag in told

    def test_sigpipe_and_closed_output_do_not_end_the_server(self, tmp_path):
        port = free_port()
        process = subprocess.Popen(
            [default_binary(), "serve", "--host", "127.0.0.1", "--port", str(port),
             "--data-dir", str(tmp_path / "data")],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            process.stdout.close()
            process.stderr.close()
            watcher = ServerProcess(tmp_path / "data")
            watcher.port = port
            deadline = time.monotonic() + 30
            while not watcher.is_healthy():
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.02)
            make_client(watcher.endpoint).list_tables()
            assert process.poll() is None
        finally:
            process.kill()
            process.wait()
