"""The config: generated files match the models, and bad configs are reported in one line."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from dwsynapse.io.errors import InputError
from dwsynapse.study import Fitting, SimulatedDevice, Study, cli, read_block, read_study
from dwsynapse.study.generated_files import default_yaml, generated
from dwsynapse.study.reading import over_defaults, read_keys
from dwsynapse.study.study import RULES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", generated(), ids=lambda path: path.name)
def test_generated_files_are_in_step(path):
    assert path.read_text() == generated()[path], (
        "run `python -m dwsynapse.study generate` and commit what it writes"
    )


def test_the_command_line_writes_nothing_unless_asked(monkeypatch):
    written = []
    monkeypatch.setattr(
        "dwsynapse.study.generated_files.write_generated", lambda: written.append(1) or []
    )
    for words, status in ((["--help"], 0), ([], 2), (["generate", "--help"], 0)):
        assert CliRunner().invoke(cli.app, words).exit_code == status
    assert not written
    assert CliRunner().invoke(cli.app, ["generate"]).exit_code == 0
    assert written


def test_default_file_says_what_the_models_say():
    assert read_study(yaml.safe_load(default_yaml())) == Study()


def test_every_setting_is_explained():
    def blank(schema):
        properties = schema.get("properties", {}).values()
        return [p for p in properties if "description" not in p and "$ref" not in p]

    schema = Study.model_json_schema()
    assert not any(blank(part) for part in [schema, *schema["$defs"].values()])


@pytest.mark.parametrize(
    ("content", "key", "says"),
    [
        ({"seeds": 1}, "seeds", "unknown key"),
        ({"devices": {"x": {"source": "dream"}}}, "devices.x", "'simulation', 'measurement'"),
        ({"devices": {"x": {"source": "measurement"}}}, "devices.x", "give either counts"),
        ({"devices": {"x": {"counts": "a.csv"}}}, "devices.x", "no key 'source', which says"),
        ({"devices": ["x"]}, "devices", "must be keys and values"),
        (
            {"devices": {"a b": {"source": "simulation"}}},
            "",
            "'a b' is longer than 100 characters, or",
        ),
        ({"devices": {"a" * 101: {"source": "simulation"}}}, "", "is longer than 100 characters"),
        ({"devices": {"fit": {"source": "simulation"}}}, "", "'fit' is that of a target"),
        ({"devices": {"made": {"source": "simulation"}}}, "", "'made' is that of a target"),
        ({"devices": {"Images.npz": {"source": "simulation"}}}, "", "'Images.npz' is that of a"),
        (
            {"devices": {"Wire": {"source": "simulation"}, "wire": {"source": "simulation"}}},
            "",
            "'Wire' and 'wire' differ only in capitals",
        ),
        ({"results": "{device}"}, "results", "String should match pattern"),
        ({"results": "a/<logs>"}, "results", "<logs> in a path is a variable to Snakemake"),
        (
            {"devices": {"x": {"source": "measurement", "counts": "-x.csv"}}},
            "devices.x.counts",
            "a path that begins with - is an option",
        ),
        ({"hardware": {"compare_with": "moon"}}, "", "unknown device 'moon'"),
        (
            {"hardware": {"reads_train": [3]}},
            "",
            "choose of those trained, [1, 2, 8, 128], or add",
        ),
        ({"paper": {"reads": [1, 2]}}, "paper", "reads has no [128]"),
        ({"network": {"models": 0}}, "network.models", "must be at least 1 (found 0)"),
        ({"network": {"reads_train": [10**12]}}, "network.reads_train.0", "at most 1000000"),
        ({"network": {"learning_rate": 1e30}}, "network.learning_rate", "at most 100 (found"),
        ({"hardware": {"images": 10**12}}, "hardware.images", "at most 60000 (found"),
        ({"plan": {"spread_devices": 10**12}}, "plan.spread_devices", "at most 100000 (found"),
        ({"paper": {"max_epochs": 10**12}}, "paper.max_epochs", "at most 100000 (found"),
        ({"fitting": {"draws": 10**12}}, "fitting.draws", "at most 100000 (found"),
        ({"fitting": {"confidence": 95}}, "fitting.confidence", "less than 1"),
        ({"fitting": {"form": "neel-brown-2"}}, "", "quick-wire makes 1 attempts"),
        (
            {"devices": {"ellis2023": {"source": "simulation", "protocol": {"temperature_K": 0}}}},
            "",
            "protocol.temperature_K of ellis2023 is 0",
        ),
    ],
)
def test_bad_studies_are_reported_in_one_line_with_their_key(content, key, says):
    with pytest.raises(InputError) as error:
        read_study(content, "my.yaml")
    assert str(error.value).startswith(f"my.yaml: {key}: " if key else "my.yaml: ")
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_simulated_wall_has_the_time_of_its_protocol_to_depin_and_a_measured_one_its_own():
    protocol = {"window_ns": 7, "pinned_after_ns": 4}
    devices = {
        "simulated": {"source": "simulation", "protocol": protocol},
        "measured": {"source": "measurement", "counts": "lab.csv"},
    }
    fitting = {"form": "neel-brown-3/2", "dwell_s": 0.02}
    study = read_study({"devices": devices, "fitting": fitting, "hardware": {"compare_with": None}})
    assert study.fitting_of("simulated").dwell_s == pytest.approx(4e-9)
    assert study.fitting_of("measured") == study.fitting
    assert study.fitting.dwell_s == 0.02


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [1", "not valid YAML"),
        ("- 1", "not a mapping"),
        ("# nothing yet\n", "no keys; give keys and values, or {} "),
        (None, "no such file"),
    ],
)
def test_files_that_are_no_config(tmp_path, text, says):
    path = tmp_path / "study.yaml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=rf"study.yaml: {says}"):
        read_block(path, Study)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("form: 1", "form: "),
        ("{form: 1, draws: -1}", r"\(1 more error follows\)"),
        ("{form: 1, draws: -1, confidence: 7}", r"\(2 more errors follow\)"),
    ],
)
def test_further_errors_are_counted(tmp_path, text, says):
    (path := tmp_path / "fitting.yaml").write_text(text)
    with pytest.raises(InputError, match=says) as caught:
        read_block(path, Fitting)
    assert ("more error" in str(caught.value)) == ("more error" in says)


@pytest.mark.parametrize(
    ("kind", "below"),
    [(Fitting, "`fitting:`"), (SimulatedDevice, "the name of one device (`source: ...`)")],
)
def test_a_whole_study_in_place_of_a_block_is_reported_as_such(tmp_path, kind, below):
    path = tmp_path / "study.yaml"
    path.write_text("seed: 1\ndevices: {quick-wire: null}\nfitting: {form: probit}\n")
    with pytest.raises(InputError) as error:
        read_block(path, kind)
    assert str(error.value) == (
        f"{path}: a study (it has devices, fitting), not a block of one; "
        f"give a file with only what is below {below} in it"
    )


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ("colour: blue", "study.yaml: colour: unknown key"),
        ("fitting: {floor: 0:0.1}", "0:0.1 is a number to base 60: write a range as in [0, 0.1]"),
        ("network: {models: 010}", "010 is a number to base 8"),
        ("devices: {quick-wire: null, quick-wire: null}", "the key quick-wire is given twice"),
        (
            "devices: {mine: {source: measurement, counts: none.csv}}",
            "error: none.csv: no such file; give a table of passing counts",
        ),
    ],
)
def test_the_workflow_stops_before_it_starts(tmp_path, extra, says):
    study = tmp_path / "study.yaml"
    study.write_text(f"results: {tmp_path / 'results'}\n{extra}\n")
    command = [sys.executable, "-m", "snakemake", "-n", "--configfile", str(study), "--cores", "1"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert says in run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr


@pytest.mark.parametrize("text", ["devices: &d {mine: *d}", "devices: {mine: &m [1, {of: *m}]}"])
def test_a_value_that_contains_itself_is_refused_in_one_line(tmp_path, text):
    study = tmp_path / "study.yaml"
    study.write_text(text)
    with pytest.raises(InputError, match=r"study.yaml: .*is part of") as error:
        read_study(study)
    assert "\n" not in str(error.value)


def test_a_value_may_be_given_again_by_its_name(tmp_path):
    study = tmp_path / "study.yaml"
    study.write_text(
        "devices:\n  one: &m {source: measurement, counts: c.csv}\n  two: *m\n"
        "  three: {<<: *m, nucleation_field_mT: 11}\n"
    )
    devices = read_study(over_defaults(read_keys(study))).devices
    assert devices["one"] == devices["two"]
    assert devices["three"].nucleation_field_mT == 11


def test_the_names_of_all_targets_are_known():
    files = [ROOT / "Snakefile", *ROOT.glob("*/*.smk"), *ROOT.glob("*/*/*.smk")]
    texts = [path.read_text() for path in files]
    heads = re.compile(r"(?m)^ *(?:use rule \w+ as|rule) (\w+)(?: with)?:")
    rules = {name for text in texts for name in heads.findall(text)}
    (stages,) = (said[1] for text in texts if (said := re.search(r"(?m)^STAGES = (.*)", text)))
    assert rules | set(re.findall(r"\w+", stages)) == RULES


def test_a_study_is_checked_before_anything_runs(tmp_path):
    study = tmp_path / "my-study.yaml"
    study.write_text("results: mine\ndevices:\n  quick-wire: null\n")
    checked = CliRunner().invoke(cli.app, ["check", str(study)], catch_exceptions=False)
    assert checked.stdout.startswith(f"{study}: a study of ")
    assert "quick-wire" not in checked.stdout
    assert checked.stdout.endswith("results go to mine\n")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"devices: {a: [\nx: 1\n", "not valid YAML"),
        ("results: r\u00e9sultats\n".encode("latin-1"), "not valid YAML"),
        (b"network:\n  models: 0\n", "network.models: must be at least 1"),
    ],
)
def test_a_study_that_snakemake_cannot_read_is_one_line(tmp_path, content, says):
    study = tmp_path / "my-study.yaml"
    study.write_bytes(content)
    with pytest.raises(InputError, match=f"my-study.yaml: {says}") as error:
        CliRunner().invoke(cli.app, ["check", str(study)], catch_exceptions=False)
    assert "\n" not in str(error.value)


def test_networks_with_hidden_layers_run_on_devices_beside_the_others():
    plain = {"hardware": {"reads_train": [1, 8]}, "network": {"one_read": ["mixed-sums"]}}
    assert read_study(plain).networks_on_device == ("k1", "k8", "mixed-sums")
    deep = plain | {"network": {"hidden": [60]}}
    assert read_study(deep).networks_on_device == ("k1", "k8", "hidden-k1", "hidden-k8")
    log = {"log": "log.csv", "manifest": "manifest.json"}
    mine = {"source": "measurement", "counts": "counts.csv", "logs": {"hidden-k8": log}}
    shown = {"devices": {"mine": mine}, "hardware": {"reads_train": [8], "compare_with": None}}
    assert read_study(shown | {"network": {"hidden": [60]}}).devices["mine"].logs
    with pytest.raises(InputError, match="names 'hidden-k8', which does not run on it"):
        read_study(shown)


LOGGED = {"source": "measurement", "counts": "c.csv", "logs": {"k1": {"log": "l", "manifest": "m"}}}
CALIBRATED = {
    "source": "simulation",
    "calibrate": {"target": "t.csv", "vary": ["covered_fraction=0.5:0.7"]},
}


@pytest.mark.parametrize(
    ("content", "missing"),
    [
        ({"devices": {"mine": LOGGED}}, ["counts", "logs.k1.log", "logs.k1.manifest"]),
        (
            {"devices": {"mine": {"source": "measurement", "loops": "a", "calibration": "b"}}},
            ["loops", "calibration"],
        ),
        (
            {"devices": {"mine": {"source": "measurement", "loops": "a", "detection_errors": "b"}}},
            ["loops", "detection_errors"],
        ),
        ({"devices": {"mine": CALIBRATED}}, ["calibrate.target"]),
        (
            {"devices": {"quick-wire": {"calibrate": CALIBRATED["calibrate"] | {"shipped": "b"}}}},
            ["calibrate.target", "calibrate.shipped"],
        ),
        ({"devices": {"quick-wire": {"shipped": "elsewhere"}}}, ["shipped"]),
        (
            {"devices": {"quick-track": {"programming_log": {"log": "l", "manifest": "m"}}}},
            ["programming_log.log", "programming_log.manifest"],
        ),
        ({"network": {"images_folder": "i"}, "crossbar": {"images_folder": "j"}}, []),
    ],
)
def test_every_file_that_a_study_names_must_be_there(tmp_path, monkeypatch, content, missing):
    monkeypatch.chdir(tmp_path)
    Path("study.yaml").write_text(yaml.safe_dump(content))
    (name,) = content.get("devices", {"": 0})
    keys = [f"devices.{name}.{key}" for key in missing]
    for key in keys or ["network.images_folder", "crossbar.images_folder"]:
        with pytest.raises(
            InputError, match=rf"study.yaml: {key}: (no such file|'.*' is neither a device)"
        ) as e:
            CliRunner().invoke(cli.app, ["check", "study.yaml"], catch_exceptions=False)
        assert f"give its path from {tmp_path}" in str(e.value)
        Path(re.search(r"'(.+?)'", str(e.value))[1]).touch()
    said = CliRunner().invoke(cli.app, ["check", "study.yaml"], catch_exceptions=False)
    assert said.stdout.startswith("study.yaml: a study of ")


@pytest.mark.parametrize(
    ("target", "says"),
    [
        (
            "ellis2032",
            "'ellis2032' is neither a device of the study nor a file; did you mean ellis2023",
        ),
        (
            "lab",
            "'lab' is neither .* nor a file; name one of quick-wire, .*quick-track; or give its",
        ),
        ("min", "'min' is neither .*; name one of"),
    ],
)
def test_a_target_is_a_device_or_a_file(tmp_path, monkeypatch, target, says):
    monkeypatch.chdir(tmp_path)
    device = CALIBRATED | {"calibrate": CALIBRATED["calibrate"] | {"target": target}}
    Path("study.yaml").write_text(yaml.safe_dump({"devices": {"mine": device}}))
    with pytest.raises(InputError, match=rf"study.yaml: devices.mine.calibrate.target: {says}"):
        CliRunner().invoke(cli.app, ["check", "study.yaml"], catch_exceptions=False)


@pytest.mark.parametrize(
    ("key", "given", "says"),
    [
        ("counts", "", "no such file: ''"),
        ("counts", ".", "a folder, not a file: '.'"),
        ("counts", "study.yaml/x", "no such file: 'study.yaml/x'"),
        ("detection_errors", "ellis2023", "no such file: 'ellis2023'"),
    ],
)
def test_a_folder_or_a_device_is_no_table(tmp_path, monkeypatch, key, given, says):
    monkeypatch.chdir(tmp_path)
    device = {"source": "measurement", "counts": "study.yaml"} | {key: given}
    Path("study.yaml").write_text(yaml.safe_dump({"devices": {"mine": device}}))
    with pytest.raises(InputError, match=rf"devices.mine.{key}: {says}; give its path"):
        CliRunner().invoke(cli.app, ["check", "study.yaml"], catch_exceptions=False)


@pytest.mark.parametrize(
    "study",
    [*ROOT.glob("studies/*/*.yaml"), *ROOT.glob("config/recompute-*.yaml")],
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_studies_of_the_project_are_right(study, monkeypatch):
    monkeypatch.chdir(ROOT)
    said = CliRunner().invoke(cli.app, ["check", str(study)], catch_exceptions=False)
    assert said.stdout.startswith(f"{study}: a study of ")


def test_the_target_of_a_calibration_may_be_a_device(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    calibrate = {**CALIBRATED["calibrate"], "target": "ellis2023"}
    content = {"devices": {"mine": {**CALIBRATED, "calibrate": calibrate}}}
    Path("study.yaml").write_text(yaml.safe_dump(content))
    called = CliRunner().invoke(cli.app, ["check", "study.yaml"], catch_exceptions=False)
    assert "mine" in called.stdout


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ({"calibrate": {"spread": ["covered_fracton=0.01"]}}, "no real number .* is named"),
        ({"calibrate": {"spread": ["wire.width_nm=1"]}}, "wire.width_nm does not vary; give its"),
        ({"calibrate": {"spread": ["covered_fraction"]}}, "no standard deviation; give wire"),
        ({"calibrate": {"spread": ["covered_fraction=0.2"]}}, "up to half of its range, 0.1"),
        ({"calibrate": {"spread": ["covered_fraction=0.01"] * 2}}, "has two spreads"),
        ({"calibrate": {"vary": ["covered_fracton=0.5:0.7"]}}, "no real number .* is named"),
        ({"calibrate": {"vary": ["covered_fraction=0.7:0.5"]}}, "from its higher end"),
        ({"sensitivity": {"vary": ["covered_fracton=0.5"]}}, "sensitivity of mine: no key of a"),
        ({"sensitivity": {"vary": ["covered_fraction=1.5"]}}, "no wire with .* = 1.5"),
        ({"sensitivity": {"vary": ["covered_fraction="]}}, "has no value; give NAME"),
        ({"sensitivity": {"fields_mT": [7]}}, "a steepness needs two fields"),
        ({"sensitivity": {"fields_mT": [7, 8.001]}}, "8.001 mT is no multiple of 0.01"),
    ],
)
def test_what_varies_is_checked_with_the_study(block, says):
    calibrate = CALIBRATED["calibrate"] | block.get("calibrate", {})
    device = {**CALIBRATED, **block, "calibrate": calibrate}
    with pytest.raises(InputError, match=says) as error:
        read_study(over_defaults({"devices": {"mine": device}}))
    assert "--" not in str(error.value)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([60, 60], r"give 60 alone, or a range such as \[60, 100\]$"),
        ([1e6, 1e6], r"give 1e\+06 alone, or a range such as \[999960, 1e\+06\]$"),
        ([200, 120], r"give \[120, 200\], or one number$"),
    ],
)
def test_a_range_of_release_that_is_none_gets_advice_that_helps(given, says):
    with pytest.raises(InputError, match=says):
        read_study(
            {
                "devices": {
                    "quick-wire": {
                        "source": "simulation",
                        "protocol": {"release_distance_nm": given},
                    }
                }
            }
        )
