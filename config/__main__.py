"""Write config/default.yaml, config/schema.json and the conda environment: ``python -m config``."""

from config.generate import write_generated

if __name__ == "__main__":
    write_generated()
