"""Write config/default.yaml and config/schema.json from the models: ``python -m config``."""

from config.generate import write_generated

if __name__ == "__main__":
    write_generated()
