"""Training that a signal stops: in one line, and the same command goes on."""

import signal
import subprocess
import sys
import time

import pytest
import yaml

from tests.network.small_images import make_config, make_device, make_images

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def started(folder, name):
    """Start training in a session of its own, with the signals as a terminal leaves them."""
    words = ["--config", "network.yaml", "--device", "device.json", "--images", "images.npz"]
    return subprocess.Popen(
        [sys.executable, "-m", "network", "train", *words, "--model-number", "0", "--out", name],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: [signal.signal(number, signal.SIG_DFL) for number in SIGNALS] and None,
    )


def wait_for_more(checkpoint, process, newer_than):
    while process.poll() is None:
        if checkpoint.exists() and checkpoint.stat().st_mtime_ns > newer_than:
            return
        time.sleep(0.01)
    pytest.fail("training ended before it could be stopped")


def test_training_stopped_by_each_signal_goes_on_to_the_same_model(tmp_path):
    config = make_config(max_epochs=25, patience_epochs=25)
    (tmp_path / "network.yaml").write_text(yaml.safe_dump(config.model_dump(mode="json")))
    make_device(source="simulation").write(tmp_path / "device.json")
    make_images().write(tmp_path / "images.npz")
    whole = started(tmp_path, "whole.json")
    assert whole.wait(timeout=300) == 0
    checkpoint, seen = tmp_path / "model.checkpoint", 0
    for number in SIGNALS:
        process = started(tmp_path, "model.json")
        wait_for_more(checkpoint, process, seen)
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 128 + number
        lines = [line for line in said.splitlines() if "stopped by" in line]
        assert len(lines) == 1, said
        assert lines[0].startswith(f"stopped by {number.name}")
        assert "Traceback" not in said
        assert not (tmp_path / "model.json").exists()
        seen = checkpoint.stat().st_mtime_ns
    assert started(tmp_path, "model.json").wait(timeout=300) == 0
    names = [f"{name}.safetensors" for name in ("whole", "model")]
    assert (tmp_path / names[0]).read_bytes() == (tmp_path / names[1]).read_bytes()
