"""torch without its kernels for `meta`, until somebody asks. In processes of their own: this one has torch already."""

import subprocess
import sys

CALL = "from svodka.cli.deferred import defer_meta_kernels; defer_meta_kernels()"
DEFERRED = f"""
import sys
{CALL}
import torch
assert "torch._prims" not in sys.modules
"""
# It is what compilers ask, by the shapes of another device.
ASK = """
from torch._subclasses.fake_tensor import FakeTensorMode
assert torch._meta_registrations.pooling_output_shape(10, 2, 0, 2, 1, False) == 5
assert "torch._prims" in sys.modules
import torch._meta_registrations as again
assert again.meta_index_Tensor and again.__file__
with FakeTensorMode():
    assert torch.nn.functional.max_pool2d(torch.zeros(1, 1, 8, 8), 2).shape == (1, 1, 4, 4)
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_kernels_are_left_out_until_asked_for() -> None:
    run(DEFERRED + ASK)


def test_inspection_of_modules_does_not_load_them() -> None:
    run(DEFERRED + "import inspect\ninspect.getmodule(lambda: 0)\nassert 'torch._prims' not in sys.modules")


def test_a_second_call_changes_nothing() -> None:
    run(CALL + DEFERRED + ASK)


def test_where_torch_is_there_nothing_changes() -> None:
    run(f"import sys, torch\nbefore = list(sys.meta_path)\n{CALL}\nassert sys.meta_path == before{ASK}")
