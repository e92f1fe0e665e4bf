# make run     install what is needed into .venv and run the default workflow
# make paper   the network results of Ellis et al. 2023, into results/ellis2023/paper
# make test    the tests, in minutes; make test-slow adds those that take longer
# make test-faults  runs that are killed and files that are damaged, in many ways
# make test-slurm   a study on a Slurm cluster of one node, which it starts; it needs root, and installs
#              Debian's slurm-wlm, munge, slurmdbd and mariadb-server where they are absent
# make reproduce DEVICE=...   the results of a device, made again and compared value by value
# make check   format, lint and types

PYTHON ?= $(shell command -v python3.11 || command -v python3)
CORES ?= 2
VENV := .venv
STAMP := $(VENV)/installed
BIN := $(VENV)/bin
SNAKEMAKE := $(BIN)/snakemake --cores $(CORES) --rerun-incomplete --scheduler greedy
# Files of tests share the cores; a file keeps to one, since its tests share what they prepare.
PYTEST := $(BIN)/pytest -n $(CORES) --dist loadfile
RESULTS := results
STYLE := --report-stylesheet workflow/report.css

export PATH := $(CURDIR)/$(BIN):$(PATH)
# One thread per job: jobs, not libraries, share the cores.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.PHONY: run paper recompute-ellis-wire recompute-liu2021 reproduce test test-slow test-faults test-slurm check clean

run: $(STAMP)
	$(SNAKEMAKE) --quiet rules host
	@if [ $(RESULTS)/report.html -nt $(RESULTS)/summary.json ]; then \
	    echo "Nothing new: $(RESULTS)/report.html and $(RESULTS)/summary.json are up to date."; \
	else \
	    $(SNAKEMAKE) --quiet all --report $(RESULTS)/report.html $(STYLE) && \
	    echo "Done: open $(RESULTS)/report.html; the same numbers are in $(RESULTS)/summary.json."; \
	fi

# The network results of Ellis et al. 2023 on the published device, trained as in the paper.
paper: $(STAMP)
	$(SNAKEMAKE) --quiet rules host -- paper-ellis2023
	$(SNAKEMAKE) --quiet all --report $(RESULTS)/ellis2023/paper/report.html $(STYLE) -- paper-ellis2023

# The trials that are shipped in micromag/shipped, simulated again into the folder recomputed.
recompute-ellis-wire: $(STAMP)
	$(SNAKEMAKE) fit-ellis-wire --configfile config/recompute-ellis-wire.yaml

# The pulses that are shipped in studies/liu2021/shipped, simulated again into the folder recomputed.
recompute-liu2021: $(STAMP)
	$(SNAKEMAKE) simulate --configfile studies/liu2021/recompute.yaml
	$(BIN)/python -m studies.liu2021 drift --out recomputed/drift.csv
	$(BIN)/python -m studies.liu2021 trains --out recomputed/trains.csv
	$(BIN)/python -m micromag retention --config recomputed/stt-300/config/device.yaml --temperature-K 300,400 --out recomputed

# The results of a device, made again into the folder reproduced and compared with those in results.
reproduce: $(STAMP)
	@test -n "$(DEVICE)" || { echo "error: name a device: make reproduce DEVICE=ellis-wire"; exit 2; }
	$(BIN)/dwsynapse reproduce $(DEVICE) --cores $(CORES)

test: $(STAMP)
	$(PYTEST) -m "not slow and not slurm and not faults"

test-slow: $(STAMP)
	$(PYTEST) -m "not slurm and not faults"

# One test at a time: most of them run the workflow on all cores.
test-faults: $(STAMP)
	$(BIN)/pytest -m faults

test-slurm: $(STAMP)
	@test "$$(id -u)" = 0 || { echo "error: make test-slurm needs root: it installs Slurm and starts its daemons"; exit 2; }
	@{ command -v slurmctld && command -v munged && command -v slurmdbd && command -v mariadbd; } >/dev/null || \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	      slurm-wlm munge slurmdbd mariadb-server; }
	$(BIN)/python -m pip install -qq --constraint constraints.txt --editable ".[dev,slurm]"
	$(BIN)/pytest -m slurm tests/workflow/test_slurm.py

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile */*.smk */*/*.smk
	$(BIN)/snakemake --lint

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11)' 2>/dev/null || \
	    { echo "error: Python 3.11 or newer is needed; name one with make PYTHON=..."; exit 2; }
	@# Clearing would empty the folder behind a link.
	@test ! -L $(VENV) || { echo "error: $(VENV) is a link; remove it, a new one is made"; exit 2; }
	@$(PYTHON) -m venv --clear $(VENV) || \
	    { [ "$$(id -u)" = 0 ] && apt-get install -y -qq python3-venv && $(PYTHON) -m venv --clear $(VENV); } || \
	    { echo "error: $(PYTHON) cannot make virtual environments; on Debian: apt install python3-venv"; exit 2; }
	@# Debian's own pip takes many minutes to resolve what a recent one resolves in seconds.
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --upgrade pip
	@# Modules are compiled as they are first imported; pip would compile all of every package.
	$(BIN)/python -m pip install -qq --no-compile --constraint constraints.txt --editable ".[dev]"
	@touch $@

clean:
	rm -rf $(VENV) .snakemake *.egg-info
