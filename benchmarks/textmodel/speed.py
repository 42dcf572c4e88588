"""How fast the text model learns and reads, on one core, and how big it is.

    python -m benchmarks.textmodel.speed

Learns from 10,000 Dutch parliamentary questions and reads others. Only one core is used, where the system allows.
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.textmodel.results import FOLDER
from benchmarks.textmodel.splits import common
from benchmarks.textmodel.task import Labelled, rows
from pipeline.core import FrameworkText, IdeaText, LabelledIdea
from pipeline.text.artifact import save
from pipeline.text.encoders.encoder import load_encoder
from pipeline.text.training import train

LEARNED = 10_000
READ = 10_000
SINGLE = 500
ROUNDS = 3
_LEAST = 20


@dataclass(frozen=True, slots=True)
class Speed:
    """Of one text model; rates and times are medians of `ROUNDS`, of single ideas the median of `SINGLE`."""

    encoder: str
    frameworks: int
    learned: int
    fit_seconds: float
    texts_a_second: float
    single_ms: float
    artifact_bytes: int


def measure_speed(encoder_name: str) -> Speed:
    """Learn once, then read in batches and one by one."""
    questions = [
        Labelled(IdeaText(row["number"], row["subject"]), row["addressed_to"])
        for row in rows("kamervragen_nl/questions.csv")
        if row["n_addressees"] == "1" and row["subject"].strip()
    ]
    learned = common(questions[:LEARNED], _LEAST)
    frameworks = [
        FrameworkText(label, label) for label in sorted({each.label for each in learned if each.label})
    ]
    read = [each.idea for each in questions[LEARNED : LEARNED + READ]]
    encoder = load_encoder(encoder_name)
    started = time.perf_counter()
    model = train(frameworks, [LabelledIdea(each.idea, each.label) for each in learned], encoder=encoder)
    fit_seconds = time.perf_counter() - started
    model.read(read[:SINGLE])  # first use fills caches, which a running service has filled
    rates, single = [], []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        model.read(read)
        rates.append(len(read) / (time.perf_counter() - started))
    for idea in read[:SINGLE]:
        started = time.perf_counter()
        model.read([idea])
        single.append(1_000 * (time.perf_counter() - started))
    with tempfile.TemporaryDirectory() as folder:
        save(model, Path(folder) / "model")
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    return Speed(
        encoder=encoder_name,
        frameworks=len(frameworks),
        learned=len(learned),
        fit_seconds=round(fit_seconds, 2),
        texts_a_second=round(statistics.median(rates)),
        single_ms=round(statistics.median(single), 2),
        artifact_bytes=size,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--encoders", nargs="+", default=["none"])
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    measured = [measure_speed(name) for name in arguments.encoders]
    content = {
        "machine": {"python": platform.python_version(), "processors": os.cpu_count(), "cpu": _cpu()},
        "speeds": [asdict(each) for each in measured],
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / "textmodel-speed.json"
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    for each in measured:
        print(
            f"encoder {each.encoder}: learns {each.learned:,} ideas in {each.fit_seconds:.1f} s, "
            f"reads {each.texts_a_second:,.0f} short texts a second or one in {each.single_ms:.2f} ms, "
            f"and takes {each.artifact_bytes / 1e6:.1f} MB on disk"
        )
    print(f"Written to {path}")


def _cpu() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text(encoding="utf-8").splitlines() if information.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


if __name__ == "__main__":
    main()
