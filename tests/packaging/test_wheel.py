"""What isn't code must be in the package too, or Kader works in its own folder alone."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from pipeline.text.encoders.builtin import CARD, FILES

ROOT = Path(__file__).resolve().parents[2]
ENCODER = "pipeline/text/encoders/nl_en"


def test_the_encoder_and_its_terms_are_in_the_package(tmp_path):
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(tmp_path),
            ROOT,
        ],
        check=True,
        timeout=150,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as content:
        names = set(content.namelist())
        assert {f"{ENCODER}/{name}.npy" for name in FILES} | {f"{ENCODER}/{CARD}"} <= names
        assert f"{ENCODER}/LICENSE" in names
        card = content.read(f"{ENCODER}/{CARD}")
    assert card == (ROOT / ENCODER / CARD).read_bytes()
